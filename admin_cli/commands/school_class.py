"""Classes of the host that the command line acts as."""

from typing import Annotated
from urllib.parse import quote

import typer

from admin_cli.output import out
from admin_cli.services import Context
from quizcore import documents
from quizcore.documents import ClassDocument, ClassMemberDocument
from quizcore.ports import Where

app = typer.Typer(no_args_is_help=True, help="Make, list and delete classes.")

ClassId = Annotated[str, typer.Argument(help="As `class create` and `class list` show it.", metavar="CLASS")]


@app.command()
def create(
    context: Context,
    title: Annotated[str, typer.Argument(help="What its members see.")],
    zone: Annotated[str, typer.Option(help="The IANA time zone in which its days begin.")] = "UTC",
) -> None:
    """Make a class and show its code: [bold]wordrush class create "7b English" --zone Europe/Berlin[/]"""
    made = context.obj.api.post("/classes", {"title": title, "zone": zone})
    out.value(made, f"class {made['class_id']}, to join with the code {made['code']}")


@app.command("list")
def list_(context: Context) -> None:
    """The classes of the host that this command line acts as."""
    store = context.obj.store
    own: list[Where] = [("owner_id", "==", context.obj.settings.host_uid)]
    rows = []
    for found in store.list(documents.CLASSES, own):
        one = found.read_as(ClassDocument)
        members = store.count(documents.class_members_path(found.name), [])
        rows.append(
            {"class": found.name, "title": one["title"], "zone": one["zone"], "code": one["code"], "members": members}
        )
    out.rows(rows, ["class", "title", "zone", "code", "members"], "no classes yet: wordrush class create TITLE")


@app.command()
def members(context: Context, class_id: ClassId) -> None:
    """The members of a class."""
    listed = context.obj.store.list(documents.class_members_path(class_id))
    rows = [{"uid": each.name, "nickname": each.read_as(ClassMemberDocument)["nickname"]} for each in listed]
    out.rows(rows, ["uid", "nickname"], "nobody has joined this class, or there is no such class")


@app.command()
def code(context: Context, class_id: ClassId) -> None:
    """Give the class another code; the code before leads nowhere from now on."""
    told = context.obj.api.post(f"/classes/{_quoted(class_id)}/code", {})
    out.value(told, f"the code is {told['code']} now")


@app.command()
def remove(context: Context, class_id: ClassId, uid: Annotated[str, typer.Argument(metavar="UID")]) -> None:
    """Take a member out of the class."""
    context.obj.api.delete(f"/classes/{_quoted(class_id)}/members/{_quoted(uid)}")
    out.value({"class": class_id, "removed": uid}, f"{uid} is no member")


@app.command()
def delete(
    context: Context,
    class_id: ClassId,
    yes: Annotated[bool, typer.Option("--yes", help="Delete. Without it, the class is only shown.")] = False,
) -> None:
    """Delete a class and its memberships. Sessions that were opened for it stay."""
    if yes:
        context.obj.api.delete(f"/classes/{_quoted(class_id)}")
    count = context.obj.store.count(documents.class_members_path(class_id), [])
    done = "deleted" if yes else f"would be deleted, with {count} members (say --yes)"
    out.value({"class": class_id, "deleted": yes}, f"the class {class_id}: {done}")


def _quoted(name: str) -> str:
    """As a part of a path; a uid may hold any characters."""
    return quote(name, safe="")
