"""Prices of a market as bars: what a bar is, from a file, or made with a seed, one idea a file.

bars  table  read  make

Nothing here imports Ape, so that a process that only computes starts at once.
"""
