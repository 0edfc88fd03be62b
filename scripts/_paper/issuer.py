"""An issuer's rules for a token, and what the world charges: plain numbers."""

from dataclasses import dataclass, field
from typing import Literal

DAY = 86_400
YEAR = 365 * DAY  # this market does not close

To = Literal["edge", "target"]


@dataclass(frozen=True)
class Auction:
    """How Ballast pays takers, in parts of what they trade; times in seconds.

    Scheduled, the premium rises from `start` to `end` in `ramp` and then waits to the end of
    `window`. In an emergency it rises with leverage from `emergency` to `share` of the venue's
    liquidation bonus where the venue would liquidate.
    """

    start: float = -0.005
    end: float = 0.004
    emergency: float = 0.0005
    window: int = 2 * 60 * 60
    ramp: int = 45 * 60
    share: float = 0.9


@dataclass(frozen=True)
class Issuer:
    """What one issuer does with a token of either direction; leverage is without sign.

    It looks `every` seconds, first at `at` after midnight UTC, and trades where leverage is outside
    target * (1 ± band); never, if `every` is 0. At any time it trades where leverage is `above` or
    `below`, or the price has moved by `move` against the token since it last traded; 0 is never.
    Either goes to target, or to the nearer edge of its range. With an `auction` takers are paid,
    else the issuer pays the market.
    """

    name: str
    target: float = 3.0
    at: int = 2 * 60
    every: int = DAY
    band: float = 0.0
    to: To = "target"
    above: tuple[float, float] = (0.0, 0.0)  # of a long token, of a short one
    below: float = 0.0
    move: float = 0.0
    then: To = "target"
    auction: Auction | None = None
    mint: float = 0.001
    redeem: float = 0.001
    management: float = 0.0003  # a day, compounded continuously
    lltv: tuple[float, float] = (0.86, 0.915)  # LTV of liquidation: of a long token, a short one
    bonus: tuple[float, float] = (0.0, 0.0)  # a liquidator's
    about: str = ""


@dataclass(frozen=True)
class Charges:
    """What the world charges everybody alike.

    `funding` is a part of NAV a day at target, paid as interest on debt; or else `rates` are times
    and what each unit of long exposure pays each short one then. Trading costs `fee`, and half of
    what it moves the price, which is one percent for `depth` dollars (0: nothing). A keeper wants
    `profit` on top, and `gas` ether for a fill. `stake` dollars are put in.
    """

    funding: float = 0.000567
    rates: tuple[tuple[int, float], ...] = field(default=(), repr=False)
    fee: float = 0.0005
    depth: float = 0.0
    profit: float = 0.0007
    gas: float = 0.0005
    stake: float = 100_000.0
