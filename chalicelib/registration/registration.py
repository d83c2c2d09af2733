"""A registration, the links that open it, and its entry in the registration list."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.registration.answers import Answers, Order
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.tokens import hash_token


class RegistrationClosed(Exception):
    """A write arrived at or after `closes_at`."""

    def __init__(self, closes_at: datetime) -> None:
        super().__init__("registration is closed")
        self.closes_at = closes_at


class StaleRevision(Exception):
    """A write was meant for another revision than that of the `stored` registration."""

    def __init__(self, stored: "Registration") -> None:
        super().__init__("the registration has changed since it was read")
        self.stored = stored


@dataclass(frozen=True)
class Registration:
    """Accepted answers. Times are instants; `revision` starts at 1 and grows with each change.

    `links` are the hashes of the mailed tokens that open the registration, the newest last.
    Registrations that differ only in their links compare equal.
    """

    answers: Answers
    plate_code: str
    registered_at: datetime
    changed_at: datetime
    revision: int = 1
    links: tuple[str, ...] = field(default=(), compare=False)

    @property
    def order(self) -> Order:
        """The part of the registration that the summary counts."""
        return Order(self.plate_code, self.answers.meals, self.answers.plate)

    def with_link(self, link_hash: str) -> "Registration":
        """The registration with this link as the newest; drops the oldest beyond LINKS_AT_MOST."""
        others = tuple(other for other in self.links if other != link_hash)
        return replace(self, links=(*others, link_hash)[-LINKS_AT_MOST:])


@dataclass(frozen=True)
class ReceiptLink:
    """What a mailed token opens: one registration, until its mail address changes.

    `registration` is the hash of the registration's own token, `address` the hash of the address.
    """

    registration: str
    address: str
    registered_at: datetime

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
    """A registration in the registration list, without its note; `key` is its token's hash."""

    key: str
    name: str
    organisation: str
    email: str
    encoded_order: str
    registered_at: datetime

    @property
    def order(self) -> Order:
        """The decoded order."""
        return Order.decode(self.encoded_order)

    @property
    def code(self) -> str:
        """The plate code."""
        return self.encoded_order.partition("|")[0]
