"""Measured figures: ratios and percentiles, with the machine that they were measured on. Opt-in; not a test."""
