"""The mail that certifies the deletion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.deletion.words import DELETED_DATA
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DeletionProgress
from chalicelib.lifecycle.timing import SWEPT_AFTER
from chalicelib.mail.letter import Letter, NotWanted, render_letter
from chalicelib.mail.outbox import OutboxMail
from chalicelib.mail.sending import Sending


def compose(sending: Sending, mail: OutboxMail) -> Letter:
    """Write the certificate; raises NotWanted if no deletion has begun."""
    deletion = event_state.read(sending.table).deletion
    if deletion is None:
        raise NotWanted("nothing has been deleted")
    desk, is_copy = sending.desk_url, mail.is_copy
    return certificate_letter(deletion, sending.event, is_copy=is_copy, desk=desk)


def certificate_letter(
    deletion: DeletionProgress, event: Event, *, is_copy: bool = False, desk: str = ""
) -> Letter:
    """The mail that certifies what personal data were deleted, how many, when, and what stays."""
    ended_at = (deletion.ended_at or deletion.began_at).astimezone(event.timezone)
    letter = render_letter(
        "certificate",
        event.language,
        event=event,
        deletion=deletion,
        ended_at=ended_at,
        data_words=DELETED_DATA,
        sweep_days=SWEPT_AFTER.days,
        stored_through=event.privacy.stored_through(event.last_date),
        backups_until=ended_at + timedelta(days=event.privacy.backup_days),
        is_copy=is_copy,
        desk=desk,
    )
    return replace(letter, reply_to=event.operator)
