"""Reading SES events; the messages follow the SES Developer Guide, "Event record examples"."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.mail.ses_events import read_ses_event
from tests.ses import ses_event

AT = datetime(2027, 5, 24, 22, 4, 5, 678000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event_type", "details", "mail_event_type", "fault"),
    [
        ("Send", {}, MailEventType.SEND, None),
        ("Delivery", {}, MailEventType.DELIVERY, None),
        ("DeliveryDelay", {"delayType": "MailboxFull"}, MailEventType.DELAY, None),
        ("Bounce", {"bounceType": "Permanent"}, MailEventType.BOUNCE, Fault.BOUNCED),
        (
            "Bounce",
            {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"},
            MailEventType.BOUNCE,
            Fault.SUPPRESSED,
        ),
        (
            "Bounce",
            {"bounceType": "Permanent", "bounceSubType": "Suppressed"},
            MailEventType.BOUNCE,
            Fault.SUPPRESSED,
        ),
        ("Bounce", {"bounceType": "Transient"}, MailEventType.SOFT_BOUNCE, Fault.SOFT_BOUNCED),
        ("Complaint", {}, MailEventType.COMPLAINT, Fault.COMPLAINT),
        (
            "Complaint",
            {"complaintSubType": "OnAccountSuppressionList"},
            MailEventType.BOUNCE,
            Fault.SUPPRESSED,
        ),
        ("Reject", {"reason": "Bad content"}, MailEventType.REJECT, Fault.DISCARDED),
    ],
)
def test_each_event_is_read(
    event_type: str, details: dict[str, Any], mail_event_type: MailEventType, fault: Fault | None
) -> None:
    text = ses_event(event_type, at=AT, **details)
    assert read_ses_event(text) == MailEvent(
        "summary-1-1",
        MailKind.SUMMARY,
        mail_event_type,
        AT,
        "asa@boras.example",
        "message-1",
        fault,
        "2027-05-24" if event_type in {"Send", "Reject"} else "2027-01-01",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        ses_event("Click"),
        ses_event("Rendering Failure"),
        json.dumps({"notificationType": "Bounce", "mail": {}}),
        ses_event("Send", tags={}),
        ses_event("Send", tags={"mail": ["x"], "kind": ["newsletter"]}),
        ses_event("Send", tags={"mail": ["x"], "kind": ["receipt"], "day": ["yesterday"]}),
        "null",
        "[]",
        '{"eventType": "Send", "mail": null}',
    ],
)
def test_messages_that_are_not_about_our_mails_are_ignored(text: str) -> None:
    assert read_ses_event(text) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    message=st.fixed_dictionaries(
        {},
        optional={
            "eventType": st.sampled_from([*MailEventType, "Open"]) | json_values,
            "mail": st.fixed_dictionaries(
                {},
                optional={
                    "tags": st.fixed_dictionaries(
                        {},
                        optional={
                            "mail": st.lists(json_values, min_size=1) | json_values,
                            "kind": st.just(["summary"]) | json_values,
                        },
                    ),
                    "timestamp": st.sampled_from(["2027-05-24T22:04:05Z", "2027-05-24"])
                    | json_values,
                    "destination": st.just(["a@b.example"]) | json_values,
                    "messageId": json_values,
                },
            )
            | json_values,
            "bounce": json_values,
        },
    )
)
def test_any_message_is_read_completely_or_not_at_all(message: dict[str, Any]) -> None:
    event = read_ses_event(json.dumps(message))
    if event:
        assert event.at.tzinfo
        assert isinstance(event.mail_id, str)
        assert event.kind in MailKind
