"""The deletion of personal data, on the strict stand-in for DynamoDB and on moto."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, AuditEntry
from chalicelib.catering import store as tallies
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.deletion import store as deletions
from chalicelib.deletion.limits import DELETED_IN_A_TRANSACTION
from chalicelib.deletion.totals import Totals, totals
from chalicelib.desk import search_store
from chalicelib.desk import session_store as access_tokens
from chalicelib.desk.sessions import login_link
from chalicelib.dynamo.errors import Conflict
from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DataKind, DeletionProgress
from chalicelib.lifecycle.state import EventState, Snapshot
from chalicelib.mail import (
    alarms,
    allowance,
    base_url,
    caps,
)
from chalicelib.mail import (
    outbox_store as outbox,
)
from chalicelib.mail import (
    record_store as mail_records,
)
from chalicelib.mail.alarms import Alarm
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.retry import leased
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.examples import moved as moved_event
from tests.fakes import TableOnWire

BACKSTOP = timedelta(days=30)


@pytest.fixture
def anonymous_totals(event: Event) -> Totals:
    counted = tally([registered(VEGAN_WITHOUT_NUTS).order.encode()], taken_at=NOW)
    return totals(summarise(counted, event, version=1), "sv")


def fill(table: Table) -> None:
    """Store at least one item of every kind."""
    one = registered(VEGAN_WITHOUT_NUTS)
    receipt = OutboxMail("receipt-1-1", MailKind.RECEIPT, "asa@boras.example", NOW, about="one")
    summary = OutboxMail("summary-1-1", MailKind.SUMMARY, "a@boras.example", NOW, version=1)
    added = audit_log.add_write(AuditEntry(NOW, "a@b.example", AuditAction.ADDED, "CDFH", "1"))
    registrations.add(table, "one", one, [*outbox.queue_writes([receipt]), added])
    registrations.add(table, "two", registered(Answers("Bo", ("lunch",), diet="vegan"), "WXYV"))
    link_store.link(table, "link", "one", one)
    tallies.save(table, tally([one.order.encode()], taken_at=NOW))
    table.write(*outbox.queue_writes([summary]))
    sent = leased(summary, NOW, "me")
    outbox.lease(table, sent)
    outbox.record_sent(table, sent, "message-1", NOW)
    caps.count_receipt(table, "hash", NOW.date(), "receipt-1-1")
    allowance.count_sending(table, f"{NOW.date()}", NOW)
    caps.count_link(table, "hash", NOW)
    table.apply(caps.ask_write(NOW))
    table.apply(caps.only("key#hash", "one", NOW))
    table.apply(search_store.save_write("0123456789ab", "Åsa", NOW))
    table.apply(access_tokens.save_write("pass", login_link("a@b.example", NOW)))
    table.apply(audit_log.add_write(AuditEntry(NOW, "a@b.example", AuditAction.TOOK_XLSX, "", "2")))
    table.apply(
        audit_log.add_write(AuditEntry(NOW, "a@b.example", AuditAction.TOOK_EXTRACT, "CDFH", "3"))
    )
    alarms.raise_once(
        table, Alarm("alarm", Fault.BOUNCED, MailKind.SUMMARY, 1, NOW, going_on=False), []
    )
    base_url.save(table, "https://kost.boras.example")


FILLED = {
    DataKind.REGISTRATION: 2,
    DataKind.ADDRESS: 1,
    DataKind.NOTE: 1,
    DataKind.CODE: 2,
    DataKind.LINK: 1,
    DataKind.MAIL: 2,
    DataKind.PASS: 1,
    DataKind.ACCESS: 3,
    DataKind.DOWNLOAD: 1,
    DataKind.EXTRACT: 1,
    # The tally, a search, two caps of receipts, two of links, a key, the alarm.
    DataKind.COUNT: 8,
}


def test_all_items_to_delete_are_listed_with_the_kinds_of_data_in_them(
    table: TableOnWire, anonymous_totals: Totals
) -> None:
    fill(table)
    deletions.begin(
        table, replace(event_state.read(table), deletion=DeletionProgress(NOW)), anonymous_totals
    )
    assert Counter(datum for stored in deletions.stored(table) for datum in stored.data) == FILLED


def test_deletion_removes_personal_data_and_leaves_totals_and_base_url(
    table: TableOnWire, anonymous_totals: Totals
) -> None:
    fill(table)
    deletions.begin(
        table, replace(event_state.read(table), deletion=DeletionProgress(NOW)), anonymous_totals
    )
    keys = [stored.key for stored in deletions.stored(table)]
    deletions.delete_some(table, event_state.read(table), keys)
    assert list(deletions.stored(table)) == []
    assert registrations.find(table, "one") is None
    assert [
        *registrations.entries(table),
        *registrations.encoded_orders(table),
        *mail_records.to_contacts(table),
    ] == []
    assert link_store.linked(table, "link") is None
    assert access_tokens.find(table, "pass") is None
    assert audit_log.latest(table, "", 9) == []
    assert outbox.due(table, NOW + timedelta(days=400)) == []
    assert deletions.read_totals(table) == anonymous_totals
    assert base_url.read(table) == "https://kost.boras.example"
    deletions.delete_some(table, event_state.read(table), keys)  # deleting twice is no error


def test_the_progress_of_a_deletion_is_read_as_it_was_written(
    table: TableOnWire, anonymous_totals: Totals
) -> None:
    assert deletions.read_totals(table) is None
    begun = replace(event_state.read(table), deletion=DeletionProgress(NOW))
    deletions.begin(table, begun, anonymous_totals)
    assert event_state.read(table) == replace(begun, revision=1)
    done = DeletionProgress(NOW, {DataKind.REGISTRATION: 7}, NOW + BACKSTOP, NOW + 2 * BACKSTOP)
    known = replace(event_state.read(table), deletion=done, kept_until=NOW, moved_at=NOW + BACKSTOP)
    event_state.save(table, known)
    assert event_state.read(table) == replace(known, revision=2)


def test_of_two_deletions_from_the_same_event_state_only_one_is_counted(
    table: TableOnWire, anonymous_totals: Totals
) -> None:
    fill(table)
    deletions.begin(
        table, replace(event_state.read(table), deletion=DeletionProgress(NOW)), anonymous_totals
    )
    read, keys = event_state.read(table), [stored.key for stored in deletions.stored(table)]
    deletions.delete_some(table, read, keys[:2])
    with pytest.raises(Conflict):
        deletions.delete_some(table, read, keys[2:4])
    assert [stored.key for stored in deletions.stored(table)] == keys[2:]


def test_of_two_deletions_that_begin_only_the_first_stores_its_totals(
    table: TableOnWire, anonymous_totals: Totals, event: Event
) -> None:
    fresh = EventState(deletion=DeletionProgress(NOW))
    deletions.begin(table, fresh, anonymous_totals)
    with pytest.raises(Conflict):
        deletions.begin(
            table, fresh, totals(summarise(tally([], taken_at=NOW), event, version=1), "sv")
        )
    assert deletions.read_totals(table) == anonymous_totals


def test_one_transaction_deletes_the_maximum_number_of_items(table: TableOnWire) -> None:
    for number in range(DELETED_IN_A_TRANSACTION + 1):
        table.apply(
            audit_log.add_write(
                AuditEntry(NOW, "a@b.example", AuditAction.SAW_ONE, "", f"{number:03}")
            )
        )
    keys = [stored.key for stored in deletions.stored(table)]
    deletions.delete_some(table, event_state.read(table), keys[:DELETED_IN_A_TRANSACTION])
    assert [stored.key for stored in deletions.stored(table)] == keys[DELETED_IN_A_TRANSACTION:]


def expiries(table: TableOnWire) -> dict[str, int]:
    return {
        item["sk"]["S"]: int(item["expires_at"]["N"])
        for item in table.database.all_items()
        if "expires_at" in item
    }


def test_all_personal_data_expire_by_themselves_if_they_are_not_deleted(
    table: TableOnWire, event: Event, anonymous_totals: Totals
) -> None:
    fill(table)
    stored = registrations.find(table, "one")
    assert stored
    begun = EventState(snapshot=Snapshot("f00d", 0, NOW), deletion=DeletionProgress(NOW))
    deletions.begin(table, begun, anonymous_totals)
    registrations.change(
        table, "one", replace(stored, revision=2), event_state.change_writes(begun, NOW)
    )
    own = ("DESK#", "SEARCH#", "CAP#")  # expire sooner
    late = {at for key, at in expiries(table).items() if not key.startswith(own)}
    assert late == {int((event.deletes_at + BACKSTOP).timestamp())}
    assert max(expiries(table).values()) in late
    everything = {item["sk"]["S"] for item in table.database.all_items()}
    assert everything - expiries(table).keys() == {"CONTROL", "SITE", "TOTALS"}


def test_when_the_event_is_moved_the_items_expire_after_the_new_deletion_day(
    table: TableOnWire, event: Event
) -> None:
    fill(table)
    own = ("DESK#", "SEARCH#", "CAP#")
    brief = {key: at for key, at in expiries(table).items() if key.startswith(own)}
    moved = moved_event(event, timedelta(days=120))
    later = TableOnWire(moved, table.database)
    every = len(expiries(table)) - len(brief)
    assert deletions.renew(later, 4) == 4
    assert deletions.renew(later, 1000) == every - 4
    assert deletions.renew(later, 1000) == 0
    renewed = expiries(table)
    assert {key: renewed.pop(key) for key in brief} == brief
    assert set(renewed.values()) == {int((moved.deletes_at + BACKSTOP).timestamp())}
    assert registrations.find(table, "one") == registered(VEGAN_WITHOUT_NUTS)


def test_an_item_removed_during_the_renewal_is_not_recreated(
    table: TableOnWire, event: Event
) -> None:
    one = registrations.add(table, "one", registered(VEGAN_WITHOUT_NUTS))
    moved = moved_event(event, timedelta(days=120))
    table.database.on("UpdateItem", "", lambda: registrations.remove(table, "one", one))
    deletions.renew(TableOnWire(moved, table.database), 1000)
    assert registrations.find(table, "one") is None
    assert table.database.keys() == [f"CODE#{one.plate_code}"]


def test_all_items_are_found_over_many_pages_while_they_are_being_deleted(
    table: TableOnWire,
) -> None:
    fill(table)
    for stored in deletions.stored(table):
        deletions.delete_some(table, event_state.read(table), [stored.key])
    left = {item["sk"]["S"] for item in table.database.all_items()}
    assert left == {"CONTROL", "SITE"}
