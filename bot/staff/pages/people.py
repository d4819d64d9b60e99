"""What people ask: numbers by day, language, route and channel, and what went unanswered. Nothing about anyone."""

import csv
import datetime
import io

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.staff import web
from bot.staff.counts import FEWEST, KEY, Asked, asked
from bot.staff.plots import Bar, bars, days
from bot.staff.words import say

router = APIRouter()
PERIODS = (7, 30, 90, 365)
GROUPS = ("language", "route", "channel")
MESSAGES = ("answered", "unanswered", "urgent")


@router.get("/people")
def people(request: Request) -> Response:
    staff, console = web.signed_in(request), web.console(request)
    period, since = _period(request)
    console.tally.write()

    def told(group: str, value: str) -> str:
        named = say(staff.language, f"{group}s.{value}")
        return value if named == value else named

    def rows(group: str, outcomes: tuple[str, ...]) -> list[Asked]:
        return asked(console.database, [group], since, outcomes)

    by_day = {row.key[0]: row for row in rows("day", MESSAGES)}
    every = [since + datetime.timedelta(n) for n in range(period)]
    columns = [Bar(str(d), by_day[str(d)].messages if str(d) in by_day else 0) for d in every]
    few = f"<{FEWEST}"
    plots = {
        group: bars(
            [Bar(told(group, row.key[0]), row.messages) for row in rows(group, MESSAGES)],
            say(staff.language, f"people.by_{group}"),
            few.replace("<", "&lt;"),
        )
        for group in GROUPS
    }
    return web.page(
        request,
        staff,
        "people.html",
        period=period,
        periods=PERIODS,
        by_day=days(columns, say(staff.language, "people.by_day")),
        counted=any(bar.value for bar in columns) or bool(by_day),
        plots=plots,
        unanswered=[row for row in rows("route", ("unanswered",)) if row.people is not None],
        unhelpful=[row for row in rows("topic", ("unhelpful",)) if row.people is not None],
        urgent=sum(row.messages or 0 for row in rows("outcome", ("urgent",))),
        fewest=FEWEST,
    )


@router.get("/people.csv")
def table(request: Request) -> Response:
    """All cells with enough people, as CSV."""
    web.signed_in(request)
    console = web.console(request)
    _, since = _period(request)
    console.tally.write()
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow([*KEY, "messages", "people"])
    for row in sorted(asked(console.database, KEY, since), key=lambda one: one.key):
        if row.people is not None:
            writer.writerow([*row.key, row.messages, row.people])
    headers = {"Content-Disposition": f'attachment; filename="yanapay-{datetime.date.today()}.csv"'}
    return Response(output.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _period(request: Request) -> tuple[int, datetime.date]:
    """Days to look back, today among them, and the first."""
    asked_for = request.query_params.get("days", "30")
    period = int(asked_for) if asked_for in map(str, PERIODS) else 30
    return period, datetime.date.today() - datetime.timedelta(period - 1)
