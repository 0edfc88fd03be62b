"""The books say what a log says, and notice a single unit that is elsewhere."""

from eth_abi import encode

from scripts._rehearsal import books
from scripts._rehearsal.books import Books

TOKEN, POSITION, USER = ("0x" + digit * 40 for digit in "abc")
MARKET = "0x" + "11" * 32


def topic(address: str) -> str:
    return "0x" + "00" * 12 + address[2:]


def log(where: str, event: str, topics: list[str], *words: int) -> dict:
    data = "0x" + encode(["int256"] * len(words), words).hex()
    return {"address": where, "topics": [event, *topics], "data": data}


def written(*logs: dict) -> Books:
    made = Books()
    for each in logs:
        books.write(made, each)
    return made


def test_mint_and_redemption_move_both_legs():
    made = written(
        log(TOKEN, books.MINTED, [topic(USER)] * 2, 100, 1, 50, 30),
        log(TOKEN, books.REDEEMED, [topic(USER)] * 3, 40, 1, 12, 20),
    )

    assert made.legs == {(TOKEN, "collateral"): 30, (TOKEN, "debt"): 18}


def test_fill_moves_the_legs_in_its_direction_and_is_counted_by_lane():
    made = written(
        log(TOKEN, books.FILLED, [topic(USER)] * 2, 1, 1, -5, 10, 9),
        log(TOKEN, books.FILLED, [topic(USER)] * 2, 2, 0, 5, 4, 3),
    )

    assert made.legs == {(TOKEN, "collateral"): 6, (TOKEN, "debt"): 6}
    assert made.fills == {1: 1, 2: 1}


def test_venue_moves_collateral_what_is_lent_and_the_shares_of_it():
    by = topic(POSITION)
    made = written(
        log(USER, books.SUPPLIED, [MARKET, topic(USER), by], 50),
        log(USER, books.WITHDRAWN, [MARKET, by, topic(USER)], 0, 20),
        log(USER, books.BORROW, [MARKET, by, topic(USER)], 0, 30, 30_000),
        log(USER, books.REPAY, [MARKET, topic(USER), by], 12, 12_000),
    )
    position = books.address(by)

    assert made.venue == {
        (position, "collateral"): 30,
        (position, "lent"): 18,
        (position, "debt"): 18_000,
    }


def test_transfer_moves_a_coin_from_one_to_the_other():
    made = written(log(TOKEN, books.TRANSFER, [topic(USER), topic(POSITION)], 7))

    assert sorted(made.coins.values()) == [-7, 7]


def test_aave_moves_collateral_and_what_is_lent():
    by = topic(POSITION)
    reserve, nothing = topic(TOKEN), "0x" + "00" * 32
    made = written(
        log(USER, books.AAVE_SUPPLIED, [reserve, by, nothing], 1, 50),
        log(USER, books.AAVE_WITHDRAWN, [reserve, by, topic(USER)], 20),
        log(USER, books.AAVE_BORROW, [reserve, by, nothing], 1, 30, 2, 0),
        log(USER, books.AAVE_REPAY, [reserve, by, topic(USER)], 12, 0),
    )

    assert made.venue == {
        (books.address(by), "collateral"): 30,
        (books.address(by), "lent"): 18,
    }


def test_tokens_of_aave_are_counted_in_scaled_units():
    """An index of two, and three units of interest since the last time: they are no new ones."""
    by, index = topic(POSITION), 2 * books.RAY
    made = written(
        log(TOKEN, books.SCALED_MINTED, [topic(USER), by], 103, 3, index),
        log(TOKEN, books.SCALED_BURNED, [by, topic(USER)], 17, 3, index),
        log(TOKEN, books.SCALED_MINTED, [by, by], 1, 3, index),  # two are taken out, three came
    )

    assert made.scaled == {(TOKEN, books.address(by)): 50 - 10 - 1}


def test_scaled_units_are_the_nearest():
    by, index = topic(POSITION), 2 * books.RAY

    made = written(log(TOKEN, books.SCALED_MINTED, [by, by], 5, 0, index))

    assert made.scaled[TOKEN, books.address(by)] == 3


def test_liquidation_on_aave_is_counted_and_takes_both():
    topics = [topic(TOKEN), topic(USER), topic(POSITION)]
    made = written(log(USER, books.AAVE_LIQUIDATED, topics, 5, 6, 1, 0))

    assert made.liquidations == 1
    assert sorted(made.venue.values()) == [-6, -5]


def test_liquidation_is_counted_and_takes_both():
    made = written(
        log(USER, books.LIQUIDATED, [MARKET, topic(USER), topic(POSITION)], 5, 50, 6, 1, 10)
    )

    assert made.liquidations == 1
    assert sorted(made.venue.values()) == [-60, -6]
