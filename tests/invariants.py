"""The invariants by id, each in a sentence, and what holds it.

C and D are collateral and debt on the venue after interest, S the supply after fees, P the price,
V = C * P, E = V - D, L leverage, N = E / S; primed is after the call. `held` looks for what holds
an id: a law of the state machines (`inv_<id>`), a lemma that claims it, or a test whose docstring
begins with it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent

STATED = {
    "I-M1": "the legs of a mint and of a redemption are the exact shares of C and D, rounded",
    "I-M2": "C' * S >= C * S' and D' * S <= D * S'",
    "I-M3": "E' * S >= E * S' whatever the true price",
    "I-M4": "mint and redemption leave leverage as it is, but for rounding, and never raise it",
    "I-M5": "a round trip in one block returns no more than it took",
    "I-M6": "parts never pay less, or get more, than the whole",
    "I-M7": "a preview is what the same block does",
    "I-M8": "no shares for nothing",
    "I-M9": "calls for nothing revert",
    "I-M10": "the seed stays: S > 0 for good, and a position without collateral takes no mint",
    "I-M11": "a healthy, liquid position redeems any balance, whatever else is broken",
    "I-M12": "nobody's shares and approvals change but those of caller, receiver and treasury",
    "I-F1": "fees of mint and redemption are rounded up, by less than one share",
    "I-F2": "the management fee lies between 1 + r * t and e**(r * t)",
    "I-F3": "the management fee does not depend on when it is settled",
    "I-F4": "no time, no fee; the fee's clock never runs back, and stays while a fee is nothing",
    "I-F5": "what has accrued goes to the treasury of that time",
    "I-F6": "fees change S alone, and have bounds",
    "I-F7": "whatever reads S counts the fee that is due",
    "I-A1": "the scheduled premium rises in a line from its start to its end, and stays there",
    "I-A2": "no fill goes past the edge that it heads for",
    "I-A3": "every fill brings leverage closer to target",
    "I-A4": "a fill costs holders its premium at the most",
    "I-A5": "a taker pays rounded up, gets rounded down, and nothing is free",
    "I-A6": "fills in parts pay no less than one fill of their sum",
    "I-A7": "a fill leaves all shares as they are",
    "I-A8": "the scheduled lane opens at 00:02:00 UTC outside the band, once a day, for its window",
    "I-A9": "the emergency lane is open if and only if leverage has reached its trigger",
    "I-A10": "delevering never worsens health, and levering never ends beyond the venue's limit",
    "I-A11": "no fill without a valid price; a redemption is the same with and without one",
    "I-S1": "coins move between purses, and none comes or goes",
    "I-S2": "token, position, router and keeper hold after a call what they held before",
    "I-S3": "a position within the venue's limit is within it after every call of ours",
    "I-S4": "balances add up to the supply, which only mint, redemption and fees change",
    "I-S5": "nobody is authorised on the venue, and nobody approved but the venue",
    "I-S6": "C and D are the venue's own words: nothing is accounted beside them",
    "I-N1": "without fills, no calls within a block make anybody richer",
    "I-N2": "with fills, nobody gains more than their premium",
    "I-N3": "1 - G * premium > 0 for all rules that can be created",
    "I-N4": "mint and redemption around a fill take nothing from the others",
    "I-N5": "a liquidator gains the venue's bonus at most, and only beyond its limit",
    "I-N6": "whatever happens in front of a call, its bounds hold",
    "I-O1": "the oracle answers if and only if every guard passes, with the feeds' exact quotient",
    "I-O2": "the price rises with the base feed and falls with the quote feed",
    "I-X1": "what only one role may do reverts for everyone else",
    "I-X2": "the ABI is the list that is written down",
    "I-X3": "no call enters from within another",
    "I-L1": "Lens tells what raw storage says, and never reverts for a token of the factory",
    "I-T1": "the share is an ERC-20",
    "I-T2": "a permit counts one nonce, and none passes twice, late, elsewhere or forged",
}


def identity(name: str) -> str:
    """`inv_m2` and `inv_m2_of_debt` are I-M2."""
    return f"I-{name.split('_')[1].upper()}"


@cache
def held() -> dict[str, set[str]]:
    """What holds each id: `path::name`, below tests/."""
    found: dict[str, set[str]] = {}
    for identifier, holder in _holders():
        found.setdefault(identifier, set()).add(holder)
    return found


def _holders() -> Iterator[tuple[str, str]]:
    from tests.lemmas.lemmas import LEMMAS

    for lemma in LEMMAS:
        for claim in re.findall(r"I-[A-Z]\d+", lemma.claims):
            yield claim, f"lemmas/lemmas.py::{lemma.name}"
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            holder = f"{path.relative_to(TESTS).as_posix()}::{node.name}"
            if re.match(r"inv_[a-z]+\d+(_|$)", node.name):
                yield identity(node.name), holder
            elif node.name.startswith("test_"):
                opening = re.match(r"(I-[A-Z]\d+,? )*I-[A-Z]\d+:", ast.get_docstring(node) or "")
                for claim in re.findall(r"I-[A-Z]\d+", opening[0]) if opening else ():
                    yield claim, holder
