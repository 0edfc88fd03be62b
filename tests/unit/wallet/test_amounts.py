"""Amounts are read exactly as written, or refused with what to write instead."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts._wallet.amounts import (
    Amount,
    from_raw,
    parse,
    show,
    show_least,
    show_most,
    show_number,
    to_raw,
)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1000 USDC", Amount(Decimal(1000), "USDC")),
        ("1,000.50 usdc", Amount(Decimal("1000.50"), "USDC")),
        ("  0.5   ETH ", Amount(Decimal("0.5"), "ETH")),
        (".5 ETH", Amount(Decimal("0.5"), "ETH")),
        ("12.5", Amount(Decimal("12.5"))),
        ("all", Amount(None)),
        ("ALL usdc", Amount(None, "USDC")),
        ("USDC", Amount(Decimal(0), "USDC")),
    ],
)
def test_parse_reads_what_people_write(text, amount):
    assert parse(text) == amount


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is no amount"),
        ("1 000 USDC", "is no amount"),
        ("-5 USDC", "is no number"),
        ("1e3 USDC", "is no number"),
        ("1,00 USDC", "is no number"),
        ("1. USDC", "is no number"),
        ("five USDC", "is no number"),
        ("1000USDC", "is no number"),
        ("0 USDC", "is zero"),
        ("0.000", "is zero"),
        ("5 $", "is no symbol"),
    ],
)
def test_parse_refuses_what_is_not_clear(text, fault):
    with pytest.raises(ValueError, match=fault):
        parse(text)


def test_to_raw_says_a_small_amount_as_it_was_written():
    with pytest.raises(ValueError, match="^0.0000001 USDC cannot be paid"):
        to_raw(Decimal("0.0000001"), 6, "USDC")


def test_to_raw_refuses_more_decimals_than_the_coin_has():
    with pytest.raises(ValueError, match="smallest unit is 0.000001"):
        to_raw(Decimal("1.0000001"), 6, "USDC")


@given(st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_to_raw_and_back_loses_nothing(raw, decimals):
    assert to_raw(from_raw(raw, decimals), decimals, "X") == raw


@pytest.mark.parametrize(
    ("raw", "decimals", "shown"),
    [
        (1_234_567_891, 6, "1,234.57 X"),
        (12_345_678, 6, "12.3457 X"),
        (1, 6, "0.000001 X"),
        (123_456_789_012_345, 18, "0.000123457 X"),
        (999_999_999_999_999_999, 18, "1.0000 X"),
        (999_999_996, 6, "1,000.00 X"),
        (5 * 10**17, 18, "0.5000 X"),
        (125 * 10**14, 18, "0.0125 X"),
        (0, 18, "0 X"),
        (5, 0, "5 X"),
    ],
)
def test_show_keeps_the_digits_that_count(raw, decimals, shown):
    assert show(raw, decimals, "X") == shown


@pytest.mark.parametrize("text", ["1000 USDC", "0.5", "all USDC", "all", "USDC"])
def test_amount_is_written_as_it_is_read(text):
    assert str(parse(text)) == text


def test_show_number_keeps_the_sign():
    assert show_number(Decimal("-1234.567")) == "-1,234.57"


@given(st.integers(1, 10**40), st.integers(0, 18))
def test_bound_that_is_shown_is_no_better_than_it_is(raw, decimals):
    def number(text: str) -> Decimal:
        return Decimal(text.split()[0].replace(",", ""))

    assert number(show_least(raw, decimals, "X")) <= from_raw(raw, decimals)
    assert number(show_most(raw, decimals, "X")) >= from_raw(raw, decimals)
