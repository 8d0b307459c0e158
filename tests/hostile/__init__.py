"""Requests and files of strangers: they cause no fault of the product and change nothing."""
