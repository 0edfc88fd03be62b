"""T-M3: let roundings that are safe one by one add up to something.

Bunni lost 8.4 million dollars in 44 tiny withdrawals and Balancer 128 in batches of dust: each step
was rounded in a direction that looked safe. Here what a user brings is rounded up and what it takes
is rounded down in each leg on its own, so that per share collateral never falls and debt never
rises. Tried without fees, on coins whose units are worth little and much.
"""

from random import Random

import pytest

from scripts._devnet import ENDLESS, WAD
from tests.attack.purse import FREE, backing, report

PRICE = 2_000  # whole debt coins for a whole coin of collateral
ROUNDS = 1_000
DUST = 100  # shares' smallest units, at the most


@pytest.fixture(params=[(18, 6), (8, 18), (18, 8)])
def stand(request, open_token):
    """A token without fees, and its market."""
    collateral, debt = request.param
    return open_token(collateral, debt, PRICE * 10 ** (36 + debt - collateral), **FREE)


def mix(random: Random, balance: int, step: int) -> int:
    """Shares to mint, or less than zero: to redeem."""
    return random.randint(-min(DUST, balance), DUST) or 1


def nibble(random: Random, balance: int, step: int) -> int:
    """Much at first; then out of it by tiny withdrawals."""
    return -random.randint(1, DUST) if step else 10**6 * WAD


def turn(random: Random, balance: int, step: int) -> int:
    """In and out again."""
    return -balance if balance else random.randint(1, DUST)


def grow(random: Random, balance: int, step: int) -> int:
    """In by dust, and out of it at once every hundred."""
    return -balance if step % DUST == DUST - 1 else random.randint(1, DUST)


@pytest.mark.parametrize("plan", [mix, nibble, turn, grow])
def test_m3_dust_loops_add_up_to_nothing(devnet, stand, worth, stranger, plan):
    token, market = stand
    random = Random(plan.__name__)
    wealth = worth(market, token, stranger)

    before = backing(devnet, market, token)
    for step in range(ROUNDS):
        shares = plan(random, token.balanceOf(stranger), step)
        act = token.mint if shares > 0 else token.redeem
        act(abs(shares), ENDLESS, 0, sender=stranger)
    after = backing(devnet, market, token)
    if balance := token.balanceOf(stranger):
        token.redeem(balance, ENDLESS, 0, sender=stranger)

    assert after[0] >= before[0] and after[1] <= before[1]
    assert token.balanceOf(stranger) == 0
    report("m3", market, worth(market, token, stranger) - wealth, 0)
