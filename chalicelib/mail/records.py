"""What is known of a mail that has left the outbox: nothing is said of it that wasn't seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import CONFIRMED_WITHIN
from chalicelib.mail.outbox import MailKind


class MailEventType(StrEnum):
    """What SES tells of a mail after it took it.

    The values are its event types; a soft bounce is its bounce of the type Transient, which may be
    no more than somebody's notice of absence.
    """

    SEND = "Send"
    DELIVERY = "Delivery"
    DELAY = "DeliveryDelay"
    BOUNCE = "Bounce"
    SOFT_BOUNCE = "TransientBounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"


class MailState(StrEnum):
    """How far a mail is known to have come."""

    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    DROPPED = "dropped"


LOST = frozenset({MailState.BOUNCED, MailState.REJECTED, MailState.FAILED})
_ARRIVED = frozenset({MailState.DELIVERED, MailState.COMPLAINED})
UNWELCOME = LOST | {MailState.COMPLAINED}
# The worst that was seen holds, in whatever order it was told.
_BY_WEIGHT = (
    (MailEventType.REJECT, MailState.REJECTED),
    (MailEventType.BOUNCE, MailState.BOUNCED),
    (MailEventType.COMPLAINT, MailState.COMPLAINED),
    (MailEventType.DELIVERY, MailState.DELIVERED),
    (MailEventType.SOFT_BOUNCE, MailState.BOUNCED),
    (MailEventType.DELAY, MailState.DELAYED),
)


@dataclass(frozen=True)
class MailEvent:
    """One thing that SES told of a mail; `fault` if it means that the mail is lost or unwanted."""

    mail_id: str
    kind: MailKind
    happening: MailEventType
    at: datetime
    recipient: str = ""
    message_id: str = ""
    fault: Fault | None = None


@dataclass(frozen=True)
class MailRecord:
    """One mail after the outbox; `recipient` is empty for attendees, whose address isn't kept.

    Events may come before `sent_at` is known. `reason` is why it failed or was not wanted, `fault`
    what SES told first of why it is lost.
    """

    id: str
    kind: MailKind
    recipient: str = ""
    version: int = 0
    message_id: str = ""
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    dropped_at: datetime | None = None
    reason: str = ""
    fault: Fault | None = None
    events: Mapping[MailEventType, datetime] = field(default_factory=dict)

    @property
    def state(self) -> MailState:
        """What may be said of it."""
        for happening, state in _BY_WEIGHT:
            if happening in self.events:
                return state
        if self.failed_at:
            return MailState.FAILED
        return MailState.DROPPED if self.dropped_at else MailState.SENT

    @property
    def was_taken(self) -> bool:
        """Whether SES has told that it took it, or what became of it."""
        return bool(self.events)

    @property
    def left_at(self) -> datetime:
        """When it left the outbox, or when something was first heard of it."""
        known = [self.sent_at, self.failed_at, self.dropped_at, *self.events.values()]
        return min(at for at in known if at)


def fault_to_tell(record: MailRecord, now: datetime) -> Fault | None:
    """What the operator must know of a mail that SES took: lost, unwelcome, or never heard of."""
    if record.state in UNWELCOME and record.state is not MailState.FAILED:
        return record.fault or Fault.BOUNCED
    is_unconfirmed = record.sent_at and not record.events.keys() - {MailEventType.SEND}
    if is_unconfirmed and now >= record.sent_at + CONFIRMED_WITHIN:  # type: ignore[operator]
        return Fault.UNCONFIRMED
    return None


def unreached(records: Iterable[MailRecord]) -> frozenset[str]:
    """The recipients of whom the latest that is known is that a mail was lost.

    A mail that was only sent says nothing: it may be lost like the one before.
    """
    latest: dict[str, MailState] = {}
    for record in sorted(records, key=lambda record: (record.left_at, record.id)):
        if record.state in LOST | _ARRIVED:
            latest[record.recipient] = record.state
    return frozenset(to for to, state in latest.items() if state in LOST)
