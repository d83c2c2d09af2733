from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEventType, MailRecord, MailState, fault_to_tell, unreached
from tests.examples import NOW

HOUR = timedelta(hours=1)
H = MailEventType


def record(*happenings: MailEventType, to: str = "a@x.example", after: int = 0) -> MailRecord:
    at = NOW + after * HOUR
    events = {one: at + n * timedelta(seconds=1) for n, one in enumerate(happenings)}
    return MailRecord(f"mail-{after}", MailKind.SUMMARY, to, sent_at=at, events=events)


FAILED = MailRecord("one", MailKind.SUMMARY, "a@x.example", failed_at=NOW)
DROPPED = MailRecord("two", MailKind.SUMMARY, "a@x.example", dropped_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("happenings", "state"),
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
def test_only_what_was_seen_is_said_of_a_mail(
    happenings: Sequence[MailEventType], state: MailState
) -> None:
    assert record(*happenings).state is state


@given(happenings=st.lists(st.sampled_from(list(MailEventType)), unique=True), random=st.randoms())
def test_the_order_in_which_things_are_told_never_matters(
    happenings: list[MailEventType], random: st.DataObject
) -> None:
    shuffled = list(happenings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert record(*shuffled).state is record(*happenings).state


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
def test_unreached_is_whose_latest_mail_of_which_more_is_known_is_lost(
    records: list[MailRecord], addresses: set[str]
) -> None:
    assert unreached(records) == addresses


def test_an_event_that_came_before_the_record_tells_when_it_left() -> None:
    early = MailRecord("one", MailKind.SUMMARY, "a@x.example", events={H.SEND: NOW})
    assert early.left_at == NOW
    assert early.was_taken
    assert early.state is MailState.SENT


@pytest.mark.parametrize(
    ("mail", "hours", "fault"),
    [
        (record(), 5, None),
        (record(), 6, Fault.UNCONFIRMED),
        (record(H.SEND), 6, Fault.UNCONFIRMED),
        (record(H.SEND, H.DELIVERY), 6, None),
        (record(H.SEND, H.DELAY), 6, None),
        (record(H.BOUNCE), 0, Fault.BOUNCED),
        (record(H.DELIVERY, H.SOFT_BOUNCE), 6, None),
        (record(H.DELIVERY, H.COMPLAINT), 0, Fault.BOUNCED),
        (replace(record(H.COMPLAINT), fault=Fault.COMPLAINT), 0, Fault.COMPLAINT),  # as SES told
        (FAILED, 9, None),  # it has been told of
        (DROPPED, 9, None),
    ],
)
def test_the_operator_must_know_of_what_is_lost_or_was_never_heard_of(
    mail: MailRecord, hours: int, fault: Fault | None
) -> None:
    assert fault_to_tell(mail, NOW + hours * HOUR) is fault
