"""Tokens on paper: any issuer's rules on any prices, many at once, and what came of it.

    issuer           an issuer's rules, and what the world charges
    book             one issuer's token on many paths at once, in floats
    track  many      through bars of one path; through paths of a made-up market
    sweep            band × schedule × cost
    error            how far all that is from the exact model
    closed           the same in closed form
    told             what became of tokens, for reports
    figures  tables  and in few numbers
    pool  study      on all cores, or on a cluster
    options          of the commands

Nothing here needs a chain.
"""
