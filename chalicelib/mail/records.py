"""What is known of a mail that has left the outbox, and the state that follows from that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import CONFIRMED_WITHIN
from chalicelib.mail.outbox import MailKind
from chalicelib.texts.language import SWEDISH


class MailEventType(StrEnum):
    """The events that SES publishes about a mail after accepting the mail.

    The values are SES's event types, except SOFT_BOUNCE: a Bounce whose `bounceType` is Transient,
    which may be only an out-of-office reply.
    """

    SEND = "Send"
    DELIVERY = "Delivery"
    DELAY = "DeliveryDelay"
    BOUNCE = "Bounce"
    SOFT_BOUNCE = "TransientBounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"


class MailState(StrEnum):
    """The last known state of a mail."""

    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    DROPPED = "dropped"


MAY_BE_LOST = (MailEventType.REJECT, MailEventType.BOUNCE, MailEventType.SOFT_BOUNCE)
LOST = frozenset({MailState.BOUNCED, MailState.REJECTED, MailState.FAILED})
_ARRIVED = frozenset({MailState.DELIVERED, MailState.COMPLAINED})
UNWELCOME = LOST | {MailState.COMPLAINED}
# The topmost event type that was recorded decides, whatever the order of arrival.
_BY_PRIORITY = (
    (MailEventType.REJECT, MailState.REJECTED),
    (MailEventType.BOUNCE, MailState.BOUNCED),
    (MailEventType.COMPLAINT, MailState.COMPLAINED),
    (MailEventType.DELIVERY, MailState.DELIVERED),
    (MailEventType.SOFT_BOUNCE, MailState.BOUNCED),
    (MailEventType.DELAY, MailState.DELAYED),
)


@dataclass(frozen=True)
class MailEvent:
    """An event that SES published about a mail; `fault` is set if the mail is lost or unwanted.

    `day` is the day (UTC) on which a receipt counts, or on which another mail was sent. `event_id`
    is that of the event whose mail it is; empty for a mail that an earlier version sent.
    """

    mail_id: str
    kind: MailKind
    event_type: MailEventType
    at: datetime
    recipient: str = ""
    message_id: str = ""
    fault: Fault | None = None
    day: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class MailRecord:
    """A mail that has left the outbox; `recipient` is empty for mails to attendees.

    Events may arrive before `sent_at` is recorded. `reason` is why the mail failed or was dropped,
    `fault` the first fault that SES reported.
    """

    id: str
    kind: MailKind
    recipient: str = ""
    version: int = 0
    language: str = SWEDISH
    message_id: str = ""
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    dropped_at: datetime | None = None
    reason: str = ""
    fault: Fault | None = None
    events: Mapping[MailEventType, datetime] = field(default_factory=dict)

    @property
    def state(self) -> MailState:
        """The last known state of the mail."""
        for event_type, state in _BY_PRIORITY:
            if event_type in self.events:
                return state
        if self.failed_at:
            return MailState.FAILED
        return MailState.DROPPED if self.dropped_at else MailState.SENT

    @property
    def is_lost(self) -> bool:
        """Whether the mail did not reach its address, as far as is known."""
        return self.state in LOST

    @property
    def was_accepted(self) -> bool:
        """Whether an event shows that SES accepted the mail."""
        return bool(self.events)

    @property
    def left_at(self) -> datetime:
        """When the mail left the outbox, or the time of its first event if that is earlier."""
        known = [self.sent_at, self.failed_at, self.dropped_at, *self.events.values()]
        return min(at for at in known if at)


def fault_to_report(record: MailRecord, now: datetime) -> Fault | None:
    """The fault to report to the operator about a mail that SES accepted, or None.

    The mail is lost or unwelcome, or SES published nothing but SEND for CONFIRMED_WITHIN.
    """
    if record.state in UNWELCOME and record.state is not MailState.FAILED:
        return record.fault or Fault.BOUNCED
    is_unconfirmed = record.sent_at and not record.events.keys() - {MailEventType.SEND}
    if is_unconfirmed and now >= record.sent_at + CONFIRMED_WITHIN:  # type: ignore[operator]
        return Fault.UNCONFIRMED
    return None


def unreached(records: Iterable[MailRecord]) -> frozenset[str]:
    """The recipients whose latest mail with a known result was lost.

    A mail that was only sent has no known result: it may be lost too.
    """
    latest: dict[str, MailState] = {}
    for record in sorted(records, key=lambda record: (record.left_at, record.id)):
        if record.state in LOST | _ARRIVED:
            latest[record.recipient] = record.state
    return frozenset(recipient for recipient, state in latest.items() if state in LOST)
