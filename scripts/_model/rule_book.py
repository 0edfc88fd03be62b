"""Twin of modules/rule_book.vy: all that is fixed about a token, and which rules are safe."""

from dataclasses import dataclass

from scripts._model import leverage_math, premium_curve
from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD, mul_div_down, mul_div_up
from scripts._model.revert import check as require

MAX_FEE = WAD // 100
MAX_MANAGEMENT_FEE = WAD // 1000  # a day
MAX_EMERGENCY = 100 * WAD
MAX_BAND = WAD // 4
MAX_PREMIUM = 5 * WAD // 100
MIN_DISTANCE = 5 * WAD // 100  # five points of price


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A token's rules, in the order of the contract's struct: `astuple` is its argument.

    WAD, except for `window` and `ramp`, which are seconds. The defaults are the usual rules.
    """

    long: bool
    target: int  # leverage, without sign
    band: int = WAD // 100  # fraction of target: the scheduled lane is closed inside of it
    emergency: int  # leverage at which the emergency lane opens
    window: int = 2 * 60 * 60  # for which the scheduled lane is open
    ramp: int = 45 * 60  # in which its premium rises from start to end
    premium_start: int = -5 * WAD // 1000
    premium_end: int = 4 * WAD // 1000
    emergency_premium: int = 5 * WAD // 10_000  # where the emergency lane opens
    mint_fee: int = WAD // 1000
    redeem_fee: int = WAD // 1000
    management_fee: int = 3 * WAD // 10_000  # a day, compounded continuously

    @property
    def lowest(self) -> int:
        """The band's lower edge, target * (1 - band)."""
        return mul_div_down(self.target, WAD - self.band, WAD)

    @property
    def highest(self) -> int:
        """The band's upper edge, target * (1 + band)."""
        return mul_div_up(self.target, WAD + self.band, WAD)


def usual_emergency(target: int, long: bool) -> int:
    """Leverage after a move of 10 % against the token, or a third over target if that is less.

    In WAD, rounded down: 3.857x for a target of 3x long, 4x for 3x short.
    """
    third = target * 4 // 3
    if target >= 10 * WAD:
        return third
    #   long   0.9 L / (1 - 0.1 L)          short   1.1 L / (1 - 0.1 L)
    moved = target * (9 if long else 11) * WAD // (10 * WAD - target)
    return min(moved, third)


def check(rules: Rules, lltv: int, bonus: int) -> None:
    """Raise Revert with the rule that is broken, on a venue with this liquidation LTV and bonus."""
    require(rules.mint_fee <= MAX_FEE, "rules: mint fee too high")
    require(rules.redeem_fee <= MAX_FEE, "rules: redeem fee too high")
    require(rules.management_fee <= MAX_MANAGEMENT_FEE, "rules: management fee too high")
    require(0 < rules.window <= DAY, "rules: window out of bounds")
    require(0 < rules.ramp <= rules.window, "rules: ramp out of bounds")
    require(rules.premium_start >= -MAX_PREMIUM, "rules: premium start too low")
    require(rules.premium_end <= MAX_PREMIUM, "rules: premium end too high")
    require(rules.premium_start <= rules.premium_end, "rules: premium falls")
    require(0 < rules.band <= MAX_BAND, "rules: band out of bounds")

    require(rules.target <= MAX_EMERGENCY, "rules: target too high")
    require(rules.lowest > (WAD if rules.long else 0), "rules: target too low")
    require(rules.emergency <= MAX_EMERGENCY, "rules: emergency out of bounds")
    require(rules.emergency > rules.highest, "rules: emergency inside the band")
    points = distance(rules.target, rules.emergency, lltv, rules.long)
    require(points >= MIN_DISTANCE, "rules: emergency too near ruin")

    require(rules.emergency_premium <= MAX_PREMIUM, "rules: emergency premium")
    steepest = max(
        premium_curve.highest(rules.emergency_premium, bonus),
        rules.premium_end,
        -rules.premium_start,
    )
    gearing = leverage_math.gearing(rules.highest, rules.long)
    require(gearing * steepest < WAD * WAD, "rules: premium eats the gearing")


def distance(target: int, emergency: int, lltv: int, long: bool) -> int:
    """Points of price from the emergency trigger to liquidation, in signed WAD, rounded down."""
    if long:
        owed = mul_div_up(target - WAD, WAD * WAD, target * lltv)
        trigger = mul_div_up(emergency - target, WAD * WAD, target * (emergency - WAD))
        return WAD - owed - trigger
    ruin = mul_div_down(lltv, target + WAD, target)
    trigger = mul_div_up(emergency - target, WAD * WAD, target * (emergency + WAD))
    return ruin - WAD - trigger
