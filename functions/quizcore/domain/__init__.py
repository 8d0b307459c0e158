"""The rules of the game. Standard library only, so they can be read, run and tested without Firebase."""
