"""The whole system on one machine: official emulators, the API, a worker. This package is never deployed."""
