"""The commands of a trader and a taker, run as a person runs them, against the devnet."""

import json
import re
import shlex
from decimal import Decimal

import pytest
from ape import chain, networks
from ape.api import NetworkAPI
from click.testing import CliRunner

from scripts import devnet as devnet_command
from scripts import fill, mint, redeem, status
from scripts._command import Session
from scripts._deploy.record import Deployed, Record
from scripts._devnet import (
    ENDLESS,
    GAS,
    POOL_FEE,
    USDC,
    WAD,
    next_0002,
    now,
    warp_to,
)
from scripts._files import load_network
from scripts._lens import look_call
from scripts._wallet import place
from scripts._wallet.node import Node
from scripts._wallet.sending import wallet_of
from scripts._wallet.taking import Offer

COMMANDS = {"mint": mint.cli, "redeem": redeem.cli, "status": status.cli, "fill": fill.cli}
TRADER, KEEPER, TAKER, STRANGER = "0", "4", "6", "7"  # anvil's accounts: see Roles
RAMP = 45 * 60

pytestmark = pytest.mark.usefixtures("tokens")


@pytest.fixture(scope="module")
def file(tmp_path_factory, devnet, ballast, tokens):
    """What `ape run devnet` writes."""
    provider = networks.provider
    facts = devnet_command.facts(provider.http_uri, provider.chain_id, devnet, ballast, tokens)
    file = tmp_path_factory.mktemp("out") / "devnet.json"
    file.write_text(json.dumps(facts))
    return file


@pytest.fixture(scope="module", autouse=True)
def holder(file_put_back, bull, bear, minter):
    """The minter holds 1,000 shares of each, minted in kind."""
    for token in (bull, bear):
        token.mint(1_000 * WAD, ENDLESS, 0, minter, minter, sender=minter, gas_limit=GAS)
    return minter


@pytest.fixture(autouse=True)
def found(file, monkeypatch):
    """The commands find the tests' chain as they find that of `ape run devnet`."""
    monkeypatch.setattr(place, "DEVNET", file)
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(file.parent))
    monkeypatch.setenv("LOCAL_RPC", networks.provider.http_uri)


@pytest.fixture
def run():
    """`run("mint ETHBULL --shares 10")` is what that prints; it must succeed."""

    def run(line: str) -> str:
        result = attempt(line)
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
def refused():
    """`refused("mint NONE --shares 10")` is what that says; it must fail, and not by a crash."""

    def refused(line: str) -> str:
        result = attempt(line)
        assert result.exit_code in (1, 2), result.output
        assert isinstance(result.exception, SystemExit)
        return result.output

    return refused


def attempt(line: str, answer: str = "y\n"):
    """Run it, and answer so if it asks."""
    command, *words = shlex.split(line)
    return CliRunner().invoke(COMMANDS[command], words, answer, prog_name=command)


def number(pattern: str, text: str) -> Decimal:
    match = re.search(pattern, text)
    assert match, f"no {pattern} in {text}"
    return Decimal(match[1].replace(",", ""))


def about(amount):
    """What is printed has five digits that count, or more."""
    return pytest.approx(amount, rel=Decimal("1e-4"))


@pytest.fixture
def purse(devnet, tokens):
    """What an account has, by symbol; of ether what it would have without paying for gas."""

    def purse(account) -> dict[str, int]:
        coins = {"WETH": devnet.weth, "USDC": devnet.usdc, **tokens}
        return {symbol: coin.balanceOf(account) for symbol, coin in coins.items()}

    return purse


@pytest.fixture
def move_pool(devnet):
    """Somebody trades the pool away from the feeds: dollars into it, or ether."""

    def move(coin: str, amount: int) -> None:
        trader = devnet.roles.arbitrageur
        sold, bought = (devnet.usdc, devnet.weth) if coin == "USDC" else (devnet.weth, devnet.usdc)
        swap = (sold, bought, POOL_FEE, trader, ENDLESS, amount, 0, 0)
        devnet.swap_router.exactInputSingle(swap, sender=trader, gas_limit=GAS)

    return move


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(what)`: it happens while the person looks at the preview, before they sign."""

    def meanwhile(what) -> None:
        account = Session.account

        def late(session):
            monkeypatch.setattr(Session, "account", account)
            what()
            return account(session)

        monkeypatch.setattr(Session, "account", late)

    return meanwhile


@pytest.fixture
def in_the_lane(devnet, market_at):
    """`in_the_lane("2100")`: it is 00:47 UTC, the premium at its highest, and the price moved."""

    def enter(price: str) -> None:
        warp_to(next_0002(now()) + RAMP)
        market_at(price)

    return enter


# Mint


@pytest.mark.parametrize("coin", ["USDC", "WETH", "ETH"])
@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBEAR"])
def test_mint_spends_one_coin_and_says_what_happened(run, purse, minter, tokens, symbol, coin):
    amount = "1000" if coin == "USDC" else "0.5"
    before, ether = purse(minter), minter.balance

    said = run(f'mint {symbol} --pay "{amount} {coin}" --broadcast')

    after = purse(minter)
    got = Decimal(after[symbol] - before[symbol]) / WAD
    assert number(rf"received ([\d.,]+) {symbol}", said) == about(got)
    assert got >= number(rf"([\d.,]+) {symbol} at least", said)
    assert got == about(number(rf"([\d.,]+) {symbol} expected", said))
    paid = number(rf"Paid ([\d.,]+) {coin}", said)
    if coin == "ETH":
        assert Decimal("0.49999") < paid <= Decimal("0.5")
        spent = Decimal(ether - minter.balance) / WAD
        assert paid <= spent < paid + Decimal("0.01")  # and gas
    else:
        digits = USDC if coin == "USDC" else WAD
        assert paid == about(Decimal(before[coin] - after[coin]) / digits)
        assert before[coin] - after[coin] <= Decimal(amount) * digits


def test_mint_exact_shares_gives_exactly_them(run, purse, minter):
    before = purse(minter)

    said = run("mint ETHBULL --shares 10 --broadcast")

    after = purse(minter)
    assert after["ETHBULL"] - before["ETHBULL"] == 10 * WAD
    paid = Decimal(before["USDC"] - after["USDC"]) / USDC
    assert paid == about(number(r"([\d.,]+) USDC expected", said))
    assert paid <= number(r"([\d.,]+) USDC at most", said)


def test_mint_of_all_there_is_leaves_nothing(run, purse, stranger, usdc, minter):
    usdc.transfer(stranger, 500 * USDC, sender=minter)

    run(f'mint ETHBULL --pay "all USDC" --account {STRANGER} --broadcast')

    left = purse(stranger)["USDC"]
    assert left < USDC  # what the quote did not need
    assert purse(stranger)["ETHBULL"] > 490 * WAD


def test_mint_with_all_ether_keeps_some_for_gas(run, purse, stranger):
    networks.provider.set_balance(stranger.address, 5 * WAD)

    run(f'mint ETHBULL --pay "all ETH" --account {STRANGER} --broadcast')

    assert 0 < stranger.balance < WAD // 50
    assert purse(stranger)["ETHBULL"] > 9_900 * WAD


def test_mint_goes_to_the_receiver(run, purse, stranger):
    run(f'mint ETHBEAR --pay "100 USDC" --receiver {stranger.address} --broadcast')

    assert purse(stranger)["ETHBEAR"] > 99 * WAD


def test_permit_needs_one_transaction(run, purse, minter):
    nonce = minter.nonce

    said = run('mint ETHBULL --pay "1000 USDC" --permit --broadcast')

    assert "sign a permit for the router" in said
    assert minter.nonce == nonce + 1
    assert purse(minter)["ETHBULL"] > 1_990 * WAD


def test_permit_of_a_coin_that_has_none_is_refused(refused, minter):
    nonce = minter.nonce

    said = refused('mint ETHBULL --pay "1 WETH" --permit --broadcast')

    assert "WETH takes no signed approvals: leave out --permit" in said
    assert minter.nonce == nonce


def test_approval_is_sent_only_where_it_is_missing(run, minter, usdc, ballast):
    usdc.approve(ballast.router, 1_000 * USDC, sender=minter)

    said = run('mint ETHBULL --pay "1000 USDC"')

    assert "approve" not in said
    assert "1. mint at least" in said


# Redeem


@pytest.mark.parametrize("coin", ["USDC", "WETH", "ETH"])
@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBEAR"])
def test_redeem_pays_one_coin_and_says_what_happened(run, purse, holder, symbol, coin):
    before, ether = purse(holder), holder.balance

    said = run(f"redeem {symbol} --shares 400 --get {coin} --broadcast")

    after = purse(holder)
    got = number(rf"received ([\d.,]+) {coin}", said)
    assert before[symbol] - after[symbol] == 400 * WAD
    assert number(rf"([\d.,]+) {coin} at least", said) <= got
    assert got == about(number(rf"([\d.,]+) {coin} expected", said))
    assert got == pytest.approx(398 if coin == "USDC" else Decimal("0.199"), rel=Decimal("0.005"))
    if coin == "ETH":
        assert holder.balance - ether == pytest.approx(int(got * WAD), rel=0.01)  # less gas
    else:
        digits = USDC if coin == "USDC" else WAD
        assert got == about(Decimal(after[coin] - before[coin]) / digits)


@pytest.mark.parametrize("way", ["", "--permit"])
def test_redeem_all_leaves_no_share(run, purse, holder, way):
    run(f"redeem ETHBULL --shares all {way} --broadcast")

    assert purse(holder)["ETHBULL"] == 0


def test_redeem_pays_the_receiver(run, stranger, holder):
    before = stranger.balance

    said = run(f"redeem ETHBULL --shares 100 --get ETH --receiver {stranger.address} --broadcast")

    got = Decimal(stranger.balance - before) / WAD
    assert number(r"received ([\d.,]+) ETH", said) == about(got)


# What a preview says


def test_preview_tells_price_fees_leverage_and_the_next_rebalance(run):
    said = run('mint ETHBULL --pay "1000 USDC"')

    assert number(r"([\d.,]+) USDC for one WETH", said) == about(Decimal(2001))  # 0.05 % dearer
    assert "0.00 % worse than the pool's price; 0.05 % worse than the oracle's" in said
    assert number(r"([\d.]+) ETHBULL to mint \(0.10 %\)", said) == about(Decimal("0.9985"))
    assert number(r"([\d.]+) USDC to the pool \(0.05 %\)", said) == about(Decimal("1.4985"))
    assert number(r"cost in all +([\d.]+) USDC", said) == about(Decimal("2.506"))
    assert "+3.000x now; a rebalance keeps it from +2.970x to +3.030x" in said
    assert "next at 2030-01-02 00:02:00 UTC, in 12 h" in said
    assert "if the price moves -22.48 %" in said


def test_preview_tells_the_impact_of_a_large_swap(run):
    said = run('mint ETHBULL --pay "9,000,000 USDC"')

    # 27 millions into a pool of a billion move it by 5.5 %, and on average half of that
    impact = number(r"price impact +([\d.]+) % worse than the pool's", said)
    assert impact == pytest.approx(Decimal("1.3"), abs=Decimal("1.5"))
    assert number(r"; ([\d.]+) % worse than the oracle's", said) > impact


def test_preview_tells_that_the_pool_is_off_the_oracle(run, move_pool):
    move_pool("USDC", 10_000_000 * USDC)

    said = run('mint ETHBULL --pay "1000 USDC"')

    assert "0.00 % worse than the pool's price; 2.0" in said


def test_preview_shares_are_worth_what_the_token_says(run, bull):
    said = run("mint ETHBULL --shares 10")

    lost = number(r"cost in all +([\d.]+) USDC", said)
    worth = Decimal(bull.convertToAssets(10 * WAD)) / USDC
    assert number(r"([\d.]+) USDC expected", said) - lost == about(worth)


# Dry, and bounds


@pytest.mark.parametrize(
    "line",
    [
        'mint ETHBULL --pay "1000 USDC"',
        'mint ETHBULL --pay "1000 USDC" --permit',
        'mint ETHBEAR --pay "0.5 ETH"',
        "redeem ETHBULL --shares all --get ETH",
    ],
)
def test_dry_run_changes_nothing(run, purse, holder, devnet, ballast, tokens, line):
    def everything():
        allowed = [
            coin.allowance(holder, ballast.router)
            for coin in (devnet.weth, devnet.usdc, *tokens.values())
        ]
        return purse(holder), holder.balance, holder.nonce, chain.blocks.height, allowed

    before = everything()

    said = run(line)

    assert everything() == before
    assert "nothing was sent" in said
    assert "Simulated: succeeds" in said


def test_command_that_a_dry_run_prints_does_what_it_says(run, purse, minter):
    said = run('mint ETHBULL --pay "1,000 USDC" --slippage 10 --account 0')
    line = said.strip().splitlines()[-1].strip()
    assert line == "ape run mint ETHBULL --pay '1000 USDC' --slippage 10 --account 0 --broadcast"

    before = purse(minter)["ETHBULL"]
    run(line.removeprefix("ape run "))

    got = Decimal(purse(minter)["ETHBULL"] - before) / WAD
    assert got >= number(r"([\d.,]+) ETHBULL at least", said)


def test_no_sends_nothing(purse, holder):
    before = purse(holder), holder.nonce

    result = attempt("mint ETHBULL --shares 10 --broadcast", "n\n")

    assert result.exit_code == 1
    assert "Send it to local? [y/N]: n" in result.output
    assert (purse(holder), holder.nonce) == before


def test_yes_asks_nothing(run):
    assert "Send it" not in run("mint ETHBULL --shares 10 --yes --broadcast")


def test_dry_run_of_an_address_needs_no_key(run, refused, devnet, minter):
    whale = devnet.roles.arbitrageur.address

    assert f"Dry run from {whale}" in run(f"mint ETHBULL --shares 10 --account {whale}")
    said = refused(f"mint ETHBULL --shares 10 --account {whale} --broadcast")
    assert f"--account {whale}: there is no such account" in said
    assert "you pay" not in said


@pytest.mark.parametrize(
    ("line", "coin", "amount", "fault"),
    [
        ('mint ETHBULL --pay "1000 ETH"', "USDC", 5_000_000 * USDC, "router: shares below min"),
        (
            "mint ETHBULL --shares 10 --pay ETH",
            "USDC",
            5_000_000 * USDC,
            "router: amount above max",
        ),
        ("redeem ETHBULL --shares 400", "WETH", 2_500 * WAD, "router: amount below min"),
    ],
)
def test_slippage_bound_holds_when_the_pool_moves(
    refused, purse, holder, ballast, bull, meanwhile, move_pool, line, coin, amount, fault
):
    bull.approve(ballast.router, ENDLESS, sender=holder)
    before = purse(holder)
    meanwhile(lambda: move_pool(coin, amount))

    said = refused(f"{line} --broadcast")

    assert fault in said
    assert "run it again, or a wider --slippage" in said
    assert purse(holder) == before


def test_slippage_that_is_wide_enough_lets_it_pass(run, purse, holder, meanwhile, move_pool):
    meanwhile(lambda: move_pool("USDC", 5_000_000 * USDC))

    said = run("mint ETHBULL --shares 10 --slippage 500 --broadcast")

    assert number(r"Paid ([\d.]+) USDC", said) > number(r"([\d.]+) USDC expected", said)
    assert purse(holder)["ETHBULL"] == 1_010 * WAD


# A pool that is far from the oracle


def test_cost_beside_fees_is_warned_of_and_refused_where_nobody_is_asked(run, refused, move_pool):
    move_pool("USDC", 10_000_000 * USDC)  # two per cent, three times
    line = "mint ETHBULL --shares 10 --broadcast"

    said = refused(f"{line} --yes")

    beside = number(r"it costs ([\d.]+) % beside fees", said)
    in_all = number(r"cost in all +[\d.]+ USDC, ([\d.]+) %", said)
    assert in_all - beside == pytest.approx(Decimal("0.25"), abs=Decimal("0.02"))
    assert "more than --slippage and --max-cost allow, 1.50 %" in said
    assert "received" not in said
    enough = int(beside * 100) - 50 + 1
    assert "allow" in refused(f"{line} --yes --max-cost {enough - 2}")
    assert "received 10.0000 ETHBULL" in run(f"{line} --yes --max-cost {enough}")


def test_cost_beside_fees_is_warned_of_where_somebody_is_asked(run, move_pool):
    move_pool("USDC", 10_000_000 * USDC)

    said = run("mint ETHBULL --shares 10 --broadcast")

    assert "Beware: it costs" in said
    assert "received 10.0000 ETHBULL" in said


def test_pool_that_is_off_in_ones_favour_is_no_cost(run, move_pool):
    move_pool("USDC", 10_000_000 * USDC)

    assert "Beware" not in run("redeem ETHBULL --shares 10 --broadcast --yes")


def test_cost_that_cannot_be_told_is_refused_where_nobody_is_asked(refused):
    warp_to(now() + 2 * 3_600)

    said = refused("redeem ETHBULL --shares 100 --broadcast --yes")

    assert "what it costs cannot be told without the oracle's price; leave out --yes" in said


# Refusals that say what to do


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("mint NONE --shares 1", "NONE is not on local, which has ETHBULL, ETHBEAR, ETHHEDGE"),
        ('mint ETHBULL --pay "5 DAI"', "ETHBULL deals in USDC or WETH or ETH, not in DAI"),
        ("mint ETHBULL --pay 5", 'of what? "5 USDC"'),
        ("mint ETHBULL --pay USDC", "say what to pay"),
        ("mint ETHBULL", "say what to pay"),
        ('mint ETHBULL --shares 5 --pay "5 USDC"', "--shares fixes what is received"),
        ("mint ETHBULL --shares all", "--shares: how many?"),
        ('mint ETHBULL --shares "5 ETHBEAR"', "counted in ETHBULL, not in ETHBEAR"),
        ('mint ETHBULL --pay "0.0000001 USDC"', "the smallest unit is 0.000001"),
        ('mint ETHBULL --pay "five USDC"', '"five" is no number'),
        ("mint ETHBULL --shares 1 --receiver 0x12", "0x12 is no address"),
        ("mint ETHBULL --shares 1 --account nobody", "--account nobody: there is no such account"),
        ("mint ETHBULL --shares 1 --network nowhere", "nowhere"),
        ("mint ETHBULL --shares 1 --network sepolia", "the environment has no SEPOLIA_RPC"),
        (f"mint ETHBULL --shares 1 --account {STRANGER}", "has 0 USDC: 1.0"),
        (
            f"redeem ETHBULL --shares 5 --account {STRANGER}",
            "has 0 ETHBULL: 5.0000 ETHBULL are missing",
        ),
        (f"redeem ETHBULL --shares all --account {STRANGER}", "has no ETHBULL"),
        ("redeem ETHBULL --shares USDC", "--shares: how many?"),
        ("mint ETHBULL --shares 20,000,000 --account 5", "mint: cap exceeded: the cap is reached"),
        (
            "mint 0x00000000000000000000000000000000DeaDBeef --shares 1",
            "is no token of the factory",
        ),
        ("fill ETHBULL", "no lane of ETHBULL is open: the next may be at 2030-01-02 00:02:00 UTC"),
        ("fill ETHBULL --size USDC", "--size USDC: how much?"),
        ("fill NONE", "NONE is not on local"),
        ("status NONE", "NONE is not on local"),
    ],
)
def test_refusal_says_what_to_do(refused, monkeypatch, line, fault):
    monkeypatch.delenv("SEPOLIA_RPC", raising=False)

    assert fault in refused(line)


def test_missing_amount_is_told(refused, usdc, stranger, minter):
    usdc.transfer(stranger, 300 * USDC, sender=minter)

    said = refused(f'mint ETHBULL --pay "1000 USDC" --account {STRANGER}')

    assert "has 300.0000 USDC: 700.0000 USDC are missing" in said


def test_missing_gas_is_told(refused, usdc, stranger, minter):
    usdc.transfer(stranger, 300 * USDC, sender=minter)
    networks.provider.set_balance(stranger.address, 10**9)

    said = refused(f'mint ETHBULL --pay "100 USDC" --account {STRANGER}')

    assert re.search(r"has 0.000000001 ETH: [\d.]+ ETH are missing for gas", said)


def test_missing_ether_is_told_of_what_it_pays(refused, stranger):
    networks.provider.set_balance(stranger.address, 5 * WAD)

    said = refused(f'mint ETHBULL --pay "5 ETH" --account {STRANGER}')

    assert "ETH are missing for what it pays and gas" in said


def test_transaction_that_is_not_mined_is_told_of_and_not_sent_again(
    refused, bull, ballast, holder, monkeypatch
):
    bull.approve(ballast.router, ENDLESS, sender=holder)
    monkeypatch.setattr(NetworkAPI, "transaction_acceptance_timeout", 1)
    networks.provider.make_request("evm_setAutomine", [False])
    try:
        said = refused("redeem ETHBULL --shares 10 --broadcast")
        again = refused("redeem ETHBULL --shares 10 --broadcast")
    finally:
        networks.provider.make_request("evm_setAutomine", [True])
        networks.provider.make_request("evm_mine", [])

    assert re.search(r"sent as 0x[0-9a-f]{64} and not mined yet: it may still be", said)
    assert "has 1 sent and not mined yet: wait" in again
    assert bull.balanceOf(holder) == 990 * WAD


def test_node_that_cannot_simulate_what_follows_is_told(run, monkeypatch):
    monkeypatch.setattr(Node, "simulate", lambda *_: None)

    said = run("mint ETHBULL --shares 10")

    assert "the first was simulated and succeeds; for the last the node cannot tell" in said


def test_pause_is_told(refused, bull, owner):
    bull.set_paused(True, sender=owner)

    assert "mint: paused: the owner has paused minting; redeeming works" in refused(
        'mint ETHBULL --pay "1000 USDC"'
    )


def test_node_that_does_not_answer_is_told(refused, monkeypatch):
    monkeypatch.setenv("LOCAL_RPC", "http://127.0.0.1:9")

    assert "no node answers at LOCAL_RPC" in refused("status")


def test_record_of_a_deployment_is_found(run, monkeypatch, tmp_path, devnet, ballast, tokens):
    def deployed(contract):
        return Deployed(contract.address, contract.contract_type.name, [], "0x", "", "")

    pool = {"pair": ["WETH", "USDC"], "fee": POOL_FEE}
    Record(
        "local",
        tmp_path / "local.json",
        contracts={
            name: deployed(getattr(ballast, name.lower())) for name in ("Router", "Keeper", "Lens")
        },
        tokens={symbol: token.address for symbol, token in tokens.items()},
        sandbox={
            "coins": {"WETH": devnet.weth.address, "USDC": devnet.usdc.address},
            "pools": [pool],
            "uniswap": {
                "factory": devnet.uniswap_factory.address,
                "quoter": devnet.quoter.address,
            },
        },
    ).save()
    monkeypatch.setattr(place, "DEVNET", tmp_path / "none.json")
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))

    assert "ETHHEDGE" in run("status")
    assert "received 10.0000 ETHBULL" in run("mint ETHBULL --shares 10 --pay ETH --broadcast")


def test_chain_without_ballast_is_told(refused, monkeypatch, tmp_path):
    monkeypatch.setattr(place, "DEVNET", tmp_path / "none.json")

    assert "Ballast is not on local: make devnet, or ape run deploy --sandbox" in refused("status")


# Status


def told(run) -> dict[str, dict]:
    return {token["symbol"]: token for token in json.loads(run("status --json"))["tokens"]}


def test_status_shows_every_token_at_rest(run):
    said = run("status")

    assert said.startswith("local, block ")
    assert "next rebalance 2030-01-02 00:02:00 UTC, in 12 h" in said
    for row in (
        r"ETHBULL +1.0000 USDC +\+3.000x +\+2.97 to \+3.03 +closed +89,997,[\d.]+ USDC +-22.48 %",
        r"ETHBEAR +1.0000 USDC +-3.000x +-2.97 to -3.03 +closed +[\d,.]+ WETH +\+22.00 %",
        r"ETHHEDGE +1.0000 USDC +-1.000x +-0.99 to -1.01 +closed +[\d,.]+ WETH +\+83.00 %",
    ):
        assert re.search(row, said), said


def test_status_is_one_call_of_the_lens(run, ballast, monkeypatch):
    asked = []
    call = Node.call

    def counted(node, to, data, *more):
        asked.append((to, data[:4]))
        return call(node, to, data, *more)

    monkeypatch.setattr(Node, "call", counted)

    run("status")

    lens = ballast.lens
    assert asked == [(lens.address, look_call([])[:4])]


def test_status_of_one_token_asks_for_one(run):
    assert "ETHBEAR" not in run("status ETHBULL")


@pytest.mark.parametrize(
    ("price", "sides"),
    [("2100", ("lever", "delever")), ("1900", ("delever", "lever"))],
)
def test_status_in_the_scheduled_lane(run, in_the_lane, bull, bear, price, sides):
    in_the_lane(price)

    tokens = told(run)

    for token, side in zip((bull, bear), sides, strict=True):
        shown, auction = tokens[token.symbol()], token.auction()
        assert (shown["lane"], shown["side"], shown["premium"]) == ("scheduled", side, "0.004")
        units = WAD if auction.levering == (token is bull) else USDC
        assert Decimal(shown["brings"]) == Decimal(auction.brings) / units
        sign = 1 if token is bull else -1
        assert Decimal(shown["leverage"]) == sign * Decimal(token.leverage()) / WAD
    assert "scheduled, lever" in run("status")


@pytest.mark.parametrize(("price", "symbol"), [("1760", "ETHBULL"), ("2160", "ETHBEAR")])
def test_status_in_an_emergency(run, market_at, tokens, price, symbol):
    market_at(price)

    shown = told(run)[symbol]

    assert (shown["lane"], shown["side"]) == ("emergency", "delever")
    assert abs(Decimal(shown["leverage"])) > abs(Decimal(shown["emergency"]))
    assert "emergency, delever" in run("status")


def test_status_with_a_stale_feed_says_so_in_words(run):
    warp_to(now() + 2 * 3_600)

    said, shown = run("status"), told(run)["ETHBULL"]

    assert "ETHBULL: the fill oracle gives no price" in said
    assert (shown["nav"], shown["leverage"], shown["lane"]) == (None, None, None)
    assert Decimal(shown["liquidity"]) > 89_000_000
    assert Decimal(shown["to_liquidation"]) < 0  # the venue's oracle answers however old it is


def test_status_with_a_dead_feed_says_so_in_words(run, devnet):
    devnet.eth_feed.set_failing(True, sender=devnet.roles.stranger)

    said, shown = run("status"), told(run)["ETHBULL"]

    assert "the venue's oracle gives no price" in said
    assert shown["to_liquidation"] is None


def test_trade_with_a_stale_feed_goes_on(run, purse, holder):
    warp_to(now() + 2 * 3_600)
    before = purse(holder)

    said = run("redeem ETHBULL --shares 100 --broadcast")

    assert "the fill oracle gives no price" in said
    assert before["ETHBULL"] - purse(holder)["ETHBULL"] == 100 * WAD


def test_status_shows_a_pause(run, bull, owner):
    bull.set_paused(True, sender=owner)

    assert "ETHBULL: minting and levering are paused" in run("status")


# Fill


@pytest.mark.parametrize(
    ("price", "side", "coin"), [("2100", "lever", "USDC"), ("1900", "delever", "WETH")]
)
@pytest.mark.parametrize("way", ["", "--size all"])
def test_fill_by_flash_swap_earns_what_it_says(
    run, purse, in_the_lane, keeper_account, bull, price, side, coin, way
):
    in_the_lane(price)
    before = purse(keeper_account)
    leverage = bull.leverage()

    said = run(f"fill ETHBULL {way} --account {KEEPER} --broadcast")

    assert f"scheduled, {side}, premium +0.40 %" in said
    units = USDC if coin == "USDC" else WAD
    earned = Decimal(purse(keeper_account)[coin] - before[coin]) / units
    assert earned > 0
    assert number(rf"earned ([\d.,]+) {coin}", said) == about(earned)
    assert earned >= number(rf"profit +([\d.,]+) {coin} at least", said)
    assert abs(bull.leverage() - 3 * WAD) < abs(leverage - 3 * WAD)
    after = number(r"now, \+([\d.]+)x after it", said)
    assert after == pytest.approx(Decimal(bull.leverage()) / WAD, abs=Decimal("0.001"))


def test_fill_of_a_short_token_works_too(run, purse, in_the_lane, keeper_account, bear):
    in_the_lane("1900")  # leverage has fallen
    before = purse(keeper_account)

    said = run(f"fill ETHBEAR --account {KEEPER} --broadcast")

    assert "scheduled, lever" in said
    assert purse(keeper_account)["WETH"] > before["WETH"]
    assert abs(bear.leverage() - 3 * WAD) < 4 * WAD // 100


def test_fill_in_an_emergency(run, purse, market_at, keeper_account, bull):
    market_at("1740")

    said = run(f"fill ETHBULL --account {KEEPER} --broadcast")

    assert "emergency, delever" in said
    assert purse(keeper_account)["WETH"] > 0
    assert bull.leverage() == pytest.approx(3 * WAD, rel=1e-3)


def test_fill_takes_the_size_that_earns_the_most(run, in_the_lane, devnet, minter, bull, weth):
    weth.transfer(minter, 20_000 * WAD, sender=devnet.roles.arbitrageur)
    bull.mint(9_000_000 * WAD, ENDLESS, 0, minter, minter, sender=minter, gas_limit=GAS)
    in_the_lane("1900")

    best = run("fill ETHBULL")
    everything = run("fill ETHBULL --size all")

    def earned(said):
        return number(r"at least, ([\d.]+) WETH expected", said)

    brought = number(r"it brings +([\d.,]+) USDC", best)
    assert brought < number(r"it brings +([\d.,]+) USDC", everything)
    assert earned(best) > earned(everything)
    for factor in (Decimal("0.8"), Decimal("1.2")):
        assert earned(run(f'fill ETHBULL --size "{brought * factor} USDC"')) < earned(best)


@pytest.mark.parametrize(
    ("price", "brings", "takes"), [("2100", "WETH", "USDC"), ("1900", "USDC", "WETH")]
)
def test_fill_with_own_capital(run, purse, in_the_lane, taker, bull, price, brings, takes):
    in_the_lane(price)
    before = purse(taker)

    said = run(f"fill ETHBULL --own --account {TAKER} --broadcast")

    after = purse(taker)
    units = {"USDC": USDC, "WETH": WAD}
    brought = Decimal(before[brings] - after[brings]) / units[brings]
    took = Decimal(after[takes] - before[takes]) / units[takes]
    assert number(rf"Brought ([\d.,]+) {brings}", said) == about(brought)
    assert number(rf"took ([\d.,]+) {takes}", said) == about(took)
    assert took >= number(rf"([\d.,]+) {takes} at least", said)
    gain = number(r"gain +([\d.,]+) USDC", said)
    in_dollars = {"USDC": Decimal(1), "WETH": Decimal(price)}
    assert gain == pytest.approx(
        took * in_dollars[takes] - brought * in_dollars[brings], rel=Decimal("0.01")
    )


def test_fill_of_a_size_brings_no_more(run, purse, in_the_lane, taker):
    in_the_lane("1900")
    before = purse(taker)

    run(f'fill ETHBULL --own --size "10 USDC" --account {TAKER} --broadcast')

    assert 0 < before["USDC"] - purse(taker)["USDC"] <= 10 * USDC


@pytest.mark.parametrize("way", ["", "--own"])
def test_dry_fill_changes_nothing(run, purse, in_the_lane, taker, bull, way):
    in_the_lane("1900")
    before = purse(taker), taker.balance, taker.nonce, bull.auction()

    said = run(f"fill ETHBULL {way} --account {TAKER}")

    assert (purse(taker), taker.balance, taker.nonce, bull.auction()) == before
    assert "nothing was sent" in said


def test_fill_that_earns_nothing_is_refused(refused, devnet, market_at):
    warp_to(next_0002(now()) + 60)  # the premium is still below zero
    market_at("1900")

    assert "no size earns anything now: the premium is -0.48 %" in refused("fill ETHBULL")
    assert "this size earns nothing now" in refused("fill ETHBULL --size all")


@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBEAR"])
def test_fill_that_does_not_pay_for_its_gas_is_refused(
    run, refused, in_the_lane, monkeypatch, symbol
):
    in_the_lane("1900")
    monkeypatch.setattr(Node, "gas_price", lambda _: 10**13)

    said = refused(f"fill {symbol}")

    assert "which is more than the profit" in said
    assert "gas costs more than it earns now: wait for a higher premium, or --at-a-loss" in said
    assert "Dry run" in run(f"fill {symbol} --at-a-loss")


def test_gas_is_counted_at_a_pool_where_ether_is_not_of_the_pair(devnet, bull):
    with wallet_of(Session(load_network("local"), TRADER, False)) as wallet:
        place, _ = wallet.look("ETHBULL")
        assert place.ether_in(wallet.node, devnet.usdc.address, WAD) == about(2_000 * USDC)
        assert place.ether_in(wallet.node, bull.address, WAD) is None


def test_gas_that_no_pool_tells_the_worth_of_is_said_so(run, in_the_lane, monkeypatch):
    in_the_lane("1900")
    monkeypatch.setattr(Offer, "gas_in_quote", lambda *_: None)

    assert "ETH; no pool tells what that is in USDC" in run("fill ETHBULL")


def test_fill_with_own_capital_that_gains_nothing_is_refused(run, refused, market_at, taker):
    warp_to(next_0002(now()) + 60)
    market_at("1900")
    line = f"fill ETHBULL --own --account {TAKER}"

    assert "it gains nothing at the oracle's price now" in refused(line)
    said = run(f"{line} --at-a-loss")
    assert number(r"gain +(-[\d.,]+) USDC", said) < 0


def test_fill_whose_profit_went_away_is_not_sent(
    refused, in_the_lane, keeper_account, meanwhile, move_pool
):
    in_the_lane("1900")
    nonce = keeper_account.nonce
    meanwhile(lambda: move_pool("WETH", 10_000 * WAD))

    said = refused(f"fill ETHBULL --account {KEEPER} --broadcast")

    assert "keeper: profit below minimum" in said
    assert keeper_account.nonce == nonce


def test_fill_that_somebody_else_took_is_not_sent(
    refused, in_the_lane, taker, keeper_account, bull, meanwhile
):
    in_the_lane("1900")
    nonce = keeper_account.nonce
    meanwhile(lambda: bull.fill_delever(ENDLESS, 0, taker, sender=taker, gas_limit=GAS))

    said = refused(f"fill ETHBULL --account {KEEPER} --broadcast")

    assert "keeper: nothing to fill" in said
    assert keeper_account.nonce == nonce


def test_fill_with_a_stale_feed_says_why_not(refused):
    warp_to(next_0002(now()) + RAMP)

    assert "ETHBULL cannot be filled: the fill oracle gives no price" in refused("fill ETHBULL")
