"""Adapters of the ports to the services. Only composition roots name these modules."""
