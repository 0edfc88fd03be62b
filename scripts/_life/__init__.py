"""A token lived through prices, point by point, with a keeper and a liquidator, one idea a file.

walk  in_model  on_chain
"""
