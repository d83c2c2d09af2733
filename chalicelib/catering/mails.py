"""The mails with plate counts: summary, change notice, and reminder."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypedDict, Unpack

from chalicelib.catering import store as tallies
from chalicelib.catering.attachments import whole_list
from chalicelib.catering.difference import NoteChange, PlateChange, changes, most_important
from chalicelib.catering.limits import ATTACHED_AT_MOST, LISTED_AT_MOST, MAIL_BYTES_AT_MOST
from chalicelib.catering.receivers import is_same, versions_before
from chalicelib.catering.shortening import shortener, with_all_codes
from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.catering.words import subject
from chalicelib.event.event import Contact, Event, Receiver
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import Phase
from chalicelib.lifecycle.timing import REMINDER_LASTS
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.letter import Letter, NotWanted, render_letter, render_text
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailRecord, unreached
from chalicelib.mail.sending import Sending
from chalicelib.texts.language import N_, translated

_BAR_PIXELS = 200


class Extras(TypedDict, total=False):
    """What a mail contains besides the numbers.

    `is_copy`: the recipient may have received the same mail before. `replaced`: the version that
    the recipient has, 0 if none. `receiver`: the recipient, if it is no contact person. To contact
    persons only: `unreached` and `unreached_receivers`, the other contact persons, and the numbers
    of the receivers, whose latest mail was lost; `desk`, the URL of the contact persons' pages.
    """

    is_copy: bool
    replaced: int
    receiver: Receiver | None
    unreached: Sequence[Contact]
    unreached_receivers: Sequence[int]
    desk: str


_NO_EXTRAS: Extras = {
    "is_copy": False,
    "receiver": None,
    "unreached": (),
    "unreached_receivers": (),
    "desk": "",
}


def compose(sending: Sending, mail: OutboxMail) -> Letter:
    """Write the summary, change notice or reminder; raises NotWanted if `mail` is out of date."""
    state = event_state.read(sending.table)
    sending.refuse_after_deletion()
    closes_at = sending.event.deadline(state.closes_at)
    if (mail.kind is MailKind.REMINDER) is not (state.phase is Phase.OPEN):
        raise NotWanted("registration has opened or closed since")
    receiver = sending.event.receiver_at(mail.recipient)
    if mail.kind is not MailKind.REMINDER and mail.version < state.version:
        latest = tallies.read(sending.table, state.mailed_tally)
        # Without a change of its meals, a receiver is mailed no later version.
        if not (receiver and receiver.meals and is_same(sending, receiver, mail.about, latest)):
            raise NotWanted("a later version has been mailed since")
    if not receiver and not sending.event.contact_at(mail.recipient):
        raise NotWanted("the address is no longer in the event's file")
    summary = _mailed_summary(sending, mail.about, mail.version, receiver)
    if mail.kind is MailKind.REMINDER and sending.now >= summary.taken_at + REMINDER_LASTS:
        raise NotWanted("its numbers are too old")
    extras = _extras(sending, mail, receiver)
    if mail.kind is MailKind.REMINDER:
        return reminder_letter(summary, sending.event, closes_at, **extras)
    if mail.kind is MailKind.CHANGE:
        before = _mailed_summary(sending, mail.since, mail.version - 1, receiver)
        return change_letter(summary, before, sending.event, **extras)
    return summary_letter(summary, sending.event, **extras)


def _mailed_summary(
    sending: Sending, key: str, version: int, receiver: Receiver | None
) -> CateringSummary:
    only = receiver.meals if receiver else ()
    return summarise(tallies.read(sending.table, key), sending.event, version=version, only=only)


def _extras(sending: Sending, mail: OutboxMail, receiver: Receiver | None) -> Extras:
    records = mail_records.to_contacts(sending.table)
    if receiver:
        return _to_receiver(receiver, mail, records)
    event, lost = sending.event, unreached(records) - {mail.recipient}
    return {
        "is_copy": mail.is_copy,
        "unreached": [contact for contact in event.mailboxes if contact.email in lost],
        "unreached_receivers": [
            number for number, one in enumerate(event.receivers, 1) if one.email in lost
        ],
        "desk": sending.desk_url,
    }


def _to_receiver(receiver: Receiver, mail: OutboxMail, records: Sequence[MailRecord]) -> Extras:
    """A receiver may have been mailed fewer versions than the contact persons."""
    known = versions_before(mail, records)
    without_this = known - {mail.version}
    assumed = mail.version - 1 if mail.kind is MailKind.CHANGE else 0
    return {
        "is_copy": mail.is_copy and (mail.doubts > 0 or mail.version in known),
        "replaced": max(without_this, default=assumed),
        "receiver": receiver,
    }


def summary_letter(summary: CateringSummary, event: Event, **extras: Unpack[Extras]) -> Letter:
    """The summary mail: numbers without names, so that it can be forwarded to the caterer."""
    return _contact_letter(MailKind.SUMMARY, summary, event, extras)


def change_letter(
    summary: CateringSummary, before: CateringSummary, event: Event, **extras: Unpack[Extras]
) -> Letter:
    """The change notice: the differences from `before` in words, then all current numbers."""
    return _contact_letter(MailKind.CHANGE, summary, event, extras, changes(before, summary))


def reminder_letter(
    summary: CateringSummary, event: Event, closes_at: datetime, **extras: Unpack[Extras]
) -> Letter:
    """The reminder before the deadline `closes_at`, with the numbers so far."""
    return _contact_letter(MailKind.REMINDER, summary, event, extras, closes_at=closes_at)


def _contact_letter(
    kind: MailKind,
    summary: CateringSummary,
    event: Event,
    extras: Extras,
    all_changes: Sequence[PlateChange | NoteChange] = (),
    **values: object,
) -> Letter:
    """The letter with as many plates as fit, and with all in attachments if not all fit.

    Of a flood, the attachments may not have all either, which the letter then says. The operator
    receives a contact person's replies, and the contact persons receive those of others.
    """
    short, language = shortener(summary), event.language
    whole = with_all_codes(short(ATTACHED_AT_MOST))

    def bar(plates: int) -> int:
        return max(1, round(_BAR_PIXELS * plates / summary.largest_meal))

    def given(shown: CateringSummary, lines: int, attached: str = "") -> dict[str, object]:
        changes = most_important(all_changes, lines)
        return {
            "subject": partial(
                subject, title=event.title, summary=shown, attached=whole, language=language
            ),
            "summary": shown,
            "event": event,
            "changes": changes,
            "more_changes": len(all_changes) - len(changes),
            "bar": bar,
            "attached": attached,
            "whole": whole,
            "replaced": summary.version - 1,
            **_NO_EXTRAS,
            **extras,
            **values,
        }

    def with_at_most(lines: int) -> Letter:
        shown = short(lines)
        return render_letter(
            kind, language, **given(shown, lines, files if shown.is_shortened else "")
        )

    # Not the name of the desk's files, which have people's names; another one for other numbers.
    which = N_("kokets-lista-%(day)s-version-%(version)s")
    which = which if summary.version else N_("kokets-lista-%(day)s-preliminar")
    files = translated(which, language, day=event.date, version=summary.version)
    lines = min(LISTED_AT_MOST, max(len(all_changes), _plates_of(summary)))
    letter = with_at_most(lines)
    if not _fits(letter):
        fitting = bisect(range(lines), 0, key=lambda n: not _fits(with_at_most(n)))
        lines = max(0, fitting - 1)
        letter = with_at_most(lines)
    answered_by = [contact.email for contact in event.mailboxes]
    reply_to = ", ".join(answered_by) if extras.get("receiver") else event.operator
    letter = replace(letter, reply_to=reply_to)
    if not short(lines).is_shortened:
        return letter
    text = render_text(kind, language, **given(whole, ATTACHED_AT_MOST))
    return replace(letter, attachments=whole_list(whole, text, files, language))


def _plates_of(summary: CateringSummary) -> int:
    return sum(len(meal.plates) for meal in summary.meals)


def _fits(letter: Letter) -> bool:
    return len(letter.text.encode()) + len(letter.html.encode()) <= MAIL_BYTES_AT_MOST
