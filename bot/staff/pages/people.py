"""What people ask: numbers by day, language, route and channel, and what went unanswered. Nothing about anyone."""

import csv
import datetime
import io

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.staff import web
from bot.staff.counts import FEWEST, KEY, asked, cells
from bot.staff.plots import Bar, bars, days
from bot.staff.shelf import sections
from bot.staff.words import say

router = APIRouter()
PERIODS = (7, 30, 90, 365)
USUAL = 30
GROUPS = ("language", "route", "channel")


@router.get("/people")
def people(request: Request, staff: web.Reader) -> Response:
    console = web.console(request)
    period, since = _period(request)
    console.tally.write()

    few = f"<{FEWEST}"

    def plot(group: str) -> str:
        found = asked(console.database, [group], since)
        named = [Bar(say(staff.language, f"{group}s.{row.key[0]}"), row.messages) for row in found]
        return bars(named, say(staff.language, f"people.by_{group}"), few)

    with console.database.session() as session:
        titles = sections(session, console.settings.knowledge)
    by_day = {row.key[0]: row.messages for row in asked(console.database, ["day"], since)}
    every = [str(since + datetime.timedelta(n)) for n in range(period)]
    urgent = asked(console.database, [], since, outcome="urgent")
    return web.page(
        request,
        staff,
        "people.html",
        period=period,
        periods=PERIODS,
        by_day=days([Bar(day, by_day.get(day, 0)) for day in every], say(staff.language, "people.by_day"), few),
        counted=bool(by_day),
        plots={group: plot(group) for group in GROUPS},
        unanswered=[r for r in asked(console.database, ["route"], since, outcome="unanswered") if r.people],
        unhelpful=[r for r in asked(console.database, ["topic", "route"], since, outcome="unhelpful") if r.people],
        titles=titles,
        urgent=urgent[0].messages if urgent else None,
        fewest=FEWEST,
    )


@router.get("/people.csv")
def table(request: Request, staff: web.Reader) -> Response:
    """Every cell with enough people; an empty route or topic and the outcome "any" are all together."""
    console = web.console(request)
    _, since = _period(request)
    console.tally.write()
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow([*KEY, "messages", "people"])
    writer.writerows(cells(console.database, since))
    headers = {"Content-Disposition": f'attachment; filename="yanapay-{datetime.date.today()}.csv"'}
    return Response(output.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _period(request: Request) -> tuple[int, datetime.date]:
    """Days to look back, today among them, and the first."""
    wanted = request.query_params.get("days", "")
    period = int(wanted) if wanted in map(str, PERIODS) else USUAL
    return period, datetime.date.today() - datetime.timedelta(period - 1)
