"""The lending markets that a token can live on, and what we call the contracts that serve one."""

from typing import Literal, get_args

VenueName = Literal["morpho", "aave"]
VENUES: tuple[VenueName, ...] = get_args(VenueName)

TITLES: dict[VenueName, str] = {"morpho": "Morpho Blue", "aave": "Aave v3"}
POSITIONS: dict[VenueName, str] = {"morpho": "MorphoPosition", "aave": "AavePosition"}


def called(contract: str, venue: VenueName) -> str:
    """The name in a record of a contract of which each venue has its own: "Aave Factory".

    Those of Morpho Blue were the first, and are "Factory" and so on.
    """
    return contract if venue == "morpho" else f"{venue.capitalize()} {contract}"
