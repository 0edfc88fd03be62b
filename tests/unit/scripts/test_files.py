"""A wrong value in a file is answered with file, field, bound and what would be allowed."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from scripts._files import FileError, load_network, load_token, network, reading, token
from scripts._model import rule_book

NETWORK = {
    "chain_id": "31337",
    "rpc": "TEST_RPC",
    "confirmations": "2",
    "morpho": "0x" + "11" * 20,
    "irm": "0x" + "12" * 20,
    "aave": "0x" + "21" * 20,
    "uniswap": {"factory": "0x" + "13" * 20, "quoter": "0x" + "14" * 20},
    "coins": {"WETH": "0x" + "15" * 20, "USDC": "0x" + "16" * 20},
    "pools": [{"pair": ["WETH", "USDC"], "fee": "500"}],
    "feeds": {
        "ETH/USD": {
            "address": "0x" + "17" * 20,
            "heartbeat": "3600",
            "floor": "1",
            "ceiling": "1000000",
        }
    },
    "sequencer": {"feed": "0x" + "18" * 20, "grace": "3600"},
    "markets": [{"collateral": "WETH", "debt": "USDC", "lltv": "0.86", "oracle": "0x" + "19" * 20}],
}
TOKEN = {
    "symbol": "TEST",
    "name": "Test",
    "pair": ["WETH", "USDC"],
    "feeds": ["ETH/USD", "USDC/USD"],
    "direction": "long",
    "target": "3",
    "market": {"lltv": "0.86"},
    "band": "0.01",
    "emergency": "3.857142857142857142",
    "window": "7200",
    "ramp": "2700",
    "premium": {"start": "-0.005", "end": "0.004", "emergency": "0.0005"},
    "fees": {"mint": "0.001", "redeem": "0.001", "management": "0.0003"},
    "cap": "10000000",
    "seed": "100",
    "treasury": "deployer",
    "owner": "deployer",
}

ON_AAVE = {"venue": "aave", "market.lltv": "0.83", "market.bonus": "0.05"}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a file, with fields changed by their dotted path, and loads it."""
    monkeypatch.setattr(network, "NETWORKS", tmp_path / "networks")
    monkeypatch.setattr(token, "TOKENS", tmp_path / "tokens")
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path / "deployments"))

    def write(kind, changes=(), text=None):
        folder = tmp_path / f"{kind}s"
        folder.mkdir(exist_ok=True)
        fields = json.loads(json.dumps(NETWORK if kind == "network" else TOKEN))
        for path, value in dict(changes).items():
            *outer, last = path.split(".")
            inner = fields
            for part in outer:
                inner = inner[int(part) if isinstance(inner, list) else part]
            if value is None:
                del inner[last]
            else:
                inner[last] = value
        name = "test" if kind == "network" else "TEST"
        file = folder / f"{name}.yaml"
        file.write_text(text or yaml.safe_dump(fields))
        return load_network(name) if kind == "network" else load_token(name)

    return write


def test_network_is_read_exactly(written):
    read = written("network")

    assert read.chain_id == 31337
    assert read.venue() == (NETWORK["morpho"], NETWORK["irm"])
    assert read.feed("ETH/USD").ceiling == 1_000_000
    assert read.fee("USDC", "WETH") == 500
    assert read.venue_oracle("WETH", "USDC", Decimal("0.86")) == "0x" + "19" * 20
    assert read.venue_oracle("USDC", "WETH", Decimal("0.86")) is None
    assert read.lender("morpho") == NETWORK["morpho"]
    assert read.lender("aave") == NETWORK["aave"]
    assert read.has("morpho") and read.has("aave")


def test_token_is_read_exactly(written):
    rules = written("token").rules

    assert rules == rule_book.Rules(long=True, target=3 * 10**18, emergency=27 * 10**18 // 7)


def test_short_token_holds_what_people_count_in(written):
    read = written("token", {"direction": "short", "emergency": "4", "market.lltv": "0.915"})

    assert (read.collateral, read.debt) == ("USDC", "WETH")


def test_token_lives_on_morpho_unless_told(written):
    read = written("token")

    assert read.venue == "morpho"
    assert read.liquidation == (86 * 10**16, 43_841_336_116_910_229)


def test_token_on_aave_is_held_to_the_terms_that_its_file_expects(written):
    read = written("token", ON_AAVE | {"market.category": "2"})

    assert read.venue == "aave"
    assert read.market.category == 2
    assert read.liquidation == (83 * 10**16, 5 * 10**16)


def test_target_that_no_emergency_saves_on_aave_is_told_so(written):
    """Three times short against a dollar that Aave liquidates at 78 %."""
    with pytest.raises(FileError, match="none at this target: lower target$"):
        written("token", ON_AAVE | {"direction": "short", "market.lltv": "0.78", "emergency": "4"})


@pytest.mark.parametrize(
    ("changes", "field", "fault", "allowed"),
    [
        ({"chain_id": "0"}, "chain_id", "is 0", "greater than 0"),
        ({"chain_id": "one"}, "chain_id", "is one", "a valid integer"),
        ({"rpc": "http://x"}, "rpc", "is http://x", "A-Z"),
        ({"explorer": "http://x"}, "explorer", "is http://x", "https"),
        ({"confirmations": "0"}, "confirmations", "is 0", "greater than or equal to 1"),
        ({"confirmations": None}, "confirmations", "is missing", "to be given"),
        ({"morpho": "0x12"}, "morpho", "is not an address", "0x and 40 hex digits"),
        ({"aave": "0x12"}, "aave", "is not an address", "0x and 40 hex digits"),
        (
            {"irm": "0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCB"},
            "irm",
            "wrong checksum",
            "as explorers",
        ),
        ({"uniswap.quoter": None}, "uniswap.quoter", "is missing", "to be given"),
        ({"uniswap.router": "0x"}, "uniswap.router", "is not a field", "factory, quoter"),
        ({"colour": "red"}, "colour", "is not a field", "chain_id, rpc"),
        ({"pools.0.fee": "0"}, "pools.0.fee", "is 0", "greater than 0"),
        ({"pools.0.pair": ["WETH", "DAI"]}, "pools", "DAI is none of the coins", "USDC, WETH"),
        ({"markets.0.debt": "DAI"}, "markets", "DAI is none of the coins", "USDC, WETH"),
        ({"markets.0.lltv": "1"}, "markets.0.lltv", "is 1", "less than 1"),
        ({"feeds.ETH/USD.heartbeat": "0"}, "feeds.ETH/USD.heartbeat", "is 0", "greater than 0"),
        ({"feeds.ETH/USD.floor": "0"}, "feeds.ETH/USD.floor", "is 0", "greater than 0"),
        ({"feeds.ETH/USD.ceiling": "0.5"}, "feeds.ETH/USD.floor", "is 1", "to the ceiling, 0.5"),
        ({"sequencer.grace": "0"}, "sequencer.grace", "is 0", "greater than 0"),
    ],
)
def test_network_with_a_wrong_value_is_refused(written, changes, field, fault, allowed):
    with pytest.raises(FileError) as error:
        written("network", changes)

    assert error.value.file.endswith("networks/test.yaml")
    assert error.value.field == field
    assert fault in error.value.fault
    assert allowed in error.value.allowed


@pytest.mark.parametrize(
    ("changes", "field", "allowed"),
    [
        ({"symbol": "lower"}, "symbol", "A-Z"),
        ({"symbol": "ELSE"}, "symbol", "TEST"),
        ({"pair": ["WETH", "WETH"]}, "pair", "two coins"),
        ({"direction": "up"}, "direction", "'long' or 'short'"),
        ({"target": "3.0000000000000000001"}, "target", "18 at the most"),
        ({"target": "-1"}, "target", "greater than 0"),
        ({"market.lltv": "1"}, "market.lltv", "less than 1"),
        ({"venue": "compound"}, "venue", "'morpho' or 'aave'"),
        ({"venue": "aave"}, "market.bonus", "what Aave's liquidators get"),
        ({"market.bonus": "0.05"}, "market.bonus", "none: on Morpho it follows from market.lltv"),
        ({"market.category": "1"}, "market.category", "only `venue: aave` has any"),
        (ON_AAVE | {"market.category": "256"}, "market.category", "less than or equal to 255"),
        (ON_AAVE | {"market.bonus": "1"}, "market.bonus", "less than 1"),
        (ON_AAVE | {"emergency": "5.1"}, "emergency", "above 3.03, to 4."),
        ({"cap": "0"}, "cap", "greater than 0"),
        ({"cap": str(2**112)}, "cap", "less than or equal to 5192296858534827"),
        ({"seed": "0.99"}, "seed", "greater than or equal to 1"),
        ({"seed": "10001"}, "seed", "less than or equal to 10000"),
        ({"owner": "me"}, "owner", '"deployer"'),
        ({"fees.exit": "0"}, "fees.exit", "mint, redeem, management"),
    ],
)
def test_token_with_a_wrong_value_is_refused(written, changes, field, allowed):
    with pytest.raises(FileError) as error:
        written("token", changes)

    assert error.value.file.endswith("tokens/TEST.yaml")
    assert error.value.field == field
    assert allowed in error.value.allowed


# Rules that the factory would refuse: what is wrong, what is named, and what is still right.
BROKEN = {
    "rules: mint fee too high": ({"fees.mint": "0.0101"}, "fees.mint", "0 to 0.01"),
    "rules: redeem fee too high": ({"fees.redeem": "0.0101"}, "fees.redeem", "0 to 0.01"),
    "rules: management fee too high": (
        {"fees.management": "0.0011"},
        "fees.management",
        "0 to 0.001 a day",
    ),
    "rules: window out of bounds": ({"window": "86401"}, "window", "1 to 86400 seconds"),
    "rules: ramp out of bounds": ({"ramp": "7201"}, "ramp", "1 to 7200 seconds, the window"),
    "rules: premium start too low": ({"premium.start": "-0.06"}, "premium.start", "-0.05 to 0.004"),
    "rules: premium end too high": ({"premium.end": "0.06"}, "premium.end", "-0.005 to 0.05"),
    "rules: premium falls": ({"premium.end": "-0.006"}, "premium.end", "-0.005 to 0.05"),
    "rules: band out of bounds": ({"band": "0.26"}, "band", "above 0, to 0.25"),
    "rules: target too high": ({"target": "101"}, "target", "at most 100"),
    "rules: target too low": ({"target": "1.01"}, "target", "above 1.0101"),
    "rules: emergency out of bounds": ({"emergency": "101"}, "emergency", "above 3.03, to 5.2053"),
    "rules: emergency inside the band": (
        {"emergency": "3.03"},
        "emergency",
        "above 3.03, to 5.2053",
    ),
    "rules: emergency too near ruin": ({"emergency": "5.3"}, "emergency", "above 3.03, to 5.2053"),
    "rules: emergency premium": (
        {"premium.emergency": "0.051"},
        "premium.emergency",
        "0 to 0.05",
    ),
    "rules: premium eats the gearing": (
        {
            "direction": "short",
            "target": "19",
            "emergency": "19.2",
            "market.lltv": "0.9999",
            "premium.end": "0.05",
        },
        "target",
        "below 1",
    ),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_token_that_the_factory_would_refuse_is_refused_at_load(written, reason):
    changes, field, allowed = BROKEN[reason]

    with pytest.raises(FileError) as error:
        written("token", changes)

    assert error.value.field == field
    assert reason in error.value.fault
    assert allowed in error.value.allowed


def test_every_rule_of_the_book_is_answered():
    stated = re.findall(r'"(rules: [^"]+)"', Path(rule_book.__file__).read_text())

    assert sorted(BROKEN) == sorted(stated)


def test_allowed_emergency_is_the_last_that_is(written):
    with pytest.raises(FileError) as error:
        written("token", {"emergency": "5.3"})
    last = error.value.allowed.split(" to ")[1]
    beyond = str(Decimal(last) + Decimal("1e-18"))

    assert written("token", {"emergency": last}).emergency == Decimal(last)
    with pytest.raises(FileError):
        written("token", {"emergency": beyond})


def test_target_that_no_emergency_saves_is_told_so(written):
    with pytest.raises(FileError, match=r"none at this target.*market\.lltv above 0\.77"):
        written("token", {"target": "5", "emergency": "5.1", "market.lltv": "0.77"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("symbol: [", "is not YAML"),
        ("- symbol", "has no fields"),
        ("symbol: A\nsymbol: B", "symbol is there twice"),
    ],
)
def test_file_that_is_no_list_of_fields_is_refused(written, text, fault):
    with pytest.raises(FileError, match=fault):
        written("token", text=text)


def test_file_that_is_not_there_is_answered_with_those_that_are(written):
    written("token")

    with pytest.raises(FileError, match="no such token; allowed: TEST"):
        load_token("OTHER")


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda read: read.coin("DAI"), "coins.DAI"),
        (lambda read: read.feed("DAI/USD"), "feeds.DAI/USD"),
        (lambda read: read.fee("WETH", "DAI"), "pools"),
        (lambda read: read.venue(), "irm"),
        (lambda read: read.lender("morpho"), "irm"),
        (lambda read: read.lender("aave"), "aave"),
        (lambda read: read.exchange(), "uniswap"),
    ],
)
def test_what_a_network_lacks_is_named(written, ask, field):
    read = written("network", {"irm": None, "aave": None, "uniswap": None})

    with pytest.raises(FileError, match="--sandbox") as error:
        ask(read)

    assert error.value.field == field


def test_sandbox_takes_the_place_of_what_the_file_says(written, tmp_path):
    written("network")
    record = reading.record_path("test")
    record.parent.mkdir()
    weth = "0x" + "20" * 20
    record.write_text(json.dumps({"sandbox": {"coins": {"WETH": weth, "USDC": weth}}}))

    assert load_network("test").coin("WETH") == weth
    assert load_network("test", sandbox=False).coin("WETH") == NETWORK["coins"]["WETH"]


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_damaged_record_of_a_testnet_is_told_of(written, text):
    written("network")
    record = reading.record_path("test")
    record.parent.mkdir()
    record.write_text(text)

    with pytest.raises(FileError, match=r"test\.json: is not a record of a deployment"):
        load_network("test")


def test_mainnet_has_no_sandbox(written):
    record = reading.record_path("test")
    record.parent.mkdir()
    record.write_text(json.dumps({"sandbox": {"coins": {}}}))

    assert written("network", {"chain_id": "1"}).coin("WETH") == NETWORK["coins"]["WETH"]
