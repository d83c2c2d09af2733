"""What SES publishes about mails, read (SES Developer Guide, "Event record contents")."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from chalicelib.event.context import Context
from chalicelib.logs.json_lines import log_facts
from chalicelib.mail import caps
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.alarms import raise_alarm
from chalicelib.mail.faults import HARMFUL, Fault
from chalicelib.mail.outbox import UNWATCHED, MailKind
from chalicelib.mail.records import UNWELCOME, MailEvent, MailEventType

_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})
_FAULTS = {
    MailEventType.BOUNCE: Fault.BOUNCED,
    MailEventType.COMPLAINT: Fault.COMPLAINT,
    MailEventType.REJECT: Fault.DISCARDED,
}


def read_ses_event(text: str) -> MailEvent | None:
    """The event in a message of the topic; None if it isn't about a mail of ours, or not known."""
    try:
        told = json.loads(text)
        mail, kind = told["mail"], MailEventType(told["eventType"])
        details: dict[str, Any] = told.get(f"{kind[0].lower()}{kind[1:]}", {})
        happening, fault = _read(kind, details)
        event = MailEvent(
            mail_id=mail["tags"]["mail"][0],
            kind=MailKind(mail["tags"]["kind"][0]),
            happening=happening,
            at=datetime.fromisoformat(details.get("timestamp") or mail["timestamp"]),
            recipient=mail["destination"][0],
            message_id=mail["messageId"],
            fault=fault,
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    texts = (event.mail_id, event.recipient, event.message_id)
    is_whole = event.at.tzinfo and all(isinstance(text, str) and text for text in texts)
    return event if is_whole else None


def _read(kind: MailEventType, details: dict[str, Any]) -> tuple[MailEventType, Fault | None]:
    """What happened, and what is wrong if anything is."""
    if _SUPPRESSED & {details.get("bounceSubType"), details.get("complaintSubType")}:
        return MailEventType.BOUNCE, Fault.SUPPRESSED  # of whatever kind: it was never tried
    if kind is MailEventType.BOUNCE and details.get("bounceType") == "Transient":
        return MailEventType.SOFT_BOUNCE, Fault.SOFT_BOUNCED
    return kind, _FAULTS.get(kind)


log = logging.getLogger("dukat")


def record_mail_event(context: Context, told: MailEvent | None) -> bool:
    """Keeps it, in any order and however often it comes; None is of a mail that isn't ours.

    A mail that a contact person did not get, or did not want, raises the alarm. Says whether
    somebody must look at it.
    """
    if told is None:
        outcome = "not about a mail of this event"
        log.warning("mail event: %s", outcome, extra=log_facts(what="mail event", outcome=outcome))
        return False
    known = mail_records.record_event(context.table, told)
    if told.kind is MailKind.RECEIPT and told.fault in HARMFUL:
        caps.count_bounce(context.table, context.now.astimezone(UTC).date())
    wrong = told.fault if known.state in UNWELCOME else None
    alarming = wrong is not None and told.kind not in UNWATCHED
    level, outcome = logging.ERROR if alarming else logging.INFO, wrong or told.happening
    about = told.mail_id
    facts = log_facts(what="mail event", outcome=outcome, about=about, alarming=alarming)
    log.log(level, "mail event: %s %s", about, outcome, extra=facts)
    if wrong and told.kind.audience == "contact":
        raise_alarm(context, known, wrong, going_on=False)
    return alarming
