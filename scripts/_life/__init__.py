"""A token lived through prices, point by point, with a keeper and a liquidator, one idea a file.

walk      what happens at a point, wherever the token is
in_model  on_chain                                          where it can be
books     why NAV has changed, a page a day
compare   on the chain and in the model, bar by bar
track     a life ready to be shown
"""
