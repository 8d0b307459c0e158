"""The engine: events in, one fenced commit out, then the acknowledgement."""
