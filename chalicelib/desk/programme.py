"""Changes of the programme by contact persons: what a form says, and storing the change."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from hashlib import sha256
from unicodedata import category
from zoneinfo import ZoneInfo

from chalicelib.audit.log import AuditAction
from chalicelib.desk.limits import (
    CHANGES_AT_MOST,
    LINE_AT_MOST,
    LINES_AT_MOST,
    NOTICE_AT_MOST,
    NOTICE_LASTS,
)
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.event.agenda import AgendaRow
from chalicelib.event.changes import Changes, Notice, RowChange, row_key, with_changes
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.timing import QUIET
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.form import Fields, first_sent
from chalicelib.texts.dates import format_time
from chalicelib.texts.folding import as_seen
from chalicelib.texts.language import LANGUAGES, N_, Message, localized, translated
from chalicelib.texts.typed_times import parse_typed_time

_TIME = Message(N_("Skriv klockslaget som 9.30."))


class StaleChanges(Exception):
    """Somebody has changed the programme since the page was made."""


class TooMuch(Exception):
    """All changes together would be longer than CHANGES_AT_MOST."""


class InvalidChange(Exception):
    """What is wrong in the form: a message by field."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def notice_of(fields: Fields, event: Event, now: datetime) -> Notice:
    """The notice in the form; raises InvalidChange."""
    text, translation = _line(fields, "text"), _line(fields, "translation")
    last = event.last_date + NOTICE_LASTS
    day, clock = _line(fields, "day"), _line(fields, "clock")
    until = parse_typed_time(day, clock or "24.00", event.timezone, last)
    errors = {
        name: Message(N_("Skriv högst %(most)s tecken."), (("most", NOTICE_AT_MOST),))
        for name, written in (("text", text), ("translation", translation))
        if len(written) > NOTICE_AT_MOST
    }
    if not text:
        errors["text"] = Message(N_("Skriv meddelandet, eller ta bort det med den andra knappen."))
    if until is None or until <= now or until.astimezone(event.timezone).date() > last:
        errors["day"] = Message(N_("Välj en dag och ett klockslag som inte har passerat."))
    if errors or until is None:
        raise InvalidChange(errors)
    return Notice(text, until.astimezone(UTC), translation, event.language)


def row_change_of(fields: Fields, row: AgendaRow, event: Event) -> RowChange:
    """What in the form differs from the file's row; raises InvalidChange."""
    errors: dict[str, Message] = {}
    starts, ends = (_time(fields, name, errors) for name in ("starts", "ends"))
    if (row.starts_at or ends) and not starts:
        errors.setdefault("starts", _TIME)
    title, translation, room = (_line(fields, name) for name in ("title", "translation", "room"))
    if not title:
        errors["title"] = Message(N_("Skriv en rubrik."))
    speakers = [_one_line(line) for line in first_sent(fields, "speakers").splitlines()]
    filed = values_of(row, event)
    texts = {"title": title, "translation": translation, "room": room,
             "speakers": "\n".join(filter(None, speakers))}  # fmt: skip
    changed = {name for name, text in texts.items() if text != filed[name]}
    errors |= {name: _too_long(name) for name in changed if _is_too_long(texts[name])}
    if errors:
        raise InvalidChange(errors)
    is_retitled = bool(changed & {"title", "translation"})
    return RowChange(
        starts=_unless(starts, row.starts),
        ends=_unless(ends, row.ends),
        title=title if is_retitled else None,
        translation=translation if is_retitled else None,
        room=room if "room" in changed else None,
        speakers=tuple(texts["speakers"].splitlines()) if "speakers" in changed else None,
    )


def _too_long(name: str) -> Message:
    if name == "speakers":
        text = N_("Skriv högst %(lines)s rader, med högst %(most)s tecken i varje.")
        return Message(text, (("lines", LINES_AT_MOST), ("most", LINE_AT_MOST)))
    return Message(N_("Skriv högst %(most)s tecken."), (("most", LINE_AT_MOST),))


def _is_too_long(text: str) -> bool:
    lines = text.splitlines()
    return len(lines) > LINES_AT_MOST or any(len(line) > LINE_AT_MOST for line in lines)


def values_of(row: AgendaRow, event: Event) -> dict[str, str]:
    """What the form shows for a row, by field."""
    own, other = event.language, next(one for one in LANGUAGES if one != event.language)
    title = localized(row.title, own)
    translation = localized(row.title, other)
    return {
        "starts": format_time(row.starts, own) if row.starts else "",
        "ends": format_time(row.ends, own) if row.ends else "",
        "title": title,
        "translation": translation if translation != title else "",
        "room": localized(row.room, own),
        "speakers": "\n".join(localized(one, own) for one in row.speakers),
    }


def shown_part(changes: Changes, key: str = "") -> str:
    """A short text that differs if the row's change, or the notice, is another."""
    return sha256(changes.part(key).encode()).hexdigest()[:16]


def save_notice(work: DeskWork, shown: str, notice: Notice | None) -> None:
    """Store the notice in place of the one before; raises StaleChanges if that is not `shown`."""
    about = translated(N_("meddelandet"), work.event.language)
    _save(work, shown, "", lambda before: before.with_notice(notice), about)


def save_row(work: DeskWork, shown: str, row: AgendaRow, change: RowChange) -> None:
    """Store the row's change in place of the one before.

    Raises StaleChanges if that one is not `shown`, and InvalidEvent if the change doesn't fit the
    rest of the programme.
    """
    about, key = localized(row.title, work.event.language), row_key(row)
    _save(work, shown, key, lambda before: before.with_row(key, change), about)


def _save(
    work: DeskWork, shown: str, key: str, change: Callable[[Changes], Changes], about: str
) -> None:
    """Store changes and audit entry, and queue the mail to the operator, if anything differs.

    Drops changes of rows that the file no longer has.
    """
    event = work.event
    known = {row_key(row) for row in event.agenda}

    def attempt() -> None:
        state = event_state.read(work.table)
        before = Changes.from_json(state.changes)
        if shown_part(before, key) != shown:
            raise StaleChanges
        after = change(before)
        if after.part(key) == before.part(key):
            return
        after = replace(after, rows={key: one for key, one in after.rows.items() if key in known})
        text = after.to_json()
        if len(text) > CHANGES_AT_MOST:
            raise TooMuch
        if key:
            with_changes(event, text)
        mail = OutboxMail(
            f"programme-{after.number}", MailKind.PROGRAMME, event.operator, work.now + QUIET,
            version=after.number, language=event.language,
        )  # fmt: skip
        work.table.write_all(
            event_state.state_write(replace(state, changes=text)),
            work.audit_entry(AuditAction.CHANGED_PROGRAMME, about),
            *outbox.queue_writes([mail]),
        )

    retry_on_conflict(attempt)


def _line(fields: Fields, name: str) -> str:
    return _one_line(first_sent(fields, name))


def _one_line(text: str) -> str:
    """The text without invisible and control characters, in one line."""
    printed = "".join(one if category(one) != "Cc" else " " for one in as_seen(text))
    return " ".join(printed.split())


def _time(fields: Fields, name: str, errors: dict[str, Message]) -> time | None:
    typed = _line(fields, name)
    if not typed:
        return None
    found = parse_typed_time("2000-01-01", typed, ZoneInfo("UTC"))
    if found is None:
        errors[name] = _TIME
    return found.time() if found else None


def _unless(new: time | None, old: time | None) -> str | None:
    """The new time as it is stored, None if it is the old one."""
    return None if new == old else f"{new:%H:%M}" if new else ""
