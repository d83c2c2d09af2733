"""What lost links and the receipt page need of the table."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.dynamo.writes import put
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.event.event import Event
from chalicelib.mail import caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.limits import ASKS_A_DAY, LINK_MAILS_A_DAY
from chalicelib.mail.outbox import MailKind
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.items import registration_item
from chalicelib.registration.limits import LINKS_AT_MOST
from chalicelib.registration.lost_links import ask_for_links
from tests.driving import DAY, HOUR
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, registered
from tests.fakes import TableOnWire


def names(table: TableOnWire, keys: Sequence[str], *beside: str) -> list[str]:
    return sorted(item["sk"] for item in table.get_all(keys, (ALL_EVENTS, *beside)))


def test_items_of_all_events_are_read_beside_those_of_one(table: TableOnWire) -> None:
    for key in ("a", "b", "c"):
        table.apply(put(key, {}))
    for key in ("A", "B", "C"):
        table.beside(ALL_EVENTS).apply(put(key, {}))
    assert names(table, ["a", "b", "x"], "A", "B", "X") == ["A", "B", "a", "b"]
    assert names(table, ["a"]) == ["a"]


def test_the_addresses_of_registrations_that_have_one_are_read_with_keys_and_times(
    table: TableOnWire,
) -> None:
    for number, email in enumerate(("a@b.example", "", "A@b.example", "c@d.example")):
        answers = replace(VEGAN_WITHOUT_NUTS, email=email)
        registrations.add(table, f"key{number}", registered(answers, f"CDF{'HJKM'[number]}"))
    read = list(registrations.addresses(table))
    assert [(email, key) for email, _, key in read] == [
        ("a@b.example", "key0"),
        ("A@b.example", "key2"),
        ("c@d.example", "key3"),
    ]


def test_an_ask_is_queued_once_for_a_nonce_and_only_until_the_days_are_used_up(
    table: TableOnWire, event: Event
) -> None:
    def ask(address: str, nonce: str, days: int = 0) -> bool:
        return ask_for_links(Context(NOW + days * DAY, event, table), address, nonce, "sv")

    assert [ask("a@b.example", nonce) for nonce in ("one", "one", "two")] == [True] * 3
    (first, second) = outbox.due(table, NOW + HOUR)
    assert {first.kind, second.kind} == {MailKind.LINK}
    assert "a@b" not in first.id + second.id
    used_up = {"mails": ASKS_A_DAY}
    table.apply(put(f"CAP#links#{NOW.date()}", used_up))
    assert [ask("a@b.example", "three"), ask("c@d.example", "four")] == [False] * 2
    assert len(outbox.due(table, NOW + HOUR)) == 2
    assert ask("a@b.example", "three", days=1)


def test_the_mails_of_a_mailbox_are_counted_by_day(table: TableOnWire) -> None:
    days = [NOW.date()] * (LINK_MAILS_A_DAY + 1) + [(NOW + DAY).date()]
    counted = [caps.count_link_mail(table, "hash", day) for day in days]
    assert counted == [True] * LINK_MAILS_A_DAY + [False, True]


def test_of_too_many_links_the_oldest_that_was_asked_for_is_dropped_first(
    table: TableOnWire,
) -> None:
    registrations.add(table, "hash", registered(VEGAN_WITHOUT_NUTS))
    mails = ["receipt-1-1", "link-1", *(f"receipt-1-{n}" for n in range(2, LINKS_AT_MOST))]
    for mail in [*mails, "link-2", "link-3"]:
        found = registrations.find(table, "hash")
        assert found
        link_store.link(table, f"token of {mail}", "hash", found, mail)
    found = registrations.find(table, "hash")
    assert found
    left = [link.mail for link in link_store.opening(table, found).values()]
    assert left == [*(mail for mail in mails if mail != "link-1"), "link-3"]


def test_the_revision_that_a_contact_person_made_is_read_as_it_was_written(
    table: TableOnWire,
) -> None:
    first = registered(VEGAN_WITHOUT_NUTS)
    registrations.add(table, "hash", first)
    registrations.change(table, "hash", first.changed(first.answers, NOW, by_contact=True))
    found = registrations.find(table, "hash")
    assert found
    assert (found.revision, found.corrected, found.is_own_work) == (2, 2, False)
    assert found.changed(found.answers, NOW).is_own_work
    assert "corrected" not in registration_item(first)
