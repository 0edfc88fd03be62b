"""Whether our contracts do the same, however the compiler optimises them.

transcript   what calls answered on a chain, in words that no build changes
plugin       `pytest -p tests.builds.plugin`: a build, and a transcript of each test
compare      `python -m tests.builds`: the suite on every build, test by test
"""

from tests.evm import build

LEVELS = ("none", "gas", "codesize")
DEPLOYED = build.optimize  # what the others are held to
CODE_SIZE = 2**16  # with "none" the token's creation code does not fit a blueprint (EIP-170)
