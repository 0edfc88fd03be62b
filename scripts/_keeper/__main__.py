"""`python -m scripts._keeper`: the keeper without Ape."""

from scripts.keeper import cli

cli()
