"""The markets of the devnet in numbers: what is in them, what they charge, when they liquidate."""

from scripts._model.daily_schedule import DAY
from scripts._model.fixed_point import WAD

USDC = 10**6  # one dollar in USDC

POOL_FEE = 500  # 0.05 %, in millionths

# What lies in the markets and in the pool, on each side, in dollars.
LENT = 100_000_000
BORROWED = 10_000_000  # against ten times as much collateral
POOLED = 1_000_000_000

# Funding. In 2020 such tokens paid about 0.0567 % of NAV a day. Three times long owes twice
# the NAV, three times short owes three times: each market charges what makes that the cost.
FUNDING = 567 * WAD // 1_000_000
LONG_RATE = FUNDING // 2 // DAY
SHORT_RATE = FUNDING // 3 // DAY

LONG_LLTV = 86 * WAD // 100
SHORT_LLTV = 915 * WAD // 1000
