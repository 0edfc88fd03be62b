"""look: what `states` and `facts` tell, in one call."""

import pytest
from web3.exceptions import ContractLogicError

from scripts._lens import Fault, decode_look, look_call

NOBODY = "0x" + "11" * 20
GAS = 30_000_000


@pytest.fixture
def look(ask):
    """The states and facts of some tokens."""

    def _look(*tokens, gas=GAS):
        return decode_look(ask(look_call([getattr(t, "address", t) for t in tokens]), gas))

    return _look


def test_look_tells_what_states_and_facts_tell_in_this_order(bull, bear, look, states, facts):
    told = look(bear, NOBODY, bull)

    assert [state for state, _ in told] == states(bear, NOBODY, bull)
    assert [fixed for _, fixed in told] == facts(bear, NOBODY, bull)
    assert [state.faults for state, _ in told] == [0, Fault.UNKNOWN, 0]


def test_look_at_no_token_tells_nothing(look):
    assert look() == []


def test_look_with_too_little_gas_reverts(bull, look):
    with pytest.raises(ContractLogicError, match="lens: too little gas"):
        look(bull, gas=500_000)


def test_look_at_as_many_as_fit_and_at_one_more(look):
    assert len(look(*[NOBODY] * 256)) == 256
    with pytest.raises(ContractLogicError):
        look(*[NOBODY] * 257)
