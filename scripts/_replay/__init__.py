"""Real prices lived through on the devnet, one idea a file.

live    a token on the chain, with the model beside it
rows    a row a bar, as CSV
report  the figures, as JSON and on the screen
"""
