"""One suite for the store in memory and the one in DynamoDB: they keep the same promises."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from chalicelib.control import Control, Snapshot, State
from chalicelib.event import Event
from chalicelib.outbox import (
    RECEIPTS_A_DAY,
    RECEIPTS_PER_ADDRESS_A_DAY,
    OutboxMail,
    leased,
    postponed,
)
from chalicelib.registration import Answers, Link
from chalicelib.repository import Repository, short_random_pause
from chalicelib.store import Conflict, PlateCodeTaken, Store, StoreUnavailable
from chalicelib.summary import tally
from management import local_aws
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import InMemoryStore
from tests.tables import items_in_the_table

MAIL = OutboxMail("summary-1-1", "summary", "a@boras.example", NOW, version=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["in memory", "in DynamoDB"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "in memory":
        return InMemoryStore()
    repository: Repository = request.getfixturevalue("repository")
    return repository


def issue(store: Store, *mails: OutboxMail) -> None:
    control = replace(store.control(), version=store.control().version + 1)
    store.issue_summary(control, tally([], taken_at=NOW), list(mails))


def test_before_the_first_write_the_control_is_fresh(store: Store) -> None:
    assert store.control() == Control()


def test_a_control_comes_back_as_it_was_written(store: Store) -> None:
    snapshot = Snapshot("f00d", 3, NOW)
    store.save_control(Control(State.CLOSED, closes_at=NOW, snapshot=snapshot))
    written = Control(State.CLOSED, closes_at=NOW, snapshot=snapshot, revision=1)
    assert store.control() == written


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


def test_a_link_leads_to_a_registration_and_can_be_bound_anew(store: Store) -> None:
    assert store.linked("link") is None
    for link in (Link("hash", "address", NOW), Link("hash", "another", NOW)):
        store.link("link", link)
        assert store.linked("link") == link


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
        Repository(client, local_aws.TABLE, event.id).add("hash", registered(VEGAN_WITHOUT_NUTS))


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
    late = Repository(client, local_aws.TABLE, event.id, out_of_time=lambda: True)
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
    assert counted == [True] * RECEIPTS_PER_ADDRESS_A_DAY + [False] * 2
    assert store.count_receipt("other", today)
    assert store.count_receipt("address", tomorrow)


def test_all_addresses_together_get_so_many_receipts_a_day(store: Store) -> None:
    day = date(2027, 5, 20)
    counted = [store.count_receipt(f"address {n}", day) for n in range(RECEIPTS_A_DAY + 2)]
    assert counted == [True] * RECEIPTS_A_DAY + [False] * 2


def test_every_order_is_read_and_nothing_else(store: Store) -> None:
    for n in range(5):
        store.add(f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"CDF{n}"))
    issue(store, MAIL)
    codes = sorted(order.partition("|")[0] for order in store.encoded_orders())
    assert codes == ["CDF0", "CDF1", "CDF2", "CDF3", "CDF4"]


def test_a_summary_is_issued_whole(store: Store) -> None:
    counted = tally(["CDFH|lunch|vegan|||"], taken_at=NOW)
    control = replace(store.control(), state=State.SUMMARISED, version=1)
    store.issue_summary(control, counted, [MAIL])
    assert store.tally(1) == counted
    assert store.due_mails(NOW) == [MAIL]
    assert store.control().state is State.SUMMARISED


def test_a_summary_of_a_control_that_has_changed_leaves_no_trace(store: Store) -> None:
    read = store.control()
    store.save_control(read)
    with pytest.raises(Conflict):
        store.issue_summary(replace(read, version=1), tally([], taken_at=NOW), [MAIL])
    assert store.due_mails(NOW) == []
    with pytest.raises(LookupError):
        store.tally(1)


def test_only_mails_that_are_due_come_and_the_longest_waiting_first(store: Store) -> None:
    later, first = (
        replace(MAIL, id="b", due=NOW + MINUTE),
        replace(MAIL, id="c", due=NOW - MINUTE),
    )
    issue(store, MAIL, later, first)
    assert store.due_mails(NOW) == [first, MAIL]
    assert store.due_mails(NOW + MINUTE) == [first, MAIL, later]


def test_of_two_who_take_the_same_mail_one_loses(store: Store) -> None:
    issue(store, MAIL)
    store.lease(leased(MAIL, NOW, "me"))
    with pytest.raises(Conflict):
        store.lease(leased(MAIL, NOW, "you"))
    assert store.due_mails(NOW) == [leased(MAIL, NOW, "me")]


@pytest.mark.parametrize("end", ["sent", "failed"])
def test_a_mail_that_is_done_leaves_the_outbox_and_cannot_be_taken(store: Store, end: str) -> None:
    issue(store, MAIL)
    taken = leased(MAIL, NOW, "me")
    store.lease(taken)
    record = store.record_sent if end == "sent" else store.record_failed
    record(taken, "message-1", NOW)
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
    orders = list(Repository(client, local_aws.TABLE, event.id).encoded_orders())
    assert len(set(orders)) == len(orders) == 30
    assert len(pages) == 5


def test_events_in_one_table_do_not_see_each_other(repository: Repository, event: Event) -> None:
    other = Repository(boto3.client("dynamodb"), local_aws.TABLE, event.id + "-2")
    repository.add("hash", registered(VEGAN_WITHOUT_NUTS))
    assert other.registration("hash") is None
    assert list(other.encoded_orders()) == []


def test_the_table_holds_only_the_hash_of_the_token(repository: Repository) -> None:
    from chalicelib import services
    from chalicelib.event_file import read_event

    receipt = services.register(
        VEGAN_WITHOUT_NUTS,
        "nonce",
        now=NOW,
        event=read_event(),
        store=repository,
        visitor=services.Visitor("https://dukat.example", "sv"),
    )
    dump = str(items_in_the_table())
    assert receipt.registration.plate_code in dump
    assert receipt.token not in dump
    assert "'nonce'" not in dump


def test_a_fault_of_the_table_says_its_kind_and_nothing_that_was_written(aws: None) -> None:
    missing = Repository(boto3.client("dynamodb"), "no-such-table", "event")
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
    watched = Repository(client, local_aws.TABLE, event.id)
    watched.control()
    watched.registration("hash")
    list(watched.encoded_orders())
    watched.due_mails(NOW)
    assert [params["ConsistentRead"] for params in asked] == [True] * 4


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
    return Repository(client, local_aws.TABLE, event.id, pauses.append), pauses


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


@pytest.mark.parametrize("end", ["sent", "failed"])
def test_how_a_mail_ended_is_kept(repository: Repository, end: str) -> None:
    issue(repository, MAIL)
    taken = leased(MAIL, NOW, "me")
    repository.lease(taken)
    record = repository.record_sent if end == "sent" else repository.record_failed
    record(taken, "how", NOW)
    items = items_in_the_table()
    (kept,) = [item for item in items if item["sk"]["S"] == f"{end.upper()}#summary-1-1"]
    assert kept["recipient"]["S"] == MAIL.recipient
    assert "how" in {kept.get(name, {}).get("S") for name in ("message_id", "reason")}
