"""Props for tests."""
