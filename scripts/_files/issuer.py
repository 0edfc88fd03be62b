"""An issuer: by what rules it keeps a token at its leverage, and what it charges."""

import re
from collections.abc import Iterator
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
from scripts._files.token import Fees, Share
from scripts._model.fixed_point import WAD
from scripts._model.venue import Market as VenueMarket
from scripts._paper.issuer import DAY, Auction, Issuer

ISSUERS = SCRIPTS / "issuers"
HOUR = 3_600
FIRST = ("ballast", "margin")  # in a list, the first and the last


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise Wrong("is not a time of day", '"00:00" to "23:59", UTC')
    return text


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
    for field, fault, allowed in _faults(told):
        raise FileError(short(path), field, fault, allowed)
    schedule, trigger = told.schedule, told.trigger
    lltv = told.lltv.pair if told.lltv else (1.0, 1.0)
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


def _faults(told: IssuerFile) -> Iterator[tuple[str, str, str]]:
    """What does not go together: field, fault, and what would be allowed."""
    trigger, auction = told.trigger, told.auction
    above = trigger.above if trigger else None
    for side in ("long", "short"):
        if told.lltv and (level := getattr(told.lltv, side)) > 1:
            yield f"lltv.{side}", f"is {level}", "above 0, to 1"
        if above and (level := getattr(above, side)) <= told.target:
            yield f"trigger.above.{side}", f"is {level}", f"above the target, {told.target}"
    if trigger and trigger.below and trigger.below >= told.target:
        yield "trigger.below", f"is {trigger.below}", f"below the target, {told.target}"
    if trigger and not (above or trigger.below or trigger.move):
        yield "trigger", "waits for nothing", "with above, below or move"
    if not auction:
        return
    if told.bonus:
        yield "bonus", "is the venue's", "none beside an auction"
    if not (told.schedule and above and told.lltv):
        yield "auction", "stands alone", "with a schedule, a trigger above a leverage, and an lltv"
    if trigger and (trigger.below or trigger.move or trigger.to != "target"):
        yield "trigger", "is more than an auction has", "above a leverage, to target"
    if auction.ramp > auction.window:
        yield "auction.ramp", f"is {auction.ramp}", f"1 to {auction.window} seconds, the window"
    if auction.end < auction.start:
        yield "auction.end", f"is {auction.end}", f"{auction.start} or more"


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
