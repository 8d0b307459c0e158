"""Final sessions counted and folded by worker processes that are killed on the way, on the Firestore emulator."""
