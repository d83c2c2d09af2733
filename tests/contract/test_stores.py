"""The stores: one suite on the strict stand-in for DynamoDB and on moto."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations, product
from random import Random
from typing import Any

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.catering import store as tallies
from chalicelib.catering.tally import tally
from chalicelib.closing.tick import run_due_steps
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.sessions import AccessToken, login_link, session_token
from chalicelib.dynamo.attributes import marshal, unmarshal
from chalicelib.dynamo.client import Client
from chalicelib.dynamo.errors import Conflict, StoreUnavailable
from chalicelib.dynamo.retry import short_random_pause
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import Write
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.state import EventState, Phase, Snapshot
from chalicelib.lifecycle.steps import StepFailed
from chalicelib.mail import (
    alarms,
    allowance,
    base_url,
    blocks,
    caps,
)
from chalicelib.mail import (
    outbox_store as outbox,
)
from chalicelib.mail import (
    record_store as mail_records,
)
from chalicelib.mail.alarms import Alarm
from chalicelib.mail.allowance import Counts
from chalicelib.mail.caps import (
    A_LINK_EVERY,
    LINKS_AT_ONCE,
    RECEIPTS_PER_MAILBOX_A_DAY,
)
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import DROPPED_AT_A_TIME, RECEIPTS_AT_A_TIME
from chalicelib.mail.outbox import TO_ATTENDEES, MailKind, OutboxMail, receipt_id
from chalicelib.mail.outbox_store import StateAndMails
from chalicelib.mail.records import MailEvent, MailEventType, MailRecord
from chalicelib.mail.retry import leased, postponed
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.items import list_entry, registration_item
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.registration import (
    ListEntry,
    Registration,
    RegistrationRemoved,
    link_to,
)
from chalicelib.registration.store import PlateCodeTaken
from management.local import moto_aws as local_aws
from tests.dynamodb import DynamoDB
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory, TableOnWire
from tests.wire import Item, Refusal

MAIL = OutboxMail("summary-1-1", MailKind.SUMMARY, "a@boras.example", NOW, version=1)
MINUTE = timedelta(minutes=1)


def issue(table: Table, *mails: OutboxMail) -> None:
    state = event_state.read(table)
    state = replace(state, version=state.version + 1)
    table.write_all(event_state.state_write(state), *outbox.queue_writes(mails))


def put(table: TableOnWire, event: Event, key: str, item: Item) -> None:
    """Put an item into the table as it is."""
    table.database.put(marshal({"pk": event.id, "sk": key, **item}))


def test_an_event_state_is_read_as_it_was_written(table: TableOnWire) -> None:
    assert event_state.read(table) == EventState()
    snapshot = Snapshot("f00d", 3, NOW)
    event_state.save(table, EventState(Phase.CLOSED, closes_at=NOW, snapshot=snapshot))
    written = EventState(Phase.CLOSED, closes_at=NOW, snapshot=snapshot, revision=1)
    assert event_state.read(table) == written
    times = replace(written, mailed_tally="key", changed_at=NOW + MINUTE, reminded_at=NOW - MINUTE)
    event_state.save(table, times)
    assert event_state.read(table) == replace(times, revision=2)


def test_of_two_writers_that_read_the_same_event_state_only_one_succeeds(
    table: TableOnWire,
) -> None:
    read = event_state.read(table)
    event_state.save(table, replace(read, phase=Phase.CLOSED))
    with pytest.raises(Conflict):
        event_state.save(table, replace(read, version=7))
    again = event_state.read(table)
    event_state.save(table, replace(again, version=1))
    with pytest.raises(Conflict):
        event_state.save(table, replace(again, version=2))
    assert (event_state.read(table).phase, event_state.read(table).version) == (Phase.CLOSED, 1)


@pytest.mark.parametrize(
    "answers",
    [
        VEGAN_WITHOUT_NUTS,
        Answers("Siân-Noël O’Brien d'Été", ("lunch",), diet="halal"),
        Answers("محمد الحسن", ("fika",), note="لا جوز\nاسم"),
        Answers("<script>alert(1)</script>{{7*7}}", ("lunch",), allergens=("lupin",)),
        Answers("𝔘𝔫𝔦 👩‍🍳", ("lunch",), organisation="Å, Ä & Ö", allergens=("eggs",)),
    ],
)
def test_a_registration_is_read_as_it_was_written(table: TableOnWire, answers: Answers) -> None:
    written = registered(answers)
    assert registrations.find(table, "hash") is None
    assert registrations.add(table, "hash", written) == written
    assert registrations.find(table, "hash") == written


def test_queuing_the_same_mails_twice_stores_each_once_without_a_conflict(
    table: TableOnWire,
) -> None:
    mails = [replace(MAIL, id=f"test-{n}", kind=MailKind.TEST) for n in range(2)]
    for _ in range(2):
        table.write_all(*outbox.queue_writes(mails))
    assert outbox.due(table, NOW) == mails
    assert event_state.read(table) == EventState()


def test_removing_a_registration_deletes_it_and_keeps_nothing_but_its_plate_code(
    table: TableOnWire,
) -> None:
    first = registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    registrations.remove(table, "hash", first)
    assert registrations.find(table, "hash") is None
    assert list(registrations.encoded_orders(table)) == []
    (left,) = map(unmarshal, table.database.all_items())
    assert left["sk"] == f"CODE#{first.plate_code}"
    assert left.keys() == {"pk", "sk", "registration", "expires_at"}
    with pytest.raises(PlateCodeTaken):  # no other plate gets the code
        registrations.add(table, "other", registered(VEGAN_WITHOUT_NUTS))
    other = registered(VEGAN_WITHOUT_NUTS, "WXYV")
    assert registrations.add(table, "other", other) == other


def test_a_removed_registration_cannot_be_added_again(table: TableOnWire) -> None:
    first = registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    registrations.remove(table, "hash", first)
    for _ in range(2):
        with pytest.raises(RegistrationRemoved):
            registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert table.database.keys() == [f"CODE#{first.plate_code}"]


def test_a_key_has_one_use_until_it_expires(table: TableOnWire) -> None:
    for use in ("first", "first"):
        table.apply(caps.only("key#hash", use, NOW))
    with pytest.raises(Conflict):
        table.apply(caps.only("key#hash", "second", NOW))
    table.apply(caps.only("key#other", "second", NOW))
    items = map(unmarshal, table.database.all_items())
    assert {item["sk"]: item["used_for"] for item in items} == {
        "CAP#key#hash": "first",
        "CAP#key#other": "second",
    }


def stored(table: TableOnWire, key: str = "hash") -> Registration:
    found = registrations.find(table, key)
    assert found
    return found


def test_a_link_opens_a_registration_and_can_be_bound_again(table: TableOnWire) -> None:
    first = registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert link_store.linked(table, "link") is None
    link_store.link(table, "link", "hash", first)
    assert link_store.linked(table, "link") == link_to("hash", first)
    moved = replace(VEGAN_WITHOUT_NUTS, email="new@else.example")
    second = replace(stored(table), answers=moved, revision=2)
    registrations.change(table, "hash", second)
    assert link_store.linked(table, "link") == link_to("hash", first)
    third = replace(second, revision=3)
    registrations.change(table, "hash", third, link="link")
    assert link_store.linked(table, "link") == link_to("hash", third) != link_to("hash", first)
    assert stored(table).links == ("link",)
    assert stored(table) == third


def test_removing_a_registration_deletes_all_of_its_links(table: TableOnWire) -> None:
    registrations.add(table, "other", registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    link_store.link(table, "others", "other", stored(table, "other"))
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    for n in range(3):
        link_store.link(table, f"link{n}", "hash", stored(table))
    registrations.change(table, "hash", replace(stored(table), revision=2), link="bound again")
    registrations.change(table, "hash", replace(stored(table), revision=3))
    links = ("link0", "link1", "link2", "bound again")
    assert stored(table).links == registrations.find_all(table, ["hash"])["hash"].links == links
    registrations.remove(table, "hash", stored(table))
    assert [link_store.linked(table, link) for link in links] == [None] * 4
    assert link_store.linked(table, "others")


def test_no_link_is_made_to_a_registration_that_is_missing_or_has_changed(
    table: TableOnWire,
) -> None:
    first = registered(VEGAN_WITHOUT_NUTS)
    with pytest.raises(Conflict):
        link_store.link(table, "link", "hash", first)
    registrations.add(table, "hash", first)
    link_store.link(table, "first", "hash", first)
    with pytest.raises(Conflict):
        link_store.link(table, "link", "hash", first)
    registrations.change(table, "hash", replace(stored(table), revision=2))
    with pytest.raises(Conflict):
        link_store.link(table, "link", "hash", replace(first, links=("first",)))
    assert link_store.linked(table, "link") is None
    assert stored(table).links == ("first",)


def test_a_writer_that_has_not_read_the_newest_link_can_neither_change_nor_remove(
    table: TableOnWire,
) -> None:
    first = registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    link_store.link(table, "link", "hash", first)
    with pytest.raises(Conflict):
        registrations.change(table, "hash", replace(first, revision=2), link="other")
    with pytest.raises(Conflict):
        registrations.remove(table, "hash", first, [blocks.block_write("mailbox")])
    assert stored(table).links == ("link",)
    assert link_store.linked(table, "other") is None
    assert not blocks.is_blocked(table, "mailbox")


def test_beyond_the_maximum_number_of_links_the_oldest_is_deleted(table: TableOnWire) -> None:
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    for n in range(LINKS_AT_MOST + 1):
        link_store.link(table, f"link{n}", "hash", stored(table))
    assert len(stored(table).links) == LINKS_AT_MOST
    assert link_store.linked(table, "link0") is None
    registrations.change(table, "hash", replace(stored(table), revision=2), link="new")
    assert link_store.linked(table, "link1") is None
    assert link_store.linked(table, "link2")
    registrations.remove(table, "hash", stored(table))
    assert table.database.keys("LINK#") == []


def test_a_mailbox_blocked_with_a_removal_stays_blocked_until_it_is_unblocked(
    table: TableOnWire,
) -> None:
    first = registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert (blocks.is_blocked(table, "mailbox"), len(table.database.keys("BLOCK#"))) == (False, 0)
    registrations.remove(table, "hash", first, [blocks.block_write("mailbox")])
    for code in ("WXYV", "KLMN"):
        other = registrations.add(table, "other", registered(VEGAN_WITHOUT_NUTS, code))
        mailbox = "mailbox" if code == "WXYV" else "another"
        registrations.remove(table, "other", other, [blocks.block_write(mailbox)])
    assert blocks.is_blocked(table, "mailbox")
    assert not blocks.is_blocked(table, "mail")
    assert len(table.database.keys("BLOCK#")) == 2
    assert blocks.unblock(
        table, "mailbox", [audit_log.add_write(audit_entry(action=AuditAction.UNBLOCKED))]
    )
    assert not blocks.unblock(
        table, "mailbox", [audit_log.add_write(audit_entry(1, action=AuditAction.UNBLOCKED))]
    )
    assert (blocks.is_blocked(table, "mailbox"), len(table.database.keys("BLOCK#"))) == (False, 1)
    assert list(audit_log.latest(table, "", 9)) == [audit_entry(action=AuditAction.UNBLOCKED)]


def test_the_mails_about_one_registration_are_found_without_those_about_others(
    table: TableOnWire,
) -> None:
    key, other = "a" * 64, "b" * 64
    mails = [
        replace(MAIL, id=receipt_id(one, n), kind=kind, about=one, version=0)
        for one in (key, other)
        for n, kind in enumerate((MailKind.RECEIPT, MailKind.CORRECTED, MailKind.RECEIPT), 1)
    ]
    table.write(
        *outbox.queue_writes([*mails, MAIL, replace(mails[0], id="later", due=NOW + MINUTE)])
    )
    outbox.record_sent(table, mails[0], "message-1", NOW)
    outbox.record_dropped(table, mails[3], "no longer wanted", NOW)
    mail_records.record_event(
        table,
        MailEvent(
            mails[0].id, MailKind.RECEIPT, MailEventType.DELIVERY, NOW + MINUTE, MAIL.recipient
        ),
    )
    (record,) = mail_records.about(table, key)
    assert (record.id, record.state, record.left_at) == (mails[0].id, "delivered", NOW)
    assert mail_records.about(table, "c" * 64) == []
    waiting = [mail.id for mail in outbox.about(table, key)]
    assert waiting == [mails[1].id, mails[2].id, "later"]
    assert outbox.about(table, other) == mails[4:]


def test_audit_entries_about_one_plate_code_are_read_oldest_first(table: TableOnWire) -> None:
    about = ["CDFH", "WXYV", "WXYV, CDFH", "WXYV: dubblett av CDFH", "CDFHJ", "CDFH: sjuk", ""]
    for n, text in enumerate(about):
        table.apply(audit_log.add_write(audit_entry(n, about=text)))
    found = audit_log.about(table, "CDFH", NOW)
    assert [one.about for one in found] == ["CDFH", "WXYV, CDFH", "CDFH: sjuk"]
    assert audit_log.about(table, "CDFH", NOW + MINUTE) == found[1:]
    assert audit_log.about(table, "KLMN", NOW) == []


def test_adding_raises_conflict_if_the_earlier_registration_is_removed_meanwhile(
    table: TableOnWire,
) -> None:
    """The registration is stored when the write is refused, and removed before it is read."""
    one = registered(VEGAN_WITHOUT_NUTS)
    registrations.add(table, "hash", one)
    table.database.on("GetItem", "REG#hash", lambda: registrations.remove(table, "hash", one))
    with pytest.raises(Conflict):
        registrations.add(table, "hash", one)


def test_a_sender_keeps_a_lease_whose_answer_was_lost(table: TableOnWire, event: Event) -> None:
    issue(table, MAIL)
    taken = leased(MAIL, NOW, "me")
    outbox.lease(table, taken)
    outbox.lease(table, taken)  # as the client does after a time-out
    with pytest.raises(Conflict):
        outbox.lease(table, leased(MAIL, NOW, "somebody else"))
    assert outbox.due(table, NOW) == [taken]


def test_no_call_is_made_once_the_time_is_up(event: Event) -> None:
    wire = DynamoDB()
    client = Client(wire, attempts=1)
    late = Table(client, local_aws.TABLE, event.id, 0, out_of_time=lambda: True)
    calls: list[Callable[[], object]] = [
        lambda: event_state.read(late),
        lambda: registrations.add(late, "h", registered(VEGAN_WITHOUT_NUTS)),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable):
            call()
    assert wire.calls == []


def test_counters_expire_by_themselves(table: TableOnWire) -> None:
    caps.count_receipt(table, "address", date(2027, 5, 20), "mail")
    allowance.count_sending(table, "2027-05-20", datetime(2027, 5, 20, tzinfo=UTC))
    caps.count_link(table, "address", datetime(2027, 5, 20, tzinfo=UTC))
    caps.count_ask(table, datetime(2027, 5, 20, tzinfo=UTC))
    table.apply(caps.once("form", datetime(2027, 5, 20, tzinfo=UTC)))
    table.apply(caps.only("key", "use", datetime(2027, 5, 20, tzinfo=UTC)))
    items = table.database.all_items()
    expiries = {item["expires_at"]["N"] for item in items}
    assert expiries == {str(int(datetime(2027, 5, 22, tzinfo=UTC).timestamp()))}


def test_the_pause_is_random_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for _ in range(50):
        short_random_pause(1)
        short_random_pause(4)
    assert len(set(slept)) > 90
    assert max(slept[::2]) <= 0.1 < max(slept[1::2]) <= 0.8


def test_one_address_gets_a_limited_number_of_receipts_a_day(table: TableOnWire) -> None:
    today, tomorrow = date(2027, 5, 20), date(2027, 5, 21)
    for _ in range(2):  # the same mails once more
        counted = [caps.count_receipt(table, "address", today, f"mail {n}") for n in range(7)]
        assert counted == [True] * RECEIPTS_PER_MAILBOX_A_DAY + [False] * 2
    assert caps.count_receipt(table, "other", today, "mail 6")
    assert caps.count_receipt(table, "address", tomorrow, "mail 6")


def test_a_days_receipts_are_counted_with_what_became_of_them(table: TableOnWire) -> None:
    at = datetime(2027, 5, 20, 10, 59, tzinfo=UTC)
    day, next_day = "2027-05-20", "2027-05-21"
    assert allowance.read_counts(table, day, at) == Counts()
    for minutes in (0, 0, 1):
        allowance.count_sending(table, day, at + minutes * MINUTE)
    allowance.count_settled(table, day, delivered=True)
    allowance.count_settled(table, day)
    allowance.count_harm(table, day)
    assert allowance.read_counts(table, day, at) == Counts(3, 2, 1, 1, sent_in_this_hour=2)
    assert allowance.read_counts(table, day, at + MINUTE).sent_in_this_hour == 1
    assert allowance.read_counts(table, next_day, at + timedelta(days=1)) == Counts()


def test_a_mark_is_put_on_the_record_of_a_mail_once(table: TableOnWire) -> None:
    for kind, mail_id in product((MailKind.RECEIPT, MailKind.SUMMARY), ("one", "other")):
        marked = [mail_records.mark_once(table, kind, mail_id, "harmed") for _ in range(3)]
        assert marked == [True, False, False]
        assert mail_records.mark_once(table, kind, mail_id, "settled")


def test_an_event_state_and_its_mails_are_written_together_or_not_at_all(
    table: TableOnWire,
) -> None:
    fresh = EventState(Phase.SUMMARISED, version=1)
    table.write_all(event_state.state_write(fresh), *outbox.queue_writes([MAIL]))
    other = outbox.queue_writes([replace(MAIL, id="other")])
    with pytest.raises(Conflict):
        table.write_all(event_state.state_write(replace(fresh, version=2)), *other)
    assert outbox.due(table, NOW) == [MAIL]
    assert event_state.read(table) == replace(fresh, revision=1)


def test_a_tally_larger_than_the_item_limit_is_stored_once_in_pieces(table: TableOnWire) -> None:
    random = Random(5)
    orders = (f"C{n}|lunch|{random.getrandbits(4096):x}|||" for n in range(5_000))
    counted = tally(orders, taken_at=NOW)
    for _ in range(2):
        tallies.save(table, counted)
    assert tallies.read(table, counted.key) == counted
    with pytest.raises(LookupError):
        tallies.read(table, tally([], taken_at=NOW).key)
    pieces = [item for item in table.database.all_items() if item["sk"]["S"].startswith("TALLY#")]
    assert len(pieces) > 10
    assert all(len(piece["tally"]["S"]) < 400_000 for piece in pieces)


def test_before_the_first_snapshot_a_write_does_not_change_the_event_state() -> None:
    assert event_state.change_writes(EventState(), NOW) == []


def mail_event(
    event_type: MailEventType, minutes: int = 1, kind: MailKind = MailKind.SUMMARY
) -> MailEvent:
    at = NOW + minutes * MINUTE
    return MailEvent("summary-1-1", kind, event_type, at, MAIL.recipient, "message-1")


SENT = MailRecord(
    "summary-1-1", MailKind.SUMMARY, MAIL.recipient, version=1, message_id="message-1", sent_at=NOW
)


def test_events_about_a_mail_are_stored_once_in_any_order(table: TableOnWire) -> None:
    event_types = (MailEventType.SEND, MailEventType.DELAY, MailEventType.DELIVERY)
    whole = replace(SENT, events={each: NOW + n * MINUTE for n, each in enumerate(event_types)})
    for order in permutations(range(4)):
        mail = replace(MAIL, id="-".join(["summary", *map(str, order)]))
        for step in [*order, *order]:
            if step == 3:
                outbox.record_sent(table, mail, "message-1", NOW)
            else:
                event = replace(mail_event(event_types[step], step), mail_id=mail.id)
                mail_records.record_event(table, event)
        assert mail_records.find(table, MailKind.SUMMARY, mail.id) == replace(whole, id=mail.id)


def test_of_two_events_of_the_same_type_the_first_is_stored(table: TableOnWire) -> None:
    mail_records.record_event(table, mail_event(MailEventType.BOUNCE, 1))
    known = mail_records.record_event(table, mail_event(MailEventType.BOUNCE, 2))
    assert known.events == {MailEventType.BOUNCE: NOW + MINUTE}
    assert known == mail_records.find(table, MailKind.SUMMARY, "summary-1-1")


def test_a_failed_and_a_dropped_mail_are_recorded_with_the_reason(table: TableOnWire) -> None:
    for number, record in enumerate((outbox.record_failed, outbox.record_dropped)):
        record(table, replace(MAIL, id=f"summary-1-{number}"), "bad_request", NOW)
    failed, dropped = mail_records.to_contacts(table)
    assert (failed.failed_at, failed.reason, failed.state) == (NOW, "bad_request", "failed")
    assert (dropped.dropped_at, dropped.reason, dropped.state) == (NOW, "bad_request", "dropped")


def test_mails_to_contact_persons_are_found_without_other_mails(table: TableOnWire) -> None:
    outbox.record_sent(table, MAIL, "message-1", NOW)
    for kind in (MailKind.RECEIPT, MailKind.ALARM, MailKind.TEST):
        other = replace(MAIL, id=f"{kind}-1", kind=kind, version=0)
        outbox.record_sent(table, other, "message-2", NOW)
        assert mail_records.find(table, kind, other.id)
    assert mail_records.to_contacts(table) == [SENT]
    assert mail_records.find(table, MailKind.SUMMARY, "summary-9-9") is None


@pytest.mark.parametrize("kind", sorted(TO_ATTENDEES))
def test_an_attendees_address_is_not_stored_in_the_record_of_a_mail(
    table: TableOnWire, kind: MailKind
) -> None:
    receipt = replace(MAIL, id="receipt-1", kind=kind, language="en")
    outbox.record_sent(table, receipt, "message-1", NOW)
    bounce = replace(mail_event(MailEventType.BOUNCE, kind=kind), mail_id="receipt-1")
    mail_records.record_event(table, bounce)
    record = mail_records.find(table, kind, "receipt-1")
    assert record
    assert (record.recipient, record.state, record.language) == ("", "bounced", "en")
    assert MAIL.recipient not in str(table.database.all_items())


def test_the_same_alarm_is_raised_once_with_its_mail(table: TableOnWire) -> None:
    alarm = Alarm("summary-1-1-bounced", Fault.BOUNCED, MailKind.SUMMARY, 1, NOW, going_on=False)
    letter = replace(MAIL, id="alarm-1", kind=MailKind.ALARM)
    alarms.raise_once(table, alarm, [letter])
    alarms.raise_once(table, replace(alarm, at=NOW + MINUTE), [replace(letter, id="again")])
    assert outbox.due(table, NOW) == [letter]
    assert alarms.find_alarm(table, alarm.id) == alarm
    with pytest.raises(LookupError):
        alarms.find_alarm(table, "another")


def test_only_due_mails_are_read_the_longest_waiting_first(table: TableOnWire) -> None:
    later, first = (
        replace(MAIL, id="b", due=NOW + MINUTE),
        replace(MAIL, id="c", due=NOW - MINUTE),
    )
    issue(table, MAIL, later, first)
    assert outbox.due(table, NOW) == [first, MAIL]
    assert outbox.due(table, NOW + MINUTE) == [first, MAIL, later]


def test_only_some_receipts_are_read_after_all_other_mails_and_some_from_the_other_end(
    table: TableOnWire,
) -> None:
    how_many = RECEIPTS_AT_A_TIME + DROPPED_AT_A_TIME + 5
    receipts = [
        replace(MAIL, id=f"receipt-{n}", kind=MailKind.RECEIPT, due=NOW - (900 - n) * MINUTE)
        for n in range(how_many)
    ]
    for receipt in receipts:  # each by itself: moto's transactions are slow
        table.apply(*outbox.queue_writes([receipt]))
    issue(table, MAIL, replace(MAIL, id="later", due=NOW + MINUTE))
    from_the_other_end = reversed(receipts[-DROPPED_AT_A_TIME:])
    expected = [MAIL, *receipts[:RECEIPTS_AT_A_TIME], *from_the_other_end]
    assert outbox.due(table, NOW) == expected
    assert outbox.due(table, receipts[1].due) == receipts[:2]


def test_receipts_of_the_newest_day_come_first_and_of_a_day_those_to_the_own_domain(
    table: TableOnWire,
) -> None:
    queued = [
        ("2027-05-19", False),
        ("2027-05-19", True),
        ("2027-05-20", False),
        ("2027-05-20", True),
    ]
    receipts = [
        replace(MAIL, id=f"receipt-{n}", kind=MailKind.RECEIPT, due=NOW - n * MINUTE)
        for n in range(len(queued))
    ]
    receipts = [
        replace(receipt, day=day, is_own=is_own)
        for receipt, (day, is_own) in zip(receipts, queued, strict=True)
    ]
    issue(table, MAIL, *receipts)
    assert outbox.due(table, NOW) == [MAIL, *reversed(receipts)]
    one = receipts[0]
    taken = leased(one, NOW, "me")
    outbox.lease(table, taken)
    with pytest.raises(Conflict):
        outbox.drop(table, one, "too late", NOW)
    outbox.drop(table, receipts[1], "too late", NOW)
    assert outbox.due(table, NOW) == [MAIL, *reversed(receipts[2:]), taken]


@pytest.mark.parametrize("end", [outbox.record_sent, outbox.record_failed, outbox.record_dropped])
def test_a_finished_mail_leaves_the_outbox_and_cannot_be_leased(
    table: TableOnWire, end: Callable[..., None]
) -> None:
    issue(table, MAIL)
    taken = leased(MAIL, NOW, "me")
    outbox.lease(table, taken)
    end(table, taken, "message-1", NOW)
    assert outbox.due(table, NOW + timedelta(days=1)) == []
    with pytest.raises(Conflict):
        outbox.lease(table, leased(taken, NOW, "me"))


def test_a_postponed_mail_is_read_again_once_it_is_due(table: TableOnWire) -> None:
    issue(table, MAIL)
    taken = leased(MAIL, NOW, "me")
    outbox.lease(table, taken)
    again = postponed(taken, NOW)
    outbox.postpone(table, taken, again)
    assert outbox.due(table, NOW) == []
    assert outbox.due(table, again.due) == [again]


def test_a_tick_reads_the_event_state_and_the_due_mails(table: TableOnWire) -> None:
    assert outbox.read_state_and_mails(table, NOW) == StateAndMails(EventState(), [])
    access_tokens.ask_for_link(table, replace(MAIL, id="desk", kind=MailKind.DESK), wanted=False)
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    later = replace(MAIL, id="later", due=NOW + MINUTE)
    issue(table, MAIL, later)
    assert outbox.read_state_and_mails(table, NOW) == StateAndMails(event_state.read(table), [MAIL])
    assert outbox.read_state_and_mails(table, NOW + MINUTE) == StateAndMails(
        event_state.read(table), [MAIL, later]
    )
    assert event_state.read(table).version == 1


def test_an_unreadable_mail_delays_neither_the_closing_nor_the_deletion(
    table: TableOnWire, event: Event
) -> None:
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    put(table, event, "DELIVERY#1#2027-05-01", {"kind": "of the future"})
    assert outbox.read_state_and_mails(table, NOW) == StateAndMails(EventState(), None)

    def tick(now: datetime) -> None:
        run_due_steps([Context(now, event, table)], RecordingMailer(), lambda: "token")

    for minutes in (5, 7):
        with pytest.raises(StepFailed):  # from sending, which reports the unreadable mail
            tick(event.closes_at + minutes * MINUTE)
    tick(event.deletes_at + 60 * MINUTE)
    state = event_state.read(table)
    assert (state.phase, state.version) == (Phase.SUMMARISED, 1)
    assert state.deletion
    assert state.deletion.ended_at


def test_events_in_one_table_do_not_see_each_other(table: TableOnWire, event: Event) -> None:
    other = TableOnWire(replace(event, id=f"{event.id}-2"), table.database)
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert registrations.find(other, "hash") is None
    assert list(registrations.encoded_orders(other)) == []


def test_an_error_of_the_table_names_its_kind_but_no_stored_data(
    table: TableOnWire, event: Event
) -> None:
    client = Client(table.database, attempts=1)
    missing = Table(client, "no-such-table", event.id, event.expires_at)
    with pytest.raises(StoreUnavailable) as fault:
        registrations.add(missing, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert "ResourceNotFound" in str(fault.value)
    assert "Åsa" not in str(fault.value)
    assert fault.value.__cause__ is None


def collide(*codes: str) -> Callable[[], None]:
    """Simulate a collision with another transaction, which neither stand-in can produce."""

    def act() -> None:
        reasons = [{"Code": code} for code in codes]
        raise Refusal("TransactionCanceledException", CancellationReasons=reasons)

    return act


@pytest.mark.parametrize("other", ["None", "ConditionalCheckFailed"])
def test_a_write_that_collides_with_another_is_retried_after_a_pause(
    table: TableOnWire, other: str
) -> None:
    collision = collide("TransactionConflict", other)
    table.database.on("TransactWriteItems", "REG#", collision, times=4)
    written = registered(VEGAN_WITHOUT_NUTS)
    assert registrations.add(table, "hash", written) == written
    assert registrations.find(table, "hash") == written
    assert table.pauses == [1, 2, 3, 4]


def test_a_write_that_collides_five_times_is_given_up_without_a_last_pause(
    table: TableOnWire,
) -> None:
    collision = collide("TransactionConflict", "None")
    table.database.on("TransactWriteItems", "REG#", collision, times=100)
    with pytest.raises(StoreUnavailable):
        registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    assert table.database.calls == ["TransactWriteItems"] * 5
    assert table.pauses == [1, 2, 3, 4]


def test_a_throttled_write_is_not_mistaken_for_a_refused_condition(table: TableOnWire) -> None:
    collision = collide("ConditionalCheckFailed", "ThrottlingError")
    table.database.on("TransactWriteItems", "REG#", collision)
    with pytest.raises(StoreUnavailable):
        registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))


# The desk


def audit_entry(
    minutes: int = 0, id_: str = "a", action: AuditAction = AuditAction.SAW_LIST, about: str = ""
) -> AuditEntry:
    return AuditEntry(NOW + minutes * MINUTE, "a@boras.example", action, about, id_)


@pytest.mark.parametrize("token", [login_link("a@b.example", NOW), session_token("å@b.se", NOW)])
def test_an_access_token_can_be_read_until_it_is_removed(
    table: TableOnWire, token: AccessToken
) -> None:
    assert access_tokens.find(table, "hash") is None
    table.apply(access_tokens.save_write("hash", token))
    table.apply(access_tokens.save_write("other", replace(token, contact="b@b.example")))
    assert access_tokens.find(table, "hash") == token
    table.apply(access_tokens.remove_write("hash"))
    table.apply(access_tokens.remove_write("hash"))
    assert access_tokens.find(table, "hash") is None
    assert access_tokens.find(table, "other")


def test_the_table_expires_an_access_token_when_the_token_expires(table: TableOnWire) -> None:
    token = session_token("a@b.example", NOW + timedelta(microseconds=7))
    table.apply(access_tokens.save_write("hash", token))
    (item,) = table.database.all_items()
    expires = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC)
    assert token.expires_at - timedelta(seconds=1) < expires <= token.expires_at


def test_login_links_are_counted_by_mailbox_and_a_place_comes_back_every_twenty_minutes(
    table: TableOnWire,
) -> None:
    def count(mailbox: str, later: timedelta) -> bool:
        return caps.count_link(table, mailbox, NOW + later)

    assert [count("mailbox", n * MINUTE) for n in range(5)] == [True] * LINKS_AT_ONCE + [False] * 2
    assert count("other", timedelta())
    assert not count("mailbox", A_LINK_EVERY - MINUTE)
    assert count("mailbox", A_LINK_EVERY)
    assert not count("mailbox", 2 * A_LINK_EVERY - MINUTE)
    assert [count("mailbox", 5 * A_LINK_EVERY) for _ in range(4)] == [True] * LINKS_AT_ONCE + [
        False
    ]
    mailed = caps.mailed_links(table, "mailbox", NOW.date())
    assert (mailed.mails, mailed.last_at) == (2 * LINKS_AT_ONCE + 1, NOW + 5 * A_LINK_EVERY)
    assert caps.mailed_links(table, "mailbox", NOW.date() + timedelta(days=1)).mails == 0
    for n in range(RECEIPTS_PER_MAILBOX_A_DAY):
        assert caps.count_receipt(table, "mailbox", NOW.date(), f"{n}"), "a link is no receipt"


def test_of_two_runs_that_count_a_login_link_at_once_only_one_mails_it(table: TableOnWire) -> None:
    for minute in range(2):
        now, others = NOW + minute * MINUTE, list[bool]()

        def count_in_another_run(now: datetime = now, others: list[bool] = others) -> None:
            others.append(caps.count_link(table, "mailbox", now - timedelta(seconds=1)))

        table.database.on("PutItem", "CAP#desk", count_in_another_run)
        assert not caps.count_link(table, "mailbox", now)
        assert others == [True]


def test_a_login_link_is_counted_once_though_the_answer_of_the_table_was_lost(
    table: TableOnWire,
) -> None:
    """The client then repeats the write, and the repetition is refused."""
    table.database.on("PutItem", "CAP#", collide_alone, is_after=True)
    assert caps.count_link(table, "mailbox", NOW)
    assert caps.mailed_links(table, "mailbox", NOW.date()).mails == 1


def collide_alone() -> None:
    raise Refusal("ConditionalCheckFailedException")


def test_asks_for_login_links_are_counted_by_day(table: TableOnWire) -> None:
    for hours in (0, 1, 24):
        caps.count_ask(table, NOW + timedelta(hours=hours))
    days = (NOW.date() + timedelta(days=n) for n in range(3))
    assert [caps.asks_for_links(table, day) for day in days] == [2, 1, 0]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_requested_login_link_is_queued_only_if_it_is_wanted(
    table: TableOnWire, *, wanted: bool
) -> None:
    asked = replace(MAIL, id="desk-1", kind=MailKind.DESK, version=0)
    for _ in range(2):
        access_tokens.ask_for_link(table, asked, wanted=wanted)
    assert outbox.due(table, NOW) == [asked] * wanted
    assert access_tokens.find(table, "nobody") is None


def size(value: Any) -> int:
    """The approximate size of an item or of a part of an item."""
    if isinstance(value, dict):
        return sum(len(name) + size(part) for name, part in value.items())
    return len(value) if isinstance(value, str) else 1


def test_requesting_a_login_link_makes_the_same_call_whether_wanted_or_not(
    table: TableOnWire,
) -> None:
    asked = replace(MAIL, id="desk-" + 20 * "0", kind=MailKind.DESK)
    for wanted in (True, False):
        access_tokens.ask_for_link(table, asked, wanted=wanted)
    one, other = table.database.requests
    assert table.database.calls == ["PutItem", "PutItem"]
    assert one.keys() == other.keys()
    assert one["Item"].keys() == other["Item"].keys()
    assert abs(size(one["Item"]) - size(other["Item"])) < 100
    assert "a@boras.example" not in str(other)


def test_unwanted_login_requests_leave_one_item_without_an_address(
    table: TableOnWire,
) -> None:
    for n in range(5):
        asked = replace(MAIL, id=f"desk-{n}", kind=MailKind.DESK, recipient=f"p{n}@else.example")
        access_tokens.ask_for_link(table, asked, wanted=False)
    (item,) = table.database.all_items()
    assert "else.example" not in str(item)


def test_the_audit_log_is_read_newest_first_page_by_page(table: TableOnWire) -> None:
    entries = [audit_entry(n // 2, "ab"[n % 2], about=f"{n}") for n in range(7)]
    for one in (entries[3], entries[0], entries[6], *entries):
        table.apply(audit_log.add_write(one))
    newest_first = entries[::-1]
    assert list(audit_log.latest(table, "", 100)) == newest_first
    pages, before = [], ""
    while page := list(audit_log.latest(table, before, 3)):
        pages.append(page)
        before = page[-1].key
    assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]


@pytest.mark.parametrize("action", AuditAction)
def test_an_audit_entry_is_read_as_it_was_written(table: TableOnWire, action: AuditAction) -> None:
    written = replace(
        audit_entry(action=action, about="CDFH: för sjuk"), at=NOW + timedelta(microseconds=1)
    )
    table.apply(audit_log.add_write(written))
    assert list(audit_log.latest(table, "", 9)) == [written]


@pytest.mark.parametrize("before", ["2", "0", "~", "CONTROL", "é"])
def test_reading_the_audit_log_before_an_invalid_key_returns_only_entries(
    table: TableOnWire,
    before: str,
) -> None:
    table.apply(audit_log.add_write(audit_entry()))
    event_state.save(table, EventState())
    assert list(audit_log.latest(table, before, 9)) in ([], [audit_entry()])


def test_list_entries_contain_what_the_list_needs_but_no_notes(table: TableOnWire) -> None:
    answers = [
        VEGAN_WITHOUT_NUTS,
        Answers("محمد 👩‍🍳", ("fika",), note="MARKNOTE"),
        Answers("Bo", ("lunch",), organisation="Å, Ä & Ö", allergens=("eggs",)),
    ]
    wanted = []
    for n, one in enumerate(answers):
        held = replace(registered(one, f"CDF{n}"), registered_at=NOW + n * MINUTE)
        registrations.add(table, f"hash{n}", held)
        order = held.order.encode()
        at = NOW + n * MINUTE
        wanted.append(ListEntry(f"hash{n}", one.name, one.organisation, one.email, order, at))
    found = sorted(registrations.entries(table), key=lambda entry: entry.key)
    assert found == wanted
    assert "MARKNOTE" not in str(found)


def test_more_registrations_than_fit_in_one_batch_request_are_read(table: TableOnWire) -> None:
    held = {f"hash{n}": registered(VEGAN_WITHOUT_NUTS, f"C{n}") for n in range(205)}
    for key, one in held.items():
        registrations.add(table, key, one)
    assert registrations.find_all(table, [*held, "unknown", "hash0"]) == held
    assert registrations.find_all(table, []) == {}
    assert registrations.find_all(table, ["unknown"]) == {}


class Busy(DynamoDB):
    """Answers a batch request with two items, as DynamoDB does when short of capacity."""

    def answer(self, operation: str, request: Item) -> Item:
        answer = super().answer(operation, request)
        if operation == "BatchGetItem":
            ((name, asked),) = request["RequestItems"].items()
            left = asked["Keys"][2:]
            answer["Responses"][name] = answer["Responses"][name][:2]
            answer["UnprocessedKeys"] = {name: {**asked, "Keys": left}} if left else {}
        return answer


def test_unprocessed_keys_of_a_batch_are_requested_again(event: Event) -> None:
    table = TableInMemory(event, Busy())
    held = {f"hash{n}": registered(VEGAN_WITHOUT_NUTS, f"C{n}") for n in range(5)}
    for key, one in held.items():
        registrations.add(table, key, one)
    assert registrations.find_all(table, list(held)) == held
    assert table.database.calls.count("BatchGetItem") == 3


FIRST, OTHER = registered(VEGAN_WITHOUT_NUTS), registered(VEGAN_WITHOUT_NUTS, "WXYV")
HALAL = replace(VEGAN_WITHOUT_NUTS, diet="halal", note="")
SECOND = replace(FIRST, answers=HALAL, revision=2, changed_at=NOW + MINUTE)
# Each write, made while FIRST is stored under "hash", and the registrations after the write.
WRITES: dict[str, tuple[Callable[[Table, list[Write]], object], list[Registration]]] = {
    "add": (lambda table, also: registrations.add(table, "other", OTHER, also), [FIRST, OTHER]),
    "change": (lambda table, also: registrations.change(table, "hash", SECOND, also), [SECOND]),
    "remove": (lambda table, also: registrations.remove(table, "hash", FIRST, also), []),
}
REFUSED: dict[str, Callable[[Table, list[Write]], object]] = {
    "code taken": lambda table, also: registrations.add(table, "other", FIRST, also),
    "stale change": lambda table, also: registrations.change(table, "hash", FIRST, also),
    "early change": lambda table, also: registrations.change(
        table, "hash", replace(SECOND, revision=3), also
    ),
    "stale remove": lambda table, also: registrations.remove(table, "hash", SECOND, also),
    "change of a missing one": lambda table, also: registrations.change(
        table, "other", SECOND, also
    ),
    "removal of a missing one": lambda table, also: registrations.remove(
        table, "other", FIRST, also
    ),
}


@pytest.fixture
def counted(table: TableOnWire) -> TableOnWire:
    """The table with FIRST stored and a snapshot taken."""
    event_state.save(table, EventState(Phase.SUMMARISED, snapshot=Snapshot("f00d", 0, NOW)))
    registrations.add(table, "hash", FIRST)
    return table


def accompanying_writes(table: Table) -> list[Write]:
    """A mail, an audit entry, a block, and the time of a change after the snapshot."""
    also = [
        *outbox.queue_writes([MAIL]),
        audit_log.add_write(audit_entry()),
        blocks.block_write("mailbox"),
    ]
    return also + event_state.change_writes(event_state.read(table), NOW + MINUTE)


def accompanying_data(table: Table) -> list[object]:
    mails, entries = outbox.due(table, NOW), list(audit_log.latest(table, "", 9))
    return [mails, entries, blocks.is_blocked(table, "mailbox"), event_state.read(table).changed_at]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_and_its_accompanying_writes_are_one_transaction(
    counted: TableOnWire, name: str
) -> None:
    before, (write, registered_then) = event_state.read(counted), WRITES[name]
    also = accompanying_writes(counted)
    counted.database.calls.clear()
    write(counted, also)
    assert counted.database.calls == ["TransactWriteItems"]
    assert list(registrations.everybody(counted)) == registered_then
    orders = [one.order.encode() for one in registered_then]
    assert list(registrations.encoded_orders(counted)) == orders
    assert accompanying_data(counted) == [[MAIL], [audit_entry()], True, NOW + MINUTE]
    with pytest.raises(Conflict):
        event_state.save(counted, replace(before, version=7))


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_write_leaves_no_trace(counted: TableOnWire, name: str) -> None:
    before = counted.database.all_items()
    with pytest.raises(PlateCodeTaken if name == "code taken" else Conflict):
        REFUSED[name](counted, accompanying_writes(counted))
    assert counted.database.all_items() == before


def test_adding_a_stored_registration_again_returns_the_first_and_writes_nothing(
    counted: TableOnWire,
) -> None:
    before = counted.database.all_items()
    again = replace(OTHER, registered_at=NOW + MINUTE)
    assert registrations.add(counted, "hash", again, accompanying_writes(counted)) == FIRST
    assert counted.database.all_items() == before


# Merging: "one" is kept, "two" goes.

ADDED = replace(FIRST, answers=HALAL, revision=2)


@pytest.fixture
def two(table: TableOnWire) -> TableOnWire:
    """The table with FIRST under "one" and OTHER under "two", with mailed links to both."""
    for key, registration in (("one", FIRST), ("two", OTHER)):
        registrations.add(table, key, registration)
        link_store.link(table, f"mailed to {key}", key, registration)
    table.database.calls.clear()
    return table


def merge(table: Table, also: Sequence[Write] = (), links: Sequence[str] = ()) -> None:
    """Merge as the registrations are stored."""
    one, other = registrations.find_all(table, ["one", "two"]).items()
    registrations.merge(table, one, other, ADDED, also, links)


def opened(table: Table, link: str) -> str:
    """The key of the registration that the token with this hash opens."""
    found = registrations.opened(table, link)
    return found[0] if found else ""


def test_merging_is_one_transaction_that_removes_one_and_changes_the_other(
    two: TableOnWire,
) -> None:
    merge(two, accompanying_writes(two))
    assert two.database.calls.count("TransactWriteItems") == 1
    assert list(registrations.everybody(two)) == [ADDED]
    assert accompanying_data(two)[:3] == [[MAIL], [audit_entry()], True]
    assert [opened(two, link) for link in ("mailed to one", "mailed to two", "two")] == [
        "one", "", "",
    ]  # fmt: skip
    with pytest.raises(PlateCodeTaken):
        registrations.add(two, "three", OTHER)


def test_the_links_of_a_merged_registration_open_the_other_until_that_is_removed(
    two: TableOnWire,
) -> None:
    links = ["mailed to two", "two"]
    merge(two, links=links)
    assert stored(two, "one").links == ("mailed to one", *links)
    assert [opened(two, link) for link in stored(two, "one").links] == ["one"] * 3
    moved = replace(stored(two, "one"), answers=replace(HALAL, email="x@y.example"), revision=3)
    registrations.change(two, "one", moved)
    assert [opened(two, link) for link in links] == ["", ""], "as every mailed link"
    registrations.remove(two, "one", stored(two, "one"))
    codes = {f"CODE#{one.plate_code}" for one in (FIRST, OTHER)}
    assert {item["sk"]["S"] for item in two.database.all_items()} == codes


def test_a_merged_registration_keeps_at_most_the_newest_links(two: TableOnWire) -> None:
    for n in range(LINKS_AT_MOST):
        link_store.link(two, f"one {n}", "one", stored(two, "one"))
        link_store.link(two, f"two {n}", "two", stored(two, "two"))
    links = [*stored(two, "two").links[1:], "two"]
    merge(two, links=["two 0", *links])
    assert stored(two, "one").links == tuple(links)
    assert {item["sk"]["S"] for item in two.database.all_items() if "LINK#" in item["sk"]["S"]} == {
        f"LINK#{link}" for link in links
    }


def test_of_the_links_of_a_registration_only_those_to_its_present_address_open_it(
    two: TableOnWire,
) -> None:
    moved = replace(VEGAN_WITHOUT_NUTS, email="right@else.example")
    registrations.change(two, "two", replace(stored(two, "two"), answers=moved, revision=2))
    assert list(link_store.opening(two, stored(two, "two"))) == []
    for link in ("second", "first"):
        link_store.link(two, link, "two", stored(two, "two"))
    assert stored(two, "two").links == ("mailed to two", "second", "first")
    assert list(link_store.opening(two, stored(two, "two"))) == ["second", "first"]
    assert list(link_store.opening(two, OTHER)) == []


@pytest.mark.parametrize("which", ["one", "two"])
@pytest.mark.parametrize("how", ["changed", "linked", "removed"])
def test_a_merge_of_registrations_that_are_not_as_they_were_read_leaves_no_trace(
    two: TableOnWire, which: str, how: str
) -> None:
    one, other = registrations.find_all(two, ["one", "two"]).items()
    read = stored(two, which)
    if how == "changed":
        registrations.change(two, which, replace(read, revision=2))
    elif how == "linked":
        link_store.link(two, "late", which, read)
    else:
        registrations.remove(two, which, read)
    before = two.database.all_items()
    with pytest.raises(Conflict):
        registrations.merge(two, one, other, ADDED, accompanying_writes(two), ["two"])
    assert two.database.all_items() == before


def test_every_way_of_reading_all_registrations_covers_all_pages(table: TableOnWire) -> None:
    held = {f"{n:064}": registered(VEGAN_WITHOUT_NUTS, f"C{n}") for n in range(12)}
    for key, one in held.items():
        registrations.add(table, key, one)
    issue(table, MAIL)
    everybody = list(held.values())
    assert list(registrations.everybody(table)) == everybody
    assert [entry.key for entry in registrations.entries(table)] == list(held)
    orders = [one.order.encode() for one in everybody]
    assert list(registrations.encoded_orders(table)) == orders


def test_the_base_url_is_the_one_that_was_saved_last(table: TableOnWire) -> None:
    assert base_url.read(table) == ""
    for url in ("https://old.example/api", "https://kost.boras.example"):
        base_url.save(table, url)
        assert base_url.read(table) == url


def test_items_of_the_desk_are_not_mistaken_for_other_items(table: TableOnWire) -> None:
    table.apply(access_tokens.save_write("hash", login_link("a@b.example", NOW)))
    table.apply(audit_log.add_write(audit_entry()))
    base_url.save(table, "https://kost.boras.example")
    caps.count_link(table, "hash", NOW)
    access_tokens.ask_for_link(table, replace(MAIL, kind=MailKind.DESK), wanted=False)
    gone = registrations.add(table, "gone", FIRST)
    registrations.remove(table, "gone", gone, [blocks.block_write("hash")])
    assert list(registrations.entries(table)) == []
    assert list(registrations.encoded_orders(table)) == []
    assert outbox.due(table, NOW + timedelta(days=1)) == []
    assert mail_records.to_contacts(table) == []
    assert registrations.find(table, "hash") is None
    assert link_store.linked(table, "hash") is None
    assert event_state.read(table) == EventState()


def test_a_told_note_is_stored_only_over_the_registration_that_was_read(table: TableOnWire) -> None:
    held = registered(VEGAN_WITHOUT_NUTS)
    registrations.add(table, "hash", held)
    table.apply(registrations.passed_on_write("hash", held, held.note_hash))
    read = registrations.find(table, "hash")
    assert read is not None
    assert (read, read.is_passed_on) == (held, True)
    (entry,) = registrations.entries(table)
    assert (entry.passed_on, entry.needs_passing_on) == (held.note_hash, False)
    for stale in (
        lambda: table.apply(registrations.passed_on_write("hash", held, "")),
        lambda: registrations.change(table, "hash", replace(held, revision=2)),
        lambda: link_store.link(table, "link", "hash", held),
        lambda: registrations.remove(table, "hash", held),
    ):
        with pytest.raises(Conflict):
            stale()
    table.apply(registrations.passed_on_write("hash", read, ""))
    again = registrations.find(table, "hash")
    assert again is not None
    assert not again.is_passed_on
    registrations.remove(table, "hash", again)


# Links that contact persons end, and entries about everybody


def test_the_times_of_a_changed_address_and_of_ended_links_are_read_as_they_were_written(
    table: TableOnWire,
) -> None:
    first = replace(registered(VEGAN_WITHOUT_NUTS), readdressed_at=NOW, links_ended_at=NOW + MINUTE)
    registrations.add(table, "hash", first)
    assert stored(table) == first
    assert "readdressed_at" not in registration_item(registered(VEGAN_WITHOUT_NUTS))


def test_ending_links_deletes_them_in_one_transaction_unless_the_registration_has_changed(
    table: TableOnWire,
) -> None:
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    for link in ("first", "second"):
        link_store.link(table, link, "hash", stored(table))
    before = stored(table)
    ended = replace(before, links=(), links_ended_at=NOW, revision=2)
    for stale in (replace(before, links=("first",)), replace(before, revision=2)):
        with pytest.raises(Conflict):
            registrations.end_links(table, "hash", stale, ended, [blocks.block_write("mailbox")])
    assert table.database.keys("LINK#") == ["LINK#first", "LINK#second"]
    assert not blocks.is_blocked(table, "mailbox")
    registrations.end_links(table, "hash", before, ended, [blocks.block_write("mailbox")])
    assert table.database.keys("LINK#") == []
    assert (stored(table), stored(table).links) == (ended, ())
    assert blocks.is_blocked(table, "mailbox")


def test_the_use_of_a_link_is_recorded_only_while_the_link_exists(table: TableOnWire) -> None:
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    link_store.link(table, "link", "hash", stored(table))
    for link in ("link", "other"):
        link_store.record_use(table, link, NOW + MINUTE)
    assert table.database.keys("LINK#") == ["LINK#link"]
    (opening,) = link_store.opening(table, stored(table)).values()
    assert opening.used_at == NOW + MINUTE
    opened = registrations.opened(table, "link")
    assert opened
    assert opened[:2] == ("hash", stored(table))


def test_entries_about_everybody_are_about_each_plate_code(table: TableOnWire) -> None:
    for n, text in enumerate(("alla", "alla: del 1 av 2", "Sallad: CDFH", "CDFH, WXYV: sida 1")):
        table.apply(audit_log.add_write(audit_entry(n, about=text)))
    found = [entry.about for entry in audit_log.about(table, "CDFH", NOW)]
    assert found == ["alla", "alla: del 1 av 2", "CDFH, WXYV: sida 1"]
    assert audit_log.about(table, "CDFH", NOW + MINUTE)[0].about == "alla: del 1 av 2"


def test_registrations_are_read_with_their_keys_and_from_one_key_on(table: TableOnWire) -> None:
    keys = [f"{n:064x}" for n in range(8)]
    for n, key in enumerate(keys):
        registrations.add(table, key, registered(VEGAN_WITHOUT_NUTS, f"C{n:03}"))
    read = list(registrations.keyed(table))
    assert [key for key, _ in read] == keys
    whole = [list_entry(*one) for one in read]
    assert list(registrations.entries(table, with_notes=True)) == whole
    assert list(registrations.entries(table)) == [replace(entry, note="") for entry in whole]
    assert list(registrations.keyed(table, keys[4])) == read[5:]
    assert list(registrations.keyed(table, keys[7])) == []


def test_several_registrations_are_removed_in_one_transaction_or_none_is(
    table: TableOnWire,
) -> None:
    for n in range(3):
        registrations.add(table, f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"C{n:03}"))
    link_store.link(table, "link", "hash1", stored(table, "hash1"))
    read = [(f"hash{n}", stored(table, f"hash{n}")) for n in range(3)]
    registrations.change(table, "hash2", replace(read[2][1], revision=2))
    with pytest.raises(Conflict):
        registrations.remove_all(table, read, [blocks.block_write("mailbox")])
    assert len(table.database.keys("REG#")) == 3
    registrations.remove_all(table, read[:2], [blocks.block_write("mailbox")])
    assert table.database.keys("REG#") == ["REG#hash2"]
    assert table.database.keys("LINK#") == []
    assert blocks.is_blocked(table, "mailbox")
