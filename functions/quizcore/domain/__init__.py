"""The game itself. Standard library only: it can be read, run and tested without Firebase."""
