"""Every wei, from the events of all blocks: what should be there, and what is not accounted for."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eth_utils import keccak, to_checksum_address

from scripts._deploy.sender import NOBODY
from scripts._rehearsal.node import Node, address
from scripts._rehearsal.town import Town
from scripts._wallet.coins import NATIVE

PART = 500  # blocks in one request
LOCKED = "0x000000000000000000000000000000000000dEaD"


def topic(signature: str) -> str:
    """The hash by which logs name an event."""
    return "0x" + keccak(text=signature).hex()


TRANSFER = topic("Transfer(address,address,uint256)")
FILLED = topic("Filled(address,address,uint256,bool,int256,uint256,uint256)")
MINTED = topic("Minted(address,address,uint256,uint256,uint256,uint256)")
REDEEMED = topic("Redeemed(address,address,address,uint256,uint256,uint256,uint256)")

# Of Morpho Blue.
BORROW = topic("Borrow(bytes32,address,address,address,uint256,uint256)")
REPAY = topic("Repay(bytes32,address,address,uint256,uint256)")
SUPPLIED = topic("SupplyCollateral(bytes32,address,address,uint256)")
WITHDRAWN = topic("WithdrawCollateral(bytes32,address,address,address,uint256)")
LIQUIDATED = topic("Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)")

# Of Aave v3: its pool, and what lenders hold and borrowers owe.
AAVE_BORROW = topic("Borrow(address,address,address,uint256,uint8,uint256,uint16)")
AAVE_REPAY = topic("Repay(address,address,address,uint256,bool)")
AAVE_SUPPLIED = topic("Supply(address,address,address,uint256,uint16)")
AAVE_WITHDRAWN = topic("Withdraw(address,address,address,uint256)")
AAVE_LIQUIDATED = topic("LiquidationCall(address,address,address,uint256,uint256,address,bool)")
SCALED_MINTED = topic("Mint(address,address,uint256,uint256,uint256)")
SCALED_BURNED = topic("Burn(address,address,uint256,uint256,uint256)")
RAY = 10**27


@dataclass
class Books:
    """What the events say."""

    fills: Counter[int] = field(default_factory=Counter)  # by lane
    liquidations: int = 0
    coins: Counter[tuple[str, str]] = field(default_factory=Counter)  # by coin and holder
    legs: Counter[tuple[str, str]] = field(default_factory=Counter)  # by token, and which leg
    # by position: its collateral without interest, what was lent less repaid, and on Morpho its
    # debt in the venue's shares
    venue: Counter[tuple[str, str]] = field(default_factory=Counter)
    scaled: Counter[tuple[str, str]] = field(default_factory=Counter)  # by Aave's token and holder


def read(node: Node, town: Town) -> Books:
    """The books of the whole chain."""
    books = Books()
    coins = [town.weth, town.usdc, *town.tokens.values()]
    watched = [*coins, *town.lender.watched([town.weth, town.usdc])]
    last = node.height
    for start in range(0, last + 1, PART):
        query = {
            "fromBlock": hex(start),
            "toBlock": hex(min(start + PART - 1, last)),
            "address": watched,
        }
        for log in node.ask("eth_getLogs", query):
            write(books, log)
    return books


def write(books: Books, log: dict[str, Any]) -> None:
    """Enter one log of the chain."""
    where, (event, *topics) = log["address"].lower(), log["topics"]
    data = bytes.fromhex(log["data"][2:])
    words = [int.from_bytes(data[i : i + 32]) for i in range(0, len(data), 32)]
    if event == TRANSFER:
        books.coins[where, address(topics[0])] -= words[0]
        books.coins[where, address(topics[1])] += words[0]
    elif event == FILLED:
        lane, levering, _, collateral, debt = words
        sign = 1 if levering else -1
        books.fills[lane] += 1
        books.legs[where, "collateral"] += sign * collateral
        books.legs[where, "debt"] += sign * debt
    elif event == MINTED:
        books.legs[where, "collateral"] += words[2]
        books.legs[where, "debt"] += words[3]
    elif event == REDEEMED:
        books.legs[where, "collateral"] -= words[3]
        books.legs[where, "debt"] -= words[2]
    else:
        _write_morpho(books, event, topics, words)
        _write_aave(books, where, event, topics, words)


def _write_morpho(books: Books, event: str, topics: list[str], words: list[int]) -> None:
    if event == SUPPLIED:
        books.venue[address(topics[2]), "collateral"] += words[0]
    elif event == WITHDRAWN:
        books.venue[address(topics[1]), "collateral"] -= words[1]
    elif event == BORROW:
        books.venue[address(topics[1]), "lent"] += words[1]
        books.venue[address(topics[1]), "debt"] += words[2]
    elif event == REPAY:
        books.venue[address(topics[2]), "lent"] -= words[0]
        books.venue[address(topics[2]), "debt"] -= words[1]
    elif event == LIQUIDATED:
        books.liquidations += 1
        books.venue[address(topics[2]), "debt"] -= words[1] + words[4]
        books.venue[address(topics[2]), "collateral"] -= words[2]


def _write_aave(books: Books, where: str, event: str, topics: list[str], words: list[int]) -> None:
    """What is held and owed is counted in scaled units, worth an index each, as Aave rounds them.

    A mint's value is more than what came by the interest until then, and a burn's is less than what
    went: where the interest was more than what went, a mint of the difference is told.
    """
    if event == AAVE_SUPPLIED:
        books.venue[address(topics[1]), "collateral"] += words[1]
    elif event == AAVE_WITHDRAWN:
        books.venue[address(topics[1]), "collateral"] -= words[0]
    elif event == AAVE_BORROW:
        books.venue[address(topics[1]), "lent"] += words[1]
    elif event == AAVE_REPAY:
        books.venue[address(topics[1]), "lent"] -= words[0]
    elif event == AAVE_LIQUIDATED:
        books.liquidations += 1
        books.venue[address(topics[2]), "lent"] -= words[0]
        books.venue[address(topics[2]), "collateral"] -= words[1]
    elif event == SCALED_MINTED:
        value, interest, index = words
        came = value - interest
        sign = 1 if came >= 0 else -1
        books.scaled[where, address(topics[1])] += sign * _scaled(abs(came), index)
    elif event == SCALED_BURNED:
        value, interest, index = words
        books.scaled[where, address(topics[0])] -= _scaled(value + interest, index)


def _scaled(amount: int, index: int) -> int:
    """To the nearest unit, as Aave does until its version 3.4."""
    return (amount * RAY + index // 2) // index


def unaccounted(node: Node, town: Town, books: Books) -> int:
    """Raw units, of all coins and shares, that are not where the events of the chain put them.

    That is: what coins say that people and contracts have, against what was transferred; what
    positions hold and owe on the venue, against what tokens and venue say has moved; whatever lies
    in a contract that should hold nothing; and what a user was paid less than promised.
    """
    return sum(map(abs, _differences(node, town, books)))


def _differences(node: Node, town: Town, books: Books) -> Iterator[int]:
    positions = {facts.token: facts.position for facts in town.facts.values()}
    ours = [town.router, town.keeper, *positions, *positions.values()]
    people = [*town.users, town.first, town.second, town.rival, town.liquidator, town.arbitrageur]
    for coin in (town.weth, town.usdc, *positions):
        for holder in (*people, *ours, LOCKED):
            held = node.read(coin, "balanceOf(address)", ["uint256"], holder)
            yield held - books.coins[coin.lower(), to_checksum_address(holder)]
            if holder in ours:
                yield held
    for contract in ours:
        yield node.ether(contract)
    for token, position in positions.items():
        supply = node.read(token, "totalSupply()", ["uint256"])
        yield from town.lender.differences(books, town.facts[token])
        yield books.venue[position, "collateral"] - books.legs[token.lower(), "collateral"]
        yield books.venue[position, "lent"] - books.legs[token.lower(), "debt"]
        yield supply + books.coins[token.lower(), NOBODY]
    yield from _broken_promises(node, town, books)


def _broken_promises(node: Node, town: Town, books: Books) -> Iterator[int]:
    """What a user got less than the least that was promised, of each deal that was done."""
    for hash_, receives, least, user in town.promises:
        receipt = node.ask("eth_getTransactionReceipt", hash_)
        if receipt is None or receipt["status"] != "0x1":
            continue  # a reorg has undone it, or a bound has held
        coin, sender, holder = receives, None, user
        if receives == NATIVE:  # it is unwrapped for the user
            coin, sender, holder = town.weth, town.router, NOBODY
        got = 0
        for log in receipt["logs"]:
            if log["address"].lower() != coin.lower() or log["topics"][0] != TRANSFER:
                continue
            giver, taker = map(address, log["topics"][1:])
            if taker == to_checksum_address(holder) and sender in (None, giver):
                got += int(log["data"], 16)
        yield max(0, least - got)


def lost_by_keepers(node: Node, senders: dict[str, tuple[int, int]]) -> int:
    """Wei that accounts have more or less than the gas of their own transactions explains.

    `senders` maps addresses to the block after which, and the balance from which, it counts.
    """
    spent: Counter[str] = Counter()
    first = min(block for block, _ in senders.values()) + 1
    heights = range(first, node.height + 1)
    for start in range(0, len(heights), PART):
        numbers = heights[start : start + PART]
        for receipts in node.batch([("eth_getBlockReceipts", [hex(each)]) for each in numbers]):
            for receipt in receipts:
                cost = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
                spent[receipt["from"].lower()] += cost
    return sum(
        abs(balance - node.ether(who) - spent[who.lower()]) for who, (_, balance) in senders.items()
    )
