"""Floods of requests: whose mailbox they can't fill, and what they can't hold up."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import pytest

import app as application
from chalicelib.desk import LINKS_AN_HOUR
from chalicelib.event import Event
from chalicelib.mail_faults import Fault
from chalicelib.mail_record import Happening, MailEvent
from chalicelib.outbox import (
    MAILS_AT_A_TIME,
    RECEIPTS_A_DAY,
    RECEIPTS_AT_A_TIME,
    RECEIPTS_PER_ADDRESS_A_DAY,
    Kind,
)
from chalicelib.registration import plate_code, token_for
from chalicelib.services import entering, mail_events, officers, registering
from chalicelib.services.context import Context
from chalicelib.stores import caps, outbox, registrations
from chalicelib.table import Table
from management.clock import SetClock
from management.gateway import Gateway
from management.local_service import scheduled_event
from tests.driving import MINUTE, SECOND, VISITOR, minutes_from, register, tend_at
from tests.e2e.officer import HOST, Officer
from tests.e2e.pages import submit
from tests.examples import NOW, VEGAN_WITHOUT_NUTS
from tests.fakes import InMemoryComposition, RecordingMailer, TableInMemory

FLOOD = 500
# After the deadline, those in which something is due that is no receipt, and some around them.
MINUTES = (*range(6), *range(13, 17))
DAY = timedelta(days=1)
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
def parts(
    event: Event, clock: SetClock, table: TableInMemory, mailer: RecordingMailer
) -> Iterator[InMemoryComposition]:
    with InMemoryComposition(event, clock, table, mailer).installed() as parts:
        yield parts


@pytest.fixture
def gateway(parts: InMemoryComposition) -> Gateway:
    return Gateway(application.app, parts.clock)


def post_all(gateway: Gateway, addresses: Iterable[str]) -> Counter[int]:
    return Counter(
        submit(gateway, nonce=f"nonce-of-the-flood-{n}", email=[address.format(n=n)]).status
        for n, address in enumerate(addresses)
    )


def run_for(how_long: timedelta, clock: SetClock) -> None:
    """The ticks of some time, the last one at its end."""
    for _ in range(int(how_long / MINUTE)):
        clock.move(MINUTE)
        application.tick(scheduled_event(clock.now), None)


def recipients(mailer: RecordingMailer) -> Counter[str]:
    return Counter(recipient for recipient, _ in mailer.letters)


def test_500_posts_with_a_victims_address_make_five_mails_a_day_however_it_is_written(
    gateway: Gateway, clock: SetClock, table: Table, mailer: RecordingMailer
) -> None:
    assert post_all(gateway, islice(cycle(SAME_MAILBOX), FLOOD)) == {303: FLOOD}
    run_for(30 * MINUTE, clock)
    assert len(mailer.letters) == RECEIPTS_PER_ADDRESS_A_DAY
    assert outbox.due(table, clock.now + DAY) == [], "what is over is dropped, not sent tomorrow"
    clock.move(DAY)
    post_all(gateway, [VICTIM.replace("@", f"+{n}@") for n in range(FLOOD, FLOOD + 20)])
    run_for(5 * MINUTE, clock)
    assert len(mailer.letters) == 2 * RECEIPTS_PER_ADDRESS_A_DAY


def test_an_address_that_only_looks_like_the_victims_is_refused(
    gateway: Gateway, table: Table
) -> None:
    assert post_all(gateway, LOOK_ALIKES) == {422: len(LOOK_ALIKES)}
    assert list(registrations.encoded_orders(table)) == []


def test_json_counts_as_the_form_does(
    gateway: Gateway, clock: SetClock, mailer: RecordingMailer
) -> None:
    keys = ("one-key-for-all-of-them", "another-key-for-them")
    for n in range(40):
        body = f'{{"name": "P{n}", "meal": "lunch", "diet": "vegan", "email": "{VICTIM}"}}'
        headers = {"content-type": "application/json", "Idempotency-Key": keys[n % 2]}
        assert gateway.request("POST", "/registration", headers, body.encode()).status == 201
    run_for(5 * MINUTE, clock)
    assert recipients(mailer) == {VICTIM: RECEIPTS_PER_ADDRESS_A_DAY}


def test_changing_one_registrations_address_to_and_fro_makes_no_more_mails(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    receipt = register(event, table, email="start@else.example")
    for n, address in enumerate(islice(cycle((VICTIM, f"x+{VICTIM}", "other@boras.example")), 60)):
        move(event, table, receipt, revision=n + 1, address=address)
        tend_at([NOW], event, table, mailer)
    assert recipients(mailer)[VICTIM] == RECEIPTS_PER_ADDRESS_A_DAY
    assert max(recipients(mailer).values()) == RECEIPTS_PER_ADDRESS_A_DAY


def move(
    event: Event, table: Table, receipt: registering.Receipt, *, revision: int, address: str
) -> None:
    answers = replace(receipt.registration.answers, email=address)
    assert registering.change(Context(NOW, event, table), receipt.token, answers, revision, VISITOR)


def test_receipts_that_nobody_wants_any_more_use_up_nothing(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    """Otherwise a flood that leaves no trace would keep everybody's receipts back."""
    count_all_but(3, table, NOW)
    moving = register(event, table, email="start@else.example")
    for n in range(20):
        cancelled = register(event, table, name=f"P{n}", email=VICTIM)
        registering.cancel(Context(NOW, event, table), cancelled.token, 1)
        move(event, table, moving, revision=n + 1, address=f"p{n}@else.example")
    register(event, table, name="Erik", email=VICTIM)
    register(event, table, name="Eva", email="eva@boras.example")
    tend_at([NOW], event, table, mailer)
    assert set(recipients(mailer)) == {"p19@else.example", VICTIM, "eva@boras.example"}


def test_all_addresses_together_get_no_more_than_the_days_receipts(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    count_all_but(20, table, NOW)
    for n in range(60):
        register(event, table, name=f"P{n}", email=f"p{n}@else{n}.example")
    tend_at(minutes_from(NOW, 30), event, table, mailer)
    to_operator = [letter for to, letter in mailer.letters if to == event.operator]
    assert len(mailer.letters) == 20 + len(to_operator)
    assert outbox.due(table, NOW + DAY) == []
    (alarm,) = to_operator
    assert alarm.subject == "Larm från Dukat: kvittomejlen till anmälda är stoppade för i dag"
    assert "else" not in alarm.text


@pytest.mark.parametrize(
    ("fault", "receipts"), [(Fault.BOUNCED, 1), (Fault.COMPLAINT, 1), (Fault.SOFT_BOUNCED, 2)]
)
def test_receipts_that_come_back_end_the_days_receipts_before_aws_ends_all_mail(
    event: Event, table: Table, mailer: RecordingMailer, fault: Fault, receipts: int
) -> None:
    for n in range(25):
        register(event, table, name=f"P{n}", email=f"p{n}@nowhere.example")
    tend_at([NOW], event, table, mailer)
    for tags in mailer.tags.copy():
        told = MailEvent(tags["mail"], Kind.RECEIPT, Happening.BOUNCE, NOW, "p@nowhere.example")
        told = replace(told, fault=fault)
        mail_events.record_mail_event(Context(NOW, event, table), told)
    for number, now in enumerate((NOW + MINUTE, NOW + DAY)):
        register(event, table, now, name=f"Erik {number}", email=VICTIM)
        ask_for_link(event, table, event.contacts[0].email, now)
        tend_at(minutes_from(now, 3), event, table, mailer)
    sent = recipients(mailer)
    assert sent[VICTIM] == receipts
    assert sent[event.operator] == 2 - receipts
    assert sent[event.contacts[0].email] == 2


def test_the_caps_days_begin_at_midnight_utc_whatever_the_clocks_of_the_event_say(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    midnight = datetime(2027, 5, 21, tzinfo=UTC)
    assert midnight.astimezone(event.timezone).hour == 2
    last_instant = midnight - timedelta(microseconds=1)
    sent = []
    for number, now in enumerate((midnight - 2 * timedelta(hours=1), last_instant, midnight)):
        for n in range(20):
            register(event, table, now, name=f"P{number} {n}", email=VICTIM)
        tend_at([now], event, table, mailer)
        sent.append(len(mailer.letters))
    assert sent == [5, 5, 10]


def count_all_but(left: int, table: Table, now: datetime) -> None:
    day = now.astimezone(UTC).date()
    assert not any(caps.count_receipt(table, f"{n}", day) for n in range(RECEIPTS_A_DAY - left))


def kinds_by_minute(event: Event, flood: Iterable[str], receipts_left: int) -> dict[int, list[str]]:
    """What is mailed in each of the MINUTES, in its order; in the last of them a change is told.

    Three people have registered; just before the deadline the flood has, with these addresses.
    """
    table, mailer = TableInMemory(event), RecordingMailer()
    count_all_but(receipts_left, table, event.closes_at)
    people = [register(event, table, name=f"Person {n}") for n in range(3)]
    for n, address in enumerate(flood):
        register(event, table, event.closes_at - SECOND, name=f"Flood {n}", email=address)
    (one, other), found = event.contacts, {}
    for minute in MINUTES:
        now = event.closes_at + minute * MINUTE
        if minute == 4:
            ask_for_link(event, table, one.email, now)
            told = MailEvent("summary-1-2", Kind.SUMMARY, Happening.BOUNCE, now, other.email)
            told = replace(told, fault=Fault.BOUNCED)
            mail_events.record_mail_event(Context(now, event, table), told)
            officer = officers.Officer(now, event, table, one, VISITOR, lambda: "token")
            officer.add(replace(people[0].registration.answers, name="Late"), "n")
        before = len(mailer.tags)
        tend_at([now], event, table, mailer)
        found[minute] = [told_of(tags) for tags in mailer.tags[before:]]
    assert bool(outbox.due(table, now)) is bool(flood), "it has been waiting all the time"
    return found


def told_of(tags: dict[str, str]) -> str:
    """What a mail is; that the receipts are used up is told only if they are."""
    return "receipt" if tags["mail"].startswith("alarm-receipts") else tags["kind"]


def ask_for_link(event: Event, table: Table, address: str, now: datetime) -> None:
    entering.ask_for_link(
        Context(now, event, table), address, site="https://h", new_token=lambda: "token"
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


def test_a_minutes_work_is_bounded_however_many_receipts_wait(
    event: Event, table: Table, mailer: RecordingMailer
) -> None:
    for n in range(3 * RECEIPTS_AT_A_TIME):
        register(event, table, name=f"P{n}", email=f"p{n}@else.example" if n % 2 else VICTIM)
    assert len(tend_at([NOW], event, table, mailer)) <= RECEIPTS_AT_A_TIME
    assert len(mailer.letters) == MAILS_AT_A_TIME


def test_asking_for_links_fills_no_contact_persons_mailbox(
    gateway: Gateway, event: Event, clock: SetClock, mailer: RecordingMailer
) -> None:
    address = event.contacts[0].email
    for n in range(FLOOD):
        written = address.upper() if n % 2 else f" {address} "
        assert Officer(gateway).ask(written).status == 303
    run_for(5 * MINUTE, clock)
    assert recipients(mailer) == {address: LINKS_AN_HOUR}
    assert all(f"https://{HOST}/desk/enter/" in letter.text for _, letter in mailer.letters)


def test_when_every_short_code_is_taken_people_get_longer_ones(
    event: Event, table: TableInMemory
) -> None:
    names = [f"P{n}" for n in range(50)]
    for name in names:
        token = token_for(replace(VEGAN_WITHOUT_NUTS, name=name, email=""), "n")
        for attempt in range(4):
            key = {"pk": {"S": event.id}, "sk": {"S": f"CODE#{plate_code(token, attempt)}"}}
            table.database.put(key)
    codes = {register(event, table, name=name).registration.plate_code for name in names}
    assert len(codes) == len(names)
    assert {len(code) for code in codes} == {5}
