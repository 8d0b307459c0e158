"""What the API, the command line and the tests do with a session, one file each, without Flask, Typer or an adapter."""
