"""Statistics: figures of groups of rows, each of which hands out the rows that it counts.

`base.py` has what all have in common; each noun has its figures, keys and groups in a module of its own.
"""
