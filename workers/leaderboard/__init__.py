"""Boards over time. Counting takes a final session to its people, and folding takes what moved to the boards."""
