"""A token in a crash whose keeper is late, one idea a file.

bars  walk  on_chain  in_model  choices  picture
"""
