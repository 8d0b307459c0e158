"""The live board in the terminal."""

from collections.abc import Callable

from rich.live import Live

from admin_cli.board_view import board_view
from admin_cli.output import console, out
from admin_cli.services import Services
from quizcore import documents
from quizcore.documents import BoardDocument, SessionDocument
from quizcore.ports import Snapshot

REDRAWS_PER_S = 8


def watch_board(
    services: Services, session_id: str, *, until_final: bool, unless: Callable[[], bool] = lambda: False
) -> None:
    """Listen to the session and its board, and draw both. Returns when `unless` is true; with `until_final` also when
    the board is final."""
    heard: dict[str, Snapshot] = {}

    def hear(snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            heard[snapshot.path] = snapshot
            if out.as_json and snapshot.path == board:
                out.value(snapshot.data, "")

    session, board = documents.session_path(session_id), documents.board_path(session_id)
    stops = [services.store.listen(path, hear) for path in (session, board)]
    try:
        draw = _draw_nothing if out.as_json else _draw
        draw(
            services, lambda: (heard.get(session), heard.get(board)), lambda final: unless() or (until_final and final)
        )
    finally:
        for stop in stops:
            stop()


Heard = Callable[[], tuple[Snapshot | None, Snapshot | None]]
IsOver = Callable[[bool], bool]


def _draw(services: Services, heard: Heard, is_over: IsOver) -> None:
    over = False
    with Live(console=console, refresh_per_second=REDRAWS_PER_S) as live:
        while not over:
            session, board = heard()
            if session and board:
                now = services.clock.now_ms()
                view = board_view(session.read_as(SessionDocument), board.read_as(BoardDocument), now)
                live.update(view, refresh=True)
            over = is_over(_is_final(board))
            services.sleep(1 / REDRAWS_PER_S)


def _draw_nothing(services: Services, heard: Heard, is_over: IsOver) -> None:
    """With --json `hear` prints each board; nothing is drawn."""
    while not is_over(_is_final(heard()[1])):
        services.sleep(1 / REDRAWS_PER_S)


def _is_final(board: Snapshot | None) -> bool:
    return board is not None and board.read_as(BoardDocument)["final"]
