"""The mails that carry the numbers to the contact persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from chalicelib.catering import store as tallies
from chalicelib.catering.difference import PlateChange, difference
from chalicelib.catering.limits import LINES_AT_MOST, MAIL_BYTES_AT_MOST
from chalicelib.catering.summary import CateringSummary, shortened, summarise
from chalicelib.event.event import Contact, Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.timing import REMINDER_LASTS
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.base_url import desk_url
from chalicelib.mail.letter import Letter, NotWanted, render_letter
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import unreached
from chalicelib.mail.sending import Sending
from chalicelib.texts.language import SWEDISH

_BAR_PIXELS = 200


class Around(TypedDict, total=False):
    """What a mail to a contact person says beside its numbers: whether it may have come before
    (`is_copy`), the other contact persons to whom mail doesn't get through (`unreached`), and the
    address of the contact persons' pages (`desk`).
    """

    is_copy: bool
    unreached: Sequence[Contact]
    desk: str


_NOTHING_AROUND: Around = {"is_copy": False, "unreached": (), "desk": ""}


def write(sending: Sending, mail: OutboxMail) -> Letter:
    """The summary, change notice or reminder of a mail; raises NotWanted if it is out of date."""
    state = event_state.read(sending.table)
    sending.refuse_after_deletion()
    closes_at = sending.event.deadline(state.closes_at)
    if (mail.kind is MailKind.REMINDER) is not (state.phase is Phase.OPEN):
        raise NotWanted("registration has opened or closed since")
    if mail.kind is not MailKind.REMINDER and mail.version < state.version:
        raise NotWanted("a later version has been told since")
    summary = _mailed_summary(sending, mail.about, mail.version)
    if mail.kind is MailKind.REMINDER and sending.now >= summary.taken_at + REMINDER_LASTS:
        raise NotWanted("its numbers are too old")
    around: Around = {
        "is_copy": mail.is_copy,
        "unreached": _unreached(sending, mail.recipient),
        "desk": desk_url(sending.table),
    }
    if mail.kind is MailKind.REMINDER:
        return reminder_letter(summary, sending.event, closes_at, **around)
    if mail.kind is MailKind.CHANGE:
        before = _mailed_summary(sending, mail.since, mail.version - 1)
        return change_letter(summary, before, sending.event, **around)
    return summary_letter(summary, sending.event, **around)


def _mailed_summary(sending: Sending, key: str, version: int) -> CateringSummary:
    return summarise(tallies.read(sending.table, key), sending.event, version=version)


def _unreached(sending: Sending, recipient: str) -> tuple[Contact, ...]:
    """The other contact persons, as far as their latest mails are known to be lost."""
    lost = unreached(mail_records.to_contacts(sending.table)) - {recipient}
    return tuple(contact for contact in sending.event.contacts if contact.email in lost)


def summary_letter(summary: CateringSummary, event: Event, **around: Unpack[Around]) -> Letter:
    """The mail to the contact persons that can be forwarded to the caterer: numbers, no names."""
    return _contact_letter(MailKind.SUMMARY, summary, event, around)


def change_letter(
    summary: CateringSummary, before: CateringSummary, event: Event, **around: Unpack[Around]
) -> Letter:
    """The mail that the numbers have moved: the difference in words, then all of them anew."""
    return _contact_letter(MailKind.CHANGE, summary, event, around, difference(before, summary))


def reminder_letter(
    summary: CateringSummary, event: Event, closes_at: datetime, **around: Unpack[Around]
) -> Letter:
    """The mail before the deadline: how long it is open, and the numbers so far."""
    return _contact_letter(MailKind.REMINDER, summary, event, around, closes_at=closes_at)


def _contact_letter(
    kind: MailKind,
    summary: CateringSummary,
    event: Event,
    around: Around,
    all_changes: Sequence[PlateChange] = (),
    **values: object,
) -> Letter:
    """The letter with as many lines as a mail has room for; replies go to the operator."""

    def bar(plates: int) -> int:
        return max(1, round(_BAR_PIXELS * plates / summary.largest_meal))

    def with_at_most(lines: int) -> Letter:
        changes = all_changes[:lines]
        return render_letter(
            kind,
            SWEDISH,
            summary=shortened(summary, lines),
            event=event,
            changes=changes,
            more_changes=len(all_changes) - len(changes),
            bar=bar,
            **{**_NOTHING_AROUND, **around, **values},
        )

    for lines in LINES_AT_MOST:
        letter = with_at_most(lines)
        if _fits(letter):
            break
    return replace(letter, reply_to=event.operator)


def _fits(letter: Letter) -> bool:
    return len(letter.text.encode()) + len(letter.html.encode()) <= MAIL_BYTES_AT_MOST
