"""What became of tokens, shown: the charts of a page and of a picture, one idea a file.

style  thin  amounts  section  layers  lines        what charts are made of
worth  leverage  drawdown  costs  issuers           sections of tracks
many  histogram  scatter                            of outcomes
heat                                                of cells
page  picture                                       all of them
"""
