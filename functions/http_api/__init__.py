"""The API: it validates, publishes and answers. It never scores and never writes points."""
