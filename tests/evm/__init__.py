"""A chain in this process: the same devnet and the same tests, many times as fast as on anvil.

    build      our contracts, compiled from the sources as they are or with some of them replaced
    engine     an EVM with a clock: transactions, calls, snapshots
    stand_in   the part of Ape's interface that the devnet and the tests use, over the engine
    plugin     `pytest -p tests.evm.plugin`: tests meet the stand-in where they ask for Ape
    node       what the state machines ask a node for, over the engine

Under `ape test` none of this is used: the same tests then run on anvil, through Ape itself.
"""
