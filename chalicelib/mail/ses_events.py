"""The events that SES publishes (SES Developer Guide, "Event record contents")."""

import json
import logging
from datetime import date, datetime
from typing import Any

from chalicelib.event.context import Context
from chalicelib.logs.json_lines import log_facts
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.allowance import count_harm, count_settled
from chalicelib.mail.faults import HARMFUL, Fault
from chalicelib.mail.outbox import CAPPED, TO_ATTENDEES, UNWATCHED, MailKind
from chalicelib.mail.records import UNWELCOME, MailEvent, MailEventType, MailRecord

_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})
_FAULTS = {
    MailEventType.BOUNCE: Fault.BOUNCED,
    MailEventType.COMPLAINT: Fault.COMPLAINT,
    MailEventType.REJECT: Fault.DISCARDED,
}


def read_ses_event(text: str) -> MailEvent | None:
    """The event in an SNS message; None if it is unknown or not about one of our mails."""
    try:
        message = json.loads(text)
        mail, kind = message["mail"], MailEventType(message["eventType"])
        details: dict[str, Any] = message.get(f"{kind[0].lower()}{kind[1:]}", {})
        event_type, fault = _read(kind, details)
        event = MailEvent(
            mail_id=mail["tags"]["mail"][0],
            kind=MailKind(mail["tags"]["kind"][0]),
            event_type=event_type,
            at=datetime.fromisoformat(details.get("timestamp") or mail["timestamp"]),
            recipient=mail["destination"][0],
            message_id=mail["messageId"],
            fault=fault,
            day=_day_of(mail),
            event_id=mail["tags"].get("event", [""])[0],
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    texts = (event.mail_id, event.recipient, event.message_id)
    is_whole = event.at.tzinfo and all(isinstance(text, str) and text for text in texts)
    return event if is_whole else None


def _day_of(mail: dict[str, Any]) -> str:
    """The day (UTC) that counts the mail: a receipt's own, otherwise that of sending."""
    (day,) = mail["tags"].get("day") or [mail["timestamp"][:10]]
    return date.fromisoformat(day).isoformat()


def _read(kind: MailEventType, details: dict[str, Any]) -> tuple[MailEventType, Fault | None]:
    """The type of the event and its fault, if any."""
    if _SUPPRESSED & {details.get("bounceSubType"), details.get("complaintSubType")}:
        return MailEventType.BOUNCE, Fault.SUPPRESSED  # whatever SES's type: nothing was delivered
    if kind is MailEventType.BOUNCE and details.get("bounceType") == "Transient":
        return MailEventType.SOFT_BOUNCE, Fault.SOFT_BOUNCED
    return kind, _FAULTS.get(kind)


log = logging.getLogger("dukat")
# After these, SES does nothing more about the mail.
_LAST = frozenset(MailEventType) - {MailEventType.SEND, MailEventType.DELAY}


def record_mail_event(context: Context | None, event: MailEvent | None) -> bool:
    """Record an event, which may arrive again or out of order.

    Raises an alarm if a contact person did not get a mail or marked it as spam. Returns whether
    the event needs attention. Either is None if the event is not about one of our mails.
    """
    if context is None or event is None:
        outcome = "not about a mail of an event"
        log.warning("mail event: %s", outcome, extra=log_facts(what="mail event", outcome=outcome))
        return False
    known = record_and_count(context, event)
    wrong = event.fault if known.state in UNWELCOME else None
    alarming = wrong is not None and event.kind not in UNWATCHED
    level, outcome = logging.ERROR if alarming else logging.INFO, wrong or event.event_type
    about = event.mail_id
    facts = log_facts(what="mail event", outcome=outcome, about=about, alarming=alarming)
    log.log(level, "mail event: %s %s", about, outcome, extra=facts)
    if wrong and event.kind.audience == "contact":
        raise_alarm(context, known, wrong, going_on=False)
    return alarming


def record_and_count(context: Context, event: MailEvent) -> MailRecord:
    """Record an event, and count it once for the day's receipts, however often it is reported."""
    table, shared = context.table, context.shared
    known = mail_records.record_event(table, event)

    def is_first(mark: str) -> bool:
        return mail_records.mark_once(table, event.kind, event.mail_id, mark)

    if event.kind in TO_ATTENDEES and event.fault in HARMFUL and is_first("harmed"):
        count_harm(shared, event.day)
    if event.kind in CAPPED and event.event_type in _LAST and is_first("settled"):
        count_settled(shared, event.day, delivered=event.event_type is MailEventType.DELIVERY)
    return known
