"""The calls of the API, one file a route, named as the route."""
