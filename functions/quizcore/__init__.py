"""The code that the API, the worker and the command line share."""
