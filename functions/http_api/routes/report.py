"""GET /sessions/{id}/report: the results as a spreadsheet."""

from collections.abc import Callable
from enum import StrEnum

from flask import g
from flask_openapi3 import APIBlueprint
from pydantic import BaseModel, ConfigDict
from werkzeug.wrappers import Response

from http_api.context import ApiContext
from http_api.openapi import HOST, TOKEN
from http_api.paths import SessionPath
from http_api.problems import documented
from quizcore.deadline import must_end_within
from quizcore.loading import SessionUnknown
from quizcore.ports import Caller
from quizcore.usecases.members import check_host
from quizcore.usecases.rejected import Rejected
from quizcore.usecases.report import CsvSheet, Sheet, XlsxSheet, report

READING_S = 20.0  # of the 30 s that a request may take


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPE = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


SHEETS: dict[Format, Callable[[], Sheet]] = {Format.CSV: CsvSheet, Format.XLSX: XlsxSheet}


class ReportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Format = Format.CSV


def register(api: APIBlueprint, context: ApiContext) -> None:
    @api.get(
        "/sessions/<session_id>/report",
        summary="The results, a row a player",
        tags=HOST,
        security=TOKEN,
        responses={
            200: {
                "description": "A spreadsheet",
                "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPE.values()},
            },
            **documented("invalid", "unauthenticated", "forbidden", "unknown_session", "slow_down", "try_again"),
        },
    )
    def get_report(path: SessionPath, query: ReportQuery) -> Response:
        caller: Caller = g.caller
        context.limits.check("commands", caller.uid, context.settings.commands_per_minute)
        session = context.services.session(path.session_id, max_age_ms=0)
        check_host(session, caller)
        must_end_within(
            READING_S
        )  # reading a whole session takes longer than the usual limit, and the store has just answered
        try:
            (body,) = report(context.store, path.session_id, [SHEETS[query.format]]).files
        except SessionUnknown:  # deletion by age deletes the documents of a session one by one
            raise Rejected("unknown_session", "this session is only partly there any more") from None
        name = f"wordrush-{session['pin']}.{query.format.value}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, 200, headers, content_type=MEDIA_TYPE[query.format])
