"""The rehearsal's books and its liquidator, on a position that each venue really liquidates."""

import pytest
from ape import networks
from eth_utils import to_hex

from scripts import _lens
from scripts._devnet import (
    DAY,
    ENDLESS,
    VENUES,
    WAD,
    create_token,
    deploy_ballast,
    now,
    on_aave,
    set_price,
    warp_to,
)
from scripts._rehearsal.books import Books, write
from scripts._rehearsal.lender import lender_of
from scripts._rehearsal.node import Node, transaction


@pytest.mark.parametrize("venue", VENUES)
def test_books_agree_with_the_venue_through_a_liquidation(devnet, venue, minter):
    """With interest of some days between a seed, a mint, a redemption and the end."""
    there = on_aave(devnet) if venue == "aave" else devnet
    ballast = deploy_ballast(there)
    token = create_token(there, ballast, "ETHBULL")
    for coin in (there.weth, there.usdc):
        coin.approve(token, ENDLESS, sender=minter)
    warp_to(now() + 3 * DAY)
    token.mint(1_000 * WAD, ENDLESS, 0, sender=minter)
    warp_to(now() + 3 * DAY)
    token.redeem(100 * WAD, ENDLESS, 0, sender=minter)
    node = Node(networks.provider.http_uri)
    lender = lender_of(node, venue, ballast.factory.VENUE())
    ask = {"to": ballast.lens.address, "data": to_hex(_lens.facts_call([token.address]))}
    (facts,) = _lens.decode_facts(node.call(ask))
    liquidator = there.roles.liquidator
    there.usdc.approve(lender.address, ENDLESS, sender=liquidator)

    def read() -> Books:
        books = Books()
        watched = lender.watched([there.weth.address, there.usdc.address])
        for log in node.ask("eth_getLogs", {"fromBlock": "0x0", "address": watched}):
            write(books, log)
        return books

    before = read()
    assert [*lender.differences(before, facts)] == [0, 0]
    set_price(there, "1500")
    node.do(transaction(liquidator.address, *lender.liquidation(facts)))

    after = read()
    assert (before.liquidations, after.liquidations) == (0, 1)
    assert [*lender.differences(after, facts)] == [0, 0]
    assert [*lender.differences(before, facts)] != [0, 0]
    assert after.venue[facts.position, "collateral"] < before.venue[facts.position, "collateral"]
    assert lender.market(facts) == there.market(True).arguments
