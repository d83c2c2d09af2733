"""The outbox: mails not yet known to be sent, and when each may be tried."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.mail.faults import FINAL, OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.texts.language import SWEDISH

# Longer than a send can take: a lease that lapsed means that nobody knows how the send ended.
LEASE = timedelta(minutes=10)
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 45, 60))
# With hourly attempts after the first ones, some three days.
_ATTEMPTS_AT_MOST = 80
# A form that mails whoever is written into it must not become somebody's weapon.
RECEIPTS_PER_ADDRESS_A_DAY = 5
RECEIPTS_A_DAY = 1000
# AWS shuts the mail of an account of whose mails too many come back: the summary's too. So each
# receipt that does counts for many, and twenty end the day's receipts.
COUNTED_FOR_A_BOUNCE = RECEIPTS_A_DAY // 20
# What one run of a scheduled function can surely send; the rest is sent a minute later.
MAILS_AT_A_TIME = 50
DROPPED_AT_A_TIME = 300
RECEIPTS_AT_A_TIME = MAILS_AT_A_TIME + DROPPED_AT_A_TIME
# The second copy is the last: whoever got neither has an alarm raised for, not a third.
_DOUBTS_AT_MOST = 1
# A fault that should have passed by then, after some 70 minutes, is told to the operator.
_LONG = 7


class Cap(StrEnum):
    """Whose receipts of a day are used up."""

    MAILBOX = "mailbox"
    ALL = "all"


class Kind(StrEnum):
    """What a mail is; the order is that in which mails due at the same time are sent."""

    SUMMARY = "summary"
    CHANGE = "change"
    REMINDER = "reminder"
    CERTIFICATE = "certificate"
    ALARM = "alarm"
    DESK = "desk"
    TEST = "test"
    RECEIPT = "receipt"

    @property
    def audience(self) -> str:
        """Whom it is for: contact persons, the operator, an attendee, or whoever tests."""
        others = {
            Kind.ALARM: "operator",
            Kind.RECEIPT: "attendee",
            Kind.TEST: "test",
            Kind.DESK: "desk",
        }
        return others.get(self, "contact")


# A mistyped address is nobody's fault, and whoever tests waits for the answer: no alarm rings.
UNWATCHED = frozenset({Kind.RECEIPT, Kind.TEST})


def receipt_id(token_hash: str, revision: int | None = None) -> str:
    """The id of a registration's receipt, or without a revision what all of its begin with."""
    return f"receipt-{token_hash[:20]}-{'' if revision is None else revision}"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A mail as it is written: a subject, and the same content as plain text and as HTML."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""


class MailNotTaken(Exception):
    """The mail was surely not taken; `fault` says why, and whether to try again."""

    def __init__(self, fault: Fault, code: str = "") -> None:
        super().__init__(f"{fault} {code}".strip())
        self.fault = fault


class MailInDoubt(Exception):
    """The answer never came: the mail may have been taken or not."""


class Mailer(Protocol):
    """What the services ask of a mailer."""

    def send(self, recipient: str, letter: Letter, tags: Mapping[str, str]) -> str:
        """Sends one letter to one recipient, once, and returns the message id.

        The tags come back with what SES tells of the mail later. Raises MailNotTaken or
        MailInDoubt, which name no address.
        """


@dataclass(frozen=True)
class OutboxMail:
    """One mail to one recipient. `id` is stable, so that the same mail is never queued twice.

    `about` is what it tells: a tally's key, an alarm's id, or the hash of a registration's token;
    `since` the key of the tally that a change differs from; `version` the summary's. A receipt has
    the address of the site and the language.
    `due` is when it may be tried; `leased_until` is set while somebody, the `owner`, sends it;
    `doubts` counts the leases that lapsed, each of which may have sent it; `counted` says that the
    day's cap knows of it.
    """

    id: str
    kind: Kind
    recipient: str
    due: datetime
    about: str = ""
    since: str = ""
    version: int = 0
    site: str = ""
    language: str = SWEDISH
    attempt: int = 0
    leased_until: datetime | None = None
    doubts: int = 0
    owner: str = ""
    counted: bool = False

    @property
    def tags(self) -> dict[str, str]:
        """What SES hands back with each event of this mail."""
        return {"mail": self.id, "kind": self.kind.value}

    @property
    def is_copy(self) -> bool:
        """Whether the same was told before: in doubt, or asked for again (no change since)."""
        return self.doubts > 0 or (bool(self.about) and self.since == self.about)

    def is_free(self, now: datetime) -> bool:
        """Whether nobody is sending it."""
        return self.leased_until is None or self.leased_until <= now


def leased(mail: OutboxMail, now: datetime, owner: str) -> OutboxMail:
    """The mail as its sender takes it; a lapsed lease leaves in doubt whether it went before."""
    return replace(
        mail,
        attempt=mail.attempt + 1,
        leased_until=now + LEASE,
        owner=owner,
        doubts=mail.doubts + (mail.leased_until is not None),
    )


def postponed(mail: OutboxMail, now: datetime) -> OutboxMail:
    """The mail after a transient error: free again, after a pause that grows."""
    pause = _PAUSES[min(mail.attempt, len(_PAUSES)) - 1]
    return replace(mail, due=now + pause, leased_until=None)


def why_given_up(mail: OutboxMail) -> Fault | None:
    """Why a mail as its sender took it is not tried again, if it isn't."""
    if mail.doubts > _DOUBTS_AT_MOST:
        return Fault.IN_DOUBT
    return Fault.OUT_OF_TRIES if mail.attempt > _ATTEMPTS_AT_MOST else None


def is_final(mail: OutboxMail, fault: Fault) -> bool:
    """Whether trying again is no use: the summary waits until somebody has mended what can be."""
    if fault in FINAL or (mail.kind is Kind.TEST and fault not in TRANSIENT):
        return True
    return mail.kind is Kind.RECEIPT and fault not in TRANSIENT | OF_EVERY_MAIL


def is_alarming(mail: OutboxMail, fault: Fault) -> bool:
    """Whether the operator must know: at once if it won't pass by itself, otherwise if it lasts.

    Of receipts, only what stops every mail; of alarms, nothing, since no mail could tell it; of
    tests, nothing, since somebody waits for the answer.
    """
    if mail.kind in {Kind.ALARM, Kind.TEST}:
        return False
    if mail.kind is Kind.RECEIPT:
        return fault in OF_EVERY_MAIL
    return fault not in TRANSIENT or mail.attempt >= _LONG
