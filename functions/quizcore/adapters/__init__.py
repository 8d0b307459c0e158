"""The outside world behind the ports. Only composition roots name these modules."""
