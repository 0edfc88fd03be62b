"""A keeper: fills auctions through the Keeper contract, and never loses more than gas.

    settings  what it is told, by environment
    wallet    the account that it signs with
    chain     reading, over nodes of which some lie, hang or lag
    look      all that a block says, in one request
    decide    what to fill, from what was seen: no chain, no clock, no state
    send      from a decision to a transaction that is mined, or to nothing
    remember  what became of it, so that who fails is tried more seldom
    report    logs, metrics and a health endpoint
    watch     one block after the other

Nothing of it needs Ape. What it remembers is only to save requests, fees and losses: killed at any
moment and started again, it reads everything from the chain.
"""
