"""Mutation testing of the core: `make mutate`. docs/laws.md describes it and its results."""
