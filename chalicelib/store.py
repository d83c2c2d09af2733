"""What the services ask of a store, and the ways in which it can say no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # it is a promise: a page that reads nothing need not import the model for it
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.alarm import Alarm
    from chalicelib.control import Control
    from chalicelib.desk import Access, Pass
    from chalicelib.mail_record import MailEvent, MailRecord
    from chalicelib.outbox import Kind, OutboxMail
    from chalicelib.registration import Link, Registration
    from chalicelib.roll import Entry
    from chalicelib.summary import Tally


class StoreUnavailable(Exception):
    """The store did not answer as it should; if it was a write, nobody knows whether it landed."""


class Conflict(Exception):
    """The item isn't what it was when it was read: somebody else was first."""


class PlateCodeTaken(Exception):
    """Another registration has this plate code."""


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
    ) -> None:
        """Writes the next revision; raises Conflict unless the one before it is stored."""

    def remove(
        self,
        token_hash: str,
        registration: Registration,
        late_at: datetime | None = None,
        access: Access | None = None,
        beside: str = "",
    ) -> None:
        """Removes this revision of a registration; raises Conflict if another one is stored.

        With `beside`, only while the registration with that hash is there.
        """

    def link(self, link_hash: str, link: Link) -> None:
        """Makes another token open a registration, or binds that token anew."""

    def linked(self, link_hash: str) -> Link | None:
        """What a mailed token opens, if it is known."""

    def registration(self, token_hash: str) -> Registration | None:
        """The registration with this hash of its token."""

    def registrations(self, keys: Sequence[str]) -> Mapping[str, Registration]:
        """Those of the registrations that are there, by the hash of their token."""

    def entries(self) -> Iterator[Entry]:
        """Every registration as the list needs it."""

    def encoded_orders(self) -> Iterator[str]:
        """Every registration's encoded order."""

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
        """The mails in the outbox that are due, the longest waiting first."""

    def standing(self, now: datetime) -> tuple[Control, list[OutboxMail]]:
        """The control and the mails that are due: what a tick must know."""

    def count_receipt(self, address_hash: str, day: date) -> bool:
        """Counts a receipt mail of the day, unless the address or all had as many as may be."""

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

    def record_access(self, access: Access) -> None:
        """Adds to the access log."""

    def accesses(self, before: str, at_most: int) -> Sequence[Access]:
        """The access log, newest first; from before the line with this key, if one is given."""

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        """Moves a leased mail to its new due time."""
