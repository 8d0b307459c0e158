"""Three people with accounts who play two short games, so that a leaderboard and a history have something to show."""

PEOPLE = {"Mai": "owl", "Noor": "cat", "Olu": "tiger"}
PASSWORD = "only-on-the-emulator"  # noqa: S105 (accounts of the Auth emulator, gone with it)
