"""Changes of the programme by contact persons: what a form says, and storing the change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from chalicelib.audit.log import AuditAction
from chalicelib.desk.limits import LINE_AT_MOST, LINES_AT_MOST, NOTICE_AT_MOST
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.event.agenda import AgendaRow
from chalicelib.event.changes import Changes, Notice, RowChange, row_key, with_changes
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.timing import QUIET
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.registration.form import Fields
from chalicelib.texts.dates import format_time
from chalicelib.texts.folding import as_seen
from chalicelib.texts.language import LANGUAGES, N_, Message, localized
from chalicelib.texts.typed_times import parse_typed_time

_TIME = Message(N_("Skriv klockslaget som 9.30."))


class StaleChanges(Exception):
    """Somebody has changed the programme since the page was made."""


class InvalidChange(Exception):
    """What is wrong in the form: a message by field."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def notice_of(fields: Fields, event: Event, now: datetime) -> Notice | None:
    """The notice in the form, None if its text is empty; raises InvalidChange."""
    text, translation = _line(fields, "text"), _line(fields, "translation")
    if not text:
        return None
    until = parse_typed_time(_line(fields, "day"), _line(fields, "clock"), event.timezone)
    errors = {
        name: Message(N_("Skriv högst %(most)s tecken."), (("most", NOTICE_AT_MOST),))
        for name, written in (("text", text), ("translation", translation))
        if len(written) > NOTICE_AT_MOST
    }
    if until is None or until <= now:
        errors["day"] = Message(N_("Välj en dag och ett klockslag som inte har passerat."))
    if errors or until is None:
        raise InvalidChange(errors)
    return Notice(text, until.astimezone(UTC), translation, event.language)


def row_change_of(fields: Fields, row: AgendaRow, event: Event) -> RowChange:
    """What in the form differs from the file's row; raises InvalidChange."""
    errors: dict[str, Message] = {}
    starts, ends = (_time(fields, name, errors) for name in ("starts", "ends"))
    if row.starts_at and not starts:
        errors.setdefault("starts", _TIME)
    title, translation, room = (_line(fields, name) for name in ("title", "translation", "room"))
    if not title:
        errors["title"] = Message(N_("Skriv en rubrik."))
    speakers = tuple(filter(None, map(as_seen, _typed(fields, "speakers").splitlines())))
    texts = {"title": title, "translation": translation, "room": room, "speakers": speakers}
    errors |= {name: _TOO_LONG for name, one in texts.items() if _is_too_long(one)}
    if errors:
        raise InvalidChange(errors)
    shown = values_of(row, event)
    return RowChange(
        starts=_unless(starts, row.starts),
        ends=_unless(ends, row.ends),
        title=title if (title, translation) != (shown["title"], shown["translation"]) else None,
        translation=translation if translation != shown["translation"] else None,
        room=room if room != shown["room"] else None,
        speakers=speakers if "\n".join(speakers) != shown["speakers"] else None,
    )


_TOO_LONG = Message(
    N_("Skriv högst %(lines)s rader, med högst %(most)s tecken i varje."),
    (("lines", LINES_AT_MOST), ("most", LINE_AT_MOST)),
)


def _is_too_long(text: Sequence[str]) -> bool:
    lines = [text] if isinstance(text, str) else text
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


def save_notice(work: DeskWork, shown: int, notice: Notice | None) -> None:
    """Store the notice in place of the one before; raises StaleChanges."""
    _save(work, shown, lambda before: before.with_notice(notice), "")


def save_row(work: DeskWork, shown: int, row: AgendaRow, change: RowChange) -> None:
    """Store the row's change in place of the one before.

    Raises StaleChanges, or InvalidEvent if the change doesn't fit the rest of the programme.
    """
    about = localized(row.title, work.event.language)
    _save(work, shown, lambda before: before.with_row(row_key(row), change), about)


def _save(work: DeskWork, shown: int, change: Callable[[Changes], Changes], about: str) -> None:
    """Store changes and audit entry, and queue the mail to the operator.

    Drops changes of rows that the file no longer has.
    """
    event = work.event
    known = {row_key(row) for row in event.agenda}

    def attempt() -> None:
        state = event_state.read(work.table)
        before = Changes.from_json(state.changes)
        if before.number != shown:
            raise StaleChanges
        after = change(before)
        after = replace(after, rows={key: one for key, one in after.rows.items() if key in known})
        text = after.to_json()
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


def _typed(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _line(fields: Fields, name: str) -> str:
    return " ".join(as_seen(_typed(fields, name)).split())


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
