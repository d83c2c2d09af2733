"""The outbox: mails not yet known to be sent, and when each may be tried."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.language import SWEDISH

# Longer than a send can take: a lease that lapsed means that nobody knows how the send ended.
LEASE = timedelta(minutes=10)
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 45, 60))
# With hourly attempts after the first ones, some three days.
_ATTEMPTS_AT_MOST = 80
# A form that mails whoever is written into it must not become somebody's weapon.
RECEIPTS_PER_ADDRESS_A_DAY = 5
RECEIPTS_A_DAY = 1000
# What one run of a scheduled function can surely send; the rest is sent a minute later.
MAILS_AT_A_TIME = 50
DROPPED_AT_A_TIME = 500
SUMMARY, RECEIPT = "summary", "receipt"
# The second copy is the last: whoever got neither has an alarm raised for, not a third.
_DOUBTS_AT_MOST = 1


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


class TransientMailError(Exception):
    """The mail was not taken, and may be later: throttling, a fault of the service, the network."""


class PermanentMailError(Exception):
    """The mail will not be taken as it is: a bad address, an unverified sender, and the like."""


class MailInDoubt(Exception):
    """The answer never came: the mail may have been taken or not."""


class Mailer(Protocol):
    """What the services ask of a mailer."""

    def send(self, recipient: str, letter: Letter) -> str:
        """Sends one letter to one recipient, once, and returns the message id.

        Raises TransientMailError, PermanentMailError or MailInDoubt, which name no address.
        """


@dataclass(frozen=True)
class OutboxMail:
    """One mail to one recipient. `id` is stable, so that the same mail is never queued twice.

    `due` is when it may be tried; `leased_until` is set while somebody sends it; `doubts` counts
    the leases that lapsed, each of which may have sent it; `owner` is whose lease it is; `counted`
    says that the day's cap knows of it. A summary has its `version`; a receipt
    the hash of its registration's token, the address of the site, and the language.
    """

    id: str
    kind: str
    recipient: str
    due: datetime
    version: int = 0
    registration: str = ""
    site: str = ""
    language: str = SWEDISH
    attempt: int = 0
    leased_until: datetime | None = None
    doubts: int = 0
    owner: str = ""
    counted: bool = False

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


def is_given_up(mail: OutboxMail) -> bool:
    """Whether a mail as its sender took it has been tried, or doubted, too often to go on."""
    return mail.attempt > _ATTEMPTS_AT_MOST or mail.doubts > _DOUBTS_AT_MOST
