"""Every Firestore path and every shape that lies there.

Game times are integers: milliseconds since the epoch. Only `expires_at` is a Firestore timestamp,
because the TTL policy asks for one. What clients may read is said in `firestore.rules`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from quizcore.domain.commands import Facts
from quizcore.domain.events import Answer, AnswerSubmitted, Mark, PlayerJoined, PlayerRenamed, SessionLocked
from quizcore.domain.fold import Player, State
from quizcore.domain.quiz import Kind, Question, Quiz
from quizcore.domain.schedule import due_at
from quizcore.domain.session import Game, Options, Phase, Reveal, Scoring, Timeline
from quizcore.domain.sheet import Graded, Refusal
from quizcore.shards import slot_of

Document = dict[str, Any]

MOST_POINTS = 10**12 - 1

# --- paths ---------------------------------------------------------------------------------------

QUIZZES = "quizzes"
SESSIONS = "sessions"


def quiz_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}"


def questions_path(quiz_id: str) -> str:
    return f"{QUIZZES}/{quiz_id}/questions"


def question_path(quiz_id: str, index: int) -> str:
    return f"{questions_path(quiz_id)}/{index}"


def session_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}"


def session_quiz_path(session_id: str) -> str:
    """The quiz with its key as it was when the session opened."""
    return f"{SESSIONS}/{session_id}/private/quiz"


def timeline_path(session_id: str, shard: int) -> str:
    """The control events that a shard has folded."""
    return f"{SESSIONS}/{session_id}/private/timeline-{shard}"


def unfinished_path(session_id: str, shard: int) -> str:
    """There while a commit of this shard is made in parts: players' documents may be ahead of its board."""
    return f"{SESSIONS}/{session_id}/private/unfinished-{shard}"


def players_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/players"


def player_path(session_id: str, player_id: str) -> str:
    return f"{players_path(session_id)}/{player_id}"


def boards_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/boards"


def shards_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/shards"


def shard_path(session_id: str, shard: int) -> str:
    """A shard's own board, where there are many of them (quizcore/layout.py)."""
    return f"{shards_path(session_id)}/{shard}"


def board_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/boards/top"


def ranks_path(session_id: str) -> str:
    """From which every client reads its own rank."""
    return f"{SESSIONS}/{session_id}/boards/ranks"


def page_path(session_id: str, page: int) -> str:
    """A hundred rows of the whole table, once the session is final."""
    return f"{SESSIONS}/{session_id}/boards/page-{page}"


def rolls_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/rolls"


def roll_path(session_id: str, shard: int, part: int) -> str:
    """The whole table of one shard of many, from which the pages are merged."""
    return f"{rolls_path(session_id)}/{shard}-{part}"


def journal_path(session_id: str) -> str:
    """Counted answers to questions not yet revealed, one document a commit."""
    return f"{SESSIONS}/{session_id}/journal"


def journal_entry_path(session_id: str, commit_id: str) -> str:
    return f"{journal_path(session_id)}/{commit_id}"


def pin_path(pin: str) -> str:
    return f"pins/{pin}"


def session_collections(session_id: str) -> list[str]:
    """Everything that lies below a session."""
    names = ("private", "players", "boards", "shards", "rolls", "journal", "nicknames", "requests")
    return [f"{SESSIONS}/{session_id}/{name}" for name in names]


def nicknames_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/nicknames"


def nickname_path(session_id: str, folded: str) -> str:
    return f"{nicknames_path(session_id)}/{folded}"


def requests_path(session_id: str) -> str:
    return f"{SESSIONS}/{session_id}/requests"


def request_path(session_id: str, key: str) -> str:
    """What an Idempotency-Key of this session's host was first used for."""
    return f"{requests_path(session_id)}/{key}"


def join_request_path(key_digest: str) -> str:
    """What a player's Idempotency-Key was first used for; the key itself makes the player and is not kept."""
    return f"requests/{key_digest}"


def expiry(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


# --- quizzes -------------------------------------------------------------------------------------


def quiz_fields(quiz: Quiz, *, owner_id: str, visibility: str, version: int, updated_at: int) -> Document:
    return {
        "title": quiz.title,
        "description": quiz.description,
        "language": quiz.language,
        "level": quiz.level,
        "owner_id": owner_id,
        "visibility": visibility,
        "question_count": len(quiz.questions),
        "version": version,
        "updated_at": updated_at,
    }


def session_facts(session: Mapping[str, Any]) -> Facts:
    """What a command is decided from."""
    return Facts(Phase(session["state"]), session["question_index"], session["question_count"], session["closes_at"])


def public_question(question: Question) -> Document:
    """A question as players see it before the reveal."""
    return {
        "prompt": question.prompt,
        "kind": question.kind.value,
        "choices": list(question.choices),
        "time_limit_ms": question.time_limit_ms,
        "points": question.points,
        "media": question.media,
    }


def question_fields(question: Question) -> Document:
    return {**public_question(question), **reveal_fields(question)}


def reveal_fields(question: Question) -> Document:
    return {"key": list(question.key), "explanation": question.explanation}


def read_question(data: Mapping[str, Any]) -> Question:
    return Question(
        prompt=data["prompt"],
        kind=Kind.named(data["kind"]),
        key=tuple(data["key"]),
        choices=tuple(data["choices"]),
        time_limit_ms=data["time_limit_ms"],
        points=data["points"],
        media=data.get("media"),
        explanation=data.get("explanation"),
    )


def read_quiz(data: Mapping[str, Any], questions: Iterable[Mapping[str, Any]]) -> Quiz:
    return Quiz(
        title=data["title"],
        language=data["language"],
        description=data.get("description", ""),
        level=data.get("level", ""),
        questions=tuple(map(read_question, questions)),
    )


def session_quiz_fields(quiz: Quiz, expires_at: datetime) -> Document:
    return {
        "title": quiz.title,
        "language": quiz.language,
        "description": quiz.description,
        "level": quiz.level,
        "questions": [question_fields(question) for question in quiz.questions],
        "expires_at": expires_at,
    }


# --- sessions ------------------------------------------------------------------------------------


def options_fields(options: Options) -> Document:
    return asdict(options) | {"scoring": options.scoring.value, "reveal": options.reveal.value}


def read_options(data: Mapping[str, Any]) -> Options:
    return Options(**{**data, "scoring": Scoring(data["scoring"]), "reveal": Reveal(data["reveal"])})


def is_whole_session(session: Mapping[str, Any]) -> bool:
    """Whether a session's document was opened as one. Older releases could write a part of it anew after its deletion;
    what is left so is read as no session at all."""
    return session.keys() >= {"shards", "host_id", "expires_at"}


def read_game(session: Mapping[str, Any], session_quiz: Mapping[str, Any]) -> Game:
    return Game(read_quiz(session_quiz, session_quiz["questions"]), read_options(session["options"]))


def clock_fields(state: State) -> Document:
    """The part of a session document that moves while it runs."""
    return {
        **phase_fields(state),
        "player_count": len(state.standings),
        "final": state.timeline.final(state.game),
        "due_at": due_at(state.timeline, state.game, state.now),
    }


def phase_fields(state: State) -> Document:
    """What follows from the timeline alone, and so is the same in every shard."""
    index = state.timeline.current()
    window = None if index is None else state.windows[index]
    question = None if index is None else state.game.question(index)
    return {
        "state": state.timeline.phase(state.game, state.now).value,
        "question_index": index,
        "question": question and public_question(question),
        "opened_at": window and window.opened_at,
        "closes_at": window and window.closes_at,
        "reveal": reveal_fields(question) if question and index in state.over else None,
        "locked": state.timeline.locked,
    }


# --- timeline ------------------------------------------------------------------------------------


def timeline_fields(timeline: Timeline) -> Document:
    return {
        "openings": {str(i): _mark_fields(mark) for i, mark in timeline.openings.items()},
        "closings": {str(i): [_mark_fields(m) for m in sorted(marks)] for i, marks in timeline.closings.items()},
        "finished": timeline.finished and _mark_fields(timeline.finished),
        "settled_at": timeline.settled_at,
        "locking": timeline.locking and {**_mark_fields(timeline.locking.mark), "locked": timeline.locking.locked},
        "expected_players": timeline.expected_players,
    }


def read_timeline(data: Mapping[str, Any]) -> Timeline:
    return Timeline(
        openings={int(i): _read_mark(mark) for i, mark in data["openings"].items()},
        closings={int(i): frozenset(map(_read_mark, marks)) for i, marks in data["closings"].items()},
        finished=data["finished"] and _read_mark(data["finished"]),
        settled_at=data["settled_at"],
        locking=data["locking"] and SessionLocked(_read_mark(data["locking"]), data["locking"]["locked"]),
        expected_players=data["expected_players"],
    )


def _mark_fields(mark: Mark) -> Document:
    return {"at": mark.at, "event_id": mark.event_id}


def _read_mark(data: Mapping[str, Any]) -> Mark:
    return Mark(data["at"], data["event_id"])


# --- players -------------------------------------------------------------------------------------


def player_fields(player: Player, expires_at: datetime) -> Document:
    """A whole player document. `nickname` is null while only answers have arrived."""
    sheet = player.sheet
    return {
        **profile_fields(player),
        **score_fields(player),
        "answers": {str(index): graded_fields(graded) for index, graded in sheet.answers.items()},
        "refused": [refusal_fields(refusal) for refusal in sheet.refused],
        "place": place_field(player),
        "slot": slot_of(player.player_id),
        "expires_at": expires_at,
    }


def place_field(player: Player) -> str | None:
    """Sorts the players of a session as their board does; null for who is not on it."""
    if not player.ranked or player.nickname is None:
        return None
    sheet = player.sheet
    return place_key(sheet.score, sheet.right_elapsed_ms, player.nickname, player.player_id)


def place_key(score: int, right_elapsed_ms: int = 0, nickname: str = "", player_id: str = "") -> str:
    """The better place sorts first, by code point as documents are sorted. With the score alone it stands before every
    player who has that score. Nothing in a nickname sorts before a tab."""
    return f"{MOST_POINTS - score:012}\t{right_elapsed_ms:012}\t{nickname}\t{player_id}"


def profile_fields(player: Player) -> Document:
    joined, renamed = player.joined, player.renamed
    return {
        "nickname": player.nickname,
        "avatar": joined and joined.avatar,
        "joined_at": joined and joined.mark.at,
        "join_receipt": joined and joined.mark.event_id,
        "renamed": renamed and {**_mark_fields(renamed.mark), "nickname": renamed.nickname},
        "admitted": player.admitted,
        "removed": player.removed,
    }


def score_fields(player: Player) -> Document:
    sheet = player.sheet
    return {"score": sheet.score, "correct_count": sheet.correct_count, "streak": sheet.streak}


def graded_fields(graded: Graded) -> Document:
    return {
        **submission_fields(graded.submission),
        "elapsed_ms": graded.elapsed_ms,
        "correct": graded.correct,
        "points": graded.points,
    }


def refusal_fields(refusal: Refusal) -> Document:
    submission = refusal.submission
    index = {"question_index": submission.question_index, "reason": refusal.reason.value}
    return submission_fields(submission) | index


def submission_fields(submission: AnswerSubmitted) -> Document:
    return {"receipt": submission.mark.event_id, "at": submission.mark.at, **answer_fields(submission.answer)}


def answer_fields(answer: Answer) -> Document:
    return {"choices": list(answer.choices)} if answer.text is None else {"text": answer.text}


def read_answer(data: Mapping[str, Any]) -> Answer:
    return Answer(choices=tuple(data.get("choices", ())), text=data.get("text"))


def read_player(player_id: str, data: Mapping[str, Any]) -> Player:
    """The facts of a player; the sheet follows by judging them again. The name that a renamed one joined with is not
    kept. Documents of before there was admitting and renaming are read too."""
    player = Player(player_id, admitted=data.get("admitted", True), removed=data["removed"])
    if (renamed := data.get("renamed")) is not None:
        player.rename(PlayerRenamed(_read_mark(renamed), player_id, renamed["nickname"]))
    if data["nickname"] is not None:
        mark = Mark(data["joined_at"], data["join_receipt"])
        player.join(PlayerJoined(mark, player_id, data["nickname"], data["avatar"]))
    for index, answer in data["answers"].items():
        player.submit(_read_submission(player_id, int(index), answer))
    for refusal in data["refused"]:
        player.submit(_read_submission(player_id, refusal["question_index"], refusal))
    return player


def _read_submission(player_id: str, index: int, data: Mapping[str, Any]) -> AnswerSubmitted:
    return AnswerSubmitted(Mark(data["at"], data["receipt"]), player_id, index, read_answer(data))


# --- requests ------------------------------------------------------------------------------------


def request_fields(
    digest: str, expires_at: datetime, event: str | None = None, player_id: str | None = None
) -> Document:
    """`digest` of the body; `event` is the message, as it went on the bus the first time, and whom it is about."""
    return {"digest": digest, "event": event, "player_id": player_id, "expires_at": expires_at}


# --- journal -------------------------------------------------------------------------------------


def journal_fields(held: Iterable[AnswerSubmitted], shard: int, expires_at: datetime) -> Document:
    entries = [{"player_id": s.player_id, "question_index": s.question_index, **submission_fields(s)} for s in held]
    return {"shard": shard, "entries": entries, "expires_at": expires_at}


def read_journal(data: Mapping[str, Any]) -> list[AnswerSubmitted]:
    return [_read_submission(e["player_id"], e["question_index"], e) for e in data["entries"]]
