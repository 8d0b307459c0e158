"""An open-model load on the whole pipeline: `make load PLAYERS=1000 SHARDS=1 WORKERS=1`."""
