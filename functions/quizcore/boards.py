"""The names of the boards' documents, which are in `documents/`."""

from quizcore.documents import (
    PAGE_ROWS,
    RECENT_NAMES,
    ROLL_ROWS,
    board_fields,
    in_pages,
    in_parts,
    pages,
    ranks_fields,
    recent_names,
    rolls,
    shard_fields,
    shows_places,
    table_parts,
    tally,
    top_rows,
)
