"""The whole system on one machine: official emulators, the door, a worker. Not deployed."""
