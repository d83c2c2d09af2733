"""Closing registration, and moving its deadline."""

from typing import Any

from chalice.app import Response

from chalicelib.closing.moving_deadline import DeadlineMoved, DeadlineRefused
from chalicelib.desk.request import Desk
from chalicelib.lifecycle.deadline import is_open
from chalicelib.registration import registering
from chalicelib.texts.dates import parse_typed_time
from chalicelib.web.answers import redirect
from chalicelib.web.submission import first


def ask_close(desk: Desk) -> Response:
    """Asks before it closes."""
    return desk.page("close.html", **_deadline_facts(desk))


def close(desk: Desk) -> Response:
    """Closes registration now, if the deadline is still the one that was shown."""
    facts = _deadline_facts(desk)
    try:
        if not facts["is_open"] or _is_stale(desk, facts):
            raise DeadlineMoved
        desk.work.close(facts["closes_at"])
    except DeadlineMoved:
        return desk.page("close.html", 409, **_deadline_facts(desk), moved=True)
    return redirect(desk.request.link("/desk/overview"))


def ask_reopen(desk: Desk) -> Response:
    """Asks until when."""
    return desk.page("reopen.html", **_deadline_facts(desk))


def reopen(desk: Desk) -> Response:
    """Opens until a new deadline, or says what is wrong with it."""
    facts, fields = _deadline_facts(desk), desk.fields()
    day, clock = first(fields, "day").strip(), first(fields, "clock").strip()
    until = parse_typed_time(day, clock, desk.event.timezone)
    status, wrong = 422, "moment"
    try:
        if _is_stale(desk, facts):
            raise DeadlineMoved
        if until:
            desk.work.reopen(until, facts["closes_at"])
            return redirect(desk.request.link("/desk/overview"))
    except DeadlineRefused:
        wrong = "range"
    except DeadlineMoved:
        status, wrong, facts = 409, "stale", _deadline_facts(desk)
    return desk.page("reopen.html", status, **facts, wrong=wrong, day=day, clock=clock)


def _deadline_facts(desk: Desk) -> dict[str, Any]:
    """What the pages about the deadline show; `shown` comes back, to see whether it still holds."""
    closes_at = registering.closing_time(desk.work)
    still_open = is_open(desk.request.now, closes_at)
    shown = f"{closes_at.isoformat()} {'open' if still_open else 'closed'}"
    return {"closes_at": closes_at, "is_open": still_open, "shown": shown}


def _is_stale(desk: Desk, facts: dict[str, Any]) -> bool:
    """Whether somebody has moved the deadline, or it has passed, since the page was made."""
    return first(desk.fields(), "shown") != str(facts["shown"])
