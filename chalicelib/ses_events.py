"""What SES publishes about mails, read (SES Developer Guide, "Event record contents")."""

import json
from datetime import datetime
from typing import Any

from chalicelib.mail_faults import Fault
from chalicelib.mail_record import Happening, MailEvent
from chalicelib.outbox import Kind

_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})
_DETAILS = {
    Happening.DELIVERY: "delivery",
    Happening.DELAY: "deliveryDelay",
    Happening.BOUNCE: "bounce",
    Happening.COMPLAINT: "complaint",
    Happening.REJECT: "reject",
}


def read_ses_event(text: str) -> MailEvent | None:
    """The event in a message of the topic; None if it isn't about a mail of ours, or not known."""
    try:
        told = json.loads(text)
        mail, kind = told["mail"], Happening(told["eventType"])
        details: dict[str, Any] = told.get(_DETAILS.get(kind, ""), {})
        event = MailEvent(
            mail_id=mail["tags"]["mail"][0],
            kind=Kind(mail["tags"]["kind"][0]),
            happening=_happening(kind, details),
            at=datetime.fromisoformat(details.get("timestamp") or mail["timestamp"]),
            recipient=mail["destination"][0],
            message_id=mail["messageId"],
            fault=_fault(_happening(kind, details), details),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    texts = (event.mail_id, event.recipient, event.message_id)
    is_whole = event.at.tzinfo and all(isinstance(text, str) and text for text in texts)
    return event if is_whole else None


def _happening(kind: Happening, details: dict[str, Any]) -> Happening:
    if _is_suppressed(details):
        return Happening.BOUNCE  # of whatever kind: it was never tried
    if kind is Happening.BOUNCE and details.get("bounceType") == "Transient":
        return Happening.SOFT_BOUNCE
    return kind


def _is_suppressed(details: dict[str, Any]) -> bool:
    return bool(_SUPPRESSED & {details.get("bounceSubType"), details.get("complaintSubType")})


def _fault(happening: Happening, details: dict[str, Any]) -> Fault | None:
    if _is_suppressed(details):
        return Fault.SUPPRESSED
    return {
        Happening.BOUNCE: Fault.BOUNCED,
        Happening.SOFT_BOUNCE: Fault.SOFT_BOUNCED,
        Happening.COMPLAINT: Fault.COMPLAINT,
        Happening.REJECT: Fault.DISCARDED,
    }.get(happening)
