"""When a mail is tried again, and when it is given up."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.mail.faults import FINAL, OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.mail.outbox import MailKind, OutboxMail

# Longer than a send can take: a lease that lapsed means that nobody knows how the send ended.
LEASE = timedelta(minutes=10)
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 45, 60))
# With hourly attempts after the first ones, some three days.
_ATTEMPTS_AT_MOST = 80
# The second copy is the last: whoever got neither has an alarm raised for, not a third.
_DOUBTS_AT_MOST = 1
# A fault that should have passed by then, after some 70 minutes, is told to the operator.
ALARM_AFTER_ATTEMPTS = 7


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
    if fault in FINAL or (mail.kind is MailKind.TEST and fault not in TRANSIENT):
        return True
    return mail.kind is MailKind.RECEIPT and fault not in TRANSIENT | OF_EVERY_MAIL


def is_alarming(mail: OutboxMail, fault: Fault) -> bool:
    """Whether the operator must know: at once if it won't pass by itself, otherwise if it lasts.

    Of receipts, only what stops every mail; of alarms, nothing, since no mail could tell it; of
    tests, nothing, since somebody waits for the answer.
    """
    if mail.kind in {MailKind.ALARM, MailKind.TEST}:
        return False
    if mail.kind is MailKind.RECEIPT:
        return fault in OF_EVERY_MAIL
    return fault not in TRANSIENT or mail.attempt >= ALARM_AFTER_ATTEMPTS
