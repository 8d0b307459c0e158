"""What the API, the worker and the command line share."""
