"""What SES publishes about a mail, as the SES Developer Guide shows it."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.examples import NOW

_NAMES = {
    "Send": "send",
    "Delivery": "delivery",
    "DeliveryDelay": "deliveryDelay",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Click": "click",
    "Rendering Failure": "failure",
}


def ses_event(
    event_type: str,
    mail_id: str = "summary-1-1",
    *,
    kind: str = "summary",
    to: str = "asa@boras.example",
    at: datetime = NOW,
    tags: dict[str, list[str]] | None = None,
    **details: Any,
) -> str:
    """The text of one message; `details` go into the object named for the event."""
    written = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    known = {"mail": [mail_id], "kind": [kind], "ses:configuration-set": ["dukat-dev"]}
    sent = written
    if event_type not in {"Send", "Reject"}:
        details["timestamp"] = written
        sent = "2027-01-01T00:00:00.000Z"  # of the mail, not of what became of it
    return json.dumps(
        {
            "eventType": event_type,
            "mail": {
                "timestamp": sent,
                "source": "Dukat <dukat@boras.example>",
                "messageId": "message-1",
                "destination": [to],
                "headersTruncated": False,
                "tags": known if tags is None else tags,
            },
            _NAMES[event_type]: details,
        }
    )


def sns_event(text: str) -> dict[str, Any]:
    """What SNS sends to a function that is subscribed to a topic."""
    topic = "arn:aws:sns:eu-north-1:123456789012:dukat-dev-mail-events"
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{topic}:00000000-0000-0000-0000-000000000000",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": "00000000-0000-0000-0000-000000000000",
                    "TopicArn": topic,
                    "Subject": "Amazon SES Email Event Notification",
                    "Message": text,
                    "MessageAttributes": {},
                    "Timestamp": "2027-05-24T22:04:05.000Z",
                },
            }
        ]
    }
