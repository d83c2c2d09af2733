"""When sending a mail is retried, and when the mail is given up."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.mail.faults import FINAL, OF_EVERY_MAIL, TRANSIENT, Fault
from chalicelib.mail.outbox import TO_ATTENDEES, MailKind, OutboxMail

# Longer than a send can take, so after a lapsed lease nobody knows how the send ended.
LEASE = timedelta(minutes=10)
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 45, 60))
# About three days, since attempts are hourly after the first ones.
_ATTEMPTS_AT_MOST = 80
# A mail in doubt is sent once more. If the second send is in doubt too, an alarm is raised.
_DOUBTS_AT_MOST = 1
# At this attempt, after some 70 minutes, a transient fault is reported to the operator.
ALARM_AFTER_ATTEMPTS = 7


def leased(mail: OutboxMail, now: datetime, owner: str) -> OutboxMail:
    """The mail with a lease for its next attempt. An earlier lease, lapsed, adds to `doubts`."""
    return replace(
        mail,
        attempt=mail.attempt + 1,
        leased_until=now + LEASE,
        owner=owner,
        doubts=mail.doubts + (mail.leased_until is not None),
    )


def postponed(mail: OutboxMail, now: datetime) -> OutboxMail:
    """The mail after a failed attempt: without a lease, due again after a back-off pause."""
    pause = _PAUSES[min(mail.attempt, len(_PAUSES)) - 1]
    return replace(mail, due=now + pause, leased_until=None)


def why_given_up(mail: OutboxMail) -> Fault | None:
    """Why a leased mail must not be sent any more, or None if it may be sent."""
    if mail.doubts > _DOUBTS_AT_MOST:
        return Fault.IN_DOUBT
    return Fault.OUT_OF_TRIES if mail.attempt > _ATTEMPTS_AT_MOST else None


def is_final(mail: OutboxMail, fault: Fault) -> bool:
    """Whether a mail with this fault is not retried.

    Test mails are retried after transient faults only, attendees' also after faults of every mail,
    other mails after any fault that is not FINAL, until somebody has fixed the cause.
    """
    if fault in FINAL or (mail.kind is MailKind.TEST and fault not in TRANSIENT):
        return True
    return mail.kind in TO_ATTENDEES and fault not in TRANSIENT | OF_EVERY_MAIL


def is_alarming(mail: OutboxMail, fault: Fault) -> bool:
    """Whether to alarm the operator: at once, but for a transient fault only once it has lasted.

    For mails to attendees, only about faults of every mail. Never for alarms, since the alarm
    could not be mailed, nor for test mails, whose sender sees the result.
    """
    if mail.kind in {MailKind.ALARM, MailKind.TEST}:
        return False
    if mail.kind in TO_ATTENDEES:
        return fault in OF_EVERY_MAIL
    return fault not in TRANSIENT or mail.attempt >= ALARM_AFTER_ATTEMPTS
