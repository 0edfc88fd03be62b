"""An issuer: by what rules it keeps a token at its leverage, and what it charges."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scripts._files.reading import (
    SCRIPTS,
    FileError,
    Fraction,
    Model,
    Wrong,
    choices,
    find,
    parse,
    read_yaml,
    short,
    to_wad,
)
from scripts._model.fixed_point import WAD
from scripts._model.venue import Market as VenueMarket
from scripts._paper.issuer import DAY, Auction, Issuer

ISSUERS = SCRIPTS / "issuers"
HOUR = 3_600
FIRST = ("ballast", "margin")  # in a list, the first and the last


def _clock(text: str) -> str:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit()):
        raise Wrong("is not a time of day", 'hours and minutes, such as "00:02"')
    if int(hours) > 23 or int(minutes) > 59:
        raise Wrong("is not a time of day", '"00:00" to "23:59"')
    return text


Share = Annotated[Fraction, Field(ge=0, lt=1)]
Level = Annotated[Fraction, Field(gt=0, le=100)]
To = Literal["edge", "target"]


class Sides(Model):
    """A number for a long token and one for a short."""

    long: Level
    short: Level

    @property
    def pair(self) -> tuple[float, float]:
        """Long, short."""
        return float(self.long), float(self.short)


class Schedule(Model):
    """When it looks: first at a time of day, UTC, then `every` so many hours.

    Inside the band it does nothing.
    """

    at: Annotated[str, AfterValidator(_clock)]
    every: Annotated[int, Field(gt=0, le=24 * 365)]
    band: Share
    to: To

    @property
    def seconds(self) -> int:
        """After midnight."""
        hours, _, minutes = self.at.partition(":")
        return HOUR * int(hours) + 60 * int(minutes)


class Trigger(Model):
    """What it does not wait with: leverage, or a move of the price against the token."""

    above: Sides | None = None
    below: Level | None = None
    move: Annotated[Fraction, Field(gt=0, lt=1)] | None = None
    to: To


class AuctionFile(Model):
    """Premiums are fractions, `window` and `ramp` seconds."""

    start: Annotated[Fraction, Field(gt=-1, lt=1)]
    end: Share
    emergency: Share
    window: Annotated[int, Field(gt=0, le=DAY)]
    ramp: Annotated[int, Field(gt=0, le=DAY)]


class Fees(Model):
    """Fractions of what is minted and redeemed; of everything, a day."""

    mint: Share
    redeem: Share
    management: Share


class IssuerFile(Model):
    """An issuer file. Without a schedule and a trigger it never trades."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    about: Annotated[str, Field(min_length=1, max_length=120)]
    target: Level
    schedule: Schedule | None = None
    trigger: Trigger | None = None
    auction: AuctionFile | None = None
    fees: Fees
    lltv: Sides | None = None  # LTV at which somebody liquidates it
    bonus: Sides | None = None  # what who does gets on top of the debt; with an auction, Morpho's


def issuer_names() -> list[str]:
    """All that have a file: Ballast first, the margin position last."""
    first, last = FIRST
    others = [name for name in choices(ISSUERS) if name not in FIRST]
    return [first, *others, last]


def load_issuer(name: str) -> Issuer:
    """The issuer of a file. Raises FileError."""
    path = find(ISSUERS, name, "issuer")
    told = parse(IssuerFile, path, read_yaml(path))
    schedule, trigger = told.schedule, told.trigger
    lltv = told.lltv.pair if told.lltv else (1.0, 1.0)
    if max(lltv) > 1:
        raise FileError(short(path), "lltv", f"is {max(lltv):g}", "above 0, to 1")
    if told.bonus and told.auction:
        raise FileError(short(path), "bonus", "is the venue's", "none beside an auction")
    if told.auction and not (schedule and trigger and trigger.above and told.lltv):
        allowed = "with a schedule, a trigger above a leverage, and an lltv"
        raise FileError(short(path), "auction", "stands alone", allowed)
    return Issuer(
        name=told.name,
        about=told.about,
        target=float(told.target),
        at=schedule.seconds if schedule else 0,
        every=HOUR * schedule.every if schedule else 0,
        band=float(schedule.band) if schedule else 0.0,
        to=schedule.to if schedule else "target",
        above=trigger.above.pair if trigger and trigger.above else (0.0, 0.0),
        below=float(trigger.below or 0) if trigger else 0.0,
        move=float(trigger.move or 0) if trigger else 0.0,
        then=trigger.to if trigger else "target",
        auction=_auction(told.auction) if told.auction else None,
        mint=float(told.fees.mint),
        redeem=float(told.fees.redeem),
        management=float(told.fees.management),
        lltv=lltv,
        bonus=_bonus(told),
    )


def _auction(told: AuctionFile) -> Auction:
    return Auction(
        start=float(told.start),
        end=float(told.end),
        emergency=float(told.emergency),
        window=told.window,
        ramp=told.ramp,
    )


def _bonus(told: IssuerFile) -> tuple[float, float]:
    if told.bonus:
        return told.bonus.pair
    if not (told.auction and told.lltv):
        return 0.0, 0.0
    long, short_ = (
        VenueMarket(to_wad(side), price=0, now=0).liquidation_bonus() / WAD
        for side in (told.lltv.long, told.lltv.short)
    )
    return long, short_
