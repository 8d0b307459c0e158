"""The page of a person: the profile, the rank in each period that runs now, and the classes."""

from dataclasses import dataclass

from quizcore import documents
from quizcore.documents import MembershipDocument, PersonDocument
from quizcore.domain.leaderboard.calendar import Span
from quizcore.domain.leaderboard.contribution import GLOBAL
from quizcore.ports import Caller
from quizcore.usecases.leaderboards import View, leaderboard
from quizcore.usecases.people import profile
from quizcore.usecases.services import Services


@dataclass(frozen=True, slots=True)
class Membership:
    class_id: str
    title: str
    joined_at: int


@dataclass(frozen=True, slots=True)
class OwnPage:
    """`standings` by span, of the leaderboard of everybody."""

    person: PersonDocument
    standings: dict[Span, View]
    classes: list[Membership]


def own_page(services: Services, caller: Caller) -> OwnPage:
    """Raises Rejected `account_needed`, `account_unusable` or `no_profile`; StoreError."""
    person = profile(services, caller)
    standings = {span: leaderboard(services, caller, GLOBAL, span, 0) for span in Span}
    found = services.store.list(documents.memberships_path(caller.uid))
    classes = [(each.name, each.read_as(MembershipDocument)) for each in found]
    return OwnPage(person, standings, [Membership(name, one["title"], one["joined_at"]) for name, one in classes])
