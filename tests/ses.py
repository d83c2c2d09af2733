"""Events about a mail as SES publishes them (SES Developer Guide, event publishing)."""

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
    day: str = "",
    **details: Any,
) -> str:
    """One event as JSON text. `details` become the object that is named for the event type."""
    event_time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    default_tags = {
        "mail": [mail_id],
        **({"day": [day]} if day else {}),
        "kind": [kind],
        "ses:configuration-set": ["dukat-dev"],
    }
    mail_time = event_time
    if event_type not in {"Send", "Reject"}:
        details["timestamp"] = event_time
        mail_time = "2027-01-01T00:00:00.000Z"  # before the event
    return json.dumps(
        {
            "eventType": event_type,
            "mail": {
                "timestamp": mail_time,
                "source": "Dukat <dukat@boras.example>",
                "messageId": "message-1",
                "destination": [to],
                "headersTruncated": False,
                "tags": default_tags if tags is None else tags,
            },
            _NAMES[event_type]: details,
        }
    )


def sns_event(text: str) -> dict[str, Any]:
    """The Lambda event with which SNS delivers `text` to a subscribed function."""
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
