"""One issuer's token on many paths at once, in floats: every array has a number a path.

A position is `held` collateral and `owed` debt; in dollars they are V and D, NAV = V - D and the
LTV D / V says all about leverage. Debt is kept at `index` 1, so that interest costs nothing to add.
What happens at a point of a path, and between two, is what scripts/_life/walk.py does in integers:
the price moves, the venue liquidates, whoever rebalances does; and between two points, at the price
of the first, the scheduled lane is looked at every minute while its premium rises.

    v = (G·NAV − V) / (1 + G·π)          lever: bring v, take v·(1 + π)
    x = (V − G·NAV) / (1 + π − G·π)      delever: bring x, take x·(1 + π)
"""

from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from scripts._paper.issuer import DAY, Charges, Issuer
from scripts._paper.told import Numbers, Rebalance

MINUTE = 60
CRUMB = 1e-9  # of LTV: not worth a trade
TINY = 1e-9  # dollars
Which = NDArray[np.intp]


class Book:
    """A token with `charges.stake` dollars of NAV at its target. `price` is in dollars.

    For `reach` seconds after a point takers go on looking, every minute, and the issuer at its
    times; where prices are missing for longer, nobody looks. What `charges.rates` say is paid at
    the next point, before the price moves. `log` has every rebalance of a book of one path.
    """

    def __init__(
        self,
        issuer: Issuer,
        long: bool,
        charges: Charges,
        time: int,
        price: Numbers,
        reach: int = DAY,
    ) -> None:
        self.issuer, self.long, self.charges, self.reach = issuer, long, charges, reach
        self.time, self.price = time, price.copy()
        self.begun, self.index = time, 1.0
        self.lltv, self.bonus = (pair[not long] for pair in (issuer.lltv, issuer.bonus))
        target = issuer.target
        self.gearing = self._gearing(target)
        constant = self.gearing > 1 and not charges.rates
        self.rate = charges.funding / (self.gearing - 1) / DAY if constant else 0.0
        self._set_limits()

        paths = len(price)
        value = charges.stake * self.gearing
        debt = value - charges.stake
        self.held = np.full(paths, value) / (price if long else 1.0)
        self.owed = np.full(paths, debt) / (1.0 if long else price)
        self.ltv0 = self.owed / self.held  # times index, and price, is the LTV
        self.ltv = np.empty(paths)
        self.highest = np.zeros(paths)  # LTV
        self.traded_at = self.price.copy()
        self.done = np.zeros(paths, dtype=bool)  # what the schedule asks for today
        self.funding = np.zeros(paths)
        self.premium = np.zeros(paths)
        self.rebalances = np.zeros(paths, dtype=np.int64)
        self.emergencies = np.zeros(paths, dtype=np.int64)
        self.liquidations = np.zeros(paths, dtype=np.int64)
        self.log: list[Rebalance] = []
        self.opened = self._opening(time)
        self.unpaid = [rate for rate in charges.rates if rate[0] > time]
        self._spare = np.empty(paths)
        self._weigh()

    @property
    def multiple(self) -> float:
        """The target with its sign: negative if short."""
        return self.issuer.target if self.long else -self.issuer.target

    # Time and price

    def point(self, time: int, price: Numbers) -> None:
        """It is `time` and the price is `price`, which held until now what it was before."""
        self._between(time)
        self._accrue(time)
        self.price[:] = price
        self._weigh()
        self._act()

    def nav(self) -> Numbers:
        """Dollars, of the position."""
        value, debt = self._sides()
        return np.maximum(value - debt, 0.0)

    def share(self) -> Numbers:
        """What 1 in shares has become: NAV less the management fee, which is paid in shares."""
        fee = self.issuer.management * (self.time - self.begun) / DAY
        return self.nav() * (exp(-fee) / self.charges.stake)

    def leverage(self, ltv: Numbers | None = None) -> Numbers:
        """Without sign: now, 0 of a token that is gone; or at `ltv`, infinite where that is all."""
        level = self.ltv if ltv is None else ltv
        with np.errstate(divide="ignore"):
            geared = np.where(level < 1, 1 / np.maximum(1 - level, 0), inf)
        leverage = geared if self.long else geared - 1
        return np.where(self.held > 0, leverage, 0.0) if ltv is None else leverage

    # What happens

    def _between(self, time: int) -> None:
        """What happens before `time` at the old price."""
        seen = min(time, self.time + self.reach)
        if self.issuer.auction:
            self._wait(seen)
        while (opening := self._next()) < time:
            if self.issuer.auction:
                self._open(opening)
                self._wait(seen)
            elif opening < seen:
                self._accrue(opening)
                self._open(opening)
            else:
                self.opened = opening
        while self.unpaid and self.unpaid[0][0] <= time:
            self._pay(self.unpaid.pop(0)[1])

    def _open(self, opening: int) -> None:
        self.opened = opening
        self.done[:] = False
        if not self.issuer.auction and self.issuer.every:
            self._go(self._outside(), self.low, self.high, emergency=False)

    def _act(self) -> None:
        """At a point: liquidate first. Then takers come by the lanes that are open, or the issuer
        does what is scheduled, and at last what would not have waited.
        """
        if self.ltv.max() > self.lltv:
            self._liquidate(np.nonzero(self.ltv > self.lltv)[0])
        if (opening := self._opening(self.time)) != self.opened:
            self._open(opening)
        issuer = self.issuer
        if issuer.auction:
            if self.ltv.max() >= self.trigger:
                self._rescue(np.nonzero(self.ltv >= self.trigger)[0])
            if self.time - self.opened < issuer.auction.window:
                self._schedule(self.time)
            return
        if self.ltv.max() > self.trigger:
            goal = self.gearing if issuer.then == "target" else self.above
            self._go(np.nonzero(self.ltv > self.trigger)[0], goal, goal, emergency=True)
        if self.ltv.min() < self.floor:
            goal = self.gearing if issuer.then == "target" else self.below
            self._go(np.nonzero(self.ltv < self.floor)[0], goal, goal, emergency=True)
        if issuer.move:
            moved = self.price / self.traded_at - 1
            against = -moved if self.long else moved
            self._go(
                np.nonzero(against >= issuer.move)[0], self.gearing, self.gearing, emergency=True
            )

    def _schedule(self, time: int) -> None:
        """Takers fill where the premium of now pays."""
        which = self._outside()
        if which.size:
            premium = np.full(which.size, self._premium(time))
            self._take(which, premium, np.full(which.size, float(time)), scheduled=True)

    def _wait(self, time: int) -> None:
        """Takers fill in the first minute that pays, of those that lie between now and `time`.

        Minutes are counted from the opening, while the lane is open and its premium rises.
        """
        auction = self.issuer.auction
        assert auction is not None
        first = max(0, (self.time - self.opened) // MINUTE + 1)
        last = min(
            auction.ramp // MINUTE,
            (auction.window - 1) // MINUTE,
            -((self.opened - time) // MINUTE) - 1,
        )
        if last < first:
            return
        which = self._outside()
        if not which.size:
            return
        rise = (auction.end - auction.start) / auction.ramp * MINUTE
        # what is traded depends a little on the minute, and that on what is traded
        minute = np.full(which.size, float(first))
        rescue = self._reward(which, self.opened + minute * MINUTE)
        for _ in range(4):
            size = self._size(which, auction.start + minute * rise, self.opened + minute * MINUTE)
            size = np.maximum(size, TINY)
            need = np.maximum(self._edge(size) + self._gas(which) / size, rescue / size)
            short = need - auction.start
            minute = short / rise if rise else np.where(short > 0, inf, 0.0)
            minute = np.clip(minute, first, last + 1)
        minute = np.ceil(minute)
        pays = self._pays(which, auction.start + minute * rise, self.opened + minute * MINUTE)
        minute[~pays] += 1
        ready = minute <= last
        which, minute = which[ready], minute[ready]
        self._take(
            which, auction.start + minute * rise, self.opened + minute * MINUTE, scheduled=True
        )

    def _rescue(self, which: Which) -> None:
        """Takers delever to target in the emergency lane, where that pays.

        Where the scheduled lane is open too, it is the one in which they earn more.
        """
        auction = self.issuer.auction
        assert auction is not None
        times, premium = np.full(which.size, float(self.time)), self._emergency(which)
        if self.time - self.opened < auction.window:
            other = np.full(which.size, self._premium(self.time))
            earns = np.where(self.done[which], 0.0, other * self._size(which, other, times))
            here = premium * self._size(which, premium, times, rescue=True) >= earns
            which, premium, times = which[here], premium[here], times[here]
        self._take(which, premium, times, scheduled=False)

    def _take(self, which: Which, premium: Numbers, times: Numbers, scheduled: bool) -> None:
        pays = self._pays(which, premium, times, rescue=not scheduled)
        which, premium, times = which[pays], premium[pays], times[pays]
        goal = self._goal(which) if scheduled else np.full(which.size, self.gearing)
        self._trade(which, goal, premium, times, emergency=not scheduled)
        if scheduled:
            self.done[which] = True

    def _go(self, which: Which, low: float, high: float, emergency: bool) -> None:
        """Trade on the market until gearing is `low`, from below it, or `high`, from above."""
        which = which[self.held[which] > 0]
        if not which.size:
            return
        value, debt = self._sides(which)
        nav = value - debt
        goal = np.where(value < low * nav, low, high)
        cost = self._cost(np.abs(goal * nav - value))
        trades = _size(value, debt, goal, cost)[0] > 0
        self._lose(which[~trades & (value > goal * nav)])
        which, goal, cost = which[trades], goal[trades], cost[trades]
        self._trade(which, goal, cost, np.full(which.size, float(self.time)), emergency)

    def _trade(
        self, which: Which, goal: Numbers, premium: Numbers, times: Numbers, emergency: bool
    ) -> None:
        if not which.size:
            return
        value, debt = self._sides(which, times)
        nav = value - debt
        size, up = _size(value, debt, goal, premium)
        paid = premium * size / nav
        before = self.ltv[which].copy()
        value = value + np.where(up, size, -size * (1 + premium))
        debt = debt + np.where(up, size * (1 + premium), -size)
        self._set(which, value, debt / self._growth(times))
        self.premium[which] -= np.log1p(-paid)
        self.traded_at[which] = self.price[which]
        self.rebalances[which] += 1
        self.emergencies[which] += emergency
        if len(self.ltv) == 1:
            was, now = (float(self.leverage(ltv)[0]) for ltv in (before, self.ltv[which]))
            self.log.append(Rebalance(int(times[0]), was, now, emergency, float(paid[0])))

    def _liquidate(self, which: Which) -> None:
        """All of the debt is repaid, or all of the collateral taken where that is less."""
        value, debt = self._sides(which)
        left = np.maximum(value - debt * (1 + self.bonus), 0.0)
        some = left > 0
        self.premium[which[some]] -= np.log(left[some] / (value - debt)[some])
        self._set(which, left, np.zeros(which.size))
        self.liquidations[which] += 1

    def _lose(self, which: Which) -> None:
        """Nothing is left, and whoever lent has taken the rest."""
        self._set(which, np.zeros(which.size), np.zeros(which.size))
        self.liquidations[which] += 1

    def _pay(self, rate: float) -> None:
        """Long exposure pays `rate` of itself to short exposure."""
        value, debt = self._sides()
        nav = value - debt
        loss = rate * value if self.long else -rate * debt
        lives = nav > np.maximum(loss, 0)
        self.funding[lives] -= np.log1p(-loss[lives] / nav[lives])
        if self.long:
            self._set(np.arange(len(nav)), value, debt + loss)
        else:
            self._set(np.arange(len(nav)), value - loss, debt)
        self._lose(np.nonzero((nav > 0) & ~lives)[0])

    # Parts

    def _set_limits(self) -> None:
        issuer = self.issuer
        edges = (1 - issuer.band, 1 + issuer.band) if issuer.to == "edge" else (1.0, 1.0)
        self.low, self.high = (self._gearing(issuer.target * edge) for edge in edges)
        below, above = (issuer.target * (1 + side * issuer.band) for side in (-1, 1))
        self.lowest = self._ltv(self._gearing(below)) - CRUMB
        self.most = self._ltv(self._gearing(above)) + CRUMB
        above = issuer.above[not self.long]
        self.above, self.below = self._gearing(above), self._gearing(issuer.below)
        self.trigger = self._ltv(self.above) + CRUMB if above else inf
        self.floor = self._ltv(self.below) - CRUMB if issuer.below else -inf

    def _gearing(self, leverage: float) -> float:
        return leverage if self.long else leverage + 1

    @staticmethod
    def _ltv(gearing: float) -> float:
        return (gearing - 1) / gearing

    def _opening(self, time: int) -> int:
        every = self.issuer.every or DAY
        return time - (time - self.issuer.at) % every

    def _next(self) -> int:
        return self.opened + (self.issuer.every or DAY)

    def _accrue(self, time: int) -> None:
        """Interest to `time`."""
        if self.rate:
            growth = exp(self.rate * (time - self.time))
            self.index *= growth
            # D·(growth − 1) / NAV, and D / NAV = LTV / (1 − LTV)
            spare = self._spare
            np.subtract(1.0, self.ltv, out=spare)
            np.maximum(spare, 1e-9, out=spare)
            np.divide(self.ltv, spare, out=spare)
            spare *= growth - 1
            self.funding += spare
            self.ltv *= growth
        self.time = time

    def _weigh(self) -> None:
        """LTV at this price."""
        np.multiply(self.ltv0, self.index, out=self.ltv)
        if self.long:
            self.ltv /= self.price
        else:
            self.ltv *= self.price
        np.maximum(self.highest, self.ltv, out=self.highest)

    def _growth(self, times: Numbers) -> Numbers:
        """Of debt, by interest from now to other times."""
        return np.exp(self.rate * (times - self.time))

    def _sides(
        self, which: Which | slice = slice(None), times: Numbers | None = None
    ) -> tuple[Numbers, Numbers]:
        """V and D, in dollars, now or when it will be other times at this price."""
        price, held = self.price[which], self.held[which]
        owed = self.owed[which] * self.index
        if times is not None:
            owed *= self._growth(times)
        return (held * price, owed) if self.long else (held, owed * price)

    def _set(self, which: Which, value: Numbers, debt: Numbers) -> None:
        """V and D are so much now; of a position that has lost all, nothing."""
        price = self.price[which]
        gone = value <= debt
        value, debt = np.where(gone, 0.0, value), np.where(gone, 0.0, debt)
        self.held[which] = value / price if self.long else value
        self.owed[which] = (debt if self.long else debt / price) / self.index
        held = self.held[which]
        self.ltv0[which] = np.divide(
            self.owed[which], held, out=np.zeros(held.size), where=held > 0
        )
        self.ltv[which] = np.divide(debt, value, out=np.zeros(held.size), where=value > 0)

    def _outside(self) -> Which:
        """Where the schedule has not done its day's work, and leverage is outside the band."""
        outside = (self.ltv < self.lowest) | (self.ltv > self.most)
        return np.nonzero(outside & ~self.done & (self.held > 0))[0]

    def _goal(self, which: Which) -> Numbers:
        return np.where(self.ltv[which] < self.lowest, self.low, self.high)

    def _premium(self, time: int) -> float:
        auction = self.issuer.auction
        assert auction is not None
        part = min(time - self.opened, auction.ramp) / auction.ramp
        return auction.start + part * (auction.end - auction.start)

    def _size(
        self, which: Which, premium: Numbers, times: Numbers, rescue: bool = False
    ) -> Numbers:
        """What a taker brings, in dollars."""
        goal = np.full(which.size, self.gearing) if rescue else self._goal(which)
        return _size(*self._sides(which, times), goal, premium)[0]

    def _pays(
        self, which: Which, premium: Numbers, times: Numbers, rescue: bool = False
    ) -> NDArray[np.bool_]:
        size = self._size(which, premium, times, rescue)
        pays = (size > 0) & ((premium - self._edge(size)) * size >= self._gas(which))
        return pays if rescue else pays & (premium * size >= self._reward(which, times))

    def _emergency(self, which: Which) -> Numbers:
        """The premium of the emergency lane."""
        auction = self.issuer.auction
        assert auction is not None
        highest = max(auction.emergency, auction.share * self.bonus)
        limit = float(self.leverage(np.array([self.lltv]))[0])
        start = self.issuer.above[not self.long]
        risen = (self.leverage(self.ltv[which]) - start) / (limit - start)
        return auction.emergency + np.clip(risen, 0, 1) * (highest - auction.emergency)

    def _reward(self, which: Which, times: Numbers) -> Numbers:
        """What takers would earn in the emergency lane, in dollars: nothing where it is closed."""
        reward = np.zeros(which.size)
        above = self.ltv[which] >= self.trigger
        if above.any():
            premium = self._emergency(which[above])
            reward[above] = premium * self._size(which[above], premium, times[above], rescue=True)
        return reward

    def _cost(self, size: Numbers) -> Numbers:
        """Of trading so many dollars, in parts of them."""
        charges = self.charges
        return charges.fee + (size / charges.depth * 0.005 if charges.depth else 0.0 * size)

    def _edge(self, size: Numbers) -> Numbers:
        """What a keeper wants of so many dollars that it trades."""
        return self._cost(size) + self.charges.profit

    def _gas(self, which: Which) -> Numbers:
        return self.charges.gas * self.price[which]


def _size(
    value: Numbers, debt: Numbers, goal: Numbers, premium: Numbers
) -> tuple[Numbers, NDArray[np.bool_]]:
    """What is brought until gearing is `goal`, in dollars, and whether that is collateral.

    Zero where the premium of what it takes to delever is more than all that is left.
    """
    nav = value - debt
    gap = goal * nav - value
    up = gap > 0
    fine = up | (nav * (1 + premium) > value * premium)
    spread = np.where(up, 1 + goal * premium, 1 + premium - goal * premium)
    return np.divide(np.abs(gap), spread, out=np.zeros(len(gap)), where=fine), up
