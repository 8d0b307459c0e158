"""What strangers send: none of it is our fault, none of it changes anything."""
