"""Which lines and branches of the contracts the unit tests reach.

places     where there is something to reach: a statement, either side of a condition
marks      the compiler, made to leave a mark in the chain at each of them
report     `python -m tests.coverage.report`: what is neither reached nor explained
"""
