"""Tokens that live through a few points, and what they are charged."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from scripts._files.issuer import issuer_names, load_issuer
from scripts._paper.book import Book
from scripts._paper.issuer import DAY, Auction, Charges

MIDNIGHT = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
MINUTE, HOUR = 60, 3_600
FREE = Charges(funding=0.0, fee=0.0, profit=0.0, gas=0.0)
FEES = replace(FREE, fee=0.0005, profit=0.00065)  # a keeper comes for 0.115 %
ISSUERS = {name: load_issuer(name) for name in issuer_names()}
BALLAST = ISSUERS["ballast"]
AUCTION = BALLAST.auction or Auction()
EITHER = pytest.mark.parametrize("long", [True, False], ids=["BULL", "BEAR"])
EVERY = pytest.mark.parametrize("issuer", ISSUERS.values(), ids=ISSUERS)


def book_of(issuer, long, charges=FREE, price=100.0, time=MIDNIGHT, reach=DAY):
    """A book of as many paths as there are prices."""
    return Book(issuer, long, charges, time, np.atleast_1d(np.array(price, float)), reach)


def live(book, *points):
    """Through points: times since midnight, prices."""
    for time, price in points:
        book.point(MIDNIGHT + time, np.broadcast_to(price, book.price.shape).astype(float))
    return book


def walks(paths, hours, seed=1, volatility=0.02, jump=0.1):
    """Prices of many paths, a row an hour, with a jump now and then."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, volatility, (hours, paths))
    moves += rng.normal(0, jump, (hours, paths)) * (rng.random((hours, paths)) < 0.02)
    return 100 * np.exp(np.cumsum(moves, axis=0))


def lived(issuer, long, prices, charges, **others):
    """A book that has lived through rows of prices, an hour each."""
    book = book_of(issuer, long, charges, np.full(prices.shape[1], 100.0), **others)
    for hour, row in enumerate(prices, 1):
        book.point(MIDNIGHT + HOUR * hour, row)
    return book
