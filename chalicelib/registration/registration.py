"""A registration, the links that open it, and its entry in the registration list."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.dynamo.attributes import format_instant
from chalicelib.registration.answers import Answers, Order
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.tokens import hash_token

_NOTE_HASH_LENGTH = 6


class RegistrationClosed(Exception):
    """A write arrived at or after `closes_at`. `before`: what the same form registered in time."""

    def __init__(self, closes_at: datetime, before: "RegisteredBefore | None" = None) -> None:
        super().__init__("registration is closed")
        self.closes_at = closes_at
        self.before = before


class StaleRevision(Exception):
    """A write was meant for another revision than that of the `stored` registration."""

    def __init__(self, stored: "Registration") -> None:
        super().__init__("the registration has changed since it was read")
        self.stored = stored


class RegistrationRemoved(Exception):
    """A submission was sent again whose registration was stored and then removed."""


class RegisteredBefore(Exception):
    """A form was sent again for the same name, with other answers than the `stored` ones.

    `token` opens the stored registration; it is empty if a contact person has ended its links.
    """

    def __init__(self, token: str, stored: "Registration") -> None:
        super().__init__("the form has registered this name before")
        self.token = "" if stored.links_ended_at else token
        self.stored = stored


class KeyReused(Exception):
    """An Idempotency-Key was sent again with other answers."""


@dataclass(frozen=True)
class Registration:
    """Accepted answers. Times are instants; `revision` starts at 1 and grows with each change.

    `links` are the hashes of the mailed tokens that open the registration, the newest last.
    `passed_on` is the hash of the note that the kitchen was last told, if any. `receipt` is the
    revision whose receipt is mailed to the present address, `corrected` the last one that a contact
    person made, if any. Registrations that differ only in these compare equal.

    `readdressed_at`: when a contact person last changed the mail address. `links_ended_at`: when
    one last ended all links; since then, the registration's own token opens nothing.
    """

    answers: Answers
    plate_code: str
    registered_at: datetime
    changed_at: datetime
    revision: int = 1
    links: tuple[str, ...] = field(default=(), compare=False)
    passed_on: str = field(default="", compare=False)
    receipt: int = field(default=1, compare=False)
    corrected: int = field(default=0, compare=False)
    readdressed_at: datetime | None = None
    links_ended_at: datetime | None = None

    @property
    def order(self) -> Order:
        """The part of the registration that the summary counts."""
        return Order(self.plate_code, self.answers.meals, self.answers.plate, self.note_hash)

    @property
    def note_hash(self) -> str:
        """A hash of the note, to detect its changes; empty without a note.

        With so few bits and the registration's instant in it, the note can't be guessed from it
        once the registration is removed.
        """
        note = self.answers.note
        salted = f"{format_instant(self.registered_at)} {note}".encode()
        return hashlib.sha256(salted).hexdigest()[:_NOTE_HASH_LENGTH] if note else ""

    @property
    def is_passed_on(self) -> bool:
        """Whether the kitchen was told the note, as it is now."""
        return bool(self.answers.note) and self.passed_on == self.note_hash

    @property
    def is_own_work(self) -> bool:
        """Whether the present revision was sent with a form for attendees."""
        return self.corrected != self.revision

    def changed(
        self, answers: Answers, now: datetime, *, by_contact: bool = False
    ) -> "Registration":
        """The next revision, with these answers."""
        revision = self.revision + 1
        receipt = self.receipt if answers.email == self.answers.email else revision
        corrected = revision if by_contact else self.corrected
        return replace(
            self,
            answers=answers,
            revision=revision,
            changed_at=now,
            receipt=receipt,
            corrected=corrected,
        )

    def with_link(self, link_hash: str) -> "Registration":
        """The registration with this link as the newest; drops the oldest beyond LINKS_AT_MOST."""
        others = tuple(other for other in self.links if other != link_hash)
        return replace(self, links=(*others, link_hash)[-LINKS_AT_MOST:])


@dataclass(frozen=True)
class ReceiptLink:
    """What a mailed token opens: one registration, until its mail address changes.

    `registration` is the hash of the registration's own token, `address` the hash of the address.
    `mail` is the mail to that address with the link, if any. `used_at` is recorded only after a
    contact person has changed the address.
    """

    registration: str
    address: str
    registered_at: datetime
    used_at: datetime | None = None
    mail: str = ""

    def opens(self, registration: Registration) -> bool:
        """Whether `registration` is the linked one and still has the address of the link."""
        return (self.address, self.registered_at) == (
            hash_token(registration.answers.email),
            registration.registered_at,
        )


def link_to(token_hash: str, registration: Registration) -> ReceiptLink:
    """A link to the registration whose own token has this hash, for its present address."""
    email, registered_at = registration.answers.email, registration.registered_at
    return ReceiptLink(token_hash, hash_token(email), registered_at)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A registration in the registration list; `key` is its token's hash.

    `passed_on` and `receipt` are as in Registration; `note` is empty unless it was asked for.
    """

    key: str
    name: str
    organisation: str
    email: str
    encoded_order: str
    registered_at: datetime
    passed_on: str = ""
    note: str = ""
    receipt: int = 1

    @property
    def order(self) -> Order:
        """The decoded order."""
        return Order.decode(self.encoded_order)

    @property
    def code(self) -> str:
        """The plate code."""
        return self.encoded_order.partition("|")[0]

    @property
    def needs_passing_on(self) -> bool:
        """Whether there is a note that the kitchen has not been told."""
        return needs_passing_on(self.encoded_order, self.passed_on)


def needs_passing_on(encoded_order: str, passed_on: str) -> bool:
    """Whether an order has a note that is not the one of `passed_on`, the last told to the kitchen.

    A note whose hash is not stored has not changed since there are hashes: it was told if any was.
    """
    if encoded_order.endswith("|"):
        return False  # no note, which is the usual case
    note_hash = Order.decode(encoded_order).note_hash
    return note_hash != passed_on if note_hash else not passed_on
