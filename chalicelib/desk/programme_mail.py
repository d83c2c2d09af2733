"""The mail that tells the operator how the programme differs from the event's file."""

from chalicelib.event.changes import Changes, lines_for_file
from chalicelib.event.event import Event
from chalicelib.event.file import file_of
from chalicelib.lifecycle import store as event_state
from chalicelib.mail.letter import Letter, NotWanted, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending


def compose(sending: Sending, mail: OutboxMail) -> Letter:
    """The letter; raises NotWanted if a later change has its own mail."""
    changes = Changes.from_json(event_state.read(sending.table).changes)
    if changes.number != mail.version:
        raise NotWanted("changed again")
    return programme_letter(sending.event, changes.shown_at(sending.now))


def programme_letter(event: Event, changes: Changes) -> Letter:
    """What contact persons have changed, with the lines that the file needs."""
    return render_letter(
        "programme",
        event.language,
        event=event,
        notice=changes.notice,
        differences=list(lines_for_file(event, changes)),
        file=f"chalicelib/{file_of(event.id)}",
    )
