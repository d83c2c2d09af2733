"""Floods of requests: whose mailbox they can't fill, and what they can't hold up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import pytest

import app as application
from chalicelib.desk import login
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.dynamo.table import Table
from chalicelib.event.event import Event
from chalicelib.mail import caps, ses_events
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import (
    LINKS_AN_HOUR,
    MAILS_AT_A_TIME,
    RECEIPTS_A_DAY,
    RECEIPTS_AT_A_TIME,
    RECEIPTS_PER_ADDRESS_A_DAY,
)
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.registration import store as registrations
from chalicelib.registration.tokens import CODE_ATTEMPTS, plate_code, token_for
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import DAY, HOUR, LINK_TARGET, MINUTE, SECOND, Service, ticks
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import InMemoryComposition, TableInMemory
from tests.whole.contact_person import HOST, ContactPerson
from tests.whole.pages import submit

FLOOD = 500
# After the deadline, those in which something is due that is no receipt, and some around them.
MINUTES = (*range(6), *range(13, 17))
VICTIM = "erik.berg@boras.example"
# As somebody would write it who wants one mailbox to get more than its share.
SAME_MAILBOX = (
    VICTIM, "ERIK.BERG@BORAS.EXAMPLE", "  Erik.Berg@boras.example\t", "erikberg@boras.example",
    "e.r.i.k.b.e.r.g@boras.example", "eri\u212a.berg@boras.example", "erik.berg+{n}@boras.example",
    "ErikBerg+{n}@Boras.Example", "erik.berg+a+{n}@boras.example",
)  # fmt: skip
# Signs that only look like those; what SES would make of them, nobody knows.
LOOK_ALIKES = (
    "еrik.berg@boras.example", "erik．berg@boras.example", "erik.berg＠boras.example",
    "erık.berg@boras.example", "erik.berg@bora\u017f.example", "erik.berg@boras。example",
    "erik.berg\u200b@boras.example", "e\u0301rik.berg@boras.example", "erik.berg@boräs.example",
    "\"erik.berg\"@boras.example", "erik.berg@boras.example, x@y.example",
    "erik.berg@boras.example\ncc: x@y.example", "erik.berg(a)@boras.example",
)  # fmt: skip


@pytest.fixture
def gateway(service: Service, clock: SetClock) -> Iterator[Gateway]:
    with InMemoryComposition(service.event, clock, service.table, service.mailer).installed():
        yield Gateway(application.app, clock)


def post_all(gateway: Gateway, addresses: Iterable[str]) -> Counter[int]:
    return Counter(
        submit(gateway, nonce=f"nonce-of-the-flood-{n}", email=[address.format(n=n)]).status
        for n, address in enumerate(addresses)
    )


def count_all_but(left: int, table: Table, now: datetime) -> None:
    day = now.astimezone(UTC).date()
    assert not any(caps.count_receipt(table, f"{n}", day) for n in range(RECEIPTS_A_DAY - left))


def test_500_posts_with_a_victims_address_make_five_mails_a_day_however_it_is_written(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    assert post_all(gateway, islice(cycle(SAME_MAILBOX), FLOOD)) == {303: FLOOD}
    ticks(clock, 30)
    assert len(service.recipients) == RECEIPTS_PER_ADDRESS_A_DAY
    due = outbox.due(service.table, clock.now + DAY)
    assert due == [], "what is over is dropped, not sent tomorrow"
    clock.move(DAY)
    post_all(gateway, [VICTIM.replace("@", f"+{n}@") for n in range(FLOOD, FLOOD + 20)])
    ticks(clock, 5)
    assert len(service.recipients) == 2 * RECEIPTS_PER_ADDRESS_A_DAY


def test_an_address_that_only_looks_like_the_victims_is_refused(
    gateway: Gateway, table: Table
) -> None:
    assert post_all(gateway, LOOK_ALIKES) == {422: len(LOOK_ALIKES)}
    assert list(registrations.encoded_orders(table)) == []


def test_json_counts_as_the_form_does(gateway: Gateway, clock: SetClock, service: Service) -> None:
    keys = ("one-key-for-all-of-them", "another-key-for-them")
    for n in range(40):
        body = f'{{"name": "P{n}", "meal": "lunch", "diet": "vegan", "email": "{VICTIM}"}}'
        headers = {"content-type": "application/json", "Idempotency-Key": keys[n % 2]}
        assert gateway.request("POST", "/registration", headers, body.encode()).status == 201
    ticks(clock, 5)
    assert service.recipients == [VICTIM] * RECEIPTS_PER_ADDRESS_A_DAY


def test_changing_one_registrations_address_to_and_fro_makes_no_more_mails(
    service: Service,
) -> None:
    receipt = service.register(email="start@else.example")
    for n, address in enumerate(islice(cycle((VICTIM, f"x+{VICTIM}", "other@boras.example")), 60)):
        assert service.change(receipt, n + 1, NOW, email=address)
        service.run_due_steps(NOW)
    mails = Counter(service.recipients)
    assert mails[VICTIM] == max(mails.values()) == RECEIPTS_PER_ADDRESS_A_DAY


def test_receipts_that_nobody_wants_any_more_use_up_nothing(service: Service) -> None:
    """Otherwise a flood that leaves no trace would keep everybody's receipts back."""
    count_all_but(3, service.table, NOW)
    moving = service.register(email="start@else.example")
    for n in range(20):
        cancelled = service.register(name=f"P{n}", email=VICTIM)
        service.cancel(cancelled.token, now=NOW)
        assert service.change(moving, n + 1, NOW, email=f"p{n}@else.example")
    service.register(name="Erik", email=VICTIM)
    service.register(name="Eva", email="eva@boras.example")
    service.run_due_steps(NOW)
    assert set(service.recipients) == {"p19@else.example", VICTIM, "eva@boras.example"}


def test_all_addresses_together_get_no_more_than_the_days_receipts(service: Service) -> None:
    count_all_but(20, service.table, NOW)
    for n in range(60):
        service.register(name=f"P{n}", email=f"p{n}@else{n}.example")
    service.tick_for(30, NOW)
    (alarm,) = service.letters(service.event.operator)
    assert len(service.recipients) == 20 + 1
    assert outbox.due(service.table, NOW + DAY) == []
    assert alarm.subject == "Larm från Dukat: kvittomejlen till anmälda är stoppade för i dag"
    assert "else" not in alarm.text


@pytest.mark.parametrize(
    ("fault", "receipts"), [(Fault.BOUNCED, 1), (Fault.COMPLAINT, 1), (Fault.SOFT_BOUNCED, 2)]
)
def test_receipts_that_come_back_end_the_days_receipts_before_aws_ends_all_mail(
    service: Service, fault: Fault, receipts: int
) -> None:
    for n in range(25):
        service.register(name=f"P{n}", email=f"p{n}@nowhere.example")
    service.run_due_steps(NOW)
    for tags in service.mailer.tags.copy():
        told = MailEvent(
            tags["mail"], MailKind.RECEIPT, MailEventType.BOUNCE, NOW, "p@nowhere.example"
        )
        ses_events.record_mail_event(service.at(NOW), replace(told, fault=fault))
    for number, now in enumerate((NOW + MINUTE, NOW + DAY)):
        service.register(now, name=f"Erik {number}", email=VICTIM)
        ask_for_link(service, now)
        service.tick_for(3, now)
    assert len(service.letters(VICTIM)) == receipts
    assert len(service.alarms()) == 2 - receipts
    assert len(service.letters(service.contacts[0])) == 2


def test_the_caps_days_begin_at_midnight_utc_whatever_the_clocks_of_the_event_say(
    service: Service,
) -> None:
    midnight = datetime(2027, 5, 21, tzinfo=UTC)
    assert midnight.astimezone(service.event.timezone).hour == 2
    last_instant = midnight - timedelta(microseconds=1)
    sent = []
    for number, now in enumerate((midnight - 2 * HOUR, last_instant, midnight)):
        for n in range(20):
            service.register(now, name=f"P{number} {n}", email=VICTIM)
        service.run_due_steps(now)
        sent.append(len(service.recipients))
    assert sent == [5, 5, 10]


def kinds_by_minute(event: Event, flood: Iterable[str], receipts_left: int) -> dict[int, list[str]]:
    """What is mailed in each of the MINUTES, in its order; in the last of them a change is told.

    Three people have registered; just before the deadline the flood has, with these addresses.
    """
    service = Service(event, TableInMemory(event))
    count_all_but(receipts_left, service.table, event.closes_at)
    people = [service.register(name=f"Person {n}") for n in range(3)]
    for n, address in enumerate(flood):
        service.register(event.closes_at - SECOND, name=f"Flood {n}", email=address)
    (one, other), found = event.contacts, {}
    for minute in MINUTES:
        now = event.closes_at + minute * MINUTE
        if minute == 4:
            ask_for_link(service, now)
            told = MailEvent(
                "summary-1-2", MailKind.SUMMARY, MailEventType.BOUNCE, now, other.email
            )
            ses_events.record_mail_event(service.at(now), replace(told, fault=Fault.BOUNCED))
            work = DeskWork(now, event, service.table, one, LINK_TARGET, lambda: "token")
            work.add(replace(people[0].registration.answers, name="Late"), "n")
        before = len(service.mailer.tags)
        service.run_due_steps(now)
        found[minute] = [told_of(tags) for tags in service.mailer.tags[before:]]
    assert bool(outbox.due(service.table, now)) is bool(flood), "it has been waiting all the time"
    return found


def told_of(tags: dict[str, str]) -> str:
    """What a mail is; that the receipts are used up is told only if they are."""
    return "receipt" if tags["mail"].startswith("alarm-receipts") else tags["kind"]


def ask_for_link(service: Service, now: datetime) -> None:
    login.ask_for_link(
        service.at(now), service.contacts[0], base_url="https://h", new_token=lambda: "token"
    )


@pytest.mark.parametrize("address", [VICTIM, "p{n}@else{n}.example"])
def test_no_flood_of_receipts_delays_what_the_contact_persons_and_the_operator_are_told(
    event: Event, address: str
) -> None:
    flood = [address.format(n=n) for n in range((len(MINUTES) + 1) * RECEIPTS_AT_A_TIME)]
    quiet = kinds_by_minute(event, [], 40)
    assert {minute: kinds for minute, kinds in quiet.items() if kinds} == {
        3: ["summary", "summary"],
        4: ["alarm", "desk"],
        14: ["change", "change"],
    }
    flooded = kinds_by_minute(event, flood, 40)
    without_receipts = {
        minute: [kind for kind in kinds if kind != "receipt"] for minute, kinds in flooded.items()
    }
    assert without_receipts == quiet
    assert all(kinds == sorted(kinds, key="receipt".__eq__) for kinds in flooded.values())
    sent = sum(kinds.count("receipt") for kinds in flooded.values())
    assert sent == (5 if address == VICTIM else 40 + 1), "with the alarm that they are used up"


def test_a_minutes_work_is_bounded_however_many_receipts_wait(service: Service) -> None:
    for n in range(3 * RECEIPTS_AT_A_TIME):
        service.register(name=f"P{n}", email=f"p{n}@else.example" if n % 2 else VICTIM)
    assert len(service.run_due_steps(NOW)) <= RECEIPTS_AT_A_TIME
    assert len(service.recipients) == MAILS_AT_A_TIME


def test_asking_for_links_fills_no_contact_persons_mailbox(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    address = service.contacts[0]
    for n in range(FLOOD):
        written = address.upper() if n % 2 else f" {address} "
        assert ContactPerson(gateway).ask(written).status == 303
    ticks(clock, 5)
    assert service.recipients == [address] * LINKS_AN_HOUR
    assert all(f"https://{HOST}/desk/enter/" in letter.text for letter in service.letters(address))


def take_codes(service: Service, name: str, attempts: int) -> None:
    """Somebody has the codes of this person's first attempts."""
    token = token_for(replace(VEGAN_WITHOUT_NUTS, name=name, email=""), "n")
    for attempt in range(attempts):
        key = {"pk": {"S": service.event.id}, "sk": {"S": f"CODE#{plate_code(token, attempt)}"}}
        service.table.database.put(key)


def test_when_every_short_code_is_taken_people_get_longer_ones(service: Service) -> None:
    names = [f"P{n}" for n in range(50)]
    for name in names:
        take_codes(service, name, 4)
    codes = {service.register(name=name).registration.plate_code for name in names}
    assert len(codes) == len(names)
    assert {len(code) for code in codes} == {5}


def test_who_finds_no_code_free_is_told_so_and_not_registered(service: Service) -> None:
    take_codes(service, "Åsa", CODE_ATTEMPTS)
    with pytest.raises(StoreUnavailable):
        service.register(name="Åsa")
    assert service.table.database.keys("REG#") == []
