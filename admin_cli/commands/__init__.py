"""One file per group of verbs: parse, call, print, exit code."""
