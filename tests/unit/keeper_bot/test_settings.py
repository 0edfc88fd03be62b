"""What the keeper may be told, and what it says to the rest."""

import json

import pytest
from click.testing import CliRunner
from eth_account import Account

from scripts._deploy.record import Deployed, Record
from scripts._keeper.settings import SettingsError, load
from scripts._keeper.wallet import unlock
from scripts.keeper import cli
from tests.unit.keeper_bot.told import USDC, WETH, address

TOLD = {
    "KEEPER_CHAIN_ID": "1",
    "KEEPER_RPC": "https://one.example/key, https://two.example",
    "KEEPER_KEEPER": address(1),
    "KEEPER_LENS": address(2),
    "KEEPER_NATIVE": WETH,
    "KEEPER_TOKENS": address(3),
}


@pytest.fixture
def told(monkeypatch):
    """`told(NAME=value)` sets the environment, the rest being what is needed; None leaves out."""

    def _told(**more):
        for name, value in (TOLD | {f"KEEPER_{name}": more[name] for name in more}).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return _told


def test_environment_is_read(told):
    told(TIERS="500,3000", LOSS_BUDGET="0.05", MAX_GAS_PRICE="1.5")

    settings = load()

    assert settings.rpc == ("https://one.example/key", "https://two.example")
    assert settings.tiers == (500, 3_000)
    assert settings.budget == 5 * 10**16 and settings.most == 1_500_000_000
    assert settings.watched == (address(3),)
    assert not settings.broadcast


def test_all_tokens_are_none_in_particular(told):
    told(TOKENS=f"all,{address(3)}", COINS=f"{WETH},{USDC}")

    assert load().watched is None
    assert load().trusted == {address(3)}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"TIERS": "0"}, r"KEEPER_TIERS: .*greater than 0"),
        ({"TIERS": ""}, r"KEEPER_TIERS: .*at least 1 item"),
        ({"KEEPER": "0x12"}, "KEEPER_KEEPER: '0x12': an address is 0x and 40 hex digits"),
        ({"RPC": "ws://x"}, "KEEPER_RPC: .*begins with http:// or https://"),
        ({"RPC": None}, "KEEPER_RPC is not set: give it, or a KEEPER_NETWORK"),
        ({"LENS": None}, "KEEPER_LENS is not set"),
        ({"TOKENS": "ETHBULL"}, "ETHBULL: without KEEPER_NETWORK tokens are addresses"),
        ({"TOKENS": f"all,{address(1)}"}, "KEEPER_COINS is not set: with KEEPER_TOKENS=all"),
        ({"TOKENS": "all", "COINS": WETH}, "KEEPER_TOKENS: all: name besides it the tokens"),
        ({"LOSS_BUDGET": "11"}, "KEEPER_LOSS_BUDGET: '11': input should be less than or equal"),
        ({"MAX_GAS_PRICE": "-1"}, "KEEPER_MAX_GAS_PRICE: '-1'"),
        ({"LOG_LEVEL": "LOUD"}, "KEEPER_LOG_LEVEL: 'LOUD': input should be 'DEBUG', 'INFO'"),
        ({"LOSSBUDGET": "1"}, "KEEPER_LOSSBUDGET is not a setting; allowed: .*KEEPER_LOSS_BUDGET"),
        ({"ACCOUNT": "a", "PRIVATE_KEY": "b"}, "KEEPER_ACCOUNT and KEEPER_PRIVATE_KEY are set"),
        ({"PAGE": "257"}, "KEEPER_PAGE: '257': input should be less than or equal to 256"),
    ],
)
def test_wrong_setting_is_named_with_what_is_allowed(told, wrong, said):
    told(**wrong)

    with pytest.raises(SettingsError, match=said):
        load()


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """`recorded("", "Aave ")`: Ballast is on Sepolia, for tokens of two venues."""
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    monkeypatch.setenv("SEPOLIA_RPC", "https://one.example")

    def _recorded(*kinds):
        tokens, contracts = {}, {}
        for number, kind in enumerate(kinds, 10):
            for name in ("Factory", "Keeper", "Lens"):
                contracts[f"{kind}{name}"] = Deployed(address(number), name, [], "0x", "", "")
            symbol = "ONAAVE" if kind else "ETHBULL"
            tokens[symbol] = address(number + 10)
            source = "AavePosition" if kind else "MorphoPosition"
            contracts[f"{symbol} position"] = Deployed(address(30), source, [], "0x", "", "")
        path = tmp_path / "sepolia.json"
        Record("sepolia", path, contracts=contracts, tokens=tokens).save()

    return _recorded


@pytest.mark.parametrize(
    ("kinds", "more", "venue", "number"),
    [
        ([""], {}, "morpho", 10),
        (["Aave "], {}, "aave", 10),
        (["", "Aave "], {"VENUE": "morpho"}, "morpho", 10),
        (["", "Aave "], {"VENUE": "aave"}, "aave", 11),
        (["", "Aave "], {"TOKENS": "ETHBULL"}, "morpho", 10),
        (["", "Aave "], {"TOKENS": "ONAAVE"}, "aave", 11),
        (["", "Aave "], {"TOKENS": "all,ONAAVE"}, "aave", 11),
        (["", "Aave "], {"TOKENS": "all", "VENUE": "aave"}, "aave", 11),
    ],
)
def test_keeper_watches_the_tokens_of_one_venue(told, recorded, kinds, more, venue, number):
    recorded(*kinds)
    told(**dict.fromkeys(("CHAIN_ID", "RPC", "KEEPER", "LENS", "NATIVE", "TOKENS")) | more)

    settings = load(network="sepolia")

    assert settings.venue == venue
    assert (settings.keeper, settings.lens) == (address(number), address(number))
    assert (settings.trusted or set(settings.watched)) == {address(number + 10)}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {},
            "KEEPER_VENUE is not set, .* sepolia live on morpho and aave: .*allowed: morpho, aave",
        ),
        ({"TOKENS": "ETHBULL,ONAAVE"}, "KEEPER_VENUE is not set, .* live on morpho and aave"),
        ({"TOKENS": "ONAAVE", "VENUE": "morpho"}, "KEEPER_VENUE is morpho, .* live on aave"),
        ({"VENUE": "compound"}, "KEEPER_VENUE: 'compound': input should be 'morpho' or 'aave'"),
    ],
)
def test_keeper_of_two_venues_is_refused(told, recorded, more, said):
    recorded("", "Aave ")
    told(**dict.fromkeys(("CHAIN_ID", "RPC", "KEEPER", "LENS", "NATIVE", "TOKENS")) | more)

    with pytest.raises(SettingsError, match=said):
        load(network="sepolia")


@pytest.mark.parametrize("name", ["RPC", "PRIVATE_RPC"])
@pytest.mark.parametrize("url", ["wss://me:word@x.example/v2/secret", "x.example/v2/secret"])
def test_complaint_about_a_url_shows_no_key(told, name, url):
    """Who mistypes the scheme of a provider's URL would find its key in the log."""
    told(**{name: url})

    with pytest.raises(SettingsError, match=f"KEEPER_{name}: .*begins with http") as raised:
        load()

    assert "secret" not in str(raised.value) and "word" not in str(raised.value)
    assert ("wss://x.example" in str(raised.value)) == url.startswith("wss")


def test_what_kubernetes_sets_is_no_setting(told):
    """Beside a service called keeper, or keeper-metrics, the keeper would not start."""
    told(
        PORT="tcp://10.0.0.1:8080",
        SERVICE_HOST="10.0.0.1",
        SERVICE_PORT="8080",
        SERVICE_PORT_HTTP="8080",
        PORT_8080_TCP="tcp://10.0.0.1:8080",
        PORT_8080_TCP_ADDR="10.0.0.1",
        METRICS_SERVICE_HOST="10.0.0.1",
        METRICS_PORT="tcp://10.0.0.1:8080",
    )

    assert load().port == 0
    told(PORT="8080")
    assert load().port == 8080


def test_account_of_ape_is_unlocked(told, monkeypatch, tmp_path):
    account = Account.create()
    folder = tmp_path / "accounts"
    folder.mkdir()
    locked = Account.encrypt(account.key, "words", kdf="pbkdf2", iterations=2)
    (folder / "mine.json").write_text(json.dumps(locked))
    monkeypatch.setenv("APE_DATA_FOLDER", str(tmp_path))
    told(ACCOUNT="mine", PASSPHRASE="words")

    assert unlock(load()).address == account.address
    told(PASSPHRASE="others")
    with pytest.raises(SettingsError, match="KEEPER_PASSPHRASE does not open mine"):
        unlock(load())
    told(PASSPHRASE=None)
    with pytest.raises(SettingsError, match="KEEPER_PASSPHRASE is not set"):
        unlock(load())
    told(ACCOUNT="other")
    with pytest.raises(SettingsError, match="'other': there is no such account; allowed: mine"):
        unlock(load())


def test_key_is_used_and_never_shown(told):
    account = Account.create()
    told(PRIVATE_KEY=account.key.hex())

    settings = load()

    assert unlock(settings).address == account.address
    assert account.key.hex() not in repr(settings)
    told(PRIVATE_KEY="0x12")
    with pytest.raises(SettingsError, match="a key is 0x and 64 hex digits"):
        unlock(load())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--broadcast"], 1, "--broadcast needs an account: KEEPER_ACCOUNT"),
        (["--test-account", "0"], 1, "--test-account is for chain 31337, not for 1"),
        (["--test-account", "1"], 1, "--test-account besides KEEPER_PRIVATE_KEY"),
        (["--network", "nowhere"], 1, "there is no such network"),
        (["--twice"], 2, "No such option: --twice"),
    ],
)
def test_command_says_what_is_wrong(told, arguments, code, said):
    told(**({"NETWORK": "ethereum", "RPC": "http://127.0.0.1:9"} if "0" in arguments else {}))
    if "1" in arguments:
        told(NETWORK="ethereum", PRIVATE_KEY="0x12")

    result = CliRunner().invoke(cli, arguments)

    assert result.exit_code == code
    assert said in result.output
