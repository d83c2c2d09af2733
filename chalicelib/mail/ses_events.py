"""What SES publishes about mails, read (SES Developer Guide, "Event record contents")."""

import json
from datetime import datetime
from typing import Any

from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import Kind
from chalicelib.mail.records import Happening, MailEvent

_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})
_FAULTS = {
    Happening.BOUNCE: Fault.BOUNCED,
    Happening.COMPLAINT: Fault.COMPLAINT,
    Happening.REJECT: Fault.DISCARDED,
}


def read_ses_event(text: str) -> MailEvent | None:
    """The event in a message of the topic; None if it isn't about a mail of ours, or not known."""
    try:
        told = json.loads(text)
        mail, kind = told["mail"], Happening(told["eventType"])
        details: dict[str, Any] = told.get(f"{kind[0].lower()}{kind[1:]}", {})
        happening, fault = _read(kind, details)
        event = MailEvent(
            mail_id=mail["tags"]["mail"][0],
            kind=Kind(mail["tags"]["kind"][0]),
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


def _read(kind: Happening, details: dict[str, Any]) -> tuple[Happening, Fault | None]:
    """What happened, and what is wrong if anything is."""
    if _SUPPRESSED & {details.get("bounceSubType"), details.get("complaintSubType")}:
        return Happening.BOUNCE, Fault.SUPPRESSED  # of whatever kind: it was never tried
    if kind is Happening.BOUNCE and details.get("bounceType") == "Transient":
        return Happening.SOFT_BOUNCE, Fault.SOFT_BOUNCED
    return kind, _FAULTS.get(kind)
