"""What a person should know before the yes, line by line."""

from decimal import Decimal

from scripts._lens import Facts, Lane, State
from scripts._wallet.amounts import EXACT, from_raw, show_least, show_most, show_number
from scripts._wallet.clock import date_of, in_words
from scripts._wallet.cost import cost_of
from scripts._wallet.prices import quote_of, quoted
from scripts._wallet.screen import describe, percent, signed
from scripts._wallet.swap import MILLION
from scripts._wallet.trade import Trade, shares_of

Line = tuple[str, str]


def trade_lines(trade: Trade, now: int) -> list[Line]:
    """A mint or a redemption: what is given and received, what it costs, and what it makes one."""
    coin, shares = trade.coin, shares_of(trade.facts)
    if trade.minting:
        pay = show_most(trade.most, coin.decimals, coin.symbol)
        if coin.show(trade.total) != pay:
            pay += f" at most, {coin.show(trade.total)} expected"
        get = shares.show(trade.shares)
        if trade.least != trade.shares:
            least = show_least(trade.least, shares.decimals, shares.symbol)
            get = f"{least} at least, {get} expected"
    else:
        pay = shares.show(trade.shares)
        least = show_least(trade.least, coin.decimals, coin.symbol)
        get = f"{least} at least, {coin.show(trade.total)} expected"
    lines = [("you pay", pay), ("you receive", get)]
    lines += _swap_lines(trade)
    lines += _fee_lines(trade)
    return lines + standing_lines(trade.state, trade.facts, now)


def standing_lines(state: State, facts: Facts, now: int) -> list[Line]:
    """How the token stands, which is how each holder of it stands."""
    told = describe(state, facts)
    low, high = told["band"]
    leverage = signed(told["leverage"]) if told["leverage"] else "unknown"
    moment = state.next_rebalance
    lines = [
        ("leverage", f"{leverage} now; a rebalance keeps it from {signed(low)} to {signed(high)}"),
        ("rebalance", f"next at {date_of(moment)}, in {in_words(moment - now)}"),
    ]
    if told["lane"] not in (None, Lane.CLOSED.name.lower()):
        lines.append(("lane", f"{told['lane']} open now: the leverage is about to change"))
    if told["to_liquidation"]:
        move = percent(told["to_liquidation"])
        lines.append(("liquidation", f"by the venue if the price moves {move} before a rebalance"))
    return lines + [("beware", fault) for fault in told["faults"]]


def named(facts: Facts) -> str:
    """A token for the eye: `ETHBULL (3x Long Ether)`."""
    return f"{facts.symbol} ({facts.name})"


def aligned(lines: list[Line]) -> str:
    """Lines of a label and what it is about, under each other."""
    width = max(len(label) for label, _ in lines)
    return "\n".join(f"  {label:<{width}}  {text}" for label, text in lines)


def _swap_lines(trade: Trade) -> list[Line]:
    swap, facts, state = trade.swap, trade.facts, trade.state
    if swap is None:
        return [("swap", "none is needed")]
    quote, other = _symbols(facts)
    bought = facts.collateral_symbol if swap.minting else facts.debt_symbol
    amount = (
        from_raw(swap.collateral, facts.collateral_decimals)
        if swap.minting
        else from_raw(swap.debt, facts.debt_decimals)
    )
    price = f"{show_number(quoted(swap.price, facts))} {quote} for one {other}"
    against = f"{_worse(swap.impact(trade.mid))} than the pool's price"
    if state.price:
        against += f"; {_worse(swap.loss(state.price))} than the oracle's, with the pool's fee"
    return [
        ("swap", f"buys {show_number(amount)} {bought} on Uniswap v3, {price}"),
        ("price impact", against),
    ]


def _fee_lines(trade: Trade) -> list[Line]:
    facts, swap = trade.facts, trade.swap
    shares = shares_of(facts)
    rate = facts.rules.mint_fee if trade.minting else facts.rules.redeem_fee
    what = "to mint" if trade.minting else "to redeem"
    fees = [f"{shares.show(trade.fee_shares)} {what} ({percent(from_raw(rate, 18), False)})"]
    if swap is not None:
        sold, decimals = (
            (facts.debt_symbol, facts.debt_decimals)
            if swap.minting
            else (facts.collateral_symbol, facts.collateral_decimals)
        )
        paid = show_number(from_raw(swap.fee_paid, decimals), decimals)
        part = percent(Decimal(swap.fee) / MILLION, False)
        fees.append(f"{paid} {sold} to the pool ({part})")
    fees.append(f"{percent(from_raw(facts.rules.management_fee, 18), False)} a day to hold")
    lines = [("fees", ", ".join(fees))]
    cost = cost_of(trade)
    if cost is not None:
        quote, decimals = quote_of(facts)
        lost = show_number(EXACT.scaleb(cost.lost, -decimals))
        part = percent(cost.part, False)
        lines.append(("cost in all", f"{lost} {quote}, {part} of what you give"))
    return lines


def _worse(part: Decimal) -> str:
    return f"{percent(abs(part), False)} {'better' if part < 0 else 'worse'}"


def _symbols(facts: Facts) -> tuple[str, str]:
    """Of the quote asset and of the other."""
    pair = (facts.debt_symbol, facts.collateral_symbol)
    return pair if facts.rules.long else (pair[1], pair[0])
