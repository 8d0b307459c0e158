"""Leaderboards computed again from the people's documents, by code that the worker does not use: own sums, own periods,
own ranks (by SQL), and an own reader of the table of scores. So a fault of the worker cannot hide itself.
"""
