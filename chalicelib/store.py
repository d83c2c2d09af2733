"""What the services ask of a store, and the ways in which it can say no."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from chalicelib.control import Control
from chalicelib.outbox import OutboxMail
from chalicelib.registration import Link, Registration
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
        self, token_hash: str, registration: Registration, mails: Sequence[OutboxMail] = ()
    ) -> Registration:
        """Stores a registration once, with its mails, and returns the stored one.

        If it was there before, that one is returned and no mail is queued. Raises PlateCodeTaken
        if another registration has its plate code, Conflict if it comes and goes meanwhile.
        """

    def change(
        self, token_hash: str, registration: Registration, mails: Sequence[OutboxMail] = ()
    ) -> None:
        """Writes the next revision; raises Conflict unless the one before it is stored."""

    def remove(self, token_hash: str, registration: Registration) -> None:
        """Removes this revision of a registration; raises Conflict if another one is stored."""

    def link(self, link_hash: str, link: Link) -> None:
        """Makes another token open a registration, or binds that token anew."""

    def linked(self, link_hash: str) -> Link | None:
        """What a mailed token opens, if it is known."""

    def registration(self, token_hash: str) -> Registration | None:
        """The registration with this hash of its token."""

    def encoded_orders(self) -> Iterator[str]:
        """Every registration's encoded order."""

    def issue_summary(self, control: Control, tally: Tally, mails: list[OutboxMail]) -> None:
        """Writes the control, its version's tally and its mails, all or nothing.

        Raises Conflict if the control has changed since it was read.
        """

    def tally(self, version: int) -> Tally:
        """What the summary of this version told; raises LookupError if there is none."""

    def due_mails(self, now: datetime) -> list[OutboxMail]:
        """The mails in the outbox that are due, the longest waiting first."""

    def count_receipt(self, address_hash: str, day: date) -> bool:
        """Counts a receipt mail of the day, unless the address or all had as many as may be."""

    def lease(self, mail: OutboxMail) -> None:
        """Writes the next attempt at a mail; raises Conflict if somebody else made it."""

    def record_sent(self, mail: OutboxMail, message_id: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it was taken under this message id."""

    def record_failed(self, mail: OutboxMail, reason: str, now: datetime) -> None:
        """Moves a mail out of the outbox; it will not be taken as it is."""

    def postpone(self, leased: OutboxMail, postponed: OutboxMail) -> None:
        """Moves a leased mail to its new due time."""
