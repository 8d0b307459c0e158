"""The documents that a report reads, as the worker writes them."""

from datetime import timedelta

from quizcore import documents
from quizcore.adapters.memory import MemoryStore
from quizcore.domain.fold import State
from quizcore.ports import Put
from quizcore.usecases.report import CsvSheet, Row, XlsxSheet, report, report_rows
from tests.support.games import START

SESSION = "session-1"
EXPIRES = documents.expiry(START) + timedelta(days=1)


def stored(state: State) -> MemoryStore:
    store = MemoryStore()
    store.commit([Put(documents.session_quiz_path(SESSION), documents.session_quiz_fields(state.game.quiz, EXPIRES))])
    for player in state.players.values():
        fields = documents.player_fields(player, EXPIRES)
        store.commit([Put(documents.player_path(SESSION, player.player_id), fields)])
    return store


def rows_of(state: State) -> list[Row]:
    return list(report_rows(stored(state), SESSION))


def files_of(state: State) -> tuple[bytes, bytes]:
    """As CSV and as xlsx."""
    as_csv, as_xlsx = report(stored(state), SESSION, [CsvSheet, XlsxSheet]).files
    return as_csv, as_xlsx
