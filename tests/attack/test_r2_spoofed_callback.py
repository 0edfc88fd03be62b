"""T-R2: call `uniswapV3SwapCallback` without being the pool, and be paid by whoever the data names.

SushiSwap's router lost 3.3 million dollars to it, most of it one user's. Here the callback obeys
one address: the pool that router or keeper computed itself, within its own swap, once. And the
payer is not in the data. Tried: directly, from a contract that says it is a pool, through a real
pool on which the attacker swaps, through a real pool of the attacker's own coin, and from within a
swap of the victim's own, where a hostile coin gets control. The victim has approved everything.
"""

import pytest
from ape import project
from eth_abi import encode

from scripts._devnet import ENDLESS, POOL_FEE, USDC, WAD, now
from tests.attack.actor import call, send_actor
from tests.attack.purse import fault, report
from tests.unit.router.zaps import open_pool

SHARES = 100 * WAD
STRANGER = "swap: caller is not the pool"
LOW, HIGH = 4_295_128_740, 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341
# as router and keeper encode them
DEAL = ["address"] * 2 + ["bool"] + ["address"] * 2 + ["bool"] * 2 + ["uint24"] + ["uint256"] * 4
DEAL += ["address"]
KEEPER_DEAL = ["address", "bool", "uint256", "address", "uint256"]


@pytest.fixture
def purse(bull, bear, weth, usdc, victim):
    """What the victim has, of everything that it has approved."""
    bull.mint(SHARES, ENDLESS, 0, sender=victim)
    return lambda: [coin.balanceOf(victim) for coin in (weth, usdc, bull, bear)]


@pytest.fixture(autouse=True)
def counted(long_market, bull, worth, attacker):
    """What the attacker has at a test's end, against its beginning."""
    wealth = worth(long_market, bull, attacker)
    yield
    report("r2", long_market, worth(long_market, bull, attacker) - wealth, 0)


@pytest.fixture
def actor(attacker, weth, usdc):
    """With a million dollars, to pay a pool that it swaps on."""
    made = send_actor(attacker)
    weth.transfer(made, 1_000 * WAD, sender=attacker)
    usdc.transfer(made, 10**6 * USDC, sender=attacker)
    return made


@pytest.fixture(params=["router mint", "router redeem", "keeper"])
def forged(request, ballast, bull, attacker, victim, weth, usdc):
    """A contract, and its callback's data for a deal at the victim's cost."""
    if request.param == "keeper":
        deal = encode(KEEPER_DEAL, [str(bull), True, WAD, str(usdc), 0])
        return ballast.keeper, deal
    minting = request.param == "router mint"
    collateral, debt = bull.preview_mint(SHARES)
    people = (str(bull), bull.position())
    coins = (str(usdc), str(weth))
    amounts = (SHARES, collateral, debt, ENDLESS)
    fields = (*people, minting, *coins, True, False, POOL_FEE, *amounts, str(attacker))
    return ballast.router, encode(DEAL, fields)


def test_r2_callback_by_an_account_is_refused(forged, purse, attacker, victim):
    target, deal = forged
    before = purse()

    for sender in (attacker, victim):
        for amounts in ((150 * USDC, -1), (-1, 150 * USDC), (0, 0)):
            order = (*amounts, deal)
            back = target.uniswapV3SwapCallback
            assert fault(lambda: back(*order, sender=sender, skip_trace=True)) == STRANGER  # noqa: B023
    assert purse() == before


def test_r2_callback_by_a_fake_pool_is_refused(forged, purse, actor, attacker):
    target, deal = forged
    before = purse()
    spoof = call(target.uniswapV3SwapCallback, 150 * USDC, -1, deal)

    assert fault(lambda: actor.run([spoof], sender=attacker, skip_trace=True)) == STRANGER
    assert purse() == before


@pytest.mark.parametrize("to_target", [True, False])
def test_r2_callback_through_a_real_pool_is_refused(
    devnet, forged, purse, actor, attacker, weth, to_target
):
    """The pool calls back whoever swaps, the attacker, who passes it on; the spoof is in `data`."""
    target, deal = forged
    before = purse()
    first_in = weth.address.lower() == devnet.pool.token0().lower()
    receiver = target if to_target else actor
    swap = (receiver, first_in, WAD, LOW if first_in else HIGH, deal)
    spoof = call(target.uniswapV3SwapCallback, WAD, -1, deal)
    actor.plan([spoof, call(weth.transfer, devnet.pool, WAD)], sender=attacker)

    actor.run([call(devnet.pool.swap, *swap)], sender=attacker)

    assert (actor.back(), actor.refused()) == (1, 1)
    assert purse() == before


def test_r2_callback_through_a_real_pool_of_a_fake_coin_is_refused(
    devnet, forged, purse, actor, attacker, usdc
):
    """Uniswap's own factory made it; it is a pool, and not the one."""
    target, deal = forged
    before = purse()
    coin = attacker.deploy(project.HostileToken)
    for who in (attacker, devnet.roles.lender, actor):
        coin.mint(who, 10**9 * WAD, sender=attacker)
    pool = open_pool(devnet, (coin, usdc), (10**6 * WAD, 10**6 * USDC), POOL_FEE)
    coin.arm(
        target, [bytes(target.uniswapV3SwapCallback.encode_input(1, -1, b""))], sender=attacker
    )
    first_in = coin.address.lower() == pool.token0().lower()
    actor.plan([call(coin.transfer, pool, WAD)], sender=attacker)

    swap = (actor, first_in, WAD, LOW if first_in else HIGH, deal)
    actor.run([call(pool.swap, *swap)], sender=attacker)

    assert coin.tried() > 0 and coin.entered() == 0
    assert purse() == before


@pytest.mark.parametrize("minting", [True, False])
def test_r2_callback_within_the_victims_own_swap_is_refused(
    devnet, router, list_coin, attacker, victim, usdc, minting
):
    """Nested: each transfer of the coin, from the pool too, tries it before the pool does."""
    coin = victim.deploy(project.HostileToken)
    token = list_coin(coin)
    order = (token, usdc, POOL_FEE, SHARES)
    usdc.approve(router, ENDLESS, sender=victim)
    if not minting:
        router.mint(*order, 2**128, victim, now(), sender=victim)
    told = (router.quote_mint if minting else router.quote_redeem).call(*order)
    has = usdc.balanceOf(victim)
    spoofs = [
        bytes(router.uniswapV3SwapCallback.encode_input(*amounts, b""))
        for amounts in ((1, -1), (-1, 1), (10**6, -1))
    ]
    coin.arm(router, spoofs, sender=attacker)

    act, limit = (router.mint, 2**128) if minting else (router.redeem, 0)
    act(*order, limit, victim, now(), sender=victim)

    # a mint's comes from the pool and goes to the venue; a redemption's goes to the pool at once
    assert coin.tried() >= (1 + minting) * len(spoofs)
    assert coin.entered() == 0
    assert abs(has - usdc.balanceOf(victim)) == told
