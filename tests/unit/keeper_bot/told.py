"""What Lens tells of a token of the model, and a pool that quotes."""

from dataclasses import astuple, replace

from eth_utils import to_checksum_address

from scripts._keeper.decide import Ask, Costs, Limits, Quote
from scripts._lens import Facts, Fault, Lane, State
from scripts._lens import Rules as LensRules
from scripts._model import token as model
from scripts._model import venue
from scripts._model.fixed_point import SCALE, WAD
from scripts._model.rule_book import Rules, usual_emergency
from scripts._model.token import Token

WETH, USDC = (to_checksum_address(f"0x{digit * 40}") for digit in "12")
GWEI = 10**9
NOON = 1_893_499_200
OPENING = NOON + 12 * 3_600 + 120  # 00:02 the next day
LIMITS = Limits(tiers=(500,), coins=frozenset((WETH, USDC)))
COSTS = Costs(base=GWEI, tip=GWEI // 10, most=500 * GWEI)


def address(number: int) -> str:
    """Of a token."""
    return to_checksum_address(f"0x{number + 0xB000:040x}")


def price(eth_usd: float, long: bool) -> int:
    """As a token's oracle says it."""
    micro = int(eth_usd * 10**6)
    return micro * 10**18 if long else SCALE * WAD // micro


def born(long: bool = True, shares: int = 100_000 * WAD, eth_usd: float = 2000) -> Token:
    """A token at its target of 3x, at noon."""
    lltv = 86 * WAD // 100 if long else 915 * WAD // 1000
    lent, borrowed = (10**17, 10**14) if long else (10**27, 10**24)
    market = venue.used_market(
        lltv=lltv, price=price(eth_usd, long), now=NOON, lent=lent, borrowed=borrowed
    )
    rules = Rules(long=long, target=3 * WAD, emergency=usual_emergency(3 * WAD, long=long))
    collateral = WAD if long else 10**10
    made = model.create(market, rules, collateral, quote_decimals=6)
    made.mint("minter", shares)
    return made


def moved(token: Token, eth_usd: float, now: int) -> Token:
    """The same at another price and time."""
    return token.at(now=now, price=price(eth_usd, token.rules.long))


def state(token: Token, number: int = 0) -> State:
    """What Lens says of it."""
    collateral, debt = token.position.balances()
    auction = token.auction()
    return State(
        token=address(number),
        faults=Fault(0),
        supply=token.true_supply(),
        collateral=collateral,
        debt=debt,
        price=token.price,
        venue_price=token.position.market.price,
        assets=token.total_assets(),
        leverage=token.leverage(),
        lane=Lane(auction.lane),
        levering=auction.levering,
        premium=auction.premium,
        brings=auction.brings,
        takes=auction.takes,
        next_rebalance=token.next_rebalance(),
        liquidity=token.position.liquidity(),
        max_mint=0,
        paused=token.paused,
        cap=token.cap,
        settled_at=token.settled_at,
    )


def facts(token: Token, number: int = 0) -> Facts:
    """What never changes of it."""
    lltv, bonus = token.position.liquidation()
    coins = [(WETH, "WETH", 18), (USDC, "USDC", 6)]
    (held, held_symbol, held_decimals), (owed, owed_symbol, owed_decimals) = (
        coins if token.rules.long else coins[::-1]
    )
    return Facts(
        token=address(number),
        faults=Fault(0),
        name="token",
        symbol=f"T{number}",
        position=address(number),
        oracle=address(number),
        collateral=held,
        collateral_symbol=held_symbol,
        collateral_decimals=held_decimals,
        debt=owed,
        debt_symbol=owed_symbol,
        debt_decimals=owed_decimals,
        lltv=lltv,
        bonus=bonus,
        rules=LensRules(*astuple(token.rules)),
        owner=address(number),
        treasury=address(number),
    )


def legs(token: State, max_in: int) -> tuple[int, int]:
    """What a fill of `max_in` brings and takes."""
    brings = min(max_in, token.brings)
    return brings, token.takes * brings // token.brings


def pool(token: State, ask: Ask, depth: int, off: int = 0) -> Quote:
    """What a fill earns on a pool of x * y = k, `depth` raw units deep in what is brought.

    It is `off` WAD dearer than the oracle; its fee is the ask's tier.
    """
    brings, takes = legs(token, ask.max_in)
    if brings >= depth:
        return Quote(ask, None, fault="swap: pool is too shallow")
    worth = SCALE * SCALE // token.price if not token.levering else token.price
    other = depth * worth // SCALE * (WAD + off) // WAD
    owed = -(-other * brings * 10**6 // ((depth - brings) * (10**6 - ask.tier)))
    if owed > takes:
        return Quote(ask, None, fault="keeper: profit below minimum")
    return Quote(ask, takes - owed)


def with_gas(quotes: list[Quote], gas: int) -> list[Quote]:
    """The same, estimated."""
    return [replace(quote, gas=gas) for quote in quotes]
