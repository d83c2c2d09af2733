"""One suite for the store in memory and the one in DynamoDB: they keep the same promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from chalicelib.items import mail_item, outbox_key
from chalicelib.repository import Repository, short_random_pause
from chalicelib.store import Conflict, PlateCodeTaken, Standing, Store, StoreUnavailable

from bench.functions import put
from chalicelib.alarm import Alarm
from chalicelib.control import Control, Snapshot, State
from chalicelib.count import Count, count
from chalicelib.desk import LINKS_AN_HOUR, Access, Deed, Pass, link_pass, session_pass
from chalicelib.event import Event
from chalicelib.instants import instant
from chalicelib.mail_faults import Fault
from chalicelib.mail_record import Happening, MailEvent, MailRecord
from chalicelib.outbox import (
    RECEIPTS_A_DAY,
    RECEIPTS_AT_A_TIME,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Cap,
    Kind,
    OutboxMail,
    leased,
    postponed,
    receipt_id,
)
from chalicelib.registration import LINKS_AT_MOST, Answers, Registration, link_to
from chalicelib.roll import SORTS, Choice, Entry, choose, in_order
from chalicelib.services import CountFailed, tend
from chalicelib.summary import tally
from management import local_aws
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import RecordingMailer, TableInMemory
from tests.tables import items_in_the_table

MAIL = OutboxMail("summary-1-1", Kind.SUMMARY, "a@boras.example", NOW, version=1)
MINUTE = timedelta(minutes=1)


def issue(store: Store, *mails: OutboxMail) -> None:
    control = replace(store.control(), version=store.control().version + 1)
    store.issue(control, list(mails))


def queue_many(mails: list[OutboxMail], store: Store, event: Event) -> None:
    """As `queue`, without moto's slow transactions."""
    if isinstance(store, TableInMemory):
        store.queue(mails)
        return
    put(boto3.client("dynamodb"), event, {outbox_key(mail): mail_item(mail) for mail in mails})


def test_before_the_first_write_the_control_is_fresh(store: Store) -> None:
    assert store.control() == Control()


def test_a_control_comes_back_as_it_was_written(store: Store) -> None:
    snapshot = Snapshot("f00d", 3, NOW)
    store.save_control(Control(State.CLOSED, closes_at=NOW, snapshot=snapshot))
    written = Control(State.CLOSED, closes_at=NOW, snapshot=snapshot, revision=1)
    assert store.control() == written
    times = replace(written, told="key", changed_at=NOW + MINUTE, reminded_at=NOW - MINUTE)
    store.save_control(times)
    assert store.control() == replace(times, revision=2)


def test_of_two_who_read_the_same_control_one_loses(store: Store) -> None:
    read = store.control()
    store.save_control(replace(read, state=State.CLOSED))
    with pytest.raises(Conflict):
        store.save_control(replace(read, version=7))
    again = store.control()
    store.save_control(replace(again, version=1))
    with pytest.raises(Conflict):
        store.save_control(replace(again, version=2))
    assert (store.control().state, store.control().version) == (State.CLOSED, 1)


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
def test_a_registration_comes_back_as_it_was_written(store: Store, answers: Answers) -> None:
    written = registered(answers)
    assert store.add("hash", written) == written
    assert store.registration("hash") == written


def test_an_unknown_hash_is_no_registration(store: Store) -> None:
    assert store.registration("hash") is None


def test_the_same_registration_added_again_is_the_first_one(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS, "CDFH"))
    again = replace(first, plate_code="WXYV", registered_at=NOW + MINUTE)
    assert store.add("hash", again) == first
    assert list(store.encoded_orders()) == [first.order.encode()]


def test_a_plate_code_belongs_to_one_registration(store: Store) -> None:
    store.add("one", registered(VEGAN_WITHOUT_NUTS, "CDFH"))
    with pytest.raises(PlateCodeTaken):
        store.add("other", registered(VEGAN_WITHOUT_NUTS, "CDFH"))
    assert store.registration("other") is None


def test_a_registration_is_stored_with_its_mails_or_not_at_all(store: Store) -> None:
    store.add("one", registered(VEGAN_WITHOUT_NUTS, "CDFH"), [MAIL])
    assert store.due_mails(NOW) == [MAIL]
    other = replace(MAIL, id="other")
    with pytest.raises(PlateCodeTaken):
        store.add("two", registered(VEGAN_WITHOUT_NUTS, "CDFH"), [other])
    store.add("one", registered(VEGAN_WITHOUT_NUTS, "WXYV"), [replace(MAIL, id="third")])
    assert store.due_mails(NOW) == [MAIL]


def test_a_change_is_the_next_revision_with_its_mails(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    answers = replace(VEGAN_WITHOUT_NUTS, diet="halal", note="")
    second = replace(first, answers=answers, revision=2, changed_at=NOW + MINUTE)
    store.change("hash", second, [MAIL])
    assert store.registration("hash") == second
    assert list(store.encoded_orders()) == [second.order.encode()]
    assert store.due_mails(NOW) == [MAIL]


def test_of_two_who_change_the_same_revision_one_loses(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    winner = replace(first, answers=replace(VEGAN_WITHOUT_NUTS, diet="halal"), revision=2)
    loser = replace(first, answers=replace(VEGAN_WITHOUT_NUTS, diet="kosher"), revision=2)
    store.change("hash", winner)
    with pytest.raises(Conflict):
        store.change("hash", loser, [MAIL])
    assert store.registration("hash") == winner
    assert store.due_mails(NOW) == []


def test_queued_mails_are_in_the_outbox_each_once(store: Store) -> None:
    mails = [replace(MAIL, id=f"test-{n}", kind=Kind.TEST) for n in range(2)]
    for _ in range(2):
        store.queue(mails)
    assert store.due_mails(NOW) == mails
    assert store.control() == Control()


def test_what_was_removed_is_gone_and_its_plate_code_is_free(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    store.remove("hash", first)
    assert store.registration("hash") is None
    assert list(store.encoded_orders()) == []
    again = registered(VEGAN_WITHOUT_NUTS)
    assert store.add("other", again) == again


def test_a_revision_that_is_not_stored_cannot_be_changed_or_removed(store: Store) -> None:
    first = registered(VEGAN_WITHOUT_NUTS)
    with pytest.raises(Conflict):
        store.change("hash", replace(first, revision=2))
    with pytest.raises(Conflict):
        store.remove("hash", first)
    store.add("hash", first)
    with pytest.raises(Conflict):
        store.remove("hash", replace(first, revision=2))
    assert store.registration("hash") == first


def stored(store: Store, key: str = "hash") -> Registration:
    found = store.registration(key)
    assert found
    return found


def test_a_link_leads_to_a_registration_and_can_be_bound_anew(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert store.linked("link") is None
    store.link("link", "hash", first)
    assert store.linked("link") == link_to("hash", first)
    moved = replace(VEGAN_WITHOUT_NUTS, email="new@else.example")
    second = replace(stored(store), answers=moved, revision=2)
    store.change("hash", second)
    assert store.linked("link") == link_to("hash", first)
    third = replace(second, revision=3)
    store.change("hash", third, link="link")
    assert store.linked("link") == link_to("hash", third) != link_to("hash", first)
    assert stored(store).links == ("link",)
    assert stored(store) == third


def test_a_registration_goes_with_all_of_its_links(store: Store) -> None:
    store.add("other", registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    store.link("others", "other", stored(store, "other"))
    store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    for n in range(3):
        store.link(f"link{n}", "hash", stored(store))
    store.change("hash", replace(stored(store), revision=2), link="bound anew")
    store.change("hash", replace(stored(store), revision=3))
    links = ("link0", "link1", "link2", "bound anew")
    assert stored(store).links == store.registrations(["hash"])["hash"].links == links
    store.remove("hash", stored(store))
    assert [store.linked(link) for link in links] == [None] * 4
    assert store.linked("others")


def test_a_link_to_what_is_gone_or_has_changed_is_not_made(store: Store) -> None:
    first = registered(VEGAN_WITHOUT_NUTS)
    with pytest.raises(Conflict):
        store.link("link", "hash", first)
    store.add("hash", first)
    store.link("first", "hash", first)
    with pytest.raises(Conflict):
        store.link("link", "hash", first)
    store.change("hash", replace(stored(store), revision=2))
    with pytest.raises(Conflict):
        store.link("link", "hash", replace(first, links=("first",)))
    assert store.linked("link") is None
    assert stored(store).links == ("first",)


def test_who_does_not_know_of_the_newest_link_neither_changes_nor_removes(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    store.link("link", "hash", first)
    with pytest.raises(Conflict):
        store.change("hash", replace(first, revision=2), link="other")
    with pytest.raises(Conflict):
        store.remove("hash", first, blocked="mailbox")
    assert stored(store).links == ("link",)
    assert store.linked("other") is None
    assert not store.is_blocked("mailbox")


def test_of_too_many_links_the_oldest_is_forgotten_for_good(store: Store) -> None:
    store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    for n in range(LINKS_AT_MOST + 1):
        store.link(f"link{n}", "hash", stored(store))
    assert len(stored(store).links) == LINKS_AT_MOST
    assert store.linked("link0") is None
    store.change("hash", replace(stored(store), revision=2), link="new")
    assert store.linked("link1") is None
    assert store.linked("link2")
    store.remove("hash", stored(store))
    assert not any(store.linked(link) for link in ("link2", f"link{LINKS_AT_MOST}", "new"))


def test_of_a_removed_registration_the_table_keeps_nothing(repository: Repository) -> None:
    repository.add("hash", registered(VEGAN_WITHOUT_NUTS))
    for n in range(LINKS_AT_MOST):
        repository.link(f"link{n}", "hash", stored(repository))
    repository.remove("hash", stored(repository))
    assert items_in_the_table() == []


def test_a_mailbox_is_blocked_with_the_removal_until_it_is_unblocked(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    with pytest.raises(Conflict):
        store.remove("hash", replace(first, revision=2), blocked="mailbox")
    assert (store.is_blocked("mailbox"), store.blocks()) == (False, 0)
    store.remove("hash", first, blocked="mailbox")
    for code in ("WXYV", "KLMN"):
        other = store.add("other", registered(VEGAN_WITHOUT_NUTS, code))
        store.remove("other", other, blocked="mailbox" if code == "WXYV" else "another")
    assert (store.is_blocked("mailbox"), store.is_blocked("mail"), store.blocks()) == (
        True, False, 2,
    )  # fmt: skip
    assert store.unblock("mailbox", line(deed=Deed.UNBLOCKED))
    assert not store.unblock("mailbox", line(1, deed=Deed.UNBLOCKED))
    assert (store.is_blocked("mailbox"), store.blocks()) == (False, 1)
    assert list(store.accesses("", 9)) == [line(deed=Deed.UNBLOCKED)]


def test_the_receipts_of_one_registration_are_known_without_the_others(store: Store) -> None:
    key, other = "a" * 64, "b" * 64
    mails = [
        replace(MAIL, id=receipt_id(one, n), kind=Kind.RECEIPT, about=one, version=0)
        for one in (key, other)
        for n in (1, 2, 3)
    ]
    store.queue([*mails, MAIL, replace(mails[0], id="later", due=NOW + MINUTE)])
    store.record_sent(mails[0], "message-1", NOW)
    store.record_dropped(mails[3], "no longer wanted", NOW)
    store.record_event(
        MailEvent(mails[0].id, Kind.RECEIPT, Happening.DELIVERY, NOW + MINUTE, MAIL.recipient)
    )
    (record,) = store.receipts(key)
    assert (record.id, record.state, record.left_at) == (mails[0].id, "delivered", NOW)
    assert store.receipts("c" * 64) == []
    assert [mail.id for mail in store.waiting_receipts(key)] == [mails[1].id, mails[2].id, "later"]
    assert store.waiting_receipts(other) == mails[4:]


def test_the_lines_of_the_log_about_one_plate_code_come_oldest_first(store: Store) -> None:
    about = ["CDFH", "WXYV", "WXYV, CDFH", "WXYV: dubblett av CDFH", "CDFHJ", "CDFH: sjuk", ""]
    for n, text in enumerate(about):
        store.record_access(line(n, about=text))
    found = store.accesses_about("CDFH", NOW)
    assert [access.about for access in found] == ["CDFH", "WXYV, CDFH", "CDFH: sjuk"]
    assert store.accesses_about("CDFH", NOW + MINUTE) == found[1:]
    assert store.accesses_about("KLMN", NOW) == []


def test_a_registration_that_comes_and_goes_is_never_said_to_be_stored(
    repository: Repository, event: Event
) -> None:
    """Somebody has it when the write is refused, and nobody when it is looked for."""
    repository.add("hash", registered(VEGAN_WITHOUT_NUTS))
    client = boto3.client("dynamodb")
    client.meta.events.register(
        "before-call.dynamodb.GetItem",
        lambda **_: repository.remove("hash", registered(VEGAN_WITHOUT_NUTS)),
    )
    with pytest.raises(Conflict):
        Repository(client, local_aws.TABLE, event).add("hash", registered(VEGAN_WITHOUT_NUTS))


def test_the_same_mail_queued_again_is_one_mail_and_refuses_nothing(store: Store) -> None:
    first = store.add("hash", registered(VEGAN_WITHOUT_NUTS), [MAIL])
    store.remove("hash", first)
    assert store.add("hash", first, [MAIL]) == first
    assert store.registration("hash") == first
    assert store.due_mails(NOW) == [MAIL]


def test_a_lease_whose_answer_was_lost_is_still_the_senders(
    repository: Repository, event: Event
) -> None:
    issue(repository, MAIL)
    taken = leased(MAIL, NOW, "me")
    repository.lease(taken)
    repository.lease(taken)  # as the client does after a time-out
    with pytest.raises(Conflict):
        repository.lease(leased(MAIL, NOW, "somebody else"))


def test_out_of_time_no_call_is_made(aws: None, event: Event) -> None:
    client, calls = boto3.client("dynamodb"), []
    client.meta.events.register("before-call.dynamodb.*", lambda **_: calls.append(1))
    late = Repository(client, local_aws.TABLE, event, out_of_time=lambda: True)
    for call in (late.control, lambda: late.add("h", registered(VEGAN_WITHOUT_NUTS))):
        with pytest.raises(StoreUnavailable):
            call()
    assert calls == []


def test_counters_of_receipts_expire_by_themselves(repository: Repository) -> None:
    repository.count_receipt("address", date(2027, 5, 20))
    items = items_in_the_table()
    expiries = {item["expires_at"]["N"] for item in items}
    assert expiries == {str(int(datetime(2027, 5, 22, tzinfo=UTC).timestamp()))}


def test_the_pause_is_random_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("chalicelib.repository.sleep", slept.append)
    for _ in range(50):
        short_random_pause(1)
        short_random_pause(4)
    assert len(set(slept)) > 90
    assert max(slept[::2]) <= 0.1 < max(slept[1::2]) <= 0.8


def test_an_address_gets_so_many_receipts_a_day_and_no_more(store: Store) -> None:
    today, tomorrow = date(2027, 5, 20), date(2027, 5, 21)
    counted = [store.count_receipt("address", today) for _ in range(7)]
    assert counted == [None] * RECEIPTS_PER_ADDRESS_A_DAY + [Cap.MAILBOX] * 2
    assert store.count_receipt("other", today) is None
    assert store.count_receipt("address", tomorrow) is None


def test_all_addresses_together_get_so_many_receipts_a_day(store: Store) -> None:
    day = date(2027, 5, 20)
    counted = [store.count_receipt(f"address {n}", day) for n in range(RECEIPTS_A_DAY + 2)]
    assert counted == [None] * RECEIPTS_A_DAY + [Cap.ALL] * 2


def test_twenty_receipts_that_come_back_use_up_the_days(store: Store) -> None:
    day, next_day = date(2027, 5, 20), date(2027, 5, 21)
    for _ in range(19):
        store.count_bounce(day)
    assert store.count_receipt("address", day) is None
    for _ in range(3):
        store.count_bounce(day)
    assert store.count_receipt("address", day) is Cap.ALL
    assert store.count_receipt("address", next_day) is None


def test_every_order_is_read_and_nothing_else(store: Store) -> None:
    for n in range(5):
        store.add(f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"CDF{n}"))
    issue(store, MAIL)
    codes = sorted(order.partition("|")[0] for order in store.encoded_orders())
    assert codes == ["CDF0", "CDF1", "CDF2", "CDF3", "CDF4"]


def test_a_control_is_issued_with_its_mails(store: Store) -> None:
    store.issue(replace(store.control(), state=State.SUMMARISED, version=1), [MAIL])
    assert store.due_mails(NOW) == [MAIL]
    assert store.control().state is State.SUMMARISED


def test_what_is_issued_of_a_control_that_has_changed_leaves_no_trace(store: Store) -> None:
    read = store.control()
    store.save_control(read)
    with pytest.raises(Conflict):
        store.issue(replace(read, version=1), [MAIL])
    assert store.due_mails(NOW) == []


def test_a_tally_comes_back_as_it_was_kept_and_can_be_kept_again(store: Store) -> None:
    counted = tally(["CDFH|lunch|vegan|||"], taken_at=NOW)
    for _ in range(2):
        store.save_tally(counted)
    assert store.tally(counted.key) == counted
    with pytest.raises(LookupError):
        store.tally(tally([], taken_at=NOW).key)


def test_a_tally_larger_than_any_item_may_be_is_kept(repository: Repository) -> None:
    random = Random(5)
    orders = (f"C{n}|lunch|{random.getrandbits(256):x}|||" for n in range(15_000))
    counted = tally(orders, taken_at=NOW)
    repository.save_tally(counted)
    assert repository.tally(counted.key) == counted
    pieces = [item for item in items_in_the_table() if item["sk"]["S"].startswith("TALLY#")]
    assert len(pieces) > 1
    assert all(len(piece["tally"]["S"]) < 400_000 for piece in pieces)


def test_a_write_that_came_late_is_told_to_the_control_in_the_same_write(store: Store) -> None:
    store.save_control(Control(State.SUMMARISED, snapshot=Snapshot("f00d", 0, NOW)))
    registration = registered(VEGAN_WITHOUT_NUTS)
    writes: list[Callable[[datetime], object]] = [
        lambda at: store.add("hash", registration, [], at),
        lambda at: store.change("hash", replace(registration, revision=2), [], at),
        lambda at: store.remove("hash", replace(registration, revision=2), at),
    ]
    for number, write in enumerate(writes, 1):
        before = store.control()
        write(NOW + number * MINUTE)
        assert store.control().changed_at == NOW + number * MINUTE
        with pytest.raises(Conflict):
            store.save_control(replace(before, version=7))
    assert store.control().state is State.SUMMARISED


def test_a_late_write_that_is_refused_tells_the_control_nothing(store: Store) -> None:
    store.save_control(Control(State.SUMMARISED, snapshot=Snapshot("f00d", 0, NOW)))
    store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    before = store.control()
    store.add("hash", registered(VEGAN_WITHOUT_NUTS), [], NOW)
    with pytest.raises(Conflict):
        store.change("hash", replace(registered(VEGAN_WITHOUT_NUTS), revision=5), [], NOW)
    with pytest.raises(Conflict):
        store.remove("hash", replace(registered(VEGAN_WITHOUT_NUTS), revision=5), NOW)
    assert store.control() == before


def told(happening: Happening, minutes: int = 1, kind: Kind = Kind.SUMMARY) -> MailEvent:
    at = NOW + minutes * MINUTE
    return MailEvent("summary-1-1", kind, happening, at, MAIL.recipient, "message-1")


SENT = MailRecord(
    "summary-1-1", Kind.SUMMARY, MAIL.recipient, version=1, message_id="message-1", sent_at=NOW
)


def test_what_is_told_of_a_mail_is_kept_in_any_order_once(store: Store) -> None:
    happenings = (Happening.SEND, Happening.DELAY, Happening.DELIVERY)
    whole = replace(SENT, events={one: NOW + n * MINUTE for n, one in enumerate(happenings)})
    for order in permutations(range(4)):
        mail = replace(MAIL, id="-".join(["summary", *map(str, order)]))
        for step in [*order, *order]:
            if step == 3:
                store.record_sent(mail, "message-1", NOW)
            else:
                event = replace(told(happenings[step], step), mail_id=mail.id)
                store.record_event(event)
        assert store.mail_record(Kind.SUMMARY, mail.id) == replace(whole, id=mail.id)


def test_of_the_same_thing_told_twice_the_first_is_kept(store: Store) -> None:
    store.record_event(told(Happening.BOUNCE, 1))
    known = store.record_event(told(Happening.BOUNCE, 2))
    assert known.events == {Happening.BOUNCE: NOW + MINUTE}
    assert known == store.mail_record(Kind.SUMMARY, "summary-1-1")


def test_how_a_mail_ended_is_known(store: Store) -> None:
    for number, record in enumerate((store.record_failed, store.record_dropped)):
        record(replace(MAIL, id=f"summary-1-{number}"), "bad_request", NOW)
    failed, dropped = store.contact_mails()
    assert (failed.failed_at, failed.reason, failed.state) == (NOW, "bad_request", "failed")
    assert (dropped.dropped_at, dropped.reason, dropped.state) == (NOW, "bad_request", "dropped")


def test_the_contact_persons_mails_are_known_without_the_others(store: Store) -> None:
    store.record_sent(MAIL, "message-1", NOW)
    for kind in (Kind.RECEIPT, Kind.ALARM, Kind.TEST):
        other = replace(MAIL, id=f"{kind}-1", kind=kind, version=0)
        store.record_sent(other, "message-2", NOW)
        assert store.mail_record(kind, other.id)
    assert store.contact_mails() == [SENT]
    assert store.mail_record(Kind.SUMMARY, "summary-9-9") is None


def test_an_attendees_address_is_not_kept_with_the_record(store: Store) -> None:
    receipt = replace(MAIL, id="receipt-1", kind=Kind.RECEIPT)
    store.record_sent(receipt, "message-1", NOW)
    store.record_event(replace(told(Happening.BOUNCE, kind=Kind.RECEIPT), mail_id="receipt-1"))
    record = store.mail_record(Kind.RECEIPT, "receipt-1")
    assert record
    assert record.recipient == ""


def test_the_same_alarm_is_raised_once_with_its_mail(store: Store) -> None:
    alarm = Alarm("summary-1-1-bounced", Fault.BOUNCED, Kind.SUMMARY, 1, NOW, going_on=False)
    letter = replace(MAIL, id="alarm-1", kind=Kind.ALARM)
    store.raise_alarm(alarm, [letter])
    store.raise_alarm(replace(alarm, at=NOW + MINUTE), [replace(letter, id="again")])
    assert store.due_mails(NOW) == [letter]
    assert store.alarm(alarm.id) == alarm
    with pytest.raises(LookupError):
        store.alarm("another")


def test_only_mails_that_are_due_come_and_the_longest_waiting_first(store: Store) -> None:
    later, first = (
        replace(MAIL, id="b", due=NOW + MINUTE),
        replace(MAIL, id="c", due=NOW - MINUTE),
    )
    issue(store, MAIL, later, first)
    assert store.due_mails(NOW) == [first, MAIL]
    assert store.due_mails(NOW + MINUTE) == [first, MAIL, later]


def test_of_receipts_only_the_longest_waiting_are_read_and_after_all_others(
    store: Store, event: Event
) -> None:
    receipts = [
        replace(MAIL, id=f"receipt-{n}", kind=Kind.RECEIPT, due=NOW - (500 - n) * MINUTE)
        for n in range(RECEIPTS_AT_A_TIME + 5)
    ]
    queue_many(receipts, store, event)
    issue(store, MAIL, replace(MAIL, id="later", due=NOW + MINUTE))
    assert store.due_mails(NOW) == [MAIL, *receipts[:RECEIPTS_AT_A_TIME]]
    assert store.due_mails(receipts[1].due) == receipts[:2]


def test_of_two_who_take_the_same_mail_one_loses(store: Store) -> None:
    issue(store, MAIL)
    store.lease(leased(MAIL, NOW, "me"))
    with pytest.raises(Conflict):
        store.lease(leased(MAIL, NOW, "you"))
    assert store.due_mails(NOW) == [leased(MAIL, NOW, "me")]


@pytest.mark.parametrize("end", ["record_sent", "record_failed", "record_dropped"])
def test_a_mail_that_is_done_leaves_the_outbox_and_cannot_be_taken(store: Store, end: str) -> None:
    issue(store, MAIL)
    taken = leased(MAIL, NOW, "me")
    store.lease(taken)
    getattr(store, end)(taken, "message-1", NOW)
    assert store.due_mails(NOW + timedelta(days=1)) == []
    with pytest.raises(Conflict):
        store.lease(leased(taken, NOW, "me"))


def test_a_postponed_mail_comes_back_when_it_is_due(store: Store) -> None:
    issue(store, MAIL)
    taken = leased(MAIL, NOW, "me")
    store.lease(taken)
    again = postponed(taken, NOW)
    store.postpone(taken, again)
    assert store.due_mails(NOW) == []
    assert store.due_mails(again.due) == [again]


def test_ten_threads_with_the_same_submission_make_one_item(repository: Repository) -> None:
    with ThreadPoolExecutor(10) as pool:
        written = list(
            pool.map(lambda _: repository.add("h", registered(VEGAN_WITHOUT_NUTS)), range(10))
        )
    assert set(written) == {registered(VEGAN_WITHOUT_NUTS)}
    assert len(list(repository.encoded_orders())) == 1


def test_all_pages_of_the_table_are_read(repository: Repository, event: Event) -> None:
    for n in range(30):
        repository.add(f"{n:064}", registered(VEGAN_WITHOUT_NUTS, f"C{n}"))
    client, pages = boto3.client("dynamodb"), []

    def seven_items_a_page(params: dict[str, object], **_: object) -> dict[str, object]:
        pages.append(params)
        return {**params, "Limit": 7}

    client.meta.events.register("provide-client-params.dynamodb.Query", seven_items_a_page)
    orders = list(Repository(client, local_aws.TABLE, event).encoded_orders())
    assert len(set(orders)) == len(orders) == 30
    assert len(pages) == 5


def test_what_a_tick_must_know_is_the_control_and_what_is_due(store: Store) -> None:
    assert store.standing(NOW) == Standing(Control(), [])
    store.ask_for_link(replace(MAIL, id="desk", kind=Kind.DESK), wanted=False)
    store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    later = replace(MAIL, id="later", due=NOW + MINUTE)
    issue(store, MAIL, later)
    assert store.standing(NOW) == Standing(store.control(), [MAIL])
    assert store.standing(NOW + MINUTE) == Standing(store.control(), [MAIL, later])
    assert store.control().version == 1


def test_a_mail_that_cannot_be_read_holds_up_neither_the_closing_nor_the_deletion(
    repository: Repository, event: Event
) -> None:
    repository.add("hash", registered(VEGAN_WITHOUT_NUTS))
    item = {
        "pk": {"S": event.id}, "sk": {"S": "DELIVERY#1#2027-05-01"}, "kind": {"S": "of the future"},
    }  # fmt: skip
    boto3.client("dynamodb").put_item(TableName=local_aws.TABLE, Item=item)
    assert repository.standing(NOW) == Standing(Control(), None)

    def look(now: datetime) -> None:
        parts: Any = {"event": event, "store": repository, "mailer": RecordingMailer()}
        tend(now, **parts, new_token=lambda: "token")

    for minutes in (5, 7):
        with pytest.raises(CountFailed):  # the mails' part, which tells somebody
            look(event.closes_at + minutes * MINUTE)
    look(event.deletes_at + 60 * MINUTE)
    control = repository.control()
    assert (control.state, control.version) == (State.SUMMARISED, 1)
    assert control.deletion
    assert control.deletion.ended_at


def test_events_in_one_table_do_not_see_each_other(repository: Repository, event: Event) -> None:
    other = Repository(
        boto3.client("dynamodb"), local_aws.TABLE, replace(event, id=event.id + "-2")
    )
    repository.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert other.registration("hash") is None
    assert list(other.encoded_orders()) == []


def test_the_table_holds_only_the_hash_of_the_token(repository: Repository, event: Event) -> None:
    from chalicelib import services

    receipt = services.register(
        VEGAN_WITHOUT_NUTS,
        "nonce",
        now=NOW,
        event=event,
        store=repository,
        visitor=services.Visitor("https://dukat.example", "sv"),
    )
    dump = str(items_in_the_table())
    assert receipt.registration.plate_code in dump
    assert receipt.token not in dump
    assert "'nonce'" not in dump


def test_a_fault_of_the_table_says_its_kind_and_nothing_that_was_written(
    aws: None, event: Event
) -> None:
    missing = Repository(boto3.client("dynamodb"), "no-such-table", event)
    with pytest.raises(StoreUnavailable) as fault:
        missing.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert "ResourceNotFound" in str(fault.value)
    assert "Åsa" not in str(fault.value)
    assert fault.value.__cause__ is None


def test_every_read_is_strongly_consistent(repository: Repository, event: Event) -> None:
    client, asked = boto3.client("dynamodb"), []
    client.meta.events.register(
        "provide-client-params.dynamodb.*", lambda params, **_: asked.append(params)
    )
    watched = Repository(client, local_aws.TABLE, event)
    watched.control()
    watched.registration("hash")
    list(watched.encoded_orders())
    list(watched.arrivals())
    watched.kept_count()
    list(watched.entries("newest"))
    watched.due_mails(NOW)
    assert [params["ConsistentRead"] for params in asked] == [True] * 7


def colliding(event: Event, times: int, *codes: str) -> tuple[Repository, list[int]]:
    """A repository whose first transactions meet another's; moto has no conflicts to ask for."""
    client, left = boto3.client("dynamodb"), [times]
    pauses: list[int] = []

    def collide(**_: object) -> tuple[object, dict[str, object]] | None:
        if not left[0]:
            return None
        left[0] -= 1
        return type("Answer", (), {"status_code": 400})(), {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "CancellationReasons": [{"Code": code} for code in codes],
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", collide)
    return Repository(client, local_aws.TABLE, event, pauses.append), pauses


@pytest.mark.parametrize("other", ["None", "ConditionalCheckFailed"])
def test_who_meets_another_write_pauses_and_tries_again(
    aws: None, event: Event, other: str
) -> None:
    store, pauses = colliding(event, 2, "TransactionConflict", other)
    written = registered(VEGAN_WITHOUT_NUTS)
    assert store.add("hash", written) == written
    assert store.registration("hash") == written
    assert pauses == [1, 2]


def test_who_always_meets_another_write_gives_up(aws: None, event: Event) -> None:
    store, pauses = colliding(event, 100, "TransactionConflict", "None")
    with pytest.raises(StoreUnavailable):
        store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert len(pauses) == 4


def test_a_throttled_write_is_no_refused_condition(aws: None, event: Event) -> None:
    store, _ = colliding(event, 1, "ConditionalCheckFailed", "ThrottlingError")
    with pytest.raises(StoreUnavailable):
        store.add("hash", registered(VEGAN_WITHOUT_NUTS))


# The desk


def line(minutes: int = 0, id_: str = "a", deed: Deed = Deed.SAW_LIST, about: str = "") -> Access:
    return Access(NOW + minutes * MINUTE, "a@boras.example", deed, about, id_)


@pytest.mark.parametrize("admitted", [link_pass("a@b.example", NOW), session_pass("å@b.se", NOW)])
def test_a_pass_comes_back_until_it_is_removed(store: Store, admitted: Pass) -> None:
    assert store.find_pass("hash") is None
    store.save_pass("hash", admitted)
    store.save_pass("other", replace(admitted, contact="b@b.example"))
    assert store.find_pass("hash") == admitted
    store.remove_pass("hash")
    store.remove_pass("hash")
    assert store.find_pass("hash") is None
    assert store.find_pass("other")


def test_a_pass_is_forgotten_by_the_table_only_after_it_has_expired(repository: Repository) -> None:
    admitted = session_pass("a@b.example", NOW + timedelta(microseconds=7))
    repository.save_pass("hash", admitted)
    (item,) = items_in_the_table()
    expires = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC)
    assert admitted.expires_at - timedelta(seconds=1) < expires <= admitted.expires_at


def test_links_are_counted_by_address_and_hour(store: Store) -> None:
    def count(address: str, minutes: int) -> bool:
        return store.count_link(address, NOW + minutes * MINUTE)

    assert [count("address", n) for n in range(7)] == [True] * LINKS_AN_HOUR + [False] * 2
    assert count("other", 0)
    assert not count("address", 59)
    assert count("address", 60)
    assert store.count_receipt("address", NOW.date()) is None, "a link is no receipt"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_link_that_was_asked_for_is_in_the_outbox_if_it_is_wanted(
    store: Store, *, wanted: bool
) -> None:
    asked = replace(MAIL, id="desk-1", kind=Kind.DESK, version=0)
    for _ in range(2):
        store.ask_for_link(asked, wanted=wanted)
    assert store.due_mails(NOW) == [asked] * wanted
    assert store.find_pass("nobody") is None


def calls_of(client: Any) -> list[tuple[str, dict[str, Any]]]:
    calls: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        calls.append((model.name, params))

    client.meta.events.register("provide-client-params.dynamodb.*", note)
    return calls


def size(value: Any) -> int:
    """How much an item or a part of it holds."""
    if isinstance(value, dict):
        return sum(len(name) + size(part) for name, part in value.items())
    return len(value) if isinstance(value, str) else 1


def test_asking_for_a_link_is_the_same_call_whether_it_is_wanted_or_not(
    aws: None, event: Event
) -> None:
    client = boto3.client("dynamodb")
    calls, store = calls_of(client), Repository(client, local_aws.TABLE, event)
    asked = replace(MAIL, id="desk-" + 20 * "0", kind=Kind.DESK)
    for wanted in (True, False):
        store.ask_for_link(asked, wanted=wanted)
    (first, one), (second, other) = calls
    assert first == second == "PutItem"
    assert one.keys() == other.keys()
    assert one["Item"].keys() == other["Item"].keys()
    assert abs(size(one["Item"]) - size(other["Item"])) < 100
    assert "a@boras.example" not in str(other)


def test_of_who_asks_in_vain_the_table_keeps_one_item_without_an_address(
    repository: Repository,
) -> None:
    for n in range(5):
        asked = replace(MAIL, id=f"desk-{n}", kind=Kind.DESK, recipient=f"p{n}@else.example")
        repository.ask_for_link(asked, wanted=False)
    (item,) = items_in_the_table()
    assert "else.example" not in str(item)


def test_the_log_comes_newest_first_a_page_at_a_time(store: Store) -> None:
    lines = [line(n // 2, "ab"[n % 2], about=f"{n}") for n in range(7)]
    for one in (lines[3], lines[0], lines[6], *lines):
        store.record_access(one)
    newest_first = lines[::-1]
    assert list(store.accesses("", 100)) == newest_first
    pages, before = [], ""
    while page := list(store.accesses(before, 3)):
        pages.append(page)
        before = page[-1].key
    assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]


@pytest.mark.parametrize("deed", Deed)
def test_a_line_comes_back_as_it_was_written(store: Store, deed: Deed) -> None:
    written = replace(line(deed=deed, about="CDFH: för sjuk"), at=NOW + timedelta(microseconds=1))
    store.record_access(written)
    assert list(store.accesses("", 9)) == [written]


@pytest.mark.parametrize("before", ["2", "0", "~", "CONTROL", "é"])
def test_the_log_from_before_what_is_no_line_is_a_part_of_it(store: Store, before: str) -> None:
    store.record_access(line())
    store.save_control(Control())
    assert list(store.accesses(before, 9)) in ([], [line()])


def test_entries_say_what_the_list_needs_of_everybody(store: Store) -> None:
    answers = [
        VEGAN_WITHOUT_NUTS,
        Answers("محمد 👩‍🍳", ("fika",), note="MARKNOTE"),
        Answers("Bo", ("lunch",), organisation="Å, Ä & Ö", allergens=("eggs",)),
    ]
    wanted = []
    for n, one in enumerate(answers):
        held = replace(registered(one, f"CDF{n}"), registered_at=NOW + n * MINUTE)
        store.add(f"hash{n}", held)
        order = held.order.encode()
        at = NOW + n * MINUTE
        wanted.append(Entry(f"hash{n}", one.name, one.organisation, one.email, order, at, 1))
    found = sorted(store.entries(), key=lambda entry: entry.key)
    assert found == wanted
    assert "MARKNOTE" not in str(found)


NAMES = ["Åsa Ö", "asa o", "Asa-O", "Bo", "Bo Ek", "Zeb", "Öst", "…", "محمد", "Æbe", "\ufdfa" * 100]


def crowd(store: Store) -> list[Entry]:
    """People with the names, organisations, codes and times of whom one would confuse."""
    random = Random(9)
    times = [NOW + n * MINUTE for n in range(40)]
    for n in range(40):
        answers = replace(
            VEGAN_WITHOUT_NUTS,
            name=random.choice(NAMES),
            organisation=random.choice(["", "Park", "park", "Å", "Ö"]),
        )
        code = "".join(random.sample("CDFHJKMN", 4)) + f"{n}"
        held = replace(registered(answers, code), registered_at=random.choice(times))
        store.add(f"{n:064x}", held)
        store.link(f"link-{n}", f"{n:064x}", held)
    return list(store.entries())


@pytest.mark.parametrize("sort", SORTS)
def test_entries_come_in_the_order_that_was_asked_for(store: Store, sort: str) -> None:
    people = crowd(store)
    assert len(people) == 40
    assert list(store.entries(sort)) == in_order(people[::-1], sort)


@pytest.mark.parametrize("sort", SORTS)
def test_entries_go_on_after_any_of_them(store: Store, sort: str) -> None:
    crowd(store)
    whole = list(store.entries(sort))
    for number in (0, 7, 38, 39):
        after = whole[number].place
        assert list(store.entries(sort, after)) == whole[number + 1 :]
        assert list(store.entries(sort, after, 3)) == whole[number + 1 : number + 4]


def test_entries_do_not_go_on_after_somebody_who_is_gone(store: Store) -> None:
    crowd(store)
    key = f"{7:064x}"
    gone = store.registration(key)
    assert gone
    store.remove(key, gone)
    for after in (f"{key}.1", "f" * 64 + ".1", "f" * 64, f"{8:064x}.2"):
        with pytest.raises(LookupError):
            store.entries("name", after)
    assert key not in {entry.key for sort in SORTS for entry in store.entries(sort)}


def test_who_is_corrected_is_where_the_new_answers_belong(store: Store) -> None:
    crowd(store)
    key = f"{7:064x}"
    before = store.registration(key)
    assert before
    answers = replace(before.answers, name="!", organisation="!")
    store.change(key, replace(before, answers=answers, revision=2, links=before.links))
    for sort in ("name", "organisation", "person"):
        people = list(store.entries(sort))
        assert len(people) == 40
        assert people == in_order(people, sort)
    assert next(store.entries("name")).place == f"{key}.2"
    for sort in SORTS:  # a page that ended with the one before doesn't go on from elsewhere
        with pytest.raises(LookupError):
            store.entries(sort, f"{key}.1")


@pytest.mark.parametrize(
    ("since", "until"), [(0, 39), (10, 20), (10, 10), (39, 0), (None, 10), (10, None), (50, None)]
)
def test_the_newest_are_found_by_the_minutes_they_came_between(
    store: Store, since: int | None, until: int | None
) -> None:
    people = crowd(store)
    times = (
        None if since is None else NOW + since * MINUTE,
        None if until is None else NOW + until * MINUTE,
    )
    found = list(store.newest(*times))
    wanted = choose(in_order(people, "newest"), Choice(since=times[0], until=times[1]))
    assert found == wanted
    if wanted:
        assert list(store.newest(*times, wanted[0].place, 2)) == wanted[1:3]
    with pytest.raises(LookupError):
        store.newest(NOW + timedelta(days=9), None, people[0].place)


@pytest.mark.parametrize("year", [1, 999, 9999])
def test_times_as_far_away_as_can_be_are_times(store: Store, year: int) -> None:
    people, far = crowd(store), datetime.max.replace(year=year, tzinfo=ZoneInfo("Europe/Stockholm"))
    assert len(list(store.newest(far, None))) == (0 if year == 9999 else len(people))
    assert len(list(store.newest(None, far))) == (len(people) if year == 9999 else 0)


def test_of_entries_no_more_are_read_than_were_asked_for(
    repository: Repository, event: Event
) -> None:
    crowd(repository)
    client = boto3.client("dynamodb")
    calls = calls_of(client)
    read: list[int] = []
    client.meta.events.register(
        "after-call.dynamodb.Query", lambda parsed, **_: read.append(len(parsed["Items"]))
    )
    watched = Repository(client, local_aws.TABLE, event)
    assert len(list(watched.entries("code", at_most=7))) == 7
    assert len(list(watched.arrivals(7))) == 7
    assert [name for name, _ in calls] == ["Query", "Query"]
    assert read == [7, 7]


def test_entries_are_read_to_the_last_page_and_strongly_consistent(
    repository: Repository, event: Event
) -> None:
    for n in range(12):
        repository.add(f"{n:064}", registered(VEGAN_WITHOUT_NUTS, f"C{n}"))
    client = boto3.client("dynamodb")
    client.meta.events.register(
        "provide-client-params.dynamodb.Query", lambda params, **_: {**params, "Limit": 5}
    )
    calls = calls_of(client)
    entries = list(Repository(client, local_aws.TABLE, event).entries())
    assert len({entry.key for entry in entries}) == len(entries) == 12
    assert [params["ConsistentRead"] for _, params in calls] == [True] * 3


def test_arrivals_are_everybodys_order_and_when_they_came(store: Store) -> None:
    crowd(store)
    held = [store.registration(entry.key) for entry in store.entries()]
    wanted = sorted((one.order.encode(), instant(one.registered_at)) for one in held if one)
    assert sorted(store.arrivals()) == wanted
    assert len(list(store.arrivals(12))) == 12


def count_of(*codes: str, at: datetime = NOW) -> Count:
    orders = [registered(VEGAN_WITHOUT_NUTS, code).order.encode() for code in codes]
    return count(((order, instant(at)) for order in orders), ZoneInfo("UTC"), taken_at=at)


def test_the_count_that_is_kept_is_the_last_one(store: Store) -> None:
    assert store.kept_count() is None
    for made in (count_of("C1"), count_of("C1"), count_of("C1", "C2", at=NOW + MINUTE)):
        store.keep_count(made)
        assert store.kept_count() == made


def test_a_count_is_wanted_from_when_somebody_asks_until_one_of_later_is_kept(store: Store) -> None:
    assert not store.standing(NOW).is_count_wanted
    store.want_count(NOW)
    assert store.standing(NOW).is_count_wanted
    assert store.kept_count() is None
    store.keep_count(count_of("C1", at=NOW - MINUTE))
    assert store.standing(NOW).is_count_wanted
    store.keep_count(count_of("C1", at=NOW))
    assert not store.standing(NOW).is_count_wanted
    store.want_count(NOW + MINUTE)
    assert store.standing(NOW).is_count_wanted
    assert store.kept_count() == count_of("C1", at=NOW)


def test_whether_a_count_is_wanted_a_tick_reads_with_the_control_and_what_is_due(
    repository: Repository, event: Event
) -> None:
    repository.save_control(Control())
    repository.want_count(NOW)
    repository.queue([MAIL])
    client = boto3.client("dynamodb")
    calls = calls_of(client)
    standing = Repository(client, local_aws.TABLE, event).standing(NOW)
    assert standing == Standing(Control(revision=1), [MAIL], is_count_wanted=True)
    assert len(calls) == 1


def test_of_a_count_that_another_replaces_nothing_stays(repository: Repository) -> None:
    kept = [count_of("C1"), count_of("C1", "C2", at=NOW + MINUTE)]
    told = kept[0].tally
    repository.save_tally(told)
    for made in kept:
        repository.keep_count(made)
    keys = sorted(item["sk"]["S"] for item in items_in_the_table())
    assert keys == [
        "COUNT", f"TALLY#{told.key}#0000", f"TALLY#desk#{kept[1].tally.key}#0000",
    ]  # fmt: skip
    assert repository.tally(told.key) == told


def test_of_two_counts_at_once_the_later_one_is_kept_whoever_comes_last(store: Store) -> None:
    early, late = count_of("C1"), count_of("C1", "C2", at=NOW + MINUTE)
    for made in (late, early):
        store.keep_count(made)
        assert store.kept_count() == late
    store.want_count(NOW + MINUTE)
    assert not store.standing(NOW).is_count_wanted


def pieces_of_counts() -> list[str]:
    keys = [item["sk"]["S"] for item in items_in_the_table()]
    return [key for key in keys if key.startswith("TALLY#desk#")]


def test_what_a_killed_count_left_goes_with_the_next(repository: Repository, event: Event) -> None:
    client = boto3.client("dynamodb")
    killed = Repository(client, local_aws.TABLE, event)

    def kill(**_: object) -> None:
        raise KeyboardInterrupt

    client.meta.events.register("before-call.dynamodb.UpdateItem", kill)
    with pytest.raises(KeyboardInterrupt):
        killed.keep_count(count_of("C1"))
    assert repository.kept_count() is None
    assert len(pieces_of_counts()) == 1
    made = count_of("C1", "C2", at=NOW + MINUTE)
    repository.keep_count(made)
    assert repository.kept_count() == made
    assert len(pieces_of_counts()) == 1


def test_a_large_count_comes_back_whole(repository: Repository, event: Event) -> None:
    random = Random(9)
    arrivals = [
        (f"C|{random.randbytes(40).hex()}||||", instant(NOW + n * MINUTE)) for n in range(20_000)
    ]
    made = count(arrivals, ZoneInfo("Europe/Stockholm"), taken_at=NOW)
    repository.keep_count(made)
    assert repository.kept_count() == made
    some = pieces_of_counts()
    assert len(some) > 1
    key = {"pk": {"S": event.id}, "sk": {"S": some[0]}}
    boto3.client("dynamodb").delete_item(TableName=local_aws.TABLE, Key=key)
    assert repository.kept_count() is None, "another is just taking its place"
    repository.keep_count(count_of("C1", at=NOW + MINUTE))
    assert len(items_in_the_table()) == 2


def test_more_registrations_than_one_call_takes_are_read(store: Store) -> None:
    held = {f"hash{n}": registered(VEGAN_WITHOUT_NUTS, f"C{n}") for n in range(205)}
    for key, one in held.items():
        store.add(key, one)
    assert store.registrations([*held, "unknown"]) == held
    assert store.registrations([]) == {}
    assert store.registrations(["unknown"]) == {}


def test_a_registration_that_is_asked_for_twice_comes_once(store: Store) -> None:
    held = store.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert store.registrations(["hash", "hash"]) == {"hash": held}


def test_what_a_batch_leaves_out_is_asked_for_again(repository: Repository, event: Event) -> None:
    """DynamoDB answers with as many as it has capacity for."""
    for n in range(5):
        repository.add(f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"C{n}"))
    client = boto3.client("dynamodb")

    def only_two(parsed: dict[str, Any], **_: object) -> None:
        answered = parsed["Responses"][local_aws.TABLE]
        left = [{name: item[name] for name in ("pk", "sk")} for item in answered[2:]]
        del answered[2:]
        if left:
            parsed["UnprocessedKeys"] = {local_aws.TABLE: {"Keys": left, "ConsistentRead": True}}

    calls = calls_of(client)
    client.meta.events.register("after-call.dynamodb.BatchGetItem", only_two)
    found = Repository(client, local_aws.TABLE, event).registrations([f"hash{n}" for n in range(5)])
    assert len(found) == 5
    requests = [params["RequestItems"][local_aws.TABLE] for _, params in calls]
    assert [len(request["Keys"]) for request in requests] == [5, 3, 1]
    assert all(request["ConsistentRead"] for request in requests)


FIRST = registered(VEGAN_WITHOUT_NUTS)
SECOND = replace(FIRST, revision=2)
WRITES: dict[str, Callable[[Store, Access], object]] = {
    "add": lambda store, access: store.add("new", registered(VEGAN_WITHOUT_NUTS, "WXYV"),
                                           [], None, access),
    "change": lambda store, access: store.change("hash", SECOND, [], None, access),
    "remove": lambda store, access: store.remove("hash", FIRST, None, access),
}  # fmt: skip
REFUSED: dict[str, Callable[[Store, Access], object]] = {
    "taken code": lambda store, access: store.add("new", FIRST, [], None, access),
    "stale change": lambda store, access: store.change("hash", FIRST, [], None, access),
    "stale remove": lambda store, access: store.remove("hash", SECOND, None, access),
    "gone": lambda store, access: store.remove("unknown", FIRST, None, access),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_has_its_line_of_the_log(store: Store, name: str) -> None:
    store.add("hash", FIRST)
    WRITES[name](store, line())
    assert list(store.accesses("", 9)) == [line()]


@pytest.mark.parametrize("name", REFUSED)
def test_a_write_that_is_refused_has_no_line_of_the_log(store: Store, name: str) -> None:
    store.add("hash", FIRST)
    with pytest.raises((Conflict, PlateCodeTaken)):
        REFUSED[name](store, line())
    assert list(store.accesses("", 9)) == []


def test_what_was_there_before_has_no_second_line_of_the_log(store: Store) -> None:
    for minutes in range(3):
        store.add("hash", FIRST, [], None, line(minutes))
    assert list(store.accesses("", 9)) == [line()]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_and_its_line_are_one_call(repository: Repository, event: Event, name: str) -> None:
    repository.add("hash", FIRST)
    client = boto3.client("dynamodb")
    calls = calls_of(client)
    WRITES[name](Repository(client, local_aws.TABLE, event), line())
    assert [name for name, _ in calls] == ["TransactWriteItems"]


def test_a_double_goes_only_while_the_one_it_is_beside_is_there(store: Store) -> None:
    store.add("one", FIRST)
    other = store.add("two", registered(VEGAN_WITHOUT_NUTS, "WXYV"))
    store.remove("one", FIRST, beside="two")
    with pytest.raises(Conflict):
        store.remove("two", other, None, line(), beside="one")
    assert store.registration("two") == other
    assert list(store.accesses("", 9)) == []


def test_the_site_is_what_was_said_last(store: Store) -> None:
    assert store.site() == ""
    for address in ("https://old.example/api", "https://kost.boras.example"):
        store.save_site(address)
        assert store.site() == address


def test_nothing_of_the_desk_is_taken_for_anything_else(store: Store) -> None:
    store.save_pass("hash", link_pass("a@b.example", NOW))
    store.record_access(line())
    store.save_site("https://kost.boras.example")
    store.count_link("hash", NOW)
    store.ask_for_link(replace(MAIL, kind=Kind.DESK), wanted=False)
    store.remove("gone", store.add("gone", FIRST), blocked="hash")
    assert list(store.entries()) == []
    assert list(store.encoded_orders()) == []
    assert store.due_mails(NOW + timedelta(days=1)) == []
    assert store.contact_mails() == []
    assert store.registration("hash") is None
    assert store.linked("hash") is None
    assert store.control() == Control()
