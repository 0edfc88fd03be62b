"""Names are whatever their makers wrote: nothing of them may steer a terminal."""

from dataclasses import replace

from scripts._lens import Facts


def printable(facts: Facts) -> Facts:
    """The same, with U+FFFD for what is not printed."""
    return replace(
        facts,
        name=_clean(facts.name),
        symbol=_clean(facts.symbol),
        collateral_symbol=_clean(facts.collateral_symbol),
        debt_symbol=_clean(facts.debt_symbol),
    )


def _clean(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
