"""Floods of requests must neither fill a mailbox nor delay other mails."""

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
from chalicelib.mail.caps import (
    LINKS_AN_HOUR,
    RECEIPTS_A_DAY,
    RECEIPTS_PER_DOMAIN_A_DAY,
    RECEIPTS_PER_MAILBOX_A_DAY,
)
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import MAILS_AT_A_TIME, RECEIPTS_AT_A_TIME
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
# Minutes after the deadline: those in which mails other than receipts are due, and some others.
MINUTES = (*range(6), *range(13, 17))
VICTIM = "erik.berg@boras.example"
# Spellings of one mailbox that an attacker could use to get around the cap of the mailbox.
SAME_MAILBOX = {
    "any": (
        VICTIM, "ERIK.BERG@BORAS.EXAMPLE", "  Erik.Berg@boras.example\t",
        "eri\u212a.berg@boras.example", "erik.berg+{n}@boras.example",
        "Erik.Berg+{n}@Boras.Example", "erik.berg\u200b@boras.example",
        "erik.berg+a+{n}@boras.example",
    ),
    "Gmail": (
        "erikberg@gmail.com", "e.r.i.k.berg@gmail.com", "Erik.Berg+{n}@googlemail.com",
        "erik.b.erg+a.{n}@GMAIL.com",
    ),
    "iCloud": ("erik@icloud.com", "erik@me.com", "erik+{n}@mac.com"),
    "Proton": (
        "erikberg@proton.me", "erik.berg@protonmail.com", "e_r_i_k_berg@protonmail.ch",
        "erik-berg+{n}@pm.me",
    ),
    "Fastmail": ("erik_b@fastmail.com", "erik_b+{n}@fastmail.com", "a{n}@erik-b.fastmail.com"),
    "Yahoo": ("erik@yahoo.se", "erik-{n}@yahoo.se", "erik-a{n}+b@yahoo.se"),
}  # fmt: skip
# Addresses that only look like the victim's; how SES would treat them is unknown.
LOOK_ALIKES = (
    "еrik.berg@boras.example", "erik．berg@boras.example", "erik.berg＠boras.example",
    "erık.berg@boras.example", "erik.berg@bora\u017f.example", "erik.berg@boras。example",
    "e\u0301rik.berg@boras.example", "érik.berg@boräs.example",
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
    assert all(caps.count_sending(table, day) for _ in range(RECEIPTS_A_DAY - left))


@pytest.mark.parametrize("provider", SAME_MAILBOX)
def test_500_posts_with_one_address_in_any_spelling_send_five_mails_a_day(
    gateway: Gateway, clock: SetClock, service: Service, provider: str
) -> None:
    spellings = SAME_MAILBOX[provider]
    assert post_all(gateway, islice(cycle(spellings), FLOOD)) == {303: FLOOD}
    ticks(clock, 30)
    assert len(service.recipients) == RECEIPTS_PER_MAILBOX_A_DAY
    due = outbox.due(service.table, clock.now + DAY)
    assert due == [], "receipts over the cap are dropped, not sent tomorrow"
    clock.move(DAY)
    post_all(gateway, [spellings[-1].format(n=n) for n in range(FLOOD, FLOOD + 20)])
    ticks(clock, 5)
    assert len(service.recipients) == 2 * RECEIPTS_PER_MAILBOX_A_DAY


def test_people_whose_addresses_are_much_alike_all_get_their_receipts(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    """Five a day to a mailbox, but a.berg and ab.erg are two colleagues."""
    people = [f"{name}@elsewhere.example" for name in ("a.berg", "ab.erg", "a-b", "a_b", "ab")]
    post_all(gateway, people * 2)
    ticks(clock, 5)
    assert sorted(service.recipients) == sorted(people * 2)


@pytest.mark.parametrize("domain", ["victim.example", "{n}.victim.example"])
def test_a_whole_domain_that_leads_to_one_mailbox_gets_its_cap_of_receipts_a_day(
    gateway: Gateway, clock: SetClock, service: Service, domain: str
) -> None:
    post_all(gateway, [f"p{{n}}@{domain}" for _ in range(RECEIPTS_PER_DOMAIN_A_DAY + 40)])
    ticks(clock, 10)
    assert len(service.recipients) == RECEIPTS_PER_DOMAIN_A_DAY
    clock.move(DAY)
    post_all(gateway, [f"q{{n}}@{domain}" for _ in range(3)])
    ticks(clock, 2)
    assert len(service.recipients) == RECEIPTS_PER_DOMAIN_A_DAY + 3


@pytest.mark.parametrize("domain", ["boras.example", "edu.boras.example", "gmail.com"])
def test_the_organisations_own_domain_and_large_providers_have_no_cap_of_a_domain(
    gateway: Gateway, clock: SetClock, service: Service, domain: str
) -> None:
    post_all(gateway, [f"p{{n}}@{domain}" for _ in range(RECEIPTS_PER_DOMAIN_A_DAY + 40)])
    ticks(clock, 10)
    assert len(service.recipients) == RECEIPTS_PER_DOMAIN_A_DAY + 40


def test_an_address_that_only_looks_like_the_victims_is_refused(
    gateway: Gateway, table: Table
) -> None:
    assert post_all(gateway, LOOK_ALIKES) == {422: len(LOOK_ALIKES)}
    assert list(registrations.encoded_orders(table)) == []


def test_json_submissions_count_towards_the_same_caps_as_the_form(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    for n in range(40):
        body = f'{{"name": "P{n}", "meal": "lunch", "diet": "vegan", "email": "{VICTIM}"}}'
        headers = {"content-type": "application/json", "Idempotency-Key": f"one-of-many-keys-{n}"}
        assert gateway.request("POST", "/registration", headers, body.encode()).status == 201
    ticks(clock, 5)
    assert service.recipients == [VICTIM] * RECEIPTS_PER_MAILBOX_A_DAY


def test_changing_the_address_back_and_forth_does_not_exceed_the_daily_cap(
    service: Service,
) -> None:
    receipt = service.register(email="start@else.example")
    for n, address in enumerate(islice(cycle((VICTIM, f"x+{VICTIM}", "other@boras.example")), 60)):
        assert service.change(receipt, n + 1, NOW, email=address)
        service.run_due_steps(NOW)
    mails = Counter(service.recipients)
    assert mails[VICTIM] == max(mails.values()) == RECEIPTS_PER_MAILBOX_A_DAY


def test_receipts_that_are_no_longer_wanted_do_not_count_towards_the_cap_of_all(
    service: Service,
) -> None:
    """Otherwise registrations that are cancelled at once could use up everybody's receipts."""
    count_all_but(3, service.table, NOW)
    moving = service.register(email="start@else.example")
    for n in range(20):
        cancelled = service.register(name=f"P{n}", email=f"c{n}@else.example")
        service.cancel(cancelled.token, now=NOW)
        assert service.change(moving, n + 1, NOW, email=f"p{n}@else.example")
    service.register(name="Erik", email=VICTIM)
    service.register(name="Eva", email="eva@boras.example")
    service.run_due_steps(NOW)
    assert set(service.recipients) == {"p19@else.example", VICTIM, "eva@boras.example"}


def test_all_addresses_together_get_at_most_the_daily_number_of_receipts(service: Service) -> None:
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
def test_bounced_receipts_stop_the_days_receipts_before_aws_suspends_all_mail(
    service: Service, fault: Fault, receipts: int
) -> None:
    for n in range(25):
        service.register(name=f"P{n}", email=f"p{n}@nowhere.example")
    service.run_due_steps(NOW)
    for tags in service.mailer.tags.copy():
        bounce = MailEvent(
            tags["mail"], MailKind.RECEIPT, MailEventType.BOUNCE, NOW, "p@nowhere.example"
        )
        ses_events.record_mail_event(service.at(NOW), replace(bounce, fault=fault))
    for number, now in enumerate((NOW + MINUTE, NOW + DAY)):
        service.register(now, name=f"Erik {number}", email=VICTIM)
        ask_for_link(service, now)
        service.tick_for(3, now)
    assert len(service.letters(VICTIM)) == receipts
    assert len(service.alarms()) == 2 - receipts
    assert len(service.letters(service.contacts[0])) == 2


def test_a_caps_day_begins_at_midnight_utc_not_at_the_events_local_midnight(
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


def kinds_by_minute(
    event: Event, flood: Iterable[str], receipts_left: int, *, waits: bool
) -> dict[int, list[str]]:
    """The kinds of the mails sent in each of the MINUTES, in the order of sending.

    Three people are registered, and just before the deadline each address in `flood`. In minute 4
    a login link is requested, a summary bounces and a registration is added at the desk.
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
            bounce = MailEvent(
                "summary-1-2", MailKind.SUMMARY, MailEventType.BOUNCE, now, other.email
            )
            ses_events.record_mail_event(service.at(now), replace(bounce, fault=Fault.BOUNCED))
            work = DeskWork(now, event, service.table, one, LINK_TARGET, lambda: "token")
            work.add(replace(people[0].registration.answers, name="Late"), "n")
        before = len(service.mailer.tags)
        service.run_due_steps(now)
        found[minute] = [kind_of(tags) for tags in service.mailer.tags[before:]]
    assert bool(outbox.due(service.table, now)) is waits, "receipts of the flood still wait"
    return found


def kind_of(tags: dict[str, str]) -> str:
    """The kind of a mail. The alarm about used-up receipts counts as a receipt of the flood."""
    return "receipt" if tags["mail"].startswith("alarm-receipts") else tags["kind"]


def ask_for_link(service: Service, now: datetime) -> None:
    login.ask_for_link(
        service.at(now), service.contacts[0], base_url="https://h", new_token=lambda: "token"
    )


@pytest.mark.parametrize("address", [VICTIM, "p{n}@else{n}.example"])
def test_no_flood_of_receipts_delays_the_mails_to_contact_persons_and_operator(
    event: Event, address: str
) -> None:
    flood = [address.format(n=n) for n in range((len(MINUTES) + 1) * RECEIPTS_AT_A_TIME)]
    quiet = kinds_by_minute(event, [], 40, waits=False)
    assert {minute: kinds for minute, kinds in quiet.items() if kinds} == {
        3: ["summary", "summary"],
        4: ["alarm", "desk"],
        14: ["change", "change"],
    }
    flooded = kinds_by_minute(event, flood, 40, waits=address != VICTIM)
    without_receipts = {
        minute: [kind for kind in kinds if kind != "receipt"] for minute, kinds in flooded.items()
    }
    assert without_receipts == quiet
    assert all(kinds == sorted(kinds, key="receipt".__eq__) for kinds in flooded.values())
    sent = sum(kinds.count("receipt") for kinds in flooded.values())
    assert sent == (5 if address == VICTIM else 40 + 1), (
        "with the alarm that the receipts are used up"
    )


def test_the_work_of_one_run_is_bounded_however_many_receipts_wait(service: Service) -> None:
    for n in range(3 * RECEIPTS_AT_A_TIME):
        service.register(name=f"P{n}", email=f"p{n}@else.example" if n % 2 else VICTIM)
    assert len(service.run_due_steps(NOW)) <= RECEIPTS_AT_A_TIME
    assert len(service.recipients) == MAILS_AT_A_TIME


def test_requests_for_login_links_cannot_flood_a_contact_persons_mailbox(
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
    """Store the plate codes of this person's first `attempts` as taken."""
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


def test_a_registration_fails_and_is_not_stored_if_no_plate_code_is_free(service: Service) -> None:
    take_codes(service, "Åsa", CODE_ATTEMPTS)
    with pytest.raises(StoreUnavailable):
        service.register(name="Åsa")
    assert service.table.database.keys("REG#") == []
