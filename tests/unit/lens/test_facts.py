"""What is fixed of tokens; and of coins whatever they say, if it can be said at all."""

from dataclasses import astuple, replace

import pytest
from ape import networks
from eth_abi import encode
from web3.exceptions import ContractLogicError

from scripts._devnet import WAD
from scripts._lens import Facts, Fault, Rules, decode_facts, facts_call
from tests.attack.made import make_market, make_token
from tests.unit.lens.conftest import PRICE, SEED
from tests.unit.lens.odd import odd_coin, text, word

ZERO = "0x" + "00" * 20
FIXED = Rules(False, *(0,) * 11)
BUSY = Fault.PRICE | Fault.VENUE_PRICE | Fault.POSITION | Fault.AUCTION | Fault.COIN


def nothing(token: str, faults: Fault) -> Facts:
    return Facts(
        token, faults, "", "", ZERO, ZERO, ZERO, "", 0, ZERO, "", 0, 0, 0, FIXED, ZERO, ZERO
    )


@pytest.fixture
def pair(minter):
    """Coins that say what they are told."""
    return odd_coin(minter, b"HELD"), odd_coin(minter, b"OWED")


@pytest.fixture
def token(devnet, ballast, minter, pair):
    """A token of them."""
    market = make_market(devnet, pair, PRICE)
    return make_token(devnet, ballast, minter, market, SEED)


@pytest.mark.parametrize(
    ("symbol", "name", "held", "owed"),
    [
        ("ETHBULL", "3x Long Ether", "WETH", "USDC"),
        ("ETHBEAR", "3x Short Ether", "USDC", "WETH"),
        ("ETHHEDGE", "1x Short Ether", "USDC", "WETH"),
    ],
)
def test_facts_are_what_token_position_and_coins_say(
    devnet, tokens, facts, owner, treasury, symbol, name, held, owed
):
    token = tokens[symbol]
    market = devnet.long if held == "WETH" else devnet.short
    coins = {"WETH": (devnet.weth.address, "WETH", 18), "USDC": (devnet.usdc.address, "USDC", 6)}
    bonus = WAD * WAD // (WAD - 3 * (WAD - market.lltv) // 10) - WAD

    (told,) = facts(token)

    assert told == Facts(
        token.address,
        Fault(0),
        name,
        symbol,
        token.position(),
        market.fill_oracle.address,
        *coins[held],
        *coins[owed],
        market.lltv,
        bonus,
        Rules(*token.rules()),
        owner.address,
        treasury.address,
    )


def test_facts_by_the_abi_are_the_same(bull, lens, facts):
    (answer,) = lens.facts([bull])

    assert tuple(tuple(part) if isinstance(part, tuple) else part for part in answer) == astuple(
        facts(bull)[0]
    )


def test_facts_name_owner_and_treasury_of_now(bull, facts, owner, stranger):
    (before,) = facts(bull)

    bull.set_treasury(stranger, sender=owner)
    bull.renounce_ownership(sender=owner)

    assert facts(bull) == [replace(before, owner=ZERO, treasury=stranger.address)]


def test_facts_are_in_the_order_of_the_question(bull, bear, facts, usdc):
    answer = facts(bear, usdc, bull)

    assert [told.symbol for told in answer] == ["ETHBEAR", "", "ETHBULL"]
    assert answer[1] == nothing(usdc.address, Fault.UNKNOWN)
    assert facts() == []


def test_facts_of_as_many_as_fit_and_of_one_more(bull, facts):
    assert len(facts(*[bull] * 256)) == 256
    with pytest.raises(ContractLogicError):
        facts(*[bull] * 257)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (text(b"X"), "X"),
        (text(b"x" * 32), "x" * 32),
        (text(b"\xff\xfe!"), "\N{REPLACEMENT CHARACTER}" * 2 + "!"),
    ],
    ids=["short", "as long as can be", "no text"],
)
@pytest.mark.parametrize("leg", [0, 1])
def test_facts_show_a_symbol_of_up_to_32_bytes(token, pair, facts, minter, said, shown, leg):
    (before,) = facts(token)

    pair[leg].say(said, word(18), sender=minter)

    name = ("collateral_symbol", "debt_symbol")[leg]
    assert facts(token) == [replace(before, **{name: shown})]


@pytest.mark.parametrize("leg", [0, 1])
@pytest.mark.parametrize(
    ("symbol", "decimals"),
    [
        (b"", word(18)),
        (b"BYTES32".ljust(32, b"\0"), word(18)),
        (text(b""), word(18)),
        (text(b"x" * 33), word(18)),
        (text(b"x" * 33)[:96], word(18)),
        (encode(["uint256"] * 3, [32, 2**256 - 1, 0]), word(18)),
        (text(b"ODD") + b"\0", word(18)),
        (text(b"cut short")[:-1], word(18)),
        (encode(["uint256"] * 3, [64, 1, 0]), word(18)),
        (encode(["uint256"] * 3, [0, 1, 0]), word(18)),
        (text(b"ODD"), b""),
        (text(b"ODD"), bytes(31)),
        (text(b"ODD"), word(256)),
    ],
    ids=[
        "none",
        "bytes32",
        "empty",
        "long",
        "cut",
        "endless",
        "more",
        "torn",
        "elsewhere",
        "in itself",
        "no decimals",
        "a byte less",
        "256",
    ],
)
def test_facts_of_a_coin_that_does_not_tell_are_flagged(
    token, pair, facts, minter, leg, symbol, decimals
):
    (before,) = facts(token)

    pair[leg].say(symbol, decimals, sender=minter)

    name = ("collateral", "debt")[leg]
    lost = {f"{name}_symbol": "", f"{name}_decimals": 0}
    assert facts(token) == [replace(before, faults=Fault.COIN, **lost)]


@pytest.mark.parametrize("more", [b"", bytes(range(100))])
def test_facts_of_a_coin_with_the_most_decimals_are_told(token, pair, facts, minter, more):
    """Whatever else it says."""
    pair[0].say(text(b"ODD"), word(255) + more, sender=minter)

    assert facts(token)[0].collateral_decimals == 255


@pytest.mark.parametrize("about", ["symbol", "decimals"])
def test_facts_of_a_mute_coin_leave_the_others_of_the_list(token, pair, facts, bull, minter, about):
    pair[1].hush(about, sender=minter)

    (told, other) = facts(token, bull)

    assert (told.faults, told.debt_symbol, told.collateral_symbol) == (Fault.COIN, "", "HELD")
    assert other.faults == 0


def test_facts_without_a_position_lack_its_limit(bull, facts):
    (before,) = facts(bull)
    networks.provider.set_code(before.position, "0x5f5ffd")  # REVERT

    assert facts(bull) == [replace(before, faults=Fault.POSITION, lltv=0, bonus=0)]


def test_facts_with_too_little_gas_revert(bull, facts):
    with pytest.raises(ContractLogicError, match="lens: too little gas"):
        facts(bull, gas=500_000)


def test_facts_in_the_middle_of_a_call_are_nothing_but_faults(in_between, facts):
    token, answers = in_between(facts_call)

    for answer in answers:
        assert decode_facts(answer) == [nothing(token.address, BUSY)]
    assert facts(token)[0].faults == 0
