"""PUT, GET and DELETE /me: a person's profile. GET /me/export: everything about the person."""

from dataclasses import asdict
from typing import Any

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from http_api.context import ApiContext
from http_api.openapi import PERSON, TOKEN, Reply
from http_api.problems import documented
from quizcore.documents import Avatar, Language, PersonDocument, ProfileFields
from quizcore.domain.leaderboard.calendar import Span
from quizcore.messages import Nickname
from quizcore.ports import Caller
from quizcore.usecases import leave as usecase
from quizcore.usecases import own_page, people
from quizcore.usecases.export_person import exported
from quizcore.usecases.leaderboards import View


class ProfileBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    nickname: Nickname
    avatar: Avatar = Field(default="fox", description="The name of a picture that clients ship.")
    listed: bool = Field(
        default=False, strict=True, description="Whether boards that everybody reads show the name and the avatar."
    )
    language: Language = Field(default="en", description="As BCP 47 writes it: `vi`, `pt-BR`.")


class Account(BaseModel):
    """The data in Firebase Authentication. Times in ms since the epoch; 0 when unknown."""

    uid: str
    email: str | None
    providers: list[str]
    created_at: int
    signed_in_at: int


class Export(BaseModel):
    """`documents` by path, as the database stores them: the profile and the results, classes, and per session the
    player with every answer."""

    account: Account | None
    documents: dict[str, dict[str, Any]]


class Erasure(BaseModel):
    """The profile, the account and the leaderboards know the person no more. `pending` sessions still show the player:
    final ones for some seconds, others lose the player from their board at once and the rest when they end."""

    pending: int


class Profile(BaseModel):
    """`created_at` in ms since the epoch."""

    uid: str
    nickname: str
    avatar: str
    listed: bool
    language: str
    created_at: int


class OwnStanding(BaseModel):
    """A period of the leaderboard of everybody. `rank` is 1 + the number of people with more points; null for a person
    without a game in the period. `people` is the number of people who have one."""

    span: str
    period: str
    points: int
    games: int
    rank: int | None
    people: int


class OwnMembership(BaseModel):
    class_id: str
    title: str
    joined_at: int


class Me(Profile):
    standings: list[OwnStanding]
    classes: list[OwnMembership]


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.put(
        "/me",
        summary="Make or change the caller's profile",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: Profile,
            **documented(
                *("invalid", "unauthenticated", "account_needed", "account_unusable", "nickname_refused"),
                *("no_profile", "too_large", "too_slow", "slow_down", "try_again"),
            ),
        },
    )
    def save(body: ProfileBody) -> Reply:
        caller = _caller(context)
        wanted: ProfileFields = {
            "nickname": body.nickname,
            "avatar": body.avatar,
            "listed": body.listed,
            "language": body.language,
        }
        person = people.save_profile(context.services, caller, wanted)
        context.telemetry.add("api_accepted")
        return _profile(caller.uid, person).model_dump()

    @api.get(
        "/me",
        summary="The caller's profile, ranks and classes",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: Me,
            **documented(
                "unauthenticated", "account_needed", "account_unusable", "no_profile", "slow_down", "try_again"
            ),
        },
    )
    def show() -> Reply:
        caller = _caller(context)
        page = own_page.own_page(context.services, caller)
        return Me(
            **_profile(caller.uid, page.person).model_dump(),
            standings=[_standing(span, view) for span, view in page.standings.items()],
            classes=[OwnMembership(**asdict(each)) for each in page.classes],
        ).model_dump()

    @api.get(
        "/me/export",
        summary="Everything that is stored about the caller",
        tags=PERSON,
        security=TOKEN,
        responses={
            200: Export,
            **documented("unauthenticated", "account_needed", "account_unusable", "slow_down", "try_again"),
        },
    )
    def export() -> Reply:
        caller = _caller(context)
        found = exported(context.services, caller)
        account = Account(uid=caller.uid, **asdict(found.account)) if found.account else None
        return Export(account=account, documents=found.documents).model_dump()

    @api.delete(
        "/me",
        summary="Erase the caller: profile, results, account, and the player of every session",
        tags=PERSON,
        security=TOKEN,
        responses={
            202: Erasure,
            **documented("unauthenticated", "account_needed", "account_unusable", "slow_down", "try_again"),
        },
    )
    def erase() -> tuple[Reply, int]:
        left = usecase.leave(context.services, _caller(context))
        context.telemetry.add("api_accepted")
        return Erasure(pending=left.pending).model_dump(), 202


def _caller(context: ApiContext) -> Caller:
    caller: Caller = g.caller
    context.limits.check("profile", caller.uid, context.settings.profile_calls_per_minute)
    return caller


def _standing(span: Span, view: View) -> OwnStanding:
    own = view.own
    return OwnStanding(
        span=span,
        period=view.period,
        points=own.points if own else 0,
        games=own.games if own else 0,
        rank=own.rank if own else None,
        people=view.people,
    )


def _profile(uid: str, person: PersonDocument) -> Profile:
    return Profile(
        uid=uid,
        nickname=person["nickname"],
        avatar=person["avatar"],
        listed=person["listed"],
        language=person["language"],
        created_at=person["created_at"],
    )
