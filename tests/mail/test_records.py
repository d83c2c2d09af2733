"""What is known of a mail after the outbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEventType, MailRecord, MailState, fault_to_report, unreached
from tests.examples import NOW

HOUR = timedelta(hours=1)
H = MailEventType


def record(*event_types: MailEventType, to: str = "a@x.example", after: int = 0) -> MailRecord:
    at = NOW + after * HOUR
    events = {each: at + n * timedelta(seconds=1) for n, each in enumerate(event_types)}
    return MailRecord(f"mail-{after}", MailKind.SUMMARY, to, sent_at=at, events=events)


FAILED = MailRecord("one", MailKind.SUMMARY, "a@x.example", failed_at=NOW)
DROPPED = MailRecord("two", MailKind.SUMMARY, "a@x.example", dropped_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("event_types", "state"),
    [
        ([], MailState.SENT),
        ([H.SEND], MailState.SENT),
        ([H.SEND, H.DELAY], MailState.DELAYED),
        ([H.SEND, H.DELAY, H.DELIVERY], MailState.DELIVERED),
        ([H.SEND, H.BOUNCE], MailState.BOUNCED),
        ([H.DELIVERY, H.BOUNCE], MailState.BOUNCED),
        ([H.SOFT_BOUNCE], MailState.BOUNCED),
        ([H.DELIVERY, H.SOFT_BOUNCE], MailState.DELIVERED),
        ([H.DELIVERY, H.COMPLAINT], MailState.COMPLAINED),
        ([H.SEND, H.REJECT], MailState.REJECTED),
    ],
)
def test_the_state_of_a_mail_follows_from_its_events(
    event_types: Sequence[MailEventType], state: MailState
) -> None:
    assert record(*event_types).state is state


@given(event_types=st.lists(st.sampled_from(list(MailEventType)), unique=True), random=st.randoms())
def test_the_order_in_which_events_arrive_does_not_matter(
    event_types: list[MailEventType], random: st.DataObject
) -> None:
    shuffled = list(event_types)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert record(*shuffled).state is record(*event_types).state


@pytest.mark.parametrize(
    ("records", "addresses"),
    [
        ([record(H.BOUNCE)], {"a@x.example"}),
        ([record(H.DELIVERY), record(H.REJECT, after=1)], {"a@x.example"}),
        ([record(H.BOUNCE, to="b@x.example"), record()], {"b@x.example"}),
        ([record(H.DELIVERY, after=1), record(H.BOUNCE)], set()),  # reached again
        ([record(H.BOUNCE), record(H.SEND, after=1)], {"a@x.example"}),  # sent is not arrived
        ([record(H.DELIVERY), record(H.DELAY, after=1)], set()),
        ([FAILED, DROPPED], {"a@x.example"}),
        ([DROPPED], set()),
    ],
)
def test_a_recipient_is_unreached_if_the_latest_mail_with_a_known_result_was_lost(
    records: list[MailRecord], addresses: set[str]
) -> None:
    assert unreached(records) == addresses


def test_an_event_before_the_result_gives_the_time_of_leaving_the_outbox() -> None:
    early = MailRecord("one", MailKind.SUMMARY, "a@x.example", events={H.SEND: NOW})
    assert early.left_at == NOW
    assert early.was_accepted
    assert early.state is MailState.SENT


@pytest.mark.parametrize(
    ("mail", "hours", "fault"),
    [
        (record(), 0, None),
        (record(), 1, Fault.UNCONFIRMED),
        (record(H.SEND), 1, Fault.UNCONFIRMED),
        (record(H.SEND, H.DELIVERY), 6, None),
        (record(H.SEND, H.DELAY), 6, None),
        (record(H.BOUNCE), 0, Fault.BOUNCED),
        (record(H.DELIVERY, H.SOFT_BOUNCE), 6, None),
        (record(H.DELIVERY, H.COMPLAINT), 0, Fault.BOUNCED),
        (replace(record(H.COMPLAINT), fault=Fault.COMPLAINT), 0, Fault.COMPLAINT),  # from SES
        (FAILED, 9, None),  # reported already
        (DROPPED, 9, None),
    ],
)
def test_lost_unwelcome_and_unconfirmed_mails_are_reported_to_the_operator(
    mail: MailRecord, hours: int, fault: Fault | None
) -> None:
    assert fault_to_report(mail, NOW + hours * HOUR) is fault
