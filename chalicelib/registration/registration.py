"""A registration: what one person can't eat, at which meals, and the rules about it."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.registration.diet import ALLERGENS

# No vowels, so that no code spells a word; nothing that is read as something else (0/O, 1/I, 5/S).
_CODE_LETTERS = "CDFHJKMNPRTVWXY34679"
_CODE_LENGTH = 4
_ATTEMPTS_PER_LENGTH = 4
CODE_ATTEMPTS = 5 * _ATTEMPTS_PER_LENGTH
# They are all deleted with the registration, in one transaction.
LINKS_AT_MOST = 20


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
class Plate:
    """What the kitchen puts before one person: the exact combination, not a handful of ticks."""

    diet: str = ""
    allergens: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    severe: bool = False
    noted: bool = False


@dataclass(frozen=True)
class Order:
    """What the summary needs of a registration, and nothing that tells whose it is."""

    code: str
    meals: tuple[str, ...]
    plate: Plate

    def encode(self) -> str:
        """`code|meals|diet|allergens, a trailing ~ for traces|! if severe|n if noted`."""
        plate = self.plate
        allergens = ",".join(code + "~" * (code in plate.traces) for code in plate.allergens)
        flags = "!" * plate.severe, "n" * plate.noted
        return "|".join((self.code, ",".join(self.meals), plate.diet, allergens, *flags))

    @classmethod
    def decode(cls, text: str) -> "Order":
        """The order that was encoded."""
        code, meals, diet, marked, severe, noted = text.split("|")
        marks = marked.split(",") if marked else []
        plate = Plate(
            diet=diet,
            allergens=tuple(mark.rstrip("~") for mark in marks),
            traces=tuple(mark.rstrip("~") for mark in marks if mark.endswith("~")),
            severe=bool(severe),
            noted=bool(noted),
        )
        return cls(code, tuple(meals.split(",")), plate)


@dataclass(frozen=True)
class Answers:
    """What an attendee submitted, validated; codes are in the order of the vocabulary."""

    name: str
    meals: tuple[str, ...]
    organisation: str = ""
    email: str = ""
    diet: str = ""
    allergens: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    severe: bool = False
    note: str = ""

    @property
    def plate(self) -> Plate:
        """The plate that these answers ask for, the same at every meal."""
        return Plate(self.diet, self.allergens, self.traces, self.severe, bool(self.note))


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
            hashed(registration.answers.email),
            registration.registered_at,
        )


def link_to(token_hash: str, registration: Registration) -> Link:
    """A link for whoever reads mail at the registration's address."""
    email, registered_at = registration.answers.email, registration.registered_at
    return Link(token_hash, hashed(email), registered_at)


def token_for(answers: Answers, nonce: str) -> str:
    """The private handle of these answers under this form's nonce: 256 bits, base64url.

    The same submission gives the same token; other answers, or another nonce, give another.
    """
    submitted = json.dumps(vars(answers), sort_keys=True).encode()
    digest = hmac.digest(nonce.encode(), submitted, "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hashed(token: str) -> str:
    """What the table holds instead of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def plate_code(token: str, attempt: int) -> str:
    """A short code for the plate's label; if it is taken, the next attempt gives another.

    After some attempts codes grow a letter, so that there are enough for any number of people.
    """
    digest = hashlib.sha256(f"{attempt}:{token}".encode()).digest()
    number = int.from_bytes(digest)
    letters = []
    for _ in range(_CODE_LENGTH + attempt // _ATTEMPTS_PER_LENGTH):
        number, letter = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[letter])
    return "".join(letters)


def in_vocabulary_order(codes: set[str]) -> tuple[str, ...]:
    """Allergen codes as the vocabulary orders them, so that equal plates are equal."""
    return tuple(code for code in ALLERGENS if code in codes)
