"""Why the NAV of a share has changed: books that are kept in the model, a page a day.

A day begins when the scheduled lane opens. Whatever moves NAV is written down as a log, so all of
it adds up:

    time passes     the debt grows by interest       funding
                    the supply grows by the fee      management
    someone acts    a keeper, or a liquidator        premium
    the price       moves                            the rest is beta slippage:

        log(NAV after / NAV before)  =  L * log(price after / price before)  -  all of these

Beta slippage is what would be lost if nothing were charged, since leverage is not L all the time.
"""

from dataclasses import dataclass, field
from math import inf, log

from scripts._life.in_model import InModel
from scripts._model.daily_schedule import opened
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.token import Auction
from scripts._paper.told import Costs


@dataclass
class Page:
    """A day: when it began, the price before it and at its end, and logs of NAV."""

    day: int
    start: int
    end: int
    funding: float = 0.0
    management: float = 0.0
    premium: float = 0.0
    moved: float = 0.0  # what NAV gained as the price moved

    def ideal(self, leverage: float, price: int | None = None) -> float:
        """What 1 has become at `price`, or at the end, with exactly this leverage at the start."""
        end = self.end if price is None else price
        return max(0.0, 1 + leverage * (end / self.start - 1))

    def costs(self, leverage: float) -> Costs:
        """What the day took, from a token with this target, negative if short."""
        slippage = leverage * log(self.end / self.start) - self.moved
        return Costs(self.funding, self.management, self.premium, slippage)


@dataclass
class Books(InModel):
    """A place in the model that keeps books, from the first point on."""

    pages: list[Page] = field(default_factory=list)

    @property
    def target(self) -> float:
        """Leverage with its sign."""
        return (1 if self.rules.long else -1) * self.rules.target / WAD

    def move(self, time: int, answer: int) -> None:
        if not self.pages:
            super().move(time, answer)
            self.pages = [Page(opened(time), answer, answer)]
            return
        page = self._page(time)
        nav, supply = self._nav(), self.token.true_supply()
        self.token.at(now=time + self.shift)
        owing = self._nav()
        page.funding += _log(nav, owing)
        page.management += _log(self.token.true_supply(), supply)
        super().move(time, answer)
        page.moved += _log(self._nav(), owing)
        page.end = answer

    def fill(self, auction: Auction, least: int) -> None:
        nav = self._nav()
        super().fill(auction, least)
        self.pages[-1].premium += _log(nav, self._nav())

    def liquidate(self, whole: bool) -> None:
        nav = self._nav()
        super().liquidate(whole)
        self.pages[-1].premium += _log(nav, self._nav())

    def _page(self, time: int) -> Page:
        """Of this day. A first one on which nothing has happened yet is dropped."""
        last, day = self.pages[-1], opened(time)
        if day > last.day:
            if last == Page(last.day, last.start, last.start):
                self.pages.pop()
            self.pages.append(Page(day, last.end, last.end))
        return self.pages[-1]

    def _nav(self) -> float:
        """In raw units of the quote asset."""
        collateral, debt = self.balances()
        price = self.token.price
        if self.rules.long:
            return collateral * price / SCALE - debt
        return collateral - debt * SCALE / price


def _log(one: float, other: float) -> float:
    """Of one / other, where nothing or less may be left of either."""
    if one <= 0:
        return -inf if other > 0 else 0.0
    return log(one / other) if other > 0 else inf
