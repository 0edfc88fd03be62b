"""A token in a crash whose keeper is late, one idea a file.

choices  picture
"""
