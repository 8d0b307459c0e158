"""The calls of the API: one file per route, with the route's name."""
