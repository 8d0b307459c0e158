"""Every document in Firestore: one file a document, with its path, its shape, and how it is written and read.

A shape is a TypedDict: mypy holds writers and readers to it, and at run time it is the plain dict that the store takes.
`firestore.rules` decides which documents clients may read.
"""

from quizcore.documents.audit import AUDIT, Action, AuditDocument, audit_done, audit_path
from quizcore.documents.board import (
    BOARD_STAMPS,
    RECENT_NAMES,
    BoardDocument,
    BoardFields,
    BoardHead,
    BoardStamps,
    PlayerRow,
    PublicFields,
    RowFields,
    TallyFields,
    board_fields,
    board_path,
    boards_path,
    last_to_join,
    public_board,
    public_row,
    ranked,
    recent_names,
    rows_of,
    same_board,
    shows_places,
    tally,
    top_rows,
    without_stamps,
)
from quizcore.documents.group import (
    GroupDocument,
    GroupFields,
    StampedGroup,
    group_document,
    group_path,
    groups_path,
    stamped_group,
)
from quizcore.documents.journal import (
    HeldFields,
    JournalDocument,
    journal_entry_path,
    journal_fields,
    journal_path,
    read_journal,
)
from quizcore.documents.leaver import LeaverDocument, leaver_fields, leaver_path, leavers_path
from quizcore.documents.link import (
    KeptDocument,
    LinkDocument,
    kept_fields,
    kept_game_path,
    kept_games_path,
    link_fields,
    link_path,
    links_path,
)
from quizcore.documents.mark import MarkFields, mark_fields, read_mark
from quizcore.documents.nickname import NicknameDocument, nickname_fields, nickname_path, nicknames_path
from quizcore.documents.person import (
    PEOPLE,
    Avatar,
    Language,
    MonthDocument,
    Packed,
    PackedValue,
    PersonDocument,
    PlaceFields,
    ProfileFields,
    Total,
    month_path,
    months_path,
    new_person,
    person_path,
    still_there,
    with_profile,
)
from quizcore.documents.pin import PinDocument, pin_fields, pin_path
from quizcore.documents.player import (
    MOST_POINTS,
    FactsFields,
    GradedFields,
    PlayerDocument,
    RefusalFields,
    RenamingFields,
    ScoreFields,
    facts_fields,
    graded_fields,
    place_field,
    place_key,
    player_changes,
    player_fields,
    player_path,
    players_path,
    read_facts,
    read_player,
    refusal_fields,
    score_fields,
)
from quizcore.documents.question import (
    PublicQuestion,
    QuestionDocument,
    RevealFields,
    public_question,
    question_fields,
    read_question,
    reveal_fields,
)
from quizcore.documents.quiz import (
    QUIZZES,
    QuizDocument,
    QuizHead,
    question_path,
    questions_path,
    quiz_fields,
    quiz_head,
    quiz_path,
    read_quiz,
    read_stored_quiz,
)
from quizcore.documents.ranks import (
    RanksDocument,
    RanksFields,
    nobody_ahead,
    ranks_document,
    ranks_fields,
    ranks_path,
    read_ranks,
)
from quizcore.documents.request import RequestDocument, join_request_path, request_fields, request_path, requests_path
from quizcore.documents.resharding import (
    MadeOf,
    MadeOfFields,
    ReshardingDocument,
    ReshardingFields,
    nothing_prepared,
    read_made_of,
    resharding_fields,
    resharding_path,
)
from quizcore.documents.result import (
    ResultChange,
    clock_due_at,
    counted_of,
    handed_on,
    result_fields,
    result_part,
    to_hand_on,
)
from quizcore.documents.return_code import (
    RETURN_CODES,
    ReturnCodeDocument,
    return_code_fields,
    return_code_path,
    used_code,
)
from quizcore.documents.school_class import (
    CLASSES,
    MOST_TITLE_CHARS,
    ClassCodeDocument,
    ClassDocument,
    ClassMemberDocument,
    ClassTitle,
    MembershipDocument,
    class_code_path,
    class_member_path,
    class_members_path,
    class_path,
    membership_path,
    memberships_path,
    shown_in_class,
)
from quizcore.documents.session import (
    SESSIONS,
    ClockFields,
    CountedFields,
    HeadFields,
    LayoutFields,
    OptionsFields,
    PhaseFields,
    Pin,
    Result,
    ResultPart,
    SessionDocument,
    announced,
    clock_fields,
    head_fields,
    is_whole_session,
    options_fields,
    phase_fields,
    read_game,
    read_options,
    session_collections,
    session_facts,
    session_fields,
    session_path,
)
from quizcore.documents.session_quiz import (
    SessionQuizDocument,
    read_session_quiz,
    session_quiz_fields,
    session_quiz_path,
)
from quizcore.documents.shard_board import (
    JoinedFields,
    OrderedRow,
    ShardBoardDocument,
    ShardBoardFields,
    SummaryFields,
    UnrankedRow,
    clock_of,
    ordered,
    read_turnout,
    shard_fields,
    shard_path,
    shards_path,
    turnout_fields,
    unranked,
)
from quizcore.documents.submission import (
    AnswerFields,
    SubmissionFields,
    answer_fields,
    read_answer,
    read_submission,
    submission_fields,
)
from quizcore.documents.table import (
    PAGE_ROWS,
    ROLL_ROWS,
    PageDocument,
    PageFields,
    RollDocument,
    RollFields,
    in_pages,
    in_parts,
    page_document,
    page_path,
    pages,
    roll_document,
    roll_path,
    rolls,
    rolls_path,
    standing_row,
    table_parts,
)
from quizcore.documents.timeline import (
    LockingFields,
    TimelineDocument,
    TimelineFields,
    read_timeline,
    timeline_document,
    timeline_fields,
    timeline_path,
)
from quizcore.documents.unfinished import UnfinishedDocument, unfinished_fields, unfinished_path
from quizcore.documents.values import Count, Expiring, Index, KindName, Name, TableStamps, Uid, Whole, expiry
