"""The pages on which contact persons change the programme: a notice, and single rows."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Response

from chalicelib.desk.programme import (
    InvalidChange,
    StaleChanges,
    TooMuch,
    notice_of,
    row_change_of,
    save_notice,
    save_row,
    shown_part,
    values_of,
)
from chalicelib.desk.request import Desk
from chalicelib.event.agenda import AgendaRow
from chalicelib.event.changes import Changes, RowChange, changed_row, row_key, shown
from chalicelib.event.problems import InvalidEvent
from chalicelib.texts.language import N_, Message
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value

_TOO_MUCH = Message(N_("Ändringarna är för många för att visas. Ta tillbaka några."))
_DOES_NOT_FIT = Message(
    N_("Tiden går inte ihop med resten av programmet: slutet ska komma efter början.")
)


def show_programme(desk: Desk) -> Response:
    """Show the notice and the rows as the event's page has them."""
    stored = _stored(desk)
    notice = stored.shown_at(desk.request.now).notice
    until = (notice.until if notice else desk.event.ends_at).astimezone(desk.event.timezone)
    fields = {"day": [f"{until:%Y-%m-%d}"], "clock": [f"{until:%H:%M}"]}
    if notice:
        fields |= {"text": [notice.text], "translation": [notice.translation]}
    return _programme_page(desk, stored, fields)


def change_notice(desk: Desk) -> Response:
    """Show another notice on the event's page, or none."""
    fields = desk.fields()
    try:
        notice = None if "remove" in fields else notice_of(fields, desk.event, desk.request.now)
        save_notice(desk.work, first_value(fields, "shown"), notice)
    except InvalidChange as invalid:
        return _programme_page(desk, _stored(desk), fields, 422, errors=invalid.errors)
    except TooMuch:
        return _programme_page(desk, _stored(desk), fields, 422, errors={"text": _TOO_MUCH})
    except StaleChanges:
        return _programme_page(desk, _stored(desk), fields, 409, is_stale=True)
    return redirect(f"{desk.request.link('/desk/programme')}?saved=notice")


def show_row(desk: Desk, row: str) -> Response:
    """Show a row's time, room, title and speakers in a form."""
    return _row_page(desk, _row(desk, row))


def change_row(desk: Desk, row: str) -> Response:
    """Change a row, or take all its changes back."""
    filed, fields = _row(desk, row), desk.fields()
    try:
        change = RowChange() if "remove" in fields else row_change_of(fields, filed, desk.event)
        save_row(desk.work, first_value(fields, "shown"), filed, change)
    except InvalidChange as invalid:
        return _row_page(desk, filed, fields, 422, errors=invalid.errors)
    except InvalidEvent:
        errors = {"starts": _DOES_NOT_FIT}
        return _row_page(desk, filed, fields, 422, errors=errors)
    except TooMuch:
        return _row_page(desk, filed, fields, 422, errors={"title": _TOO_MUCH})
    except StaleChanges:
        return _row_page(desk, filed, fields, 409, is_stale=True)
    return redirect(f"{desk.request.link('/desk/programme')}?saved=row")


def _stored(desk: Desk) -> Changes:
    return Changes.from_json(desk.work.state().changes)


def _row(desk: Desk, key: str) -> AgendaRow:
    found = (row for row in desk.event.agenda if row_key(row) == key)
    return found_or_404(next(found, None))


def _programme_page(
    desk: Desk, stored: Changes, fields: Mapping[str, Any], status: int = 200, **values: object
) -> Response:
    changes = stored.shown_at(desk.request.now)
    event = shown(desk.event, changes.to_json())
    keys = [row_key(row) for row in desk.event.agenda]
    rows = list(zip(keys, event.agenda, strict=True))
    return desk.form(
        "programme.html", status, changes=changes, rows=rows, fields=fields,
        shown=shown_part(stored), saved=desk.query("saved"),
        **{"errors": {}, "is_stale": False, **values},
    )  # fmt: skip


def _row_page(
    desk: Desk,
    row: AgendaRow,
    fields: Mapping[str, Any] | None = None,
    status: int = 200,
    **values: object,
) -> Response:
    """The form of a row with `fields`, or with what the page shows now."""
    changes, key = _stored(desk), row_key(row)
    now = changed_row(row, changes.rows.get(key, RowChange()), desk.event)
    as_shown = {name: [text] for name, text in values_of(now, desk.event).items()}
    return desk.form(
        "programme_row.html", status, row=row, key=key, changes=changes, now=now,
        fields=as_shown if fields is None else fields, shown=shown_part(changes, key),
        **{"errors": {}, "is_stale": False, **values},
    )  # fmt: skip
