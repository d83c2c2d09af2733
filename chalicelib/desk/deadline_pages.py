"""The pages for closing registration and for moving its deadline."""

from typing import Any

from chalice.app import Response

from chalicelib.closing.moving_deadline import DeadlineMoved, DeadlineRefused
from chalicelib.desk.request import Desk
from chalicelib.lifecycle.deadline import is_open
from chalicelib.registration import registering
from chalicelib.texts.dates import parse_typed_time
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value


def ask_close(desk: Desk) -> Response:
    """Ask before closing registration."""
    return desk.page("close.html", **_deadline_facts(desk))


def close(desk: Desk) -> Response:
    """Close registration now, if the deadline is still the one that was shown."""
    facts = _deadline_facts(desk)
    try:
        if not facts["is_open"] or _is_stale(desk, facts):
            raise DeadlineMoved
        desk.work.close(facts["closes_at"])
    except DeadlineMoved:
        return desk.page("close.html", 409, **_deadline_facts(desk), moved=True)
    return redirect(desk.request.link("/desk/overview"))


def ask_reopen(desk: Desk) -> Response:
    """Ask for the new deadline."""
    return desk.form("reopen.html", **_deadline_facts(desk))


def reopen(desk: Desk) -> Response:
    """Open registration until a new deadline, or show what is wrong with the deadline."""
    facts, fields = _deadline_facts(desk), desk.fields()
    day, clock = first_value(fields, "day").strip(), first_value(fields, "clock").strip()
    until = parse_typed_time(day, clock, desk.event.timezone)
    status, wrong = 422, "time"
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
    return desk.form("reopen.html", status, **facts, wrong=wrong, day=day, clock=clock)


def _deadline_facts(desk: Desk) -> dict[str, Any]:
    """Values for the pages; forms send `shown` back, so that a changed deadline is noticed."""
    closes_at = registering.closing_time(desk.work)
    still_open = is_open(desk.request.now, closes_at)
    shown = f"{closes_at.isoformat()} {'open' if still_open else 'closed'}"
    return {"closes_at": closes_at, "is_open": still_open, "shown": shown}


def _is_stale(desk: Desk, facts: dict[str, Any]) -> bool:
    """Whether the deadline has been moved, or has passed, since the page was made."""
    return first_value(desk.fields(), "shown") != str(facts["shown"])
