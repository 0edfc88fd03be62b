"""Example data for reports: tokens on a geometric Brownian motion, simply simulated."""

import numpy as np

from scripts._paper.told import Cell, Costs, Outcomes, Rebalance, Track

START = 1_577_836_800  # 2020-01-01 00:00 UTC
HOUR = 3600
TOKENS = {"BULL": 3.0, "BEAR": -3.0}
ISSUERS = {"Ballast": 0.1, "2020 exchange": 0.0, "band": 0.1, "threshold": 0.4, "daily": 0.15}
MANAGEMENT, FUNDING, PREMIUM = 0.0003, 0.0001, 0.001


def tracks(days=134, volatility=0.9, drift=0.3, seed=1, issuers=tuple(ISSUERS)):
    """Every issuer's BULL and BEAR on the same prices, hourly."""
    count = days * 24 + 1
    rng = np.random.default_rng(seed)
    dt = HOUR / (365 * 86_400)
    noise = rng.standard_normal(count - 1) * volatility * np.sqrt(dt)
    price = 130 * np.exp(np.concatenate([[0], np.cumsum(noise + (drift - volatility**2 / 2) * dt)]))
    times = START + HOUR * np.arange(count)
    return [
        live(issuer, token, target, ISSUERS[issuer], times, price)
        for issuer in issuers
        for token, target in TOKENS.items()
    ]


def live(issuer, token, target, band, times, price):
    """Rebalanced at midnight where outside of the band, and at once beyond 4/3 of the target."""
    nav, exposure = [1.0], target  # worth held at the price, in parts of the first NAV
    leverage, rebalances, days, costs = [target], [], [], []
    day_nav, day_price, paid = 1.0, price[0], [0.0, 0.0, 0.0]
    for at in range(1, len(times)):
        gain = exposure * (price[at] / price[at - 1] - 1)
        exposure *= price[at] / price[at - 1]
        worth = nav[-1] + gain
        before = exposure / worth
        midnight = times[at] % 86_400 == 0
        emergency = abs(before) > 4 / 3 * abs(target)
        if midnight:
            paid[0] += FUNDING * worth
            paid[1] += MANAGEMENT * worth
            worth -= (FUNDING + MANAGEMENT) * worth
        if emergency or midnight and abs(before / target - 1) > band:
            traded = abs(exposure - target * worth)
            paid[2] += PREMIUM * traded
            fee = PREMIUM * traded / worth
            worth -= PREMIUM * traded
            exposure = target * worth
            rebalances.append(Rebalance(int(times[at]), before, target, bool(emergency), fee))
        nav.append(worth)
        leverage.append(exposure / worth)
        if midnight:
            days.append(int(times[at]) - 86_400)
            lost = target * np.log(price[at] / day_price) - np.log(worth / day_nav)
            parts = [part / day_nav for part in paid]
            costs.append(Costs(*parts, lost - sum(parts)))
            day_nav, day_price, paid = worth, price[at], [0.0, 0.0, 0.0]
    once = 1 + target * (price / price[0] - 1)
    dead = np.cumsum(once <= 0) > 0
    daily = np.cumprod(
        [1.0, *(1 + target * (price[at] / price[at - 24] - 1) for at in range(24, len(price), 24))]
    )
    hours = np.arange(len(price))
    ideal = daily[hours // 24] * (1 + target * (price / price[hours // 24 * 24] - 1))
    return Track(
        issuer=issuer,
        token=token,
        target=target,
        band=tuple(sorted((target * (1 - band), target * (1 + band)), key=abs)),
        times=times,
        price=price,
        nav=np.array(nav),
        leverage=np.array(leverage),
        ideal=ideal,
        margin=np.where(dead, 0.0, once),
        rebalances=rebalances,
        liquidations=[],
        days=days,
        costs=costs,
        max_leverage=max(np.abs(leverage).max(), *(abs(one.before) for one in rebalances), 0),
    )


def outcomes(paths=4_000, years=1.0, seed=2, issuers=("Ballast", "band")):
    """A year on many paths of differing volatility, a token that is a little worse than ideal."""
    rng = np.random.default_rng(seed)
    found = []
    for issuer in issuers:
        for token, target in TOKENS.items():
            volatility = 0.85 * np.exp(0.2 * rng.standard_normal(paths))
            trend = volatility * np.sqrt(years) * rng.standard_normal(paths)
            form = target * trend - target * (target - 1) * volatility**2 * years / 2
            nav = np.exp(form - 0.12 + 0.1 * rng.standard_normal(paths))
            found.append(
                Outcomes(
                    issuer=issuer,
                    token=token,
                    target=target,
                    years=years,
                    nav=nav,
                    ideal=np.exp(form),
                    volatility=volatility,
                    trend=trend,
                    drawdown=1 - np.minimum(1, nav) * 0.5,
                    rebalances=rng.poisson(200, paths).astype(float),
                    emergencies=rng.poisson(3, paths).astype(float),
                    liquidations=(rng.random(paths) < 0.002).astype(float),
                )
            )
    return found


def cells():
    """Bands, schedules and costs of both tokens, the best in the middle."""
    return [
        Cell(token, band, schedule, cost, drag, 365 / (1 + 40 * band), 3 * (1 + band))
        for token, weight in {"BULL": 3, "BEAR": 6}.items()
        for cost in (0.0005, 0.002)
        for schedule, late in {"hourly": 0.02, "daily": 0.0, "weekly": 0.05}.items()
        for band in (0.01, 0.05, 0.1, 0.2, 0.4)
        for drag in [0.2 * weight + late + 20 * cost / (1 + 20 * band) + 0.3 * band]
    ]
