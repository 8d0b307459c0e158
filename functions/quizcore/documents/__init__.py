"""Every document in Firestore: one file a document, with its path, its shape, and how it is written and read.

What clients may read is said in `firestore.rules`.
"""

from quizcore.documents.board import (
    RECENT_NAMES,
    board_fields,
    board_path,
    boards_path,
    last_to_join,
    order,
    ranked,
    recent_names,
    rows_of,
    shows_places,
    tally,
    top_rows,
)
from quizcore.documents.journal import journal_entry_path, journal_fields, journal_path, read_journal
from quizcore.documents.mark import mark_fields, read_mark
from quizcore.documents.nickname import nickname_path, nicknames_path
from quizcore.documents.pin import pin_path
from quizcore.documents.player import (
    MOST_POINTS,
    facts_fields,
    graded_fields,
    place_field,
    place_key,
    player_fields,
    player_path,
    players_path,
    read_facts,
    read_player,
    refusal_fields,
    score_fields,
)
from quizcore.documents.question import public_question, question_fields, read_question, reveal_fields
from quizcore.documents.quiz import QUIZZES, question_path, questions_path, quiz_fields, quiz_path, read_quiz
from quizcore.documents.ranks import ranks_fields, ranks_path
from quizcore.documents.request import join_request_path, request_fields, request_path, requests_path
from quizcore.documents.session import (
    SESSIONS,
    announced,
    clock_fields,
    is_whole_session,
    options_fields,
    phase_fields,
    read_game,
    read_options,
    session_collections,
    session_facts,
    session_path,
)
from quizcore.documents.session_quiz import session_quiz_fields, session_quiz_path
from quizcore.documents.shard_board import shard_fields, shard_path, shards_path
from quizcore.documents.stamps import Document, expiry
from quizcore.documents.submission import answer_fields, read_answer, read_submission, submission_fields
from quizcore.documents.table import (
    PAGE_ROWS,
    ROLL_ROWS,
    in_pages,
    in_parts,
    page_path,
    pages,
    roll_path,
    rolls,
    rolls_path,
    table_parts,
)
from quizcore.documents.timeline import read_timeline, timeline_fields, timeline_path
from quizcore.documents.unfinished import unfinished_path
