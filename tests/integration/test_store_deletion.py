"""What both stores promise about the end of personal data."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from chalicelib.repository import Repository
from chalicelib.store import DELETED_AT_ONCE, Conflict, Store

from chalicelib.alarm import Alarm
from chalicelib.control import Control
from chalicelib.deletion import Datum, Deletion
from chalicelib.desk import Access, Deed, link_pass
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.outbox import Kind, OutboxMail, leased
from chalicelib.registration import Answers
from chalicelib.summary import summarise, tally
from chalicelib.totals import Totals, totals
from management import local_aws
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.tables import items_in_the_table

BACKSTOP = timedelta(days=30)


@pytest.fixture
def staying(event: Event) -> Totals:
    counted = tally([registered(VEGAN_WITHOUT_NUTS).order.encode()], taken_at=NOW)
    return totals(summarise(counted, event, version=1))


def fill(store: Store) -> None:
    """One item at least of every kind that there is."""
    one = registered(VEGAN_WITHOUT_NUTS)
    receipt = OutboxMail("receipt-1-1", Kind.RECEIPT, "asa@boras.example", NOW, about="one")
    summary = OutboxMail("summary-1-1", Kind.SUMMARY, "a@boras.example", NOW, version=1)
    store.add("one", one, [receipt], access=Access(NOW, "a@b.example", Deed.ADDED, "CDFH", "1"))
    store.add("two", registered(Answers("Bo", ("lunch",), diet="vegan"), "WXYV"))
    store.link("link", "one", one)
    store.save_tally(tally([one.order.encode()], taken_at=NOW))
    store.queue([summary])
    sent = leased(summary, NOW, "me")
    store.lease(sent)
    store.record_sent(sent, "message-1", NOW)
    store.count_receipt("hash", NOW.date())
    store.count_link("hash", NOW)
    store.save_pass("pass", link_pass("a@b.example", NOW))
    store.record_access(Access(NOW, "a@b.example", Deed.TOOK_XLSX, "", "2"))
    store.record_access(Access(NOW, "a@b.example", Deed.TOOK_EXTRACT, "CDFH", "3"))
    store.raise_alarm(Alarm("alarm", Fault.BOUNCED, Kind.SUMMARY, 1, NOW, going_on=False), [])
    store.save_site("https://kost.boras.example")


FILLED = {
    Datum.REGISTRATION: 2,
    Datum.ADDRESS: 1,
    Datum.NOTE: 1,
    Datum.CODE: 2,
    Datum.LINK: 1,
    Datum.MAIL: 2,
    Datum.PASS: 1,
    Datum.ACCESS: 3,
    Datum.DOWNLOAD: 1,
    Datum.EXTRACT: 1,
    Datum.COUNT: 5,  # the tally, two caps of receipts, one of links, the alarm
}


def test_everything_that_is_not_to_stay_is_told_with_what_it_holds(
    store: Store, staying: Totals
) -> None:
    fill(store)
    store.begin_deletion(replace(store.control(), deletion=Deletion(NOW)), staying)
    assert Counter(datum for stored in store.stored() for datum in stored.data) == FILLED


def test_what_is_deleted_is_gone_and_what_stays_is_there(store: Store, staying: Totals) -> None:
    fill(store)
    store.begin_deletion(replace(store.control(), deletion=Deletion(NOW)), staying)
    keys = [stored.key for stored in store.stored()]
    store.delete(store.control(), keys)
    assert list(store.stored()) == []
    assert store.registration("one") is None
    assert [*store.entries(), *store.encoded_orders(), *store.contact_mails()] == []
    assert store.linked("link") is None
    assert store.find_pass("pass") is None
    assert store.accesses("", 9) == []
    assert store.due_mails(NOW + timedelta(days=400)) == []
    assert store.totals() == staying
    assert store.site() == "https://kost.boras.example"
    store.delete(store.control(), keys)  # what is gone already is no fault


def test_a_deletion_comes_back_as_it_was_written(store: Store, staying: Totals) -> None:
    assert store.totals() is None
    begun = replace(store.control(), deletion=Deletion(NOW))
    store.begin_deletion(begun, staying)
    assert store.control() == replace(begun, revision=1)
    done = Deletion(NOW, {Datum.REGISTRATION: 7}, NOW + BACKSTOP, NOW + 2 * BACKSTOP)
    known = replace(store.control(), deletion=done, kept_until=NOW, moved_at=NOW + BACKSTOP)
    store.save_control(known)
    assert store.control() == replace(known, revision=2)


def test_of_two_who_delete_the_same_only_one_counts_it(store: Store, staying: Totals) -> None:
    fill(store)
    store.begin_deletion(replace(store.control(), deletion=Deletion(NOW)), staying)
    read, keys = store.control(), [stored.key for stored in store.stored()]
    store.delete(read, keys[:2])
    with pytest.raises(Conflict):
        store.delete(read, keys[2:4])
    assert [stored.key for stored in store.stored()] == keys[2:]


def test_of_two_who_begin_the_first_ones_counts_stay(
    store: Store, staying: Totals, event: Event
) -> None:
    fresh = Control(deletion=Deletion(NOW))
    store.begin_deletion(fresh, staying)
    with pytest.raises(Conflict):
        store.begin_deletion(fresh, totals(summarise(tally([], taken_at=NOW), event, version=1)))
    assert store.totals() == staying


def test_one_write_deletes_as_many_as_it_may(repository: Repository) -> None:
    for number in range(DELETED_AT_ONCE + 1):
        repository.record_access(Access(NOW, "a@b.example", Deed.SAW_ONE, "", f"{number:03}"))
    keys = [stored.key for stored in repository.stored()]
    repository.delete(repository.control(), keys[:DELETED_AT_ONCE])
    assert [stored.key for stored in repository.stored()] == keys[DELETED_AT_ONCE:]


def expiries() -> dict[str, int]:
    return {
        item["sk"]["S"]: int(item["expires_at"]["N"])
        for item in items_in_the_table()
        if "expires_at" in item
    }


def test_all_but_what_stays_expires_by_itself_should_nobody_delete_it(
    repository: Repository, event: Event, staying: Totals
) -> None:
    fill(repository)
    stored = repository.registration("one")
    assert stored
    repository.change("one", replace(stored, revision=2))
    repository.begin_deletion(replace(repository.control(), deletion=Deletion(NOW)), staying)
    own = ("DESK#", "CAP#")  # expire sooner
    late = {at for key, at in expiries().items() if not key.startswith(own)}
    assert late == {int((event.deletes_at + BACKSTOP).timestamp())}
    assert max(expiries().values()) in late
    everything = {item["sk"]["S"] for item in items_in_the_table()}
    assert everything - expiries().keys() == {"CONTROL", "SITE", "TOTALS"}


def test_when_the_event_is_moved_the_items_expire_after_the_new_day(
    repository: Repository, event: Event
) -> None:
    fill(repository)
    brief = {key: at for key, at in expiries().items() if key.startswith(("DESK#", "CAP#"))}
    moved = replace(event, date=event.date + timedelta(days=120))
    later = Repository(boto3.client("dynamodb"), local_aws.TABLE, moved)
    every = len(expiries()) - len(brief)
    assert later.renew(4) == 4
    assert later.renew(1000) == every - 4
    assert later.renew(1000) == 0
    told = expiries()
    assert {key: told.pop(key) for key in brief} == brief
    assert set(told.values()) == {int((moved.deletes_at + BACKSTOP).timestamp())}
    assert repository.registration("one") == registered(VEGAN_WITHOUT_NUTS)


def test_what_goes_while_the_items_are_renewed_does_not_come_back(aws: None, event: Event) -> None:
    client = boto3.client("dynamodb")
    store = Repository(client, local_aws.TABLE, event)
    one = store.add("one", registered(VEGAN_WITHOUT_NUTS))
    cancelled = list[str]()

    def cancel(**_: Any) -> None:
        if not cancelled:
            cancelled.append("one")
            store.remove("one", one)

    moved = replace(event, date=event.date + timedelta(days=120))
    client.meta.events.register("before-call.dynamodb.UpdateItem", cancel)
    Repository(client, local_aws.TABLE, moved).renew(1000)
    assert cancelled
    assert store.registration("one") is None
    assert items_in_the_table() == []


def two_items_a_page(params: dict[str, Any], **_: Any) -> None:
    params["Limit"] = 2


def test_everything_is_found_over_many_pages_though_it_is_deleted_meanwhile(
    aws: None, event: Event
) -> None:
    client = boto3.client("dynamodb")
    store = Repository(client, local_aws.TABLE, event)
    fill(store)
    client.meta.events.register("provide-client-params.dynamodb.Query", two_items_a_page)
    for stored in store.stored():
        store.delete(store.control(), [stored.key])
    assert {item["sk"]["S"] for item in items_in_the_table()} == {"CONTROL", "SITE"}
