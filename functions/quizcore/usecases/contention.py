"""Bounded retries of commits that may conflict with another writer."""

import random
from collections.abc import Callable, Iterator

from quizcore.usecases.rejected import Rejected

TRIES = 6
PAUSE_FIRST_S = 0.02
PAUSE_MOST_S = 0.4


def tries(sleep: Callable[[float], None]) -> Iterator[int]:
    """The numbers of the attempts, from 0 on, with a growing pause and full jitter between them.

    Firestore aborts one of two writers (ABORTED, a Conflict like any other), so after a conflict the caller reads the
    stored documents: when they do not explain the conflict, the caller tries again. Raises Rejected `try_again` after
    the last attempt.
    """
    for attempt in range(TRIES):
        yield attempt
        if attempt < TRIES - 1:
            most = min(PAUSE_MOST_S, PAUSE_FIRST_S * 2**attempt)
            sleep(random.uniform(0, most))  # noqa: S311 (jitter)
    raise Rejected("try_again", "others write the same at this moment; repeat the request", retry_after_s=1)
