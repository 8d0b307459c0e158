"""Mutation testing of the heart: `make mutate`. docs/laws.md says what it is and what it found."""
