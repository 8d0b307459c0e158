"""`classes/{id}` and its members, `people/{uid}/classes/{id}`, and `class_codes/{code}`: a host's group of people.

A membership is two documents that are written in one commit: the class's `members/{uid}` and the person's
`classes/{id}`. A code leads to one class, and a class has one code at a time.
"""

from typing import Annotated

from pydantic import StringConstraints
from typing_extensions import TypedDict

from quizcore.documents.person import PersonDocument, person_path
from quizcore.documents.values import Count, Name, Uid
from quizcore.messages import Id

CLASSES = "classes"
MOST_TITLE_CHARS = 80

ClassTitle = Annotated[str, StringConstraints(min_length=1, max_length=MOST_TITLE_CHARS)]


class ClassDocument(TypedDict):
    """`zone` is an IANA zone: in it the days, weeks and months of the class's leaderboard begin."""

    owner_id: Uid
    title: ClassTitle
    zone: str
    code: str
    created_at: Count


class ClassMemberDocument(TypedDict):
    """How the other members see a member."""

    nickname: Name
    avatar: str
    joined_at: Count


class ShownInClass(TypedDict):
    """The fields of a member's document that come from the member's profile."""

    nickname: Name
    avatar: str


class MembershipDocument(TypedDict):
    """How a member sees the class."""

    title: ClassTitle
    joined_at: Count


class ClassCodeDocument(TypedDict):
    class_id: Id


def class_path(class_id: str) -> str:
    return f"{CLASSES}/{class_id}"


def class_members_path(class_id: str) -> str:
    return f"{class_path(class_id)}/members"


def class_member_path(class_id: str, uid: str) -> str:
    return f"{class_members_path(class_id)}/{uid}"


def memberships_path(uid: str) -> str:
    return f"{person_path(uid)}/classes"


def membership_path(uid: str, class_id: str) -> str:
    return f"{memberships_path(uid)}/{class_id}"


def class_code_path(code: str) -> str:
    return f"class_codes/{code}"


def shown_in_class(person: PersonDocument) -> ShownInClass:
    return {"nickname": person["nickname"], "avatar": person["avatar"]}
