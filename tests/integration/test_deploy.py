"""The commands that put Ballast on a network, on a fresh chain: deploy, create, check, own."""

import json
import os
import shutil
import threading

import click
import pytest
from ape import accounts, networks
from click.testing import CliRunner
from eth_abi import decode
from web3 import HTTPProvider, Web3

from scripts import check, create, deploy, keeper, mint, own, redeem, status
from scripts._anvil import anvil
from scripts._command import Session
from scripts._deploy import aave, ballast, sandbox
from scripts._deploy import run as runs
from scripts._deploy import token as tokens
from scripts._deploy.create2 import PROXY
from scripts._deploy.record import Record
from scripts._deploy.run import Run
from scripts._deploy.sender import NOBODY, Actor, Nobody, Signer
from scripts._files import VENUES, load_network, load_token
from scripts._files import token as token_files
from scripts._files.network import KnownMarket, Sequencer
from scripts._publish.standing import standing

SEND = ("--broadcast", "--yes")
TIMELOCK = "0x" + "71" * 20
MIN_DELAY = 3_600


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A chain of its own, empty, and a folder for its record."""
    with anvil() as here, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_RPC", here)
        patch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path_factory.mktemp("deployments")))
        yield here


@pytest.fixture(scope="module")
def web3(url):
    return Web3(HTTPProvider(url))


@pytest.fixture(scope="module")
def empty(web3):
    """The chain before anything is on it."""
    return web3.provider.make_request("evm_snapshot", [])["result"]


@pytest.fixture(scope="module")
def deployed(url, empty):
    """Ballast with a sandbox, ETHBULL and the same on Aave, by the commands."""
    dry = run(deploy, "--sandbox")
    sent = run(deploy, "--sandbox", *SEND)
    made = run(create, "ETHBULL", "ETHBULLAAVE", *SEND)
    return dry, sent, made


@pytest.fixture
def kept(web3, deployed):
    """Chain and record are put back."""
    record = Record.load("local").path
    before = record.read_text()
    snapshot = web3.provider.make_request("evm_snapshot", [])["result"]
    yield
    web3.provider.make_request("evm_revert", [snapshot])
    record.write_text(before)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The files of the tokens, to be changed: `files("ETHBULL", "cap: 10000000", "cap: 5")`."""
    shutil.copytree(token_files.TOKENS, tmp_path / "tokens")
    monkeypatch.setattr(token_files, "TOKENS", tmp_path / "tokens")

    def change(symbol, old, new):
        path = tmp_path / "tokens" / f"{symbol}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    change.folder = tmp_path / "tokens"
    return change


def run(command, *arguments, code=0):
    """What a command prints."""
    done = CliRunner().invoke(command.cli, arguments, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_dry_run_says_everything_and_sends_nothing(deployed, web3):
    dry, sent, _ = deployed
    factory = Record.load("local").address("Factory")

    assert f"deploy    Factory                            {factory}" in dry
    assert "Nothing was sent" in dry
    assert "transactions" in dry and "ether at" in dry
    assert [line for line in sent.splitlines() if "mined     Factory" in line]


def test_record_tells_how_everything_was_made(deployed, web3):
    record = Record.load("local")

    for name in ("Factory", "Router", "Keeper", "Lens", "LeveragedToken blueprint", "ETHBULL"):
        known = record.contracts[name]
        receipt = web3.eth.get_transaction_receipt(known.transaction)
        assert receipt["status"] == 1 and receipt["blockNumber"] == known.block
        assert web3.eth.get_code(known.address)
        assert len(known.commit.removesuffix("-dirty")) == 40
        assert known.compiler == "vyper 0.4.3, cancun"
    assert record.pending is None
    assert record.contracts["ETHBULL"].address == record.tokens["ETHBULL"]


def test_same_again_sends_nothing(deployed, web3, kept):
    before = web3.eth.block_number

    run(deploy, "--sandbox", *SEND)
    run(create, "ETHBULL", "ETHBULLAAVE", *SEND)

    assert web3.eth.block_number == before


def test_check_agrees(deployed):
    assert ", 0 differ" in run(check)


def test_check_finds_a_role_that_changed(deployed, kept):
    run(own, "ETHBULL", "cap", "5", *SEND)

    found = run(check, code=1)

    assert f"ETHBULL.cap\n  - {10_000_000 * 10**18}\n  + {5 * 10**18}\n" in found
    assert ", 1 differ" in found


@pytest.mark.parametrize(
    "name",
    [
        *("Factory", "LeveragedToken blueprint", "ETHBULL position"),
        *("Aave Factory", "ETHBULLAAVE", "ETHBULLAAVE position", "Aave BorrowLogic"),
    ],
)
def test_check_finds_a_byte_of_code_that_changed(deployed, web3, kept, name):
    address = Record.load("local").address(name)
    code = bytearray(web3.eth.get_code(address))
    code[-40] ^= 1  # of the immutables, where there are some
    web3.provider.make_request("anvil_setCode", [address, "0x" + code.hex()])

    assert f"{name}, code at {address}\n" in run(check, code=1)


def test_check_finds_a_feed_that_is_held_to_other_rules(deployed, kept):
    record = Record.load("local")
    record.sandbox["feeds"]["ETH/USD"]["heartbeat"] = 7
    record.save()

    found = run(check, code=1)

    assert "Oracle WETH/USDC.BASE.heartbeat\n  - 7\n  + 86400\n" in found


def test_owner_acts_only_when_told_to(deployed, web3, kept):
    before = web3.eth.block_number

    assert "pause ETHBULL" in run(own, "ETHBULL", "pause")
    assert web3.eth.block_number == before

    run(own, "ETHBULL", "pause", *SEND)
    assert token(web3).functions.paused().call()
    run(own, "ETHBULL", "unpause", *SEND)
    assert not token(web3).functions.paused().call()


def test_owner_is_asked_for(deployed):
    assert "must pause ETHBULL, not" in run(own, "ETHBULL", "pause", "--account", "1", code=1)
    assert "nobody can accept" in run(own, "ETHBULL", "accept", code=1)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("pause", "now"), "pause takes no value, not now"),
        (("cap",), "cap takes shares, not nothing"),
        (("cap", ""), "cap ; allowed: 0 to 5192296858534827 whole shares"),
        (("cap", "1.5"), "allowed: 0 to 5192296858534827 whole shares"),
        (("cap", "5192296858534828"), "allowed: 0 to 5192296858534827 whole shares"),
        (("treasury", "0x12"), "allowed: an address"),
        (("transfer", "0x" + "00" * 20), "allowed: an address"),
    ],
)
def test_value_that_an_action_does_not_take_is_refused(deployed, words, answer):
    assert answer in run(own, "ETHBULL", *words, code=1)


def test_printed_for_a_timelock_it_does_the_same(deployed, web3, kept):
    answer = f"61{MIN_DELAY:04x}60005260206000f3"  # a delay, whatever is asked
    web3.provider.make_request("anvil_setCode", [TIMELOCK, "0x" + answer])
    run(own, "ETHBULL", "transfer", TIMELOCK, *SEND)
    accept = json.loads(run(own, "ETHBULL", "accept", "--print", "safe"))["transactions"][0]
    as_timelock(web3, accept["to"], accept["data"])

    printed = json.loads(run(own, "ETHBULL", "cap", "7", "--print", "timelock", "--salt", "one"))

    kinds = ["address", "uint256", "bytes", "bytes32", "bytes32", "uint256"]
    scheduled = decode(kinds, bytes.fromhex(printed["schedule"][10:]))
    executed = decode(kinds[:-1], bytes.fromhex(printed["execute"][10:]))
    assert scheduled == (*executed, MIN_DELAY)
    assert printed["to"].lower() == TIMELOCK
    as_timelock(web3, executed[0], "0x" + executed[2].hex())
    assert token(web3).functions.cap().call() == 7 * 10**18


def test_only_a_timelock_is_printed_for(deployed):
    printed = run(own, "ETHBULL", "pause", "--print", "timelock", code=1)

    assert "is no TimelockController" in printed


def test_market_is_opened_only_when_asked_to(deployed, web3, kept):
    file = load_token("ETHBULL").model_copy(
        update={"symbol": "OTHER", "market": load_token("ETHBEAR").market}
    )
    network = load_network("local")
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))

    with pytest.raises(click.ClickException, match="--market opens and seeds it"):
        tokens.create(work, network, file, with_market=False)
    address = tokens.create(work, network, file, with_market=True)

    assert work.at("LeveragedToken", address).functions.symbol().call() == "OTHER"
    assert "open market WETH/USDC at 0.915" in [sent.name for sent in work.sent]
    assert work.terms[:3] == [
        "lends 400.0000 USDC to WETH/USDC at 0.915",
        "pledges 0.0005 WETH there",
        "borrows 0.1000 USDC from there",
    ]


def test_market_that_is_listed_is_joined(deployed, web3, kept):
    file = load_token("ETHBULL").model_copy(update={"symbol": "OTHER"})
    oracle = Record.load("local").address("Venue oracle WETH/USDC")
    listed = KnownMarket(
        collateral="WETH", debt="USDC", lltv=file.market.lltv, oracle=oracle.lower()
    )
    network = load_network("local").model_copy(update={"markets": (listed,)})
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))
    del work.record.contracts["Venue oracle WETH/USDC"]

    address = tokens.create(work, network, file, with_market=False)

    position = work.at("LeveragedToken", address).functions.position().call()
    assert work.at("MorphoPosition", position).functions.price().call() == 2_000 * 10**24
    assert "Venue oracle WETH/USDC" not in work.record.contracts


# Aave


def test_each_venue_has_a_factory_and_what_knows_it(deployed, web3):
    record, network = Record.load("local"), load_network("local")
    work = Run(web3, Nobody(), record)

    for venue in VENUES:
        factory = work.at("Factory", record.ours("Factory", venue))
        assert factory.functions.VENUE().call() == network.lender(venue)
        for name in ("Router", "Keeper", "Lens"):
            there = work.at(name, record.ours(name, venue))
            assert there.functions.FACTORY().call() == factory.address
    assert factory.functions.is_token(record.token("ETHBULLAAVE")).call()
    assert len({*record.contracts}) == len({known.address for known in record.contracts.values()})


def test_one_venue_alone_leaves_the_other_as_it_was(deployed, kept):
    before = Record.load("local")

    for venue in VENUES:
        assert "nothing to send" in run(deploy, "--sandbox", "--venue", venue, *SEND)

    after = Record.load("local")
    assert after.contracts == before.contracts
    assert {**after.sandbox, "pools": None} == {**before.sandbox, "pools": None}
    assert sorted(map(str, after.sandbox["pools"])) == sorted(map(str, before.sandbox["pools"]))


def test_record_of_one_venue_alone_lacks_nothing(deployed, kept):
    """As every record was before there were two."""
    record = Record.load("local")
    del record.tokens["ETHBULLAAVE"]
    record.contracts = {
        name: known for name, known in record.contracts.items() if "AAVE" not in name.upper()
    }
    record.save()

    assert ", 0 differ" in run(check)


def test_what_stands_for_either_venue_is_proved_before_it_is_published(deployed):
    record = Record.load("local")

    proved = {each.name: each for each in standing(record)}

    for name in ("Factory", "Aave Factory", "ETHBULL", "ETHBULLAAVE", "AavePosition blueprint"):
        assert proved[name].address == record.address(name)
    assert proved["ETHBULLAAVE position"].source == "AavePosition"
    assert not any(each.source.startswith("aave/") for each in proved.values())  # not ours


def test_terms_that_aave_made_worse_are_found(deployed, kept, govern):
    govern("configureReserveAsCollateral", "WETH", 7_500, 8_000, 10_600)

    found = run(check, code=1)

    assert f"ETHBULLAAVE, market.lltv or more\n  - {83 * 10**16}\n  + {80 * 10**16}\n" in found
    assert f"ETHBULLAAVE, market.bonus or less\n  - {5 * 10**16}\n  + {6 * 10**16}\n" in found
    assert ", 2 differ" in found


def test_terms_that_aave_made_better_are_as_good(deployed, kept, govern):
    govern("configureReserveAsCollateral", "WETH", 8_050, 8_500, 10_400)

    assert ", 0 differ" in run(check)


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        (
            "configureReserveAsCollateral",
            ("WETH", 7_500, 8_000, 10_500),
            "Aave liquidates WETH at 0.8, sooner than 0.83: write market.lltv 0.8 into "
            "scripts/tokens/OTHER.yaml",
        ),
        (
            "configureReserveAsCollateral",
            ("WETH", 7_500, 8_300, 10_600),
            "Aave's liquidators get 0.06 on top of WETH, more than 0.05: write market.bonus 0.06",
        ),
        ("setReserveFreeze", ("USDC", True), "OTHER: Aave does not lend USDC now"),
        ("setReserveBorrowing", ("USDC", False), "OTHER: Aave does not lend USDC now"),
    ],
)
def test_token_is_not_created_by_worse_terms(deployed, web3, kept, govern, change, arguments, said):
    govern(change, *arguments)
    file = load_token("ETHBULLAAVE").model_copy(update={"symbol": "OTHER"})

    with pytest.raises(click.ClickException, match=said):
        make(web3, file)


def test_coin_that_aave_does_not_list_is_told(deployed, web3, kept):
    pair = {"pair": ("BTC", "USDC"), "feeds": ("BTC/USD", "USDC/USD")}
    file = load_token("ETHBULLAAVE").model_copy(update={"symbol": "OTHER", **pair})

    with pytest.raises(click.ClickException, match="OTHER: Aave does not list BTC at 0x"):
        make(web3, file)


def test_more_than_aave_has_left_is_told(deployed, web3, kept):
    record = Record.load("local")
    network, work = load_network("local"), Run(web3, Nobody(), record)
    pool = work.at("aave/Pool", network.lender("aave"))
    usdc = network.coin("USDC")
    atoken = pool.functions.getReserveData(usdc).call()[8]
    left = work.at("TestToken", usdc).functions.balanceOf(atoken).call()
    file = load_token("ETHBULLAAVE")

    aave.require(work, network, file, left)
    with pytest.raises(click.ClickException, match="Aave has not enough USDC left to lend"):
        aave.require(work, network, file, left + 1)


def test_network_without_aave_is_told(deployed, web3, kept):
    network = load_network("local").model_copy(update={"aave": None})
    file = load_token("ETHBULLAAVE").model_copy(update={"symbol": "OTHER"})
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))

    with pytest.raises(click.ClickException, match="local.yaml: aave: is not given"):
        tokens.create(work, network, file, with_market=False)


def test_sandbox_lists_only_coins_whose_terms_are_known(deployed, web3, kept):
    pair = {"pair": ("BTC", "USDC"), "feeds": ("BTC/USD", "USDC/USD")}
    file = load_token("ETHBULLAAVE").model_copy(update=pair)
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))

    with pytest.raises(click.ClickException, match="has no BTC; allowed: WETH, USDC"):
        sandbox.bring(work, load_network("local", sandbox=False), [file])


def test_category_of_a_file_is_that_of_the_position(deployed, kept, govern, files):
    """An e-mode in which both coins are: better terms, by which a short of three is safe."""
    govern("setEModeCategory", 1, 9_000, 9_300, 10_100, NOBODY, "both")
    for coin in ("WETH", "USDC"):
        govern("setAssetEModeCategory", coin, 1)
    text = files.folder.joinpath("ETHBEARAAVE.yaml").read_text()
    for old, new in (
        ("symbol: ETHBEARAAVE", "symbol: OTHER"),
        ("target: 2", "target: 3"),
        ("emergency: 2.666666666666666666", "emergency: 4"),
        ("{lltv: 0.78, bonus: 0.045}", "{lltv: 0.93, bonus: 0.01, category: 1}"),
    ):
        assert old in text
        text = text.replace(old, new)
    files.folder.joinpath("OTHER.yaml").write_text(text)

    run(create, "OTHER", *SEND)

    assert ", 0 differ" in run(check)
    govern("setEModeCategory", 1, 9_000, 9_200, 10_100, NOBODY, "both")
    assert "OTHER, market.lltv or more" in run(check, code=1)


def test_category_without_the_collateral_is_told(deployed, web3, kept, govern):
    """By Aave the reserve's own terms would hold, and not those of the file."""
    govern("setEModeCategory", 1, 9_000, 9_300, 10_100, NOBODY, "no coin")
    file = load_token("ETHBULLAAVE")
    market = file.market.model_copy(update={"category": 1})
    file = file.model_copy(update={"symbol": "OTHER", "market": market})

    with pytest.raises(click.ClickException, match="OTHER: Aave's e-mode 1 does not take WETH"):
        make(web3, file)


def test_people_and_keepers_find_the_contracts_of_a_tokens_venue(deployed, web3, kept, monkeypatch):
    for name in [name for name in os.environ if name.startswith("KEEPER_")]:
        monkeypatch.delenv(name)
    record = Record.load("local")

    for symbol in ("ETHBULL", "ETHBULLAAVE"):
        said = run(mint, symbol, "--pay", "1000 USDC", *SEND)
        assert "received 9" in said and f" {symbol}" in said
        assert f"redeem 10.0000 {symbol}" in run(redeem, symbol, "--shares", "10")
    told = json.loads(run(status, "--json"))["tokens"]
    assert [each["symbol"] for each in told] == ["ETHBULL", "ETHBULLAAVE"]
    assert not any(each["faults"] for each in told)
    assert [float(each["leverage"]) for each in told] == [pytest.approx(3, rel=1e-3)] * 2
    one = json.loads(run(status, record.token("ETHBULLAAVE"), "--json"))["tokens"]
    assert one == told[1:]

    assert "KEEPER_VENUE is not set" in run(keeper, "--network", "local", "--once", code=1)
    for venue in VENUES:
        assert '"event": "done"' in run(keeper, "--network", "local", "--venue", venue, "--once")


# And again


def test_token_of_other_rules_needs_another_symbol(deployed, web3, kept):
    file = load_token("ETHBULL").model_copy(update={"window": 3_600})
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))

    with pytest.raises(click.ClickException, match="made from another file"):
        tokens.create(work, load_network("local"), file, with_market=False)


def test_creation_says_what_it_takes_and_who_rules_before_the_yes(deployed, web3):
    me = accounts.test_accounts[1].address
    before = web3.eth.block_number

    said = run(create, "ETHBEAR", "--account", "1", "--broadcast", code=1)  # no answer

    terms, question = said.split("Send ")
    assert "ETHBEAR takes about 400.0000 USDC, returns 0.1500 WETH, and locks what is" in terms
    assert "left, 100 USDC, for good" in terms
    role = f"{me} (this account)"
    assert f"ETHBEAR has owner {role}, treasury {role}, cap 10,000,000 shares" in terms
    assert "to local?" in question
    assert web3.eth.block_number == before


def test_deployer_in_a_file_is_who_creates(deployed, kept):
    run(create, "ETHBEAR", "--account", "1", *SEND)

    assert f"{accounts.test_accounts[1].address} must pause" in run(own, "ETHBEAR", "pause", code=1)
    assert ", 0 differ" in run(check)
    assert "nothing to send" in run(create, "ETHBEAR", *SEND)


def test_what_an_owner_changed_is_written_into_the_file(deployed, web3, kept, files):
    run(own, "ETHBULL", "cap", "5", *SEND)
    run(own, "ETHBULL", "treasury", TIMELOCK, *SEND)
    assert ", 2 differ" in run(check, code=1)

    files("ETHBULL", "cap: 10000000", "cap: 5")
    files("ETHBULL", "treasury: deployer", f'treasury: "{TIMELOCK}"')

    assert ", 0 differ" in run(check)
    said = run(create, "ETHBULL", *SEND)
    assert f"stands    ETHBULL                            {token(web3).address}" in said
    assert "nothing to send" in said


def test_token_whose_file_is_gone_is_no_other_token(deployed, kept, files):
    files.folder.joinpath("ETHBULL.yaml").unlink()

    found = run(check, code=1)

    assert "ETHBULL, file\n  - scripts/tokens/ETHBULL.yaml\n  + nothing\n" in found
    assert ", 1 differ" in found


def test_oracles_of_the_same_coins_by_other_feeds_have_other_names(deployed, kept, files):
    text = files.folder.joinpath("ETHBULL.yaml").read_text()
    files.folder.joinpath("OTHER.yaml").write_text(
        text.replace("symbol: ETHBULL", "symbol: OTHER").replace("ETH/USD", "BTC/USD")
    )
    before = Record.load("local").address("Oracle WETH/USDC")

    run(create, "OTHER", "--market", *SEND)

    record = Record.load("local")
    assert record.address("Oracle WETH/USDC") == before
    assert record.address("Oracle WETH/USDC by BTC/USD, USDC/USD") != before
    assert ", 0 differ" in run(check)


def test_account_without_a_key_is_refused_before_the_rehearsal(deployed):
    said = run(create, "ETHBEAR", "--account", TIMELOCK, *SEND, code=1)

    assert f"--account {TIMELOCK}: there is no such account" in said
    assert "ETHBEAR" not in said


def test_real_coins_are_not_made(deployed, web3, kept):
    file = load_token("ETHBULL").model_copy(update={"symbol": "OTHER"})
    work = started(web3, Actor(web3, accounts.test_accounts[5].address), Record.load("local"))
    work.record.sandbox = {}

    with pytest.raises(click.ClickException, match="lacks 0.1500 WETH, of 0.1500 WETH that it"):
        tokens.create(work, load_network("local"), file, with_market=False)


def test_only_fills_wait_for_the_sequencer(deployed, web3, kept):
    feed = Record.load("local").address("USDC/USD feed")
    network = load_network("local").model_copy(
        update={"sequencer": Sequencer(feed=feed, grace=1_800)}
    )
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record("local"))

    held = ballast.fill_oracle(work, network, load_token("ETHBULL"))
    patient = ballast.venue_oracle(work, network, load_token("ETHBULL"))

    guards = [
        (oracle.functions.SEQUENCER().call(), oracle.functions.GRACE().call())
        for oracle in (work.at("ChainlinkOracle", held), work.at("ChainlinkOracle", patient))
    ]
    assert guards == [(feed, 1_800), (NOBODY, 0)]


def test_other_code_at_an_address_is_not_taken_for_ours(deployed, web3, kept):
    address = Record.load("local").address("Lens")
    web3.provider.make_request("anvil_setCode", [address, "0x00"])

    assert "Lens at" in run(deploy, "--sandbox", *SEND, code=1)


def test_address_without_a_contract_is_refused(deployed, web3, kept):
    record = Record.load("local")
    record.sandbox["morpho"] = "0x" + "12" * 20
    record.save()

    found = run(deploy, *SEND, code=1)

    assert "morpho: at 0x" in found and "there is no contract" in found


def test_chain_without_the_proxy_is_told_what_to_do(deployed, web3, kept):
    web3.provider.make_request("anvil_setCode", [PROXY, "0x"])

    with pytest.raises(click.ClickException, match="send 0.01 ether to 0x3fAB18"):
        started(web3, Nobody(), Record("local"))


def test_record_of_another_chain_is_refused_and_of_a_local_one_forgotten(deployed, web3):
    local, other = Record.load("local").rehearsed(), Record("test", genesis="0x12", chain_id=1)
    local.genesis = "0x12"

    with pytest.raises(click.ClickException, match="is of another chain"):
        started(web3, Nobody(), other)
    started(web3, Nobody(), local)

    assert (local.contracts, local.tokens, local.sandbox) == ({}, {}, {})


def test_what_the_chain_refuses_is_said_in_its_words(deployed, web3, kept):
    web3.provider.make_request("evm_increaseTime", [3 * 86_400])
    web3.provider.make_request("evm_mine", [])

    assert "oracle: price is stale" in run(create, "ETHBEAR", *SEND, code=1)


class Died(BaseException):
    """The process is gone."""


class Mortal(Signer):
    """Dies at its first transaction: when it is noted but not sent, or sent but not noted."""

    sends = False

    def send(self, web3, transaction, note):
        def die(identity):
            note(identity)
            if not self.sends:
                raise Died

        super().send(web3, transaction, die)
        raise Died


@pytest.mark.parametrize("symbol", ["ETHBULL", "ETHBULLAAVE"])
def test_interrupted_anywhere_it_goes_on(deployed, web3, empty, tmp_path, monkeypatch, symbol):
    """At every transaction it dies once before it is sent and once after."""
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    monkeypatch.setattr(runs, "PAUSE", 0.001)
    file = load_token(symbol)
    plain = load_network("local", sandbox=False)
    account = accounts.test_accounts[2]
    start = web3.eth.get_transaction_count(account.address)

    def work(run):
        network = sandbox.bring(run, plain, [file])
        ballast.deploy(run, network, [file])
        sandbox.markets(run, network, [file])
        tokens.create(run, network, file, with_market=False)

    snapshot = web3.provider.make_request("evm_snapshot", [])["result"]
    with networks.parse_network_choice(web3.provider.endpoint_uri):
        through = started(web3, Signer(account), Record("local"))
        work(through)
    web3.provider.make_request("evm_revert", [snapshot])

    deaths = 0
    with networks.parse_network_choice(web3.provider.endpoint_uri):
        while True:
            mortal = Mortal(account)
            mortal.sends = bool(deaths % 2)
            try:
                work(started(web3, mortal, Record.load("local")))
            except Died:
                deaths += 1
            else:
                break

    record = Record.load("local")
    assert deaths == 2 * len(through.sent)
    assert web3.eth.get_transaction_count(account.address) - start == len(through.sent)
    assert record.tokens == through.record.tokens
    assert {name: known.address for name, known in record.contracts.items()} == {
        name: known.address for name, known in through.record.contracts.items()
    }
    assert with_transaction(record) == with_transaction(through.record)


def test_transaction_counts_once_it_is_deep_enough(deployed, web3, kept, monkeypatch):
    monkeypatch.setattr(runs, "PAUSE", 0.01)
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record("local"))
    work.confirmations = 4
    done = threading.Event()

    def mine():
        while not done.wait(0.05):
            web3.provider.make_request("evm_mine", [])

    miner = threading.Thread(target=mine)
    miner.start()
    try:
        sent = work.call("pause ETHBULL", token(web3), "set_paused", True)
    finally:
        done.set()
        miner.join()

    assert web3.eth.block_number - sent.block >= 3


def test_node_of_another_chain_is_refused(url, monkeypatch):
    monkeypatch.setenv("SEPOLIA_RPC", url)
    session = Session(load_network("sepolia"), "0", False)

    refused = pytest.raises(click.ClickException, match="is on chain 31337, not on 11155111")
    with refused, session.connect():
        pass


def test_sandbox_is_refused_where_money_is_real(monkeypatch):
    refused = run(deploy, "--network", "base", "--sandbox", code=1)

    assert "--sandbox is refused on base" in refused


@pytest.fixture
def govern(web3):
    """`govern(what, coin, …)`: Aave's configurator does that; coins go by name."""
    work = Run(web3, Actor(web3, accounts.test_accounts[0].address), Record("local"))
    work.begin()

    def change(what, *arguments):
        network = load_network("local")
        pool = work.at("aave/Pool", network.lender("aave"))
        provider = pool.functions.ADDRESSES_PROVIDER().call()
        ask = work.at("aave/PoolAddressesProvider", provider).functions
        configurator = work.at("aave/PoolConfigurator", ask.getPoolConfigurator().call())
        named = [network.coins.get(str(each), each) for each in arguments]
        work.call(what, configurator, what, *named)

    return change


def make(web3, file):
    """Create a token."""
    work = started(web3, Actor(web3, accounts.test_accounts[0].address), Record.load("local"))
    return tokens.create(work, load_network("local"), file, with_market=False)


def with_transaction(record):
    """What is known to have been made by which transaction."""
    return {name for name, known in record.contracts.items() if known.transaction}


def started(web3, sender, record):
    """A run that has begun."""
    work = Run(web3, sender, record)
    work.begin()
    return work


def token(web3):
    """ETHBULL."""
    record = Record.load("local")
    return Run(web3, None, record).at("LeveragedToken", record.token("ETHBULL"))


def as_timelock(web3, to, data):
    """Send as the timelock."""
    actor = Actor(web3, Web3.to_checksum_address(TIMELOCK))
    started(web3, actor, Record("local")).send("as timelock", to, bytes.fromhex(data[2:]))
