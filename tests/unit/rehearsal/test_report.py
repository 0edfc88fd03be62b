"""The rehearsal fails if anything was missed, lost or never tried."""

from copy import deepcopy

import pytest

from scripts._rehearsal.bad_days import NIGHTS
from scripts.rehearse import misses

NAMES = [fault.name for night in NIGHTS for fault in night.faults] + ["reorg"]
GOOD = {
    "rebalances": {"daily": 21, "emergency": 9, "missed": 0},
    "liquidations": 0,
    "faults": {name: {"injected": 1, "survived": 1} for name in NAMES},
    "keeper": {
        "rpc_calls_per_block": 1.2,
        "decision_ms_p99_1000_tokens": 300.0,
        "rpc_calls_1000_tokens": 5,
    },
    "users": {"deals": 200, "left": 0},
    "unaccounted_wei": 0,
}


def test_good_week_misses_nothing():
    assert misses(GOOD) == []


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("rebalances", "missed"), 1, "1 rebalances that paid were missed"),
        (("rebalances", "daily"), 0, "no daily rebalance"),
        (("rebalances", "emergency"), 0, "no emergency rebalance"),
        (("keeper", "rpc_calls_per_block"), 5.1, "a block took 5.1 requests"),
        (("liquidations",), 2, "2 liquidations"),
        (("faults", "kill_9", "survived"), 0, "kill_9 was not survived"),
        (("unaccounted_wei",), 1, "1 wei are not accounted for"),
        (("users", "left"), 5, "not everyone could redeem"),
        (("keeper", "decision_ms_p99_1000_tokens"), 2_001.0, "a thousand tokens took 2001.0 ms"),
        (("keeper", "rpc_calls_1000_tokens"), 6, "a thousand tokens took 6 requests"),
    ],
)
def test_bad_week_says_what_was_bad(where, value, said):
    report = deepcopy(GOOD)
    part = report
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value

    assert misses(report) == [said]


def test_fault_that_never_happened_is_missed():
    report = deepcopy(GOOD)
    del report["faults"]["reorg"]

    assert misses(report) == ["reorg never happened"]
