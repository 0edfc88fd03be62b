"""A page of the registry: its ends, the most that it holds, and what it costs."""

import pytest
from web3.exceptions import ContractLogicError

from scripts._devnet import ENDLESS, create_token, next_0002, now, set_price, warp_to
from scripts._lens import Lane

MANY = 257  # tokens: one more than a page holds
QUARTER = 250  # of a thousand
GAS = 25_000_000  # that a node allows a call at least


@pytest.fixture
def many(devnet, ballast, tokens):
    """The registry, with more tokens than a page holds."""
    for number in range(MANY - len(tokens)):
        symbol = ("ETHBULL", "ETHBEAR")[number % 2]
        create_token(devnet, ballast, symbol, window=3_600 + number)
    return [ballast.factory.tokens(number) for number in range(MANY)]


@pytest.mark.parametrize(
    ("start", "count", "numbers"),
    [
        (0, 3, [0, 1, 2]),
        (0, 2, [0, 1]),
        (1, 1, [1]),
        (1, 3, [1, 2]),
        (2, ENDLESS, [2]),
        (0, 0, []),
        (3, 1, []),
        (4, 1, []),
        (ENDLESS, ENDLESS, []),
    ],
)
def test_page_is_the_states_of_a_part_of_the_registry(tokens, states, page, start, count, numbers):
    everyone = list(tokens.values())

    assert page(start, count) == states(*(everyone[number] for number in numbers))


def test_page_holds_256(many, page):
    assert [state.token for state in page(0, ENDLESS)] == many[:256]
    assert [state.token for state in page(1, 256)] == many[1:]
    assert [state.token for state in page(256, 256)] == many[256:]


def test_page_of_a_quarter_of_a_thousand_takes_less_than_25_million_gas(devnet, many, page):
    """With an auction open in each, which is when it costs most."""
    warp_to(next_0002(now()) + 1_800)
    set_price(devnet, "2100")

    states = page(0, QUARTER, gas=GAS)

    assert [state.token for state in states] == many[:QUARTER]
    assert {state.lane for state in states[3:]} == {Lane.SCHEDULED}
    assert not any(state.faults for state in states)


def test_page_with_too_little_gas_reverts(page, tokens):
    with pytest.raises(ContractLogicError, match="lens: too little gas"):
        page(0, 3, gas=450_000)
