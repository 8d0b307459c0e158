"""Boards over time: what people's results in final sessions add up to, by day, ISO week, month, and in all.

A person's total follows from the *set* of the person's contributions, so order and repetition change nothing. Each
change of a person becomes moves; a board is the fold of its moves. No number is ever incremented in a document.
"""
