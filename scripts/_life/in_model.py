"""A token in the model: the same figures as on the chain, hundreds of times as fast."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts._life.walk import MANY, MINUTE, STAKE, Point, scaled
from scripts._market import BORROWED, LENT, LONG_RATE, SHORT_RATE, USDC
from scripts._model import leverage_math
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.rule_book import Rules
from scripts._model.token import Auction, Token, create
from scripts._model.venue import used_market
from scripts._prices.bars import USD, Bar


@dataclass
class InModel:
    """A place. `shift` is from the time of the bars to that of the token's clock."""

    token: Token
    shift: int = 0

    def __post_init__(self) -> None:
        self.rules = self.token.rules
        self.lltv, self.bonus = self.token.position.liquidation()

    def expect(self, looks: Sequence[Point]) -> None:
        """Nothing is quicker for it."""

    def move(self, time: int, answer: int) -> None:
        self.token.at(time + self.shift, scaled(answer, self.rules.long))

    def balances(self) -> tuple[int, int]:
        return self.token.position.balances()

    def auction(self) -> Auction:
        return self.token.auction()

    def worth(self) -> int:
        return self.token.convert_to_assets(MANY * WAD)

    def leverage(self) -> int:
        return self.token.leverage()

    def fill(self, auction: Auction, least: int) -> None:
        if auction.levering:
            self.token.fill_lever(auction.brings)
        else:
            self.token.fill_delever(auction.brings)

    def liquidate(self, whole: bool) -> None:
        name, market = self.token.position.name, self.token.position.market
        account = market.account(name)
        if whole:
            market.liquidate(name, seized_assets=account.collateral)
        else:
            market.liquidate(name, repaid_shares=account.borrow_shares)


def made(rules: Rules, lltv: int, bar: Bar) -> InModel:
    """A token at its target with STAKE dollars of NAV, on a market like the devnet's.

    Raises Revert where the rule book refuses it.
    """
    price = scaled(bar.open, rules.long)
    dollar = USDC if rules.long else WAD * USD // bar.open  # of debt
    market = used_market(
        lltv=lltv,
        price=price,
        now=bar.time - MINUTE,
        rate=LONG_RATE if rules.long else SHORT_RATE,
        lent=LENT * dollar,
        borrowed=BORROWED * dollar,
    )
    gearing = leverage_math.gearing(rules.target, rules.long)
    worth = STAKE * USDC * gearing // WAD
    collateral = worth * SCALE // price if rules.long else worth
    return InModel(create(market, rules, collateral, 6))
