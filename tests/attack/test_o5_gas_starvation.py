"""T-O5: leave a call so little gas that the feed cannot answer, and be served by a fallback.

ChainSecurity found it at Yield Basis: `try feed, else the last price` is a choice that belongs to
whoever sets the gas limit. Here nothing is tried: no call's failure is caught anywhere (T-C7), and
there is no price but the feed's. Whatever the gas, a call does what it does with plenty or nothing.
Lens alone catches failures, to flag them, and it gives each question its gas or reverts: so what it
flags is no matter of the gas that it got.
"""

import pytest
from ape import networks
from ape.exceptions import ProviderError

from scripts._devnet import ENDLESS, POOL_FEE, WAD, next_0002, now, set_price, warp_to
from tests.attack.purse import fault, report

LEAST, MOST, STEP = 30_000, 1_000_000, 10_000
CALLS = ["fill_delever", "mint", "redeem", "zap", "keeper", "lens"]


@pytest.fixture
def lane(devnet, token, attacker):
    """Open, against the token; the attacker has shares."""
    token.mint(1_000 * WAD, ENDLESS, 0, sender=attacker)
    warp_to(next_0002(now()) + 45 * 60)
    set_price(devnet, "1900" if token.rules().long else "2100")


@pytest.fixture(params=CALLS)
def order(request, token, ballast, attacker, market, lane):
    """A contract and what it is told."""
    way = token, market.collateral, POOL_FEE
    method, args = {
        "fill_delever": (token.fill_delever, (ENDLESS, 0)),
        "mint": (token.mint, (WAD, ENDLESS, 0)),
        "redeem": (token.redeem, (WAD, ENDLESS, 0)),
        "zap": (ballast.router.mint, (*way, WAD, 2**128, attacker, now())),
        "lens": (ballast.lens.states, ([token],)),
        "keeper": (ballast.keeper.fill, (token, POOL_FEE, ENDLESS, 0, attacker)),
    }[request.param]
    return method.contract.address, method.encode_input(*args).hex()


def answers(order, sender, gas: int) -> str | None:
    """What a call with so much gas returns; None where it fails."""
    to, data = order
    transaction = {
        "from": sender.address,
        "to": to,
        "data": "0x" + data.removeprefix("0x"),
        "gas": hex(gas),
    }
    try:
        return networks.provider.make_request("eth_call", [transaction, "latest"])
    except ProviderError:
        return None


def test_o5_any_gas_gives_the_whole_answer_or_none(market, attacker, order):
    whole = answers(order, attacker, 10**7)
    assert whole

    found = [answers(order, attacker, gas) for gas in range(LEAST, MOST, STEP)]

    assert set(found) == {None, whole}
    starved = found.index(whole)
    assert all(answer is None for answer in found[:starved])
    assert all(answer == whole for answer in found[starved:])
    least, enough = LEAST + (starved - 1) * STEP, LEAST + starved * STEP
    near = [answers(order, attacker, gas) for gas in range(least, enough, STEP // 40)]
    assert set(near) <= {None, whole}
    words = [int(whole[at : at + 64], 16) for at in range(2, len(whole), 64)]
    others = [word for answer in found + near if answer and answer != whole for word in words]
    report("o5", market, sum(others), 0)


def test_o5_feed_that_reverts_has_no_substitute(devnet, token, attacker, lane):
    """Fills stop. Whoever leaves needs no price of ours."""
    devnet.eth_feed.set_failing(True, sender=attacker)

    for fill in (token.fill_lever, token.fill_delever):
        refused = fault(lambda: fill.call(ENDLESS, 0, sender=attacker, skip_trace=True))  # noqa: B023
        assert refused == "feed: told to fail"
