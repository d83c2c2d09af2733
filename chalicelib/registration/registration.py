"""A registration: what one person can't eat, at which meals, and the rules about it."""

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
    """A write was meant for another revision than the one that is stored, which it carries."""

    def __init__(self, stored: "Registration") -> None:
        super().__init__("the registration has changed since it was read")
        self.stored = stored


@dataclass(frozen=True)
class Registration:
    """Answers that were accepted; times are instants, `revision` counts the changes.

    `links` are the hashes of the mailed tokens that open it, the newest last; with others it is
    the same registration.
    """

    answers: Answers
    plate_code: str
    registered_at: datetime
    changed_at: datetime
    revision: int = 1
    links: tuple[str, ...] = field(default=(), compare=False)

    @property
    def order(self) -> Order:
        """What the summary counts."""
        return Order(self.plate_code, self.answers.meals, self.answers.plate)

    def with_link(self, link_hash: str) -> "Registration":
        """With this link as its newest; of too many the oldest is forgotten."""
        others = tuple(one for one in self.links if one != link_hash)
        return replace(self, links=(*others, link_hash)[-LINKS_AT_MOST:])


@dataclass(frozen=True)
class Link:
    """What a mailed token opens: one registration, for as long as it has the address mailed to.

    Of its token, and of the address, it has the hashes.
    """

    registration: str
    address: str
    registered_at: datetime

    def opens(self, registration: Registration) -> bool:
        """Whether it is still that registration, with that address."""
        return (self.address, self.registered_at) == (
            hash_token(registration.answers.email),
            registration.registered_at,
        )


def link_to(token_hash: str, registration: Registration) -> Link:
    """A link for whoever reads mail at the registration's address."""
    email, registered_at = registration.answers.email, registration.registered_at
    return Link(token_hash, hash_token(email), registered_at)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A registration as the list needs it, without its note; `key` is the hash of its token."""

    key: str
    name: str
    organisation: str
    email: str
    encoded_order: str
    registered_at: datetime

    @property
    def order(self) -> Order:
        """What is to be put on the table."""
        return Order.decode(self.encoded_order)

    @property
    def code(self) -> str:
        """The plate code."""
        return self.encoded_order.partition("|")[0]
