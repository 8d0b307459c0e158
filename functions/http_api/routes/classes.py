"""/classes: a host makes classes, and people join them by a code and leave them."""

from dataclasses import asdict
from typing import Annotated

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.context import ApiContext
from http_api.guests import Guest
from http_api.openapi import HOST, PERSON, TOKEN, Reply
from http_api.problems import documented
from quizcore.documents import MOST_TITLE_CHARS
from quizcore.messages import Id, PlayerId
from quizcore.ports import Caller
from quizcore.usecases import class_members, classes

NO_CONTENT = 204


class ClassPath(BaseModel):
    class_id: Id


class MemberPath(ClassPath):
    uid: PlayerId


class ClassBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(min_length=1, max_length=MOST_TITLE_CHARS)]
    zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="An IANA time zone: in it the days, weeks and months of the class's leaderboard begin.",
        examples=["Europe/Berlin"],
    )


class ClassMade(BaseModel):
    """`code` is what members type to join."""

    class_id: str
    code: str


class OwnClass(ClassMade):
    title: str
    zone: str
    created_at: int


class OwnClasses(BaseModel):
    """The newest first."""

    classes: list[OwnClass]


class ClassCode(BaseModel):
    code: str


class CodeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(min_length=1, max_length=32)] = Field(
        description="Six letters and digits; small letters, spaces and dashes will do."
    )


class ClassJoined(BaseModel):
    class_id: str
    title: str


def register(api: APIBlueprint, context: ApiContext) -> None:
    _of_hosts(api, context)
    _of_members(api, context)


def _of_hosts(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/classes",
        summary="Make a class",
        tags=HOST,
        security=TOKEN,
        responses={
            201: ClassMade,
            **documented(
                *("invalid", "unauthenticated", "forbidden", "too_many_classes", "key_reused", "too_large"),
                *("slow_down", "try_again"),
            ),
        },
    )
    def create_class(body: ClassBody) -> tuple[Reply, int]:
        caller = _limited(context)
        wanted = classes.Wanted(body.title, body.zone)
        made = classes.create_class(context.services, context.settings, caller, wanted, context.request(body))
        context.telemetry.add("api_accepted")
        return ClassMade(class_id=made.class_id, code=made.code).model_dump(), 201

    @api.get(
        "/classes",
        summary="The caller's own classes",
        tags=HOST,
        security=TOKEN,
        responses={200: OwnClasses, **documented("unauthenticated", "forbidden", "slow_down", "try_again")},
    )
    def own_classes() -> Reply:
        found = classes.own_classes(context.services, _limited(context), context.settings.classes_per_host)
        return OwnClasses(classes=[OwnClass(**asdict(one)) for one in found]).model_dump()

    @api.post(
        "/classes/<class_id>/code",
        summary="Give a class a new code",
        tags=HOST,
        security=TOKEN,
        responses={
            201: ClassCode,
            **documented(
                *("invalid", "unauthenticated", "unknown_class", "key_reused", "too_large", "slow_down", "try_again")
            ),
        },
    )
    def new_code(path: ClassPath) -> tuple[Reply, int]:
        caller, request = _limited(context), context.request(path)
        code = classes.new_code(context.services, context.settings, caller, path.class_id, request)
        context.telemetry.add("api_accepted")
        return ClassCode(code=code).model_dump(), 201

    @api.delete(
        "/classes/<class_id>",
        summary="Delete a class and its memberships",
        tags=HOST,
        security=TOKEN,
        responses={
            NO_CONTENT: None,
            **documented("invalid", "unauthenticated", "unknown_class", "slow_down", "try_again"),
        },
    )
    def delete_class(path: ClassPath) -> tuple[str, int]:
        classes.delete_class(context.services, _limited(context), path.class_id)
        context.telemetry.add("api_accepted")
        return "", NO_CONTENT


def _of_members(api: APIBlueprint, context: ApiContext) -> None:
    @api.post(
        "/classes/join",
        summary="Join a class by its code",
        tags=PERSON,
        security=TOKEN,
        responses={
            201: ClassJoined,
            **documented(
                *("invalid", "unauthenticated", "account_needed", "account_unusable", "no_profile", "unknown_code"),
                *("class_full", "too_many_classes", "key_reused", "too_large", "slow_down", "try_again"),
            ),
        },
    )
    def join_class(body: CodeBody) -> tuple[Reply, int]:
        caller: Caller = g.caller
        guest = Guest(context, caller)
        guest.check_joins()
        joined = class_members.join_class(
            context.services, context.settings, guest, caller, body.code, context.request(body)
        )
        context.telemetry.add("api_accepted")
        return ClassJoined(**asdict(joined)).model_dump(), 201

    @api.delete(
        "/classes/<class_id>/members/<uid>",
        summary="Leave a class, or remove a member of an own class",
        tags=PERSON,
        security=TOKEN,
        responses={
            NO_CONTENT: None,
            **documented("invalid", "unauthenticated", "unknown_class", "slow_down", "try_again"),
        },
    )
    def remove_member(path: MemberPath) -> tuple[str, int]:
        class_members.remove_member(context.services, _limited(context), path.class_id, path.uid)
        context.telemetry.add("api_accepted")
        return "", NO_CONTENT


def _limited(context: ApiContext) -> Caller:
    """The caller. Raises Rejected `slow_down`."""
    caller: Caller = g.caller
    context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
    return caller
