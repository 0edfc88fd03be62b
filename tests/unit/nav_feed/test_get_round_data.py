"""Of rounds, the newest is there, and no other."""

import ape
import pytest

from scripts._devnet import now, refresh, warp_to


def test_newest_round_is_the_latest(feed):
    latest = feed.latestRoundData()

    assert feed.getRoundData(latest[0]) == latest


@pytest.mark.parametrize("by", [-1, 1])
def test_round_that_is_not_the_newest_reverts(feed, by):
    newest = feed.latestRoundData()[0]

    with ape.reverts("nav_feed: only the newest round"):
        feed.getRoundData(newest + by, skip_trace=True)


def test_round_is_gone_once_there_is_another(devnet, feed):
    newest = feed.latestRoundData()[0]
    warp_to(now() + 60)
    refresh(devnet)

    assert feed.latestRoundData()[0] >= newest + 60
    with ape.reverts("nav_feed: only the newest round"):
        feed.getRoundData(newest, skip_trace=True)
