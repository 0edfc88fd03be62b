"""A week of Ballast on a testnet of its own, with two keepers and everything that goes wrong.

path      what ETH costs, a point every few minutes
node      an anvil of another chain's id, whose blocks come when they are told to
lender    where the tokens live: whose events are read, and how a position is liquidated
town      the market and its people: prices, trades, mints, redemptions, a liquidator
bad_days  which fault comes on which night
week      all of it, block by block
books     every wei, from the first block to the last
crowd     a thousand tokens, and how long it takes to decide about them
"""
