"""`ape run publish`: what an explorer and a wallet get is what stands on chain."""

import json
import re
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import click
import pytest
from ape import networks, project
from click.testing import CliRunner
from eth_abi import encode
from eth_utils import is_checksum_address
from vyper.cli.vyper_json import compile_json

from scripts._deploy.build import build
from scripts._deploy.create2 import BLUEPRINT
from scripts._deploy.record import Deployed, Record
from scripts._deploy.run import Run
from scripts._deploy.sender import Actor
from scripts._devnet import CAP, Ballast, create_token
from scripts._files import Network, load_token
from scripts._publish import explorer, token_list, verify
from scripts._publish.standing import standing
from scripts.publish import cli

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SEPOLIA = Network(
    name="sepolia",
    chain_id=11155111,
    rpc="SEPOLIA_RPC",
    explorer="https://sepolia.etherscan.io",
    confirmations=1,
)


# Token list


def token(symbol: str, chain_id: int = 1, address: int = 1) -> dict:
    return {
        "chainId": chain_id,
        "address": f"0x{address:040x}",
        "name": f"3x {symbol}",
        "symbol": symbol,
        "decimals": 18,
        "tags": ["leveraged", "long"],
    }


def check_schema(listed: dict) -> None:
    """https://uniswap.org/tokenlist.schema.json, as far as it says anything about our lists."""
    assert listed.keys() <= {"name", "timestamp", "version", "tokens", "keywords", "tags"}
    assert re.fullmatch(r"[\w ]{1,30}", listed["name"])
    assert datetime.fromisoformat(listed["timestamp"]).tzinfo
    assert listed["version"].keys() == {"major", "minor", "patch"}
    assert all(type(part) is int and part >= 0 for part in listed["version"].values())
    assert len({*listed["keywords"]}) == len(listed["keywords"]) <= 20
    assert all(re.fullmatch(r"[\w ]{1,20}", word) for word in listed["keywords"])
    assert len(listed["tags"]) <= 20
    for name, tag in listed["tags"].items():
        assert tag.keys() == {"name", "description"}
        assert re.fullmatch(r"\w{1,10}", name)
        assert re.fullmatch(r"[ \w]{1,20}", tag["name"])
        assert re.fullmatch(r"[ \w.,:]{1,200}", tag["description"])
    assert 1 <= len(listed["tokens"]) <= 10_000
    for each in listed["tokens"]:
        assert each.keys() == {"chainId", "address", "name", "symbol", "decimals", "tags"}
        assert type(each["chainId"]) is int and each["chainId"] >= 1
        assert re.fullmatch(r"0x[a-fA-F0-9]{40}", each["address"])
        assert re.fullmatch(r"[ \S+]{1,60}", each["name"])
        assert re.fullmatch(r"\S{1,20}", each["symbol"])
        assert type(each["decimals"]) is int and 0 <= each["decimals"] <= 255
        assert len(each["tags"]) <= 10 and {*each["tags"]} <= listed["tags"].keys()


def test_first_list_has_version_one():
    listed = token_list.merged(None, [token("BULL"), token("BEAR", address=2)], NOON)

    check_schema(listed)
    assert listed["version"] == {"major": 1, "minor": 0, "patch": 0}
    assert listed["timestamp"] == "2030-01-01T12:00:00+00:00"
    assert [each["symbol"] for each in listed["tokens"]] == ["BEAR", "BULL"]


def test_list_without_news_stays_as_it_is():
    listed = token_list.merged(None, [token("BULL")], NOON)

    assert token_list.merged(listed, [token("BULL")], NOON + timedelta(days=1)) is listed


@pytest.mark.parametrize(
    "after,version",
    [
        ([token("BULL"), token("BEAR", address=2)], (1, 1, 0)),  # added
        ([token("BULL", address=2)], (2, 0, 0)),  # elsewhere
        ([token("BEAR", address=2)], (2, 0, 0)),  # removed, and another added
        ([token("OTHER")], (1, 0, 1)),  # renamed
    ],
)
def test_version_says_what_has_changed(after, version):
    known = token_list.merged(None, [token("BULL")], NOON)

    listed = token_list.merged(known, after, NOON + timedelta(days=1))

    check_schema(listed)
    assert tuple(listed["version"].values()) == version
    assert listed["timestamp"] == "2030-01-02T12:00:00+00:00"


def test_tokens_of_other_networks_stay():
    known = token_list.merged(None, [token("BULL"), token("BEAR", address=2)], NOON)

    listed = token_list.merged(known, [token("BULL", chain_id=8453)], NOON)

    assert [(each["chainId"], each["symbol"]) for each in listed["tokens"]] == [
        (1, "BEAR"),
        (1, "BULL"),
        (8453, "BULL"),
    ]


def test_timestamp_is_in_utc():
    late = NOON.astimezone(timezone(timedelta(hours=5)))

    listed = token_list.merged(None, [token("BULL")], late)

    assert listed["timestamp"] == "2030-01-01T12:00:00+00:00"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tokens": [], "version": {}}', '{"tokens": 5}'])
def test_other_files_are_not_overwritten(tmp_path, text):
    path = tmp_path / "list.json"
    path.write_text(text)

    with pytest.raises(click.ClickException, match="list.json: is not a token list"):
        token_list.read(path)


def test_list_is_read_as_it_was_written(tmp_path):
    listed = token_list.merged(None, [token("BULL")], NOON)

    assert token_list.read(tmp_path / "none.json") is None
    token_list.write(tmp_path / "out" / "list.json", listed)
    assert token_list.read(tmp_path / "out" / "list.json") == listed


# What stands, on a node


@cache
def compiled(source_code: str) -> dict:
    """What Vyper makes of a standard JSON input: the code, and nothing else of its many outputs."""
    given = json.loads(source_code)
    (path,) = given["settings"]["outputSelection"]
    wanted = ["evm.bytecode.object", "evm.deployedBytecode.object"]
    given["settings"]["outputSelection"] = {path: wanted}
    return compile_json(given)


@pytest.fixture(scope="module")
def record(devnet, ballast, tmp_path_factory) -> Record:
    """Blueprints, factory and ETHBULL with its position, as `deploy` and `create` note them."""
    web3 = networks.provider.web3
    path = tmp_path_factory.mktemp("deployments") / "sepolia.json"
    deployer = devnet.roles.deployer
    run = Run(web3, Actor(web3, deployer.address), Record("sepolia", path))
    run.begin()
    morpho = devnet.morpho.address
    blueprints = run.declare("LeveragedToken"), run.declare("MorphoPosition")
    factory = run.deploy("Factory", "Factory", *blueprints, morpho)
    run.deploy("Lens", "Lens", factory)
    mine = Ballast(project.Factory.at(factory), *(ballast.router, ballast.keeper, ballast.lens))
    bull = create_token(devnet, mine, "ETHBULL")

    file, roles = load_token("ETHBULL"), devnet.roles  # of the same rules
    made = {
        "ETHBULL": build(
            "LeveragedToken",
            file.name,
            file.symbol,
            astuple(file.rules),
            devnet.long.fill_oracle.address,
            roles.treasury.address,
            deployer.address,
            CAP,
            blueprints[1],
            encode(["address", "bytes32"], [morpho, devnet.long.id]),
        ),
        "ETHBULL position": build("MorphoPosition", morpho, devnet.long.id),
    }
    addresses = {"ETHBULL": bull.address, "ETHBULL position": bull.position()}
    run.record.tokens["ETHBULL"] = bull.address
    for each, address in addresses.items():
        facts = replace(
            run.record.contracts["Factory"],
            address=address,
            source=made[each].source.name,
            encoded="0x" + made[each].encoded.hex(),
        )
        run.record.contracts[each] = facts
    morpho_facts = Deployed(morpho, "Morpho", [], "0x", "", "as its authors compiled")
    run.record.contracts["Morpho"] = morpho_facts
    run.record.save()
    return run.record


class Etherscan(BaseHTTPRequestHandler):
    """What its API does with sources, without looking at them."""

    received: list[dict[str, str]]
    answer: str  # to what is sent
    verdicts: list[str]  # to those who ask, one after the other; the last for good

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = parse_qs(body) | parse_qs(urlsplit(self.path).query)
        type(self).received.append({key: value for key, (value,) in fields.items()})
        well = not self.answer
        self._say("1" if well else "0", "OK" if well else "NOTOK", self.answer or "ticket")

    def do_GET(self) -> None:
        verdict = self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]
        self._say("1", "OK", verdict)

    def _say(self, status: str, message: str, result: str) -> None:
        answer = json.dumps({"status": status, "message": message, "result": result})
        body = (result if result.startswith("<") else answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def etherscan(monkeypatch, tmp_path):
    """An explorer on this machine, in the place of Etherscan; its key is in the environment."""
    kind = type("Here", (Etherscan,), {"received": [], "answer": "", "verdicts": ["Pass - OK"]})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(explorer, "API", f"http://127.0.0.1:{server.server_port}/v2/api")
    monkeypatch.setattr(verify, "POLL", 0)
    monkeypatch.setattr(verify, "ROOT", tmp_path)
    monkeypatch.setenv(explorer.KEY, "key")
    yield kind
    server.shutdown()
    server.server_close()


@pytest.mark.anvil
def test_all_of_ours_stands_with_its_arguments(record, devnet):
    there = {each.name: each for each in standing(record)}

    assert there.keys() == record.contracts.keys() - {"Morpho"}
    assert there["LeveragedToken blueprint"].arguments == b""
    assert there["Lens"].arguments == encode(["address"], [record.address("Factory")])
    assert there["ETHBULL position"].arguments == encode(
        ["address", "bytes32"], [devnet.morpho.address, devnet.long.id]
    )


@pytest.mark.anvil
@pytest.mark.parametrize("name", ["Factory", "LeveragedToken blueprint", "ETHBULL"])
def test_what_these_sources_do_not_make_is_refused(record, name):
    facts = record.contracts[name]
    other = Record("sepolia", contracts={**record.contracts}, tokens=record.tokens)
    other.contracts[name] = replace(facts, encoded=facts.encoded[:-2] + "ff")
    if name.endswith("blueprint"):
        other.contracts[name] = replace(facts, source="MorphoPosition")

    with pytest.raises(click.ClickException, match=f"{name} at 0x.* is not made from these"):
        list(standing(other))


@pytest.mark.anvil
def test_position_of_another_token_is_refused(record, devnet):
    other = Record("sepolia", contracts={**record.contracts}, tokens={**record.tokens})
    other.contracts["ETHBULL position"] = replace(
        record.contracts["ETHBULL position"], address=devnet.morpho.address
    )

    with pytest.raises(click.ClickException, match="ETHBULL position at 0x.* is not made from"):
        list(standing(other))


@pytest.mark.anvil
@pytest.mark.parametrize("name", ["Factory", "MorphoPosition blueprint", "ETHBULL position"])
def test_explorer_gets_what_makes_the_code_on_chain(record, etherscan, name):
    facts = record.contracts[name]
    code = bytes(networks.provider.web3.eth.get_code(facts.address))

    assert verify.verify(SEPOLIA, verify.wanted(record, (name,)), broadcast=True)

    (sent,) = etherscan.received
    path, contract = sent["contractname"].split(":")
    made = compiled(sent["sourceCode"])["contracts"][path][contract]["evm"]
    if name.endswith("blueprint"):
        assert code == BLUEPRINT + bytes.fromhex(made["bytecode"]["object"][2:])
    else:
        assert code.startswith(bytes.fromhex(made["deployedBytecode"]["object"][2:]))
    assert (contract, sent["contractaddress"]) == (facts.source, facts.address)
    given = sent.get("constructorArguments", ""), sent.get("constructorArguements", "")
    assert given == (facts.encoded[2:], facts.encoded[2:])


@pytest.mark.anvil
def test_everything_of_ours_is_wanted(record, monkeypatch):
    monkeypatch.setattr(explorer, "submission", lambda standing: standing.address)

    assert verify.wanted(record) == [
        facts.address for name, facts in record.contracts.items() if name != "Morpho"
    ]


@pytest.mark.anvil
def test_explorer_is_told_how_to_compile(record, etherscan):
    verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=True)

    (sent,) = etherscan.received
    assert sent["chainid"] == "11155111"
    assert (sent["module"], sent["action"]) == ("contract", "verifysourcecode")
    assert (sent["codeformat"], sent["compilerversion"]) == ("vyper-json", "vyper:0.4.3")
    assert sent["contractname"] == "contracts/periphery/Lens.vy:Lens"
    assert (sent["optimizationUsed"], sent["licenseType"], sent["apikey"]) == ("1", "3", "key")
    settings = json.loads(sent["sourceCode"])["settings"]
    assert (settings["evmVersion"], settings["search_paths"]) == ("cancun", ["."])


@pytest.mark.anvil
def test_nothing_is_sent_unless_it_is_meant(record, etherscan, capsys, monkeypatch, tmp_path):
    monkeypatch.delenv(explorer.KEY)

    assert verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=False)

    assert etherscan.received == []
    told = capsys.readouterr().out
    assert record.address("Lens") in told
    assert "Would go to" in told and "--broadcast" in told
    written = json.loads((tmp_path / "out/sources/sepolia/Lens.json").read_text())
    assert "contracts/periphery/Lens.vy" in written["sources"]


@pytest.mark.anvil
def test_without_a_key_nothing_is_sent(record, etherscan, monkeypatch):
    monkeypatch.delenv(explorer.KEY)

    with pytest.raises(click.ClickException, match="environment has no ETHERSCAN_API_KEY"):
        verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=True)

    assert etherscan.received == []


@pytest.mark.anvil
@pytest.mark.parametrize(
    "answer,verdicts,verified,told",
    [
        ("", ["Pending in queue", "Pass - Verified"], True, "verified"),
        ("", ["<html>busy</html>", "Pass - Verified"], True, "verified"),
        ("", ["Already Verified"], True, "verified"),
        ("Contract source code already verified", [""], True, "verified"),
        ("", ["Fail - Unable to verify"], False, "Fail - Unable to verify"),
        ("Unable to locate ContractCode at 0x", [""], False, "Unable to locate ContractCode"),
    ],
)
def test_verdict_of_the_explorer_is_told(
    record, etherscan, capsys, answer, verdicts, verified, told
):
    etherscan.answer, etherscan.verdicts = answer, verdicts

    assert verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=True) == verified

    last = capsys.readouterr().out.splitlines()[-1]
    address = record.address("Lens")
    assert told in last
    assert last.endswith(f"https://sepolia.etherscan.io/address/{address}#code")


@pytest.mark.anvil
def test_verdict_that_does_not_come_is_not_waited_for(record, etherscan, monkeypatch, capsys):
    etherscan.verdicts = ["Pending in queue"]
    monkeypatch.setattr(verify, "PATIENCE", 0)

    assert not verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=True)
    assert "run it again" in capsys.readouterr().out


@pytest.mark.anvil
def test_explorer_that_does_not_answer_is_named(record, etherscan, monkeypatch, capsys):
    monkeypatch.setattr(explorer, "API", "http://127.0.0.1:1/v2/api")

    assert not verify.verify(SEPOLIA, verify.wanted(record, ("Lens",)), broadcast=True)
    assert "http://127.0.0.1:1/v2/api does not answer" in capsys.readouterr().out


@pytest.mark.anvil
def test_name_that_is_not_there_is_refused(record):
    with pytest.raises(click.ClickException, match="--only Router: is not ours on sepolia"):
        verify.wanted(record, ("Router",))


@pytest.mark.anvil
def test_command_proves_writes_down_and_lists(record, etherscan, monkeypatch, tmp_path):
    noted = replace(record, network="local", path=tmp_path / "local.json")
    noted.save()
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))
    monkeypatch.setenv("LOCAL_RPC", networks.provider.http_uri)
    path = tmp_path / "list.json"

    done = CliRunner().invoke(cli, ["--only", "Lens", "--list", str(path), "--broadcast"])

    assert done.exit_code == 0, done.output
    assert "local has no explorer: what one would get is in" in done.output
    assert etherscan.received == []
    assert (tmp_path / "out/sources/local/Lens.json").is_file()
    assert [each["symbol"] for each in json.loads(path.read_text())["tokens"]] == ["ETHBULL"]


def test_command_says_what_must_come_first(monkeypatch, tmp_path):
    monkeypatch.setenv("BALLAST_DEPLOYMENTS", str(tmp_path))

    done = CliRunner().invoke(cli, ["--network", "base"])

    assert done.exit_code == 1
    assert "Factory is not deployed on base: ape run deploy --network base" in done.output


@pytest.mark.anvil
def test_wallets_get_the_tokens_as_they_are_on_chain(record, tmp_path, capsys):
    path = tmp_path / "out" / "tokenlist.json"
    web3 = networks.provider.web3

    token_list.update(web3, record, path, NOON)
    token_list.update(web3, record, path, NOON + timedelta(days=1))

    listed = json.loads(path.read_text())
    check_schema(listed)
    (bull,) = listed["tokens"]
    assert bull == {
        "chainId": 31337,
        "address": record.token("ETHBULL"),
        "name": "3x Long Ether",
        "symbol": "ETHBULL",
        "decimals": 18,
        "tags": ["leveraged", "long"],
    }
    assert is_checksum_address(bull["address"])
    written, kept = capsys.readouterr().out.splitlines()
    assert written.endswith("tokenlist.json: 1 tokens, version 1.0.0, written")
    assert kept.endswith("tokenlist.json: 1 tokens, version 1.0.0, as before")


@pytest.mark.anvil
def test_network_without_tokens_has_no_list(record, tmp_path, capsys):
    none = Record("sepolia")

    token_list.update(networks.provider.web3, none, tmp_path / "list.json", NOON)

    assert not (tmp_path / "list.json").exists()
    assert "sepolia has no tokens yet" in capsys.readouterr().out
