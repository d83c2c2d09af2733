"""The pages for closing registration and for moving its deadline."""

from datetime import datetime, time, timedelta
from typing import Any

from chalice.app import Response

from chalicelib.closing.moving_deadline import DeadlineMoved, DeadlineRefused
from chalicelib.desk.request import Desk
from chalicelib.lifecycle.deadline import is_open
from chalicelib.registration import registering
from chalicelib.texts.typed_times import parse_typed_day, parse_typed_time
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value


def ask_close(desk: Desk) -> Response:
    """Ask before closing registration."""
    return desk.form("close.html", **_deadline_facts(desk))


def close(desk: Desk) -> Response:
    """Close registration now, if the deadline is still the one that was shown."""
    facts = _deadline_facts(desk)
    try:
        if not facts["is_open"] or _is_stale(desk, facts):
            raise DeadlineMoved
        desk.work.close(facts["closes_at"])
    except DeadlineMoved:
        return desk.form("close.html", 409, **_deadline_facts(desk), moved=True)
    return redirect(desk.request.link("/desk/overview"))


def ask_reopen(desk: Desk) -> Response:
    """Ask for the new deadline, from the present one if that has not passed."""
    facts = _deadline_facts(desk)
    day, clock = _as_typed(facts["closes_at"], desk) if facts["is_open"] else ("", "")
    return desk.form("reopen.html", **facts, day=day, clock=clock)


def reopen(desk: Desk) -> Response:
    """Open registration until a new deadline, or show what is wrong with the deadline."""
    facts, fields = _deadline_facts(desk), desk.fields()
    day, clock = first_value(fields, "day").strip(), first_value(fields, "clock").strip()
    first_day = desk.event.date
    until = parse_typed_time(day, clock or "24.00", desk.event.timezone, first_day)
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
    # A browser shows a day that was typed otherwise in its own field for days only in this form.
    read = parse_typed_day(day, first_day)
    day = read.isoformat() if read else day
    return desk.form("reopen.html", status, **facts, wrong=wrong, day=day, clock=clock)


def _as_typed(at: datetime, desk: Desk) -> tuple[str, str]:
    """The day and the time of a deadline as fields have them; no time is the end of the day."""
    local = at.astimezone(desk.event.timezone)
    if local.time() == time.min:
        return f"{local - timedelta(days=1):%Y-%m-%d}", ""
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


def _deadline_facts(desk: Desk) -> dict[str, Any]:
    """Values for the pages; forms send `shown` back, so that a changed deadline is noticed."""
    closes_at = registering.closing_time(desk.work)
    still_open = is_open(desk.request.now, closes_at)
    shown = f"{closes_at.isoformat()} {'open' if still_open else 'closed'}"
    return {"closes_at": closes_at, "is_open": still_open, "shown": shown}


def _is_stale(desk: Desk, facts: dict[str, Any]) -> bool:
    """Whether the deadline has been moved, or has passed, since the page was made."""
    return first_value(desk.fields(), "shown") != str(facts["shown"])
