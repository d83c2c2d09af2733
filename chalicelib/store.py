"""What the services ask of a store, and the ways in which it can say no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # it is a promise: a page that reads nothing need not import the model for it
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.alarm import Alarm
    from chalicelib.control import Control
    from chalicelib.count import Count
    from chalicelib.deletion import Stored
    from chalicelib.desk import Access, Pass
    from chalicelib.mail_record import MailEvent, MailRecord
    from chalicelib.outbox import Cap, Kind, OutboxMail
    from chalicelib.registration import Link, Registration
    from chalicelib.roll import Entry
    from chalicelib.summary import Tally
    from chalicelib.totals import Totals


class StoreUnavailable(Exception):
    """The store did not answer as it should; if it was a write, nobody knows whether it landed."""


class Conflict(Exception):
    """The item isn't what it was when it was read: somebody else was first."""


class PlateCodeTaken(Exception):
    """Another registration has this plate code."""


# What one write of the table may hold (100), with the control's own.
DELETED_AT_ONCE = 99


@dataclass(frozen=True)
class Standing:
    """What a tick must know: the control, the mails that are due, and whether the desk waits for
    a count. `mails` is None if one of them can't be read.
    """

    control: Control
    mails: list[OutboxMail] | None = None
    is_count_wanted: bool = False


class Store(Protocol):
    """The items of one event. Reads are consistent; any call may raise StoreUnavailable."""

    def control(self) -> Control:
        """Where the event stands; a fresh Control before the first write."""

    def save_control(self, control: Control) -> None:
        """Writes a control that was read before; raises Conflict if it has changed since."""

    def add(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
    ) -> Registration:
        """Stores a registration once, with its mails, and returns the stored one.

        If it was there before, that one is returned and nothing else is written. With `late_at`,
        the control tells in the same write that something changed then; with `access`, the
        access log tells who did it. Raises PlateCodeTaken
        if another registration has its plate code, Conflict if it comes and goes meanwhile.
        """

    def change(
        self,
        token_hash: str,
        registration: Registration,
        mails: Sequence[OutboxMail] = (),
        late_at: datetime | None = None,
        access: Access | None = None,
        link: str = "",
    ) -> None:
        """Writes the next revision; raises Conflict unless the one before it is stored as read.

        With `link`, the token with that hash opens the registration in the same write.
        """

    def remove(
        self,
        token_hash: str,
        registration: Registration,
        late_at: datetime | None = None,
        access: Access | None = None,
        beside: str = "",
        blocked: str = "",
    ) -> None:
        """Removes a registration with its code and its links, if it is stored as it was read.

        Raises Conflict if it isn't. With `beside`, only while the registration with that hash is
        there; with `blocked`, the mailbox with that hash gets no more mail.
        """

    def link(self, link_hash: str, token_hash: str, registration: Registration) -> None:
        """Makes another token open a registration, or binds that token anew.

        Raises Conflict unless the registration is stored as it was read.
        """

    def linked(self, link_hash: str) -> Link | None:
        """What a mailed token opens, if it is known."""

    def registration(self, token_hash: str) -> Registration | None:
        """The registration with this hash of its token."""

    def registrations(self, keys: Sequence[str]) -> Mapping[str, Registration]:
        """Those of the registrations that are there, by the hash of their token."""

    def entries(
        self, sort: str = "name", after: str = "", at_most: int | None = None
    ) -> Iterator[Entry]:
        """The registrations as the list needs them, in this order, read as they are asked for.

        With `after`, those that come after the one at that place; raises LookupError if it isn't
        there any more.
        """

    def newest(
        self,
        since: datetime | None,
        until: datetime | None,
        after: str = "",
        at_most: int | None = None,
    ) -> Iterator[Entry]:
        """The entries that came from one minute to the other, the newest first.

        With `after` as `entries`.
        """

    def encoded_orders(self) -> Iterator[str]:
        """Every registration's encoded order."""

    def arrivals(self, at_most: int | None = None) -> Iterator[tuple[str, str]]:
        """Every registration's encoded order, and the instant it came at as a text; or so many."""

    def want_count(self, now: datetime) -> None:
        """Says that the desk waits for a count of now."""

    def keep_count(self, count: Count) -> None:
        """Keeps a count for the desk, in place of the one before."""

    def kept_count(self) -> Count | None:
        """The count that is kept, if any is."""

    def save_tally(self, tally: Tally) -> None:
        """Keeps a tally under its key; the same one again changes nothing."""

    def tally(self, key: str) -> Tally:
        """The tally with this key; raises LookupError if there is none."""

    def issue(self, control: Control, mails: list[OutboxMail]) -> None:
        """Writes the control and queues the mails, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """

    def queue(self, mails: Sequence[OutboxMail]) -> None:
        """Puts mails into the outbox, all or none."""

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        """The mails in the outbox that are due, receipts last, the longest waiting first.

        Of receipts at most RECEIPTS_AT_A_TIME: a flood of them must hold up nothing.
        """

    def standing(self, now: datetime) -> Standing:
        """What a tick must know of this moment."""

    def count_receipt(self, address_hash: str, day: date) -> Cap | None:
        """Counts a receipt mail of the day, unless the address or all had as many as may be.

        Then it says which.
        """

    def count_bounce(self, day: date) -> None:
        """Counts a receipt that came back for COUNTED_FOR_A_BOUNCE of the day's receipts."""

    def lease(self, mail: OutboxMail) -> None:
        """Writes the next attempt at a mail; raises Conflict if somebody else made it."""

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it was taken under this message id."""

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it will not be taken as it is."""

    def record_dropped(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it is no longer wanted."""

    def record_event(self, event: MailEvent) -> MailRecord:
        """Keeps what SES told of a mail: in any order, again, or before it is recorded as sent.

        Returns all that is known of the mail now.
        """

    def mail_record(self, kind: Kind, mail_id: str) -> MailRecord | None:
        """What is known of a mail, if anything is."""

    def contact_mails(self) -> list[MailRecord]:
        """What is known of each mail to a contact person that was taken or failed."""

    def raise_alarm(self, alarm: Alarm, mails: Sequence[OutboxMail]) -> None:
        """Keeps an alarm and queues its mails, unless it was raised before."""

    def alarm(self, alarm_id: str) -> Alarm:
        """The alarm with this id; raises LookupError if there is none."""

    def site(self) -> str:
        """Where the event's pages are, `https://host/stage`; empty before anybody has said so."""

    def save_site(self, address: str) -> None:
        """Says where the event's pages are, for mails that nobody's visit leads to."""

    def ask_for_link(self, mail: OutboxMail, *, wanted: bool) -> None:
        """Queues the mail, or makes a write of the same kind and size that nobody reads.

        So that how long it takes tells nothing.
        """

    def count_link(self, address_hash: str, now: datetime) -> bool:
        """Counts a link of the hour, unless the address has had as many as may be."""

    def save_pass(self, token_hash: str, admitted: Pass) -> None:
        """Lets a token in."""

    def find_pass(self, token_hash: str) -> Pass | None:
        """What a token opens at the desk, if anything."""

    def remove_pass(self, token_hash: str) -> None:
        """Lets a token in no more."""

    def is_blocked(self, mailbox_hash: str) -> bool:
        """Whether this mailbox is to get no more mail."""

    def blocks(self) -> int:
        """How many mailboxes are to get no more mail."""

    def unblock(self, mailbox_hash: str, access: Access) -> bool:
        """Lets a mailbox get mail again, with its line of the access log; False if it did."""

    def receipts(self, token_hash: str) -> list[MailRecord]:
        """What is known of each receipt of a registration that has left the outbox."""

    def waiting_receipts(self, token_hash: str) -> list[OutboxMail]:
        """The receipts of a registration that are still in the outbox."""

    def record_access(self, access: Access) -> None:
        """Adds to the access log."""

    def accesses(self, before: str, at_most: int) -> Sequence[Access]:
        """The access log, newest first; from before the line with this key, if one is given."""

    def begin_deletion(self, control: Control, staying: Totals) -> None:
        """Keeps the counts that stay, and writes the control, both or none.

        Raises Conflict if the control has changed since it was read.
        """

    def totals(self) -> Totals | None:
        """The counts that stay, once the deletion has begun."""

    def stored(self) -> Iterator[Stored]:
        """Every item that is to be deleted in the end, whatever it is."""

    def delete(self, control: Control, keys: Sequence[str]) -> None:
        """Deletes these items, at most DELETED_AT_ONCE, and writes the control, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """

    def renew(self, at_most: int) -> int:
        """Makes items expire that long after the day of deletion that holds now, if they don't.

        Returns how many did not: at most so many.
        """

    def accesses_about(self, code: str, since: datetime) -> list[Access]:
        """The lines of the access log about this plate code, the oldest first."""

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        """Moves a leased mail to its new due time."""
