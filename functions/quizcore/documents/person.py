"""`people/{uid}`: a person with a profile, and what the person's games add up to; the person may read it.

The person makes the profile; the worker that counts final sessions replaces the whole document. So every writer builds
on the version that it has read, and who reads a person that is gone writes nothing.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints
from typing_extensions import TypedDict

from quizcore.documents.values import Count, Name

PEOPLE = "people"

Avatar = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
PackedValue = str | int | None
Packed = list[PackedValue]  # a contribution; `domain/leaderboard/` packs and reads it
Total = list[int]  # points, games, when the points were reached (ms since the epoch)


PlaceName = Literal["place_day", "place_week", "place_month", "place_all"]


class ProfileFields(TypedDict):
    """The person's own choices. `listed`: whether public boards show the name and the avatar."""

    nickname: Name
    avatar: Avatar
    listed: bool
    language: Language


class PlaceFields(TypedDict):
    """Sort the people as the boards of `global` do that run now; null for who has no points there."""

    place_day: str | None
    place_week: str | None
    place_month: str | None
    place_all: str | None


class ResultsFields(TypedDict):
    """`n` counts the changes of the results. `counted` has the contributions of the last days by session, `past` what
    the older ones add up to, `totals` what all of them add up to, by board and period."""

    n: Count
    counted: dict[str, Packed]
    past: dict[str, dict[str, list[int]]]
    totals: dict[str, dict[str, Total]]


class PersonDocument(ProfileFields, ResultsFields, PlaceFields):
    created_at: Count


class MonthDocument(TypedDict):
    """`people/{uid}/months/{yyyy-mm}`: contributions that are not in `counted` any more, by session."""

    counted: dict[str, Packed]


def person_path(uid: str) -> str:
    return f"{PEOPLE}/{uid}"


def months_path(uid: str) -> str:
    return f"{person_path(uid)}/months"


def month_path(uid: str, month: str) -> str:
    """`month` is yyyy-mm, in UTC."""
    return f"{months_path(uid)}/{month}"


def new_person(profile: ProfileFields, created_at: int) -> PersonDocument:
    """A person who has played nothing."""
    return {
        **profile,
        "created_at": created_at,
        "n": 0,
        "counted": {},
        "past": {},
        "totals": {},
        "place_day": None,
        "place_week": None,
        "place_month": None,
        "place_all": None,
    }


def with_profile(person: PersonDocument, profile: ProfileFields) -> PersonDocument:
    return {**person, **profile}


def still_there(person: PersonDocument) -> Mapping[str, object]:
    """A leaf that never changes. The commit that writes it fails when the person is gone, and every commit that builds
    on an older version of the person then conflicts."""
    return {"created_at": person["created_at"]}
