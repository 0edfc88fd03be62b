"""Where the tokens live: whose events are read, what a position has, and how it is liquidated."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eth_abi import encode

from scripts._files import VenueName
from scripts._lens import Facts
from scripts._rehearsal.node import Node

if TYPE_CHECKING:
    from scripts._rehearsal.books import Books

Call = tuple[Any, ...]  # to whom, which function, and its arguments

PARAMS = ("address", "address", "address", "address", "uint256")
MORPHO_LIQUIDATE = (
    "liquidate((address,address,address,address,uint256),address,uint256,uint256,bytes)"
)
AAVE_LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
RESERVE = (*["uint256"] * 8, *["address"] * 4, *["uint256"] * 3)  # of getReserveData
ENDLESS = 2**256 - 1


class Lender(Protocol):
    """A venue, on a node."""

    address: str

    def market(self, facts: Facts) -> bytes:
        """What the factory is told, to have another token on the same market."""

    def watched(self, coins: Iterable[str]) -> list[str]:
        """The contracts whose events say what became of positions."""

    def differences(self, books: "Books", facts: Facts) -> Iterator[int]:
        """What a position has, and by the books does not, in the venue's own units."""

    def liquidation(self, facts: Facts) -> Call:
        """The call that liquidates all of a position that may be."""


@dataclass
class Morpho:
    """Morpho Blue: every pair has its market, and debt is in shares of what it has lent."""

    node: Node
    address: str

    def market(self, facts: Facts) -> bytes:
        found: bytes = self.node.read(facts.position, "ID()", ["bytes32"])
        return found

    def watched(self, coins: Iterable[str]) -> list[str]:
        return [self.address]

    def differences(self, books: "Books", facts: Facts) -> Iterator[int]:
        debt, held = self._position(facts)
        yield held - books.venue[facts.position, "collateral"]
        yield debt - books.venue[facts.position, "debt"]

    def liquidation(self, facts: Facts) -> Call:
        ask = "idToMarketParams(bytes32)"
        params = self.node.read(self.address, ask, PARAMS, self.market(facts))
        shares, _ = self._position(facts)
        return self.address, MORPHO_LIQUIDATE, params, facts.position, 0, shares, b""

    def _position(self, facts: Facts) -> tuple[int, int]:
        """Shares of debt, and collateral."""
        where = (self.market(facts), facts.position)
        kinds = ["uint256", "uint128", "uint128"]
        _, shares, held = self.node.read(self.address, "position(bytes32,address)", kinds, *where)
        return shares, held


@dataclass
class Aave:
    """Aave v3: what is lent and what is owed are tokens, in scaled units worth an index each."""

    node: Node
    address: str

    def market(self, facts: Facts) -> bytes:
        return encode(["address", "address", "uint8"], [facts.collateral, facts.debt, 0])

    def watched(self, coins: Iterable[str]) -> list[str]:
        return [self.address, *(token for coin in coins for token in self._tokens(coin))]

    def differences(self, books: "Books", facts: Facts) -> Iterator[int]:
        held, _ = self._tokens(facts.collateral)
        _, owed = self._tokens(facts.debt)
        for token in (held, owed):
            found = self.node.read(token, "scaledBalanceOf(address)", ["uint256"], facts.position)
            yield found - books.scaled[token.lower(), facts.position]

    def liquidation(self, facts: Facts) -> Call:
        pair = facts.collateral, facts.debt
        return self.address, AAVE_LIQUIDATE, *pair, facts.position, ENDLESS, False

    def _tokens(self, coin: str) -> tuple[str, str]:
        """What its lenders hold, and what its borrowers owe."""
        found = self.node.read(self.address, "getReserveData(address)", RESERVE, coin)
        return found[8], found[10]


def lender_of(node: Node, venue: VenueName, address: str) -> Lender:
    """That of a venue, which stands at `address`."""
    return Aave(node, address) if venue == "aave" else Morpho(node, address)
