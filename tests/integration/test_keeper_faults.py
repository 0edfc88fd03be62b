"""The keeper on bad days: nothing is lost but gas, and nothing missed that could be done."""

import os
import subprocess
import sys

import pytest
from ape import chain, networks

from scripts._devnet import DAY, ENDLESS, WAD, next_0002, now, warp_to
from scripts._keeper import look
from scripts._keeper.chain import NoNode, WrongChain
from scripts._keeper.decide import Ask, Reason
from scripts._rehearsal import faults
from tests.integration.keepers import environment, hire, settings

PAYS = 45 * 60  # seconds into the scheduled lane: the premium is highest
GWEI = 10**9
MIRROR = "0x00000000000000000000000000000000000A5CED"

pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture(scope="module")
def rpc():
    return faults.caller(networks.provider.http_uri)


@pytest.fixture
def proxy():
    with faults.Proxy(networks.provider.http_uri) as made:
        yield made


@pytest.fixture
def other():
    """Another node, always well."""
    with faults.Proxy(networks.provider.http_uri) as made:
        yield made


@pytest.fixture
def open_lane(bull, minter, market_at):
    """100,000 shares of ETHBULL are at 2.7x, and the scheduled lane is at its best."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)
    warp_to(next_0002(now()) + PAYS)
    market_at("2100")


@pytest.fixture
def emergency(bull, minter, market_at):
    """100,000 shares of ETHBULL are past their emergency leverage, in the afternoon."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)
    warp_to(next_0002(now()) + 15 * 3_600)
    market_at("1740")


@pytest.fixture
def employ(devnet, ballast, keeper_account):
    """A keeper that reads from these nodes."""

    def _employ(*nodes, **more):
        urls = [getattr(node, "url", node) for node in nodes]
        return hire(devnet, ballast, urls, keeper_account.private_key, **more)

    return _employ


@pytest.fixture(autouse=True)
def gas(rpc, put_back):
    """Gas costs something; on Ape's anvil it is free otherwise."""
    faults.calm_gas(rpc, GWEI)
    yield
    faults.calm_gas(rpc, 0)


@pytest.fixture(autouse=True)
def lost_but_gas(weth, usdc, keeper_account, rpc, gas):
    """The keeper's coins only grow, and of ether it pays what receipts say, and no more."""

    def holdings():
        return weth.balanceOf(keeper_account), usdc.balanceOf(keeper_account)

    coins, first = holdings(), chain.blocks.height
    balance, nonce = keeper_account.balance, keeper_account.nonce
    yield
    assert all(after >= before for after, before in zip(holdings(), coins, strict=True))
    spent = sent = 0
    for number in range(first + 1, chain.blocks.height + 1):
        for hash_ in rpc("eth_getBlockByNumber", [hex(number), False])["transactions"]:
            receipt = rpc("eth_getTransactionReceipt", [hash_])
            if receipt["from"].lower() == keeper_account.address.lower():
                spent += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
                sent += 1
    assert balance - keeper_account.balance == spent
    assert keeper_account.nonce - nonce == sent


def filled(token) -> bool:
    """Whether nothing is left that a keeper could fill."""
    return token.auction().brings == 0


def reasons(step, symbol="ETHBULL") -> list[Reason]:
    """Why nothing was done about a token."""
    return [each.reason for each in step.passes if each.symbol == symbol]


def outcomes(steps) -> list[str]:
    return [outcome.status for step in steps if step for outcome in step.outcomes]


def mine(rpc, blocks: int = 1) -> None:
    for _ in range(blocks):
        rpc("evm_mine", [])


def steps(keeper, rpc, blocks: int):
    """What the keeper does in each of the next blocks."""
    made = []
    for _ in range(blocks):
        made.append(keeper.step())
        mine(rpc)
    return made


# Good days


def test_quiet_block_takes_one_request(employ, proxy, rpc):
    keeper = employ(proxy)
    keeper.step()  # learns what never changes
    mine(rpc)
    before = proxy.requests

    step = keeper.step()

    assert step.requests == proxy.requests - before == 1
    assert not step.fills and not step.passes


def test_open_lane_is_filled_within_five_requests(employ, proxy, rpc, bull, usdc, open_lane):
    keeper = employ(proxy)
    earned = usdc.balanceOf(keeper.desk.address)

    first, *others = steps(keeper, rpc, 4)

    assert len(first.sent) == 1 and first.requests <= 5
    assert filled(bull)
    assert outcomes(others) == ["confirmed"]
    outcome = next(outcome for step in others for outcome in step.outcomes)
    assert usdc.balanceOf(keeper.desk.address) - earned == outcome.profit
    assert outcome.profit >= outcome.sent.fill.min_profit > 0
    assert outcome.profit * outcome.sent.fill.unit > outcome.cost


def test_emergency_is_filled(employ, proxy, rpc, bull, emergency):
    keeper = employ(proxy)
    rules = bull.rules()
    assert bull.leverage() > rules.emergency

    (step,) = steps(keeper, rpc, 1)

    assert step.sent[0].fill.emergency
    assert bull.leverage() < rules.emergency


def test_dry_run_sends_nothing(employ, proxy, bull, open_lane):
    keeper = employ(proxy, broadcast=False)

    step = keeper.step()

    assert len(step.fills) == 1 and not step.sent
    assert not filled(bull)


# Nodes


def test_dead_node_is_replaced_by_the_next(employ, proxy, other, rpc, bull, open_lane):
    proxy.dies()

    steps(employ(proxy, other), rpc, 1)

    assert filled(bull)


def test_hanging_node_is_replaced_by_the_next(employ, proxy, other, rpc, bull, open_lane):
    proxy.hangs()

    steps(employ(proxy, other, timeout=0.5), rpc, 1)

    assert filled(bull)


def test_node_that_keeps_transactions_to_itself_keeps_none_from_being_mined(
    employ, proxy, other, rpc, bull, open_lane
):
    """It takes what it is given, says so, and tells nobody: the others are given it too."""
    seen = []
    other.before = seen.extend
    keeper = employ(proxy, other)

    steps(keeper, rpc, 1)

    assert filled(bull)
    assert seen.count("eth_sendRawTransaction") == 1


def test_only_node_that_dies_and_comes_back_costs_blocks_and_nothing_else(
    employ, proxy, rpc, bull, open_lane
):
    keeper = employ(proxy)
    proxy.dies()
    with pytest.raises(NoNode, match="no answer"):
        keeper.step()

    proxy.recovers()
    steps(keeper, rpc, 1)

    assert filled(bull)


def test_node_on_another_chain_is_refused_for_good(employ, proxy, other, rpc, bull, open_lane):
    proxy.lies(1)
    keeper = employ(proxy, other)
    steps(keeper, rpc, 1)
    proxy.recovers()
    asked = proxy.requests

    steps(keeper, rpc, 6)

    assert filled(bull)
    assert keeper.chain.nodes[0].refused == "is on chain 1, not on 31337"
    assert proxy.requests == asked


def test_node_that_changes_its_chain_in_between_is_not_sent_to(employ, proxy, bull, open_lane):
    keeper = employ(proxy)
    proxy.after = lambda methods: proxy.lies(1)

    with pytest.raises(WrongChain, match="is on chain 1, not on 31337"):
        keeper.step()

    assert not filled(bull)


def test_node_that_lags_is_passed_over(employ, proxy, other, rpc, bull, minter, market_at):
    """Of two nodes the first knows nothing of the last 20 blocks, in which a lane has opened."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)
    mine(rpc, 20)
    keeper = employ(proxy, other)
    keeper.step()
    warp_to(next_0002(now()) + PAYS)
    market_at("2100")
    proxy.lags(20)
    mine(rpc, 5)

    made = steps(keeper, rpc, 6)

    assert filled(bull)
    assert keeper.metrics.errors.labels(keeper.chain.nodes[0].name)._value.get() > 0
    assert sum(len(step.sent) for step in made if step) == 1


def test_only_node_that_lags_costs_blocks_and_nothing_else(employ, proxy, rpc, bull, open_lane):
    mine(rpc, 25)
    keeper = employ(proxy)
    proxy.lags(20)
    keeper.step()
    proxy.recovers()

    steps(keeper, rpc, 5)

    assert filled(bull)


# The chain


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_reorg_is_survived(employ, proxy, rpc, bull, open_lane, depth):
    """The fill is mined, and is not. So it is made again, and counted once."""
    keeper = employ(proxy, confirmations=6)
    keeper.step()
    made = steps(keeper, rpc, depth - 1)
    faults.wait_for(lambda: filled(bull))
    faults.reorg(rpc, depth)
    assert not filled(bull)

    made += steps(keeper, rpc, keeper.desk.patience + 8)

    assert filled(bull)
    assert outcomes(made).count("confirmed") == 1


def test_gas_that_costs_more_than_a_fill_earns_is_not_paid(
    employ, proxy, rpc, bull, minter, market_at, keeper_account
):
    bull.mint(10_000 * WAD, ENDLESS, 0, sender=minter)
    warp_to(next_0002(now()) + PAYS)
    market_at("2100")
    keeper = employ(proxy)
    usual = faults.gas_spike(rpc, 50) // 50
    nonce = keeper_account.nonce

    step = keeper.step()

    assert not step.sent and not filled(bull)
    assert reasons(step)[0] in (Reason.GAS, Reason.TOO_SMALL)
    assert keeper_account.nonce == nonce

    faults.calm_gas(rpc, usual)
    mine(rpc)
    steps(keeper, rpc, 1)
    assert filled(bull)


def test_gas_that_a_fill_can_pay_is_paid(employ, proxy, rpc, bull, open_lane):
    keeper = employ(proxy)
    faults.gas_spike(rpc, 50)

    (step,) = steps(keeper, rpc, 1)

    assert filled(bull)
    assert step.fills[0].gain > 0


def test_gas_above_the_operators_limit_is_not_paid(employ, proxy, rpc, bull, open_lane):
    keeper = employ(proxy, max_gas_price="0.000001")

    step = keeper.step()

    assert reasons(step) == [Reason.DEAR]
    assert not filled(bull)


def test_emergency_is_paid_for_within_its_budget(employ, proxy, rpc, bull, minter, market_at):
    """The token is so small that its fill does not pay for the gas."""
    bull.mint(100 * WAD, ENDLESS, 0, sender=minter)
    warp_to(next_0002(now()) + 15 * 3_600)
    market_at("1740")
    thrifty, generous = employ(proxy), employ(proxy, loss_budget="0.01")

    refused = thrifty.step()
    (step,) = steps(generous, rpc, 1)

    assert not refused.sent and refused.passes
    assert -(10**16) <= step.sent[0].fill.gain < 0
    assert filled(bull)


def test_budget_is_not_for_the_scheduled_lane(employ, proxy, rpc, bull, market_at):
    """The seed shares alone are too few."""
    warp_to(next_0002(now()) + PAYS)
    market_at("2100")

    step = employ(proxy, loss_budget="0.01").step()

    assert step.passes and not step.sent
    assert not filled(bull)


def test_stuck_transaction_is_replaced_for_more(
    employ, proxy, rpc, bull, open_lane, keeper_account
):
    keeper = employ(proxy)
    with faults.never_mined(rpc):
        first = keeper.step().sent[0]
        # dearer than it offers, and gone again
        faults.calm_gas(rpc, 2 * first.max_fee)
        mine(rpc)
        made = steps(keeper, rpc, keeper.desk.patience + 1)

    again = [sent for step in made if step for sent in step.sent]
    assert [sent.nonce for sent in again] == [first.nonce]
    assert again[0].max_fee >= first.max_fee * 11 // 10 and again[0].tip >= first.tip * 11 // 10
    assert filled(bull)
    ends = outcomes(made + steps(keeper, rpc, 3))
    assert sorted(ends) == ["confirmed", "replaced"]


def test_transaction_is_not_sent_twice_while_it_may_be_mined(employ, proxy, rpc, bull, open_lane):
    keeper = employ(proxy)
    with faults.never_mined(rpc):
        first = keeper.step().sent[0]
        faults.calm_gas(rpc, 2 * first.max_fee)
        mine(rpc)

        step = keeper.step()

    assert reasons(step) == [Reason.SAME_PAIR]


def test_restarted_keeper_replaces_what_it_no_longer_knows(employ, proxy, rpc, bull, open_lane):
    with faults.never_mined(rpc):
        first = employ(proxy).step().sent[0]
        faults.calm_gas(rpc, 2 * first.max_fee)
        mine(rpc)
        made = steps(keeper := employ(proxy), rpc, keeper.desk.patience + 1)

    again = [sent for step in made if step for sent in step.sent]
    assert [sent.nonce for sent in again] == [first.nonce]
    assert filled(bull)


# The account


def test_nonce_gap_is_closed(employ, proxy, rpc, bull, open_lane, keeper_account):
    waiting = faults.nonce_gap(rpc, keeper_account.private_key, 31_337)
    assert rpc("eth_getTransactionReceipt", [waiting]) is None

    steps(employ(proxy), rpc, 1)

    assert filled(bull)
    assert rpc("eth_getTransactionReceipt", [waiting])["status"] == "0x1"


def test_empty_wallet_is_told_of_and_used_once_it_is_filled(
    employ, proxy, rpc, bull, open_lane, keeper_account
):
    keeper = employ(proxy)
    with faults.empty_wallet(rpc, keeper_account.address):
        step = keeper.step()
        assert step.unsent[0].unfunded
        assert step.unsent[0].reason.startswith(f"{keeper_account.address} has 0 wei and needs ")
        assert not filled(bull)

    mine(rpc)
    steps(keeper, rpc, 1)

    assert filled(bull)


# The market


def test_stale_feed_stops_fills_until_it_is_fresh(
    employ, proxy, rpc, devnet, bull, open_lane, owner
):
    keeper = employ(proxy)
    with faults.stale_feed(devnet.eth_feed, owner, DAY):
        step = keeper.step()
        assert not step.fills and not step.unsent
        assert keeper.metrics.faulty._value.get() == 3

    steps(keeper, rpc, 1)

    assert filled(bull)


def test_drained_pool_is_not_traded_on(employ, proxy, rpc, devnet, bull, open_lane):
    keeper = employ(proxy)
    with faults.drained_pool(devnet.position_manager, 1, devnet.roles.lender, 10**9):
        step = keeper.step()
        assert not step.sent
        assert reasons(step) == [Reason.POOL]

    steps(keeper, rpc, 1)

    assert filled(bull)


def test_shallow_pool_is_given_what_it_can_take(employ, proxy, rpc, devnet, bull, open_lane, usdc):
    """Of $1bn a 500th is left: the whole would lose, and the best part is sent."""
    keeper = employ(proxy)
    whole = bull.auction().brings
    with faults.drained_pool(devnet.position_manager, 1, devnet.roles.lender, 500):
        steps(keeper, rpc, 1)

    assert 0 < bull.auction().brings < whole


def test_oracle_sees_the_gas_price_of_a_transaction(employ, proxy, rpc, bull, open_lane):
    """Where it is 0 an oracle knows that it is only asked, and could say what it never will again.

    In the keeper's place is a contract that says what it sees.
    """
    rpc("anvil_setCode", [MIRROR, "0x3a60005260206000f3"])  # returns tx.gasprice
    keeper = employ(proxy)
    view = keeper.lookout.look()
    keeper.desk.keeper = MIRROR

    (quote,) = keeper.desk.confirm([Ask(bull.address, 500, 1)], view)

    assert view.costs.base > 0
    assert quote.profit == view.costs.base + view.costs.tip


# Others


def test_lost_race_costs_gas_and_nothing_else(employ, proxy, rpc, ballast, bull, open_lane, taker):
    won = faults.rival(rpc, proxy, taker.address, ballast.keeper.address)

    made = steps(employ(proxy), rpc, 4)

    assert won() == 1
    assert filled(bull)
    assert outcomes(made) == ["reverted"]
    cost = next(outcome.cost for step in made if step for outcome in step.outcomes)
    assert cost < 150_000 * 3 * GWEI


def test_two_keepers_fill_once(employ, proxy, rpc, devnet, ballast, bull, open_lane, stranger):
    """Both see the same block."""
    one = employ(proxy)
    two = hire(devnet, ballast, [proxy.url], stranger.private_key)
    with faults.never_mined(rpc):
        sent = one.step().sent + two.step().sent

    ends = outcomes(steps(one, rpc, 3)) + outcomes(steps(two, rpc, 3))

    assert len(sent) <= 2
    assert ends.count("confirmed") == 1
    assert filled(bull)


def test_private_node_is_the_only_one_sent_to(employ, proxy, other, rpc, bull, open_lane):
    seen = {"public": [], "private": []}
    proxy.before = seen["public"].extend
    other.before = seen["private"].extend

    steps(employ(proxy, private_rpc=other.url), rpc, 1)

    assert filled(bull)
    assert "eth_sendRawTransaction" not in seen["public"]
    assert seen["private"].count("eth_sendRawTransaction") == 1


def test_dead_private_node_does_not_make_it_public(employ, proxy, other, rpc, bull, open_lane):
    keeper = employ(proxy, private_rpc=other.url)
    other.dies()
    with pytest.raises(NoNode):
        keeper.step()
    assert not filled(bull)

    other.recovers()
    mine(rpc)
    steps(keeper, rpc, 1)

    assert filled(bull)


# Forecasts


def test_forecast_comes_true(employ, proxy, bull, minter, market_at):
    """At noon the token is below its band; at the time foretold it pays what was foretold."""
    bull.mint(100_000 * WAD, ENDLESS, 0, sender=minter)
    market_at("2100")
    keeper = employ(proxy)
    step = keeper.step()

    (forecast,) = (each for each in keeper.forecasts(step.view) if each["token"] == bull.address)

    assert forecast["opens_at"] == next_0002(now())
    warp_to(forecast["pays_at"])
    market_at("2100")  # the feeds are fresh again
    auction = bull.auction()
    assert auction.premium == forecast["premium"]
    assert abs(auction.brings / forecast["brings"] - 1) < 0.01  # half a day of interest


def test_rollup_charge_is_counted(employ, proxy, rpc, bull, open_lane, monkeypatch):
    """As on the OP stack, whose oracle says what a transaction's bytes cost."""
    monkeypatch.setattr(look, "OP_STACK", {31_337})
    code = "7f" + (10**17).to_bytes(32, "big").hex() + "60005260206000f3"  # returns 0.1 ether
    rpc("anvil_setCode", [look.OP_STACK_FEES, "0x" + code])
    keeper = employ(proxy)

    step = keeper.step()

    assert step.view.costs.data == 10**17
    assert not step.sent and not filled(bull)
    assert reasons(step)[0] in (Reason.GAS, Reason.TOO_SMALL)


# A process of its own


@pytest.fixture
def start(devnet, ballast, keeper_account, proxy):
    """`python -m scripts._keeper` with these arguments, reading from the proxy."""
    started = []

    def _start(*arguments, **more):
        told = settings(devnet, ballast, [proxy.url], private_key=keeper_account.private_key)
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts._keeper", *arguments],
            env=os.environ | environment(told | more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_process_fills_once_and_exits(start, bull, open_lane):
    process = start("--once", "--broadcast")

    said, _ = process.communicate(timeout=30)

    assert process.returncode == 0, said
    assert '"event": "sent"' in said
    assert filled(bull)


def test_process_ends_with_a_code(start, proxy, rpc, open_lane, keeper_account):
    """3 without a node, 1 on another chain, 4 where a fill was due and could not be sent."""
    with faults.empty_wallet(rpc, keeper_account.address):
        poor = start("--once", "--broadcast")
        assert poor.wait(30) == 4
    proxy.lies(1)
    elsewhere = start("--once")
    lost = start("--once", rpc="http://127.0.0.1:9")
    confused = start("--once", tiers="-1")

    assert elsewhere.wait(30) == 1 and "is on chain 1, not on 31337" in elsewhere.stdout.read()
    assert lost.wait(30) == 3 and "no answer from 127.0.0.1:9" in lost.stdout.read()
    assert confused.wait(30) == 1 and "KEEPER_TIERS: '-1'" in confused.stdout.read()


@pytest.mark.parametrize(
    ("method", "answered"),
    [
        ("eth_feeHistory", False),  # while it looks
        ("eth_estimateGas", True),  # when it has decided
        ("eth_sendRawTransaction", False),  # before it has sent
        ("eth_sendRawTransaction", True),  # when it has sent, and does not know
    ],
)
def test_kill_loses_nothing(start, proxy, rpc, bull, open_lane, keeper_account, method, answered):
    nonce = keeper_account.nonce
    dead = faults.killed(start("--broadcast"), proxy, method, answered)
    assert dead.wait(30)
    proxy.before = proxy.after = lambda methods: None

    process = start("--once", "--broadcast")
    said, _ = process.communicate(timeout=30)

    assert process.returncode == 0, said
    assert filled(bull)
    assert keeper_account.nonce == nonce + 1
