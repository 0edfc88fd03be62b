"""A token: all that is fixed about it, held to the same rule book as on chain."""

from decimal import Decimal
from typing import Annotated, Literal

from eth_utils import is_address
from pydantic import AfterValidator, Field, model_validator

from scripts._files.reading import (
    SCRIPTS,
    FileError,
    Fraction,
    Model,
    Wrong,
    checked_address,
    choices,
    find,
    parse,
    read_yaml,
    short,
    to_wad,
)
from scripts._files.venue import VenueName
from scripts._model import rule_book
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD
from scripts._model.revert import Revert
from scripts._model.venue import Market as VenueMarket

TOKENS = SCRIPTS / "tokens"
MAX_CAP = 2**112 // WAD  # shares
BONUS = "market.bonus"


def _account(text: str) -> str:
    if text == "deployer":
        return text
    if not is_address(text):
        raise Wrong("is not an address", '0x and 40 hex digits, or "deployer"')
    return checked_address(text)


Account = Annotated[str, AfterValidator(_account)]
Positive = Annotated[Fraction, Field(gt=0)]
Share = Annotated[Fraction, Field(ge=0, lt=1)]


class Market(Model):
    """Which of the venue's markets of the two coins.

    Morpho Blue has one for each LLTV, which says all. Aave v3 has one of all coins, and terms that
    its governance may change: it must liquidate no sooner, and for no more, than is said here.
    """

    lltv: Annotated[Fraction, Field(gt=0, lt=1)]  # LTV at which it liquidates
    bonus: Share | None = None  # what that costs on top; Aave alone
    category: Annotated[int, Field(ge=0, le=255)] = 0  # e-mode, 0 is none; Aave alone


class Premium(Model):
    """Fractions. The scheduled lane's first and last, and where the emergency lane opens."""

    start: Fraction
    end: Fraction
    emergency: Share


class Fees(Model):
    """Fractions of what is minted and redeemed; of everything, a day."""

    mint: Share
    redeem: Share
    management: Share


class TokenFile(Model):
    """A token file."""

    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$")]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    pair: tuple[str, str]  # what it is about, and what people count in
    feeds: tuple[str, str]  # of the two
    direction: Literal["long", "short"]
    target: Positive
    venue: VenueName = "morpho"
    market: Market
    band: Share
    emergency: Positive
    window: int
    ramp: int
    premium: Premium
    fees: Fees
    cap: Annotated[int, Field(gt=0, le=MAX_CAP)]  # shares
    seed: Annotated[Fraction, Field(ge=1, le=10_000)]  # in units of what people count in
    treasury: Account
    owner: Account

    @model_validator(mode="after")
    def _check(self) -> "TokenFile":
        bonus, category = self.market.bonus, self.market.category
        if self.venue == "aave":
            if bonus is None:
                raise Wrong("is missing", "what Aave's liquidators get, 0.05 for one", BONUS)
        elif bonus is not None:
            raise Wrong(f"is {bonus}", "none: on Morpho it follows from market.lltv", BONUS)
        elif category:
            raise Wrong(f"is {category}", "none: only `venue: aave` has any", "market.category")
        return self

    @property
    def long(self) -> bool:
        """Whether it gains when the first of the pair does."""
        return self.direction == "long"

    @property
    def collateral(self) -> str:
        """The coin that it holds."""
        return self.pair[0 if self.long else 1]

    @property
    def debt(self) -> str:
        """The coin that it owes."""
        return self.pair[1 if self.long else 0]

    @property
    def liquidation(self) -> tuple[int, int]:
        """What the rules must be safe with: the venue's liquidation LTV and bonus, in WAD."""
        lltv, bonus = to_wad(self.market.lltv), self.market.bonus
        if bonus is None:
            return lltv, VenueMarket(lltv, price=0, now=0).liquidation_bonus()
        return lltv, to_wad(bonus)

    @property
    def rules(self) -> rule_book.Rules:
        """What is fixed, as the contract takes it."""
        return rule_book.Rules(
            long=self.long,
            target=to_wad(self.target),
            band=to_wad(self.band),
            emergency=to_wad(self.emergency),
            window=self.window,
            ramp=self.ramp,
            premium_start=to_wad(self.premium.start),
            premium_end=to_wad(self.premium.end),
            emergency_premium=to_wad(self.premium.emergency),
            mint_fee=to_wad(self.fees.mint),
            redeem_fee=to_wad(self.fees.redeem),
            management_fee=to_wad(self.fees.management),
        )


def token_names() -> list[str]:
    """The symbols of all that have a file."""
    return choices(TOKENS)


def load_token(symbol: str) -> TokenFile:
    """The token of this symbol. Raises FileError, also for rules that the factory would refuse."""
    path = find(TOKENS, symbol, "token")
    token = parse(TokenFile, path, read_yaml(path))
    if token.symbol != symbol:
        raise FileError(
            short(path), "symbol", f"is {token.symbol}", f"{symbol}, as the file's name"
        )
    if token.pair[0] == token.pair[1]:
        raise FileError(short(path), "pair", f"is {token.pair[0]} twice", "two coins")
    try:
        rule_book.check(token.rules, *token.liquidation)
    except Revert as broken:
        field, allowed = _bound(token, broken.reason)
        given: object = token
        for part in field.split("."):
            given = getattr(given, part)
        fault = f"{given} breaks the rule book ({broken.reason})"
        raise FileError(short(path), field, fault, allowed) from None
    return token


def _bound(token: TokenFile, reason: str) -> tuple[str, str]:
    """The field that a broken rule is about, and what it would allow."""
    rules = token.rules
    fee, most = _show(rule_book.MAX_FEE), _show(rule_book.MAX_PREMIUM)
    lowest = 1 / (1 - token.band) if token.long else Decimal(0)
    return {
        "rules: mint fee too high": ("fees.mint", f"0 to {fee}"),
        "rules: redeem fee too high": ("fees.redeem", f"0 to {fee}"),
        "rules: management fee too high": (
            "fees.management",
            f"0 to {_show(rule_book.MAX_MANAGEMENT_FEE)} a day",
        ),
        "rules: window out of bounds": ("window", f"1 to {DAY} seconds"),
        "rules: ramp out of bounds": ("ramp", f"1 to {rules.window} seconds, the window"),
        "rules: premium start too low": ("premium.start", f"-{most} to {_show(rules.premium_end)}"),
        "rules: premium end too high": ("premium.end", f"{_show(rules.premium_start)} to {most}"),
        "rules: premium falls": ("premium.end", f"{_show(rules.premium_start)} to {most}"),
        "rules: band out of bounds": ("band", f"above 0, to {_show(rule_book.MAX_BAND)}"),
        "rules: target too high": ("target", f"at most {_show(rule_book.MAX_EMERGENCY)}"),
        "rules: target too low": ("target", f"above {lowest:.4f}"),
        "rules: emergency out of bounds": ("emergency", _emergencies(rules, token)),
        "rules: emergency inside the band": ("emergency", _emergencies(rules, token)),
        "rules: emergency too near ruin": ("emergency", _emergencies(rules, token)),
        "rules: emergency premium": ("premium.emergency", f"0 to {most}"),
        "rules: premium eats the gearing": (
            "target",
            "so little that gearing times the steepest premium is below 1",
        ),
    }[reason]


def _emergencies(rules: rule_book.Rules, token: TokenFile) -> str:
    """The emergency leverages between the band and five points of price before liquidation."""
    lltv = to_wad(token.market.lltv)
    low, high = rules.highest, rule_book.MAX_EMERGENCY + 1

    def is_safe(emergency: int) -> bool:
        points = rule_book.distance(rules.target, emergency, lltv, rules.long)
        return points >= rule_book.MIN_DISTANCE

    if not is_safe(low + 1):
        if token.venue == "aave":
            return "none at this target: lower target"
        return f"none at this target: lower target, or raise market.lltv above {token.market.lltv}"
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_safe(middle) else (low, middle)
    return f"above {_show(rules.highest)}, to {_show(low)}"


def _show(wad: int) -> str:
    return f"{(Decimal(wad) / WAD).normalize():f}"
