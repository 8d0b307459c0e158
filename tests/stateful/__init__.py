"""A state machine that drives the API and the worker together."""
