"""The operations on a session, one file each, without Flask, Typer or an adapter. The API, the command line and the
tests call them."""
