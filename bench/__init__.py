"""Measured figures: ratios and percentiles, with what they were measured on. Opt-in; not a test."""
