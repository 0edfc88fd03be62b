"""The exact twin of the contracts in plain integers, one file a module, with no chain in sight.

    fixed_point  leverage_math  premium_curve  daily_schedule  streaming_fee  rule_book
        what the Vyper modules of these names compute, bit for bit
    venue    one market of Morpho Blue and a position on it
    aave     two reserves of Aave v3 and a position on them
    port     what the token asks of either
    token    the leveraged token over a position: the same calls, the same numbers, the same faults

Tests ask it what the contracts must do, the simulator and the keeper what they would do.

    market = venue.used_market(lltv=86 * WAD // 100, price=2000 * 10**24)     # USDC for WETH
    rules = Rules(long=True, target=3 * WAD, emergency=usual_emergency(3 * WAD, long=True))
    bull = token.create(market, rules, collateral=WAD, quote_decimals=6)
    bull.mint("minter", 10 * WAD)
    bull.at(now=daily_schedule.opened(market.now) + DAY + 600, price=2100 * 10**24)
    bull.fill_lever(10 * WAD)
"""
