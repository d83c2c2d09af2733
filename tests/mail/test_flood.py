"""Floods of requests must neither fill a mailbox nor delay other mails."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, pairwise
from typing import Any

import pytest

import app as application
from chalicelib.desk import changing, login
from chalicelib.desk.login import Door
from chalicelib.desk.work import DeskWork
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.dynamo.table import Table
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.event import Event
from chalicelib.mail import allowance, ses_events
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.allowance import (
    HARMED_A_DAY,
    RECEIPTS_A_DAY,
    TOO_OLD,
    UNCONFIRMED_AN_HOUR,
    UNCONFIRMED_AT_FIRST,
    USED_UP,
    read_counts,
)
from chalicelib.mail.caps import (
    LINKS_AT_ONCE,
    RECEIPTS_PER_DOMAIN_A_DAY,
    RECEIPTS_PER_MAILBOX_A_DAY,
)
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import DROPPED_AT_A_TIME, RECEIPTS_AT_A_TIME
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.registration import store as registrations
from chalicelib.registration.tokens import CODE_ATTEMPTS, plate_code, token_of_form
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import DAY, HOUR, MINUTE, SECOND, Service, tick, ticks
from tests.examples import NOW
from tests.fakes import InMemoryComposition, TableInMemory
from tests.ses import ses_event, sns_event
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
        submit(gateway, f"nonce-of-the-flood-{n}-{address}", email=[address.format(n=n)]).status
        for n, address in enumerate(addresses)
    )


def count_all_but(left: int, table: Table, now: datetime) -> None:
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    for _ in range(RECEIPTS_A_DAY - left):
        allowance.count_sending(table.beside(ALL_EVENTS), day, now)
        allowance.count_settled(table.beside(ALL_EVENTS), day, delivered=True)


def hear_of_receipts(
    service: Service, *event_types: str, after: int = 0, **details: Any
) -> list[dict[str, str]]:
    """Let SES publish these events about each receipt but the first `after`; return their tags."""
    receipts = [tags for tags in service.mailer.tags if tags["kind"] == MailKind.RECEIPT][after:]
    for tags in receipts:
        for event_type in event_types:
            text = ses_event(
                event_type, tags["mail"], kind="receipt", day=tags["day"], to=VICTIM, **details
            )
            application.record_mail_event(sns_event(text), None)
    return receipts


def ticks_with_ses(
    clock: SetClock, service: Service, minutes: int, event_type: str = "Delivery", **details: Any
) -> None:
    """Run a tick each minute; seconds after it SES says what became of each receipt sent."""
    for _ in range(minutes):
        sent = len(receipts_sent(service))
        ticks(clock, 1)
        hear_of_receipts(service, event_type, after=sent, **details)


def receipts_sent(service: Service) -> list[str]:
    """The recipients of all receipts."""
    sent = zip(service.recipients, service.mailer.tags, strict=True)
    return [recipient for recipient, tags in sent if tags["kind"] == MailKind.RECEIPT]


def reasons(service: Service) -> Counter[str]:
    """Why receipts were dropped."""
    items = service.table.database.all_items()
    return Counter(item["reason"]["S"] for item in items if "dropped_at" in item)


@pytest.mark.parametrize(
    "provider",
    [
        one if n < 2 else pytest.param(one, marks=pytest.mark.soak)
        for n, one in enumerate(SAME_MAILBOX)
    ],
)
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
    ticks_with_ses(clock, service, 10)
    assert len(service.recipients) == RECEIPTS_PER_DOMAIN_A_DAY
    clock.move(DAY)
    post_all(gateway, [f"q{{n}}@{domain}" for _ in range(3)])
    ticks(clock, 2)
    assert len(service.recipients) == RECEIPTS_PER_DOMAIN_A_DAY + 3


@pytest.mark.parametrize(
    "domain",
    [
        "boras.example",
        *(pytest.param(d, marks=pytest.mark.soak) for d in ("edu.boras.example", "gmail.com")),
    ],
)
def test_the_organisations_own_domain_and_large_providers_have_no_cap_of_a_domain(
    gateway: Gateway, clock: SetClock, service: Service, domain: str
) -> None:
    post_all(gateway, [f"p{{n}}@{domain}" for _ in range(RECEIPTS_PER_DOMAIN_A_DAY + 40)])
    ticks_with_ses(clock, service, 10)
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
        assert gateway.request("POST", "/dag/registration", headers, body.encode()).status == 201
    ticks(clock, 5)
    assert service.recipients == [VICTIM] * RECEIPTS_PER_MAILBOX_A_DAY


def test_changing_the_address_back_and_forth_does_not_exceed_the_daily_cap(
    service: Service,
) -> None:
    receipt = service.register(email="start@else.example")
    for n, address in enumerate(islice(cycle((VICTIM, f"x+{VICTIM}", "other@boras.example")), 60)):
        assert service.change(receipt, n + 1, NOW, email=address)
        service.run_due_steps(NOW)
        allowance.count_settled(service.table.beside(ALL_EVENTS), "2027-05-20", delivered=True)
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


INVENTED = [f"p{{n}}@nowhere{n % 50}.example" for n in range(300)]
BOUNCED: dict[str, Any] = {"event_type": "Bounce", "bounceType": "Permanent"}
SUPPRESSED = {**BOUNCED, "bounceSubType": "OnAccountSuppressionList"}


@pytest.mark.parametrize("report", [BOUNCED, {"event_type": "Complaint"}])
def test_of_a_flood_of_invented_addresses_ten_mails_leave_and_the_day_is_over(
    gateway: Gateway, clock: SetClock, service: Service, report: dict[str, Any]
) -> None:
    post_all(gateway, INVENTED)
    ticks_with_ses(clock, service, 5, **report)
    assert len(receipts_sent(service)) == UNCONFIRMED_AT_FIRST
    (alarm,) = service.alarms()
    assert "stoppade" in service.subjects(service.event.operator)[0]
    assert reasons(service) == {USED_UP: 290}
    post_all(gateway, [VICTIM])
    ticks_with_ses(clock, service, 2)
    assert VICTIM not in service.recipients
    clock.move(DAY)
    post_all(gateway, ["next.day@boras.example"])
    ticks_with_ses(clock, service, 2)
    assert receipts_sent(service)[-1] == "next.day@boras.example"
    assert "nowhere" not in alarm


@pytest.mark.parametrize("hours", [1, pytest.param(6, marks=pytest.mark.soak)])
def test_bounces_that_are_hours_late_cost_few_mails(
    gateway: Gateway, clock: SetClock, service: Service, hours: int
) -> None:
    post_all(gateway, INVENTED)
    ticks(clock, hours * 60)
    sent = len(receipts_sent(service))
    assert sent <= UNCONFIRMED_AT_FIRST + hours * UNCONFIRMED_AN_HOUR
    hear_of_receipts(service, "Bounce", bounceType="Permanent")
    ticks(clock, 3)
    assert len(receipts_sent(service)) == sent
    assert len(service.alarms()) == 1


@pytest.mark.parametrize("bounced_before", [0, 4])
def test_a_flood_after_many_deliveries_bounces_twenty_times_at_most(
    gateway: Gateway, clock: SetClock, service: Service, bounced_before: int
) -> None:
    """An attacker's own domain confirms everything; then the invented addresses follow at once."""
    post_all(gateway, INVENTED[:bounced_before])
    ticks_with_ses(clock, service, 1, **BOUNCED)
    post_all(gateway, ["p{n}@attacker.example" for n in range(60)])
    ticks_with_ses(clock, service, 10)
    confirmed = len(receipts_sent(service)) - bounced_before
    assert confirmed == 60
    post_all(gateway, [f"late-{address}" for address in INVENTED])
    ticks_with_ses(clock, service, 10, **BOUNCED)
    assert len(receipts_sent(service)) - confirmed <= HARMED_A_DAY


@pytest.mark.soak
def test_without_any_report_of_ses_ten_receipts_leave_in_an_hour(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    post_all(gateway, INVENTED)
    sent = []
    for _ in range(4):
        ticks(clock, 60)
        sent.append(len(receipts_sent(service)))
    assert [after - before for before, after in pairwise(sent)] == [UNCONFIRMED_AN_HOUR] * 3


@pytest.mark.parametrize("report", [BOUNCED, {"event_type": "Complaint"}])
def test_one_mail_reported_twenty_times_counts_once(
    gateway: Gateway, clock: SetClock, service: Service, report: dict[str, Any]
) -> None:
    post_all(gateway, [VICTIM])
    ticks(clock, 1)
    for _ in range(20):
        hear_of_receipts(service, report["event_type"], "Delivery", bounceType="Permanent")
    counts = read_counts(service.table.beside(ALL_EVENTS), "2027-05-20", clock.now)
    assert (counts.sent, counts.settled, counts.harmed) == (1, 1, 1)
    post_all(gateway, ["erik@boras.example"])
    ticks(clock, 2)
    assert service.recipients == [VICTIM, "erik@boras.example"]


@pytest.mark.parametrize(
    ("delivered", "bounced", "goes_on"),
    [
        (0, 4, True),
        (0, 5, False),
        (40, 4, True),
        (45, 5, False),
        (60, 5, True),
        (300, 19, True),
        (300, 20, False),
    ],
)
def test_bounces_end_the_day_by_number_and_by_ratio(
    service: Service, delivered: int, bounced: int, *, goes_on: bool
) -> None:
    """AWS pauses an account at ten per cent of bounces."""
    for _ in range(delivered + bounced):
        allowance.count_sending(service.table.beside(ALL_EVENTS), "2027-05-20", NOW - 2 * HOUR)
        allowance.count_settled(service.table.beside(ALL_EVENTS), "2027-05-20", delivered=True)
    for _ in range(bounced):
        allowance.count_harm(service.table.beside(ALL_EVENTS), "2027-05-20")
    service.register(email=VICTIM)
    ask_for_link(service, NOW)
    service.tick_for(3, NOW)
    assert len(service.letters(VICTIM)) == goes_on
    assert len(service.alarms()) == (not goes_on)
    assert len(service.letters(service.contacts[0])) == 1


@pytest.mark.parametrize("how", ["suppressed", "soft", "refused"])
def test_mails_that_ses_keeps_from_leaving_take_no_room_from_others(
    gateway: Gateway, clock: SetClock, service: Service, how: str
) -> None:
    invented = [f"p{n}@nowhere.example" for n in range(30)]
    if how == "refused":
        refusal = MailNotAccepted(Fault.BAD_REQUEST)
        service.mailer.refused |= dict.fromkeys(invented, refusal)
    post_all(gateway, invented)
    details = SUPPRESSED if how == "suppressed" else {**BOUNCED, "bounceType": "Transient"}
    ticks_with_ses(clock, service, 4, **details)
    post_all(gateway, [VICTIM])
    ticks(clock, 1)
    assert service.recipients[-1] == VICTIM
    assert service.alarms() == []


@pytest.mark.soak
def test_a_flood_late_on_a_day_takes_nothing_of_the_next_days_receipts(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    midnight = datetime(2027, 5, 21, tzinfo=UTC)
    clock.now = midnight - 10 * MINUTE
    post_all(gateway, INVENTED * 4)
    ticks(clock, 12)
    flood = len(receipts_sent(service))
    post_all(gateway, [f"guest{{n}}@elsewhere{n % 9}.example" for n in range(40)])
    for minute in range(6):
        sent = len(receipts_sent(service))
        ticks(clock, 1)
        hear_of_receipts(service, "Delivery", after=sent)
        if minute == 1:  # what SES says of yesterday's mails counts yesterday
            first = service.mailer.tags[:flood]
            for tags in first:
                bounce = ses_event(
                    "Bounce", tags["mail"], kind="receipt", day=tags["day"], bounceType="Permanent"
                )
                application.record_mail_event(sns_event(bounce), None)
    sent_today = receipts_sent(service)[flood:]
    assert sum("guest" in address for address in sent_today) == 40
    assert read_counts(service.table.beside(ALL_EVENTS), "2027-05-21", clock.now).harmed == 0
    ticks(clock, 60)
    assert outbox.due(service.table, clock.now + DAY) == []
    assert reasons(service).total() + len(receipts_sent(service)) == 4 * len(INVENTED) + 40


def test_a_receipt_queued_just_before_midnight_is_sent_and_counts_for_its_day(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    midnight = datetime(2027, 5, 21, tzinfo=UTC)
    clock.now = midnight - 2 * MINUTE
    post_all(gateway, [VICTIM])
    tick(clock, midnight + MINUTE)
    assert service.recipients == [VICTIM]
    counts = [
        read_counts(service.table.beside(ALL_EVENTS), f"2027-05-{day}", clock.now).sent
        for day in (20, 21)
    ]
    assert counts == [1, 0]


def test_a_receipt_that_ses_was_tried_with_is_retried_past_its_day(service: Service) -> None:
    service.mailer.errors += [MailNotAccepted(Fault.PAUSED)] * 12
    service.register(email=VICTIM)
    service.tick_for(60 * 30, NOW)
    assert len(service.letters(VICTIM)) == 1


def test_what_waited_past_its_day_is_dropped_in_bounded_steps_and_delays_nobody(
    service: Service,
) -> None:
    yesterday = NOW - DAY
    count_unconfirmed(service.table, yesterday)
    for n in range(3 * RECEIPTS_AT_A_TIME):
        service.register(yesterday, name=f"P{n}", email=f"p{n}@else{n}.example")
    service.register(name="Erik", email="erik@elsewhere.example")
    service.register(name="Åsa", email="asa@boras.example")
    steps = service.run_due_steps(NOW)
    assert service.recipients == ["asa@boras.example", "erik@elsewhere.example"]
    assert len(steps) == 2 + DROPPED_AT_A_TIME
    service.tick_for(4, NOW + MINUTE)
    assert outbox.due(service.table, NOW + DAY) == []
    assert reasons(service) == {TOO_OLD: 3 * RECEIPTS_AT_A_TIME}
    assert service.alarms() == []


def test_what_waits_for_days_is_dropped_although_more_waits_today(service: Service) -> None:
    for at in (NOW - DAY, NOW):
        count_unconfirmed(service.table, at)
        for n in range(RECEIPTS_AT_A_TIME):
            service.register(at, name=f"P{n} {at}", email=f"p{n}@else{n}.example")
    service.tick_for(3, NOW)
    assert reasons(service) == {TOO_OLD: RECEIPTS_AT_A_TIME}


def count_unconfirmed(table: Table, now: datetime) -> None:
    """Count as many receipts as may be on their way at first, all of them sent within this hour."""
    for _ in range(UNCONFIRMED_AT_FIRST):
        allowance.count_sending(table.beside(ALL_EVENTS), f"{now.astimezone(UTC):%Y-%m-%d}", now)


def test_a_tick_without_room_reads_one_page_and_one_counter_and_writes_nothing(
    service: Service,
) -> None:
    count_unconfirmed(service.table, NOW)
    for n in range(3 * RECEIPTS_AT_A_TIME):
        service.register(name=f"P{n}", email=f"p{n}@else{n}.example")
    service.run_due_steps(NOW)
    wire = service.table.database
    wire.calls.clear()
    wire.requests.clear()
    assert service.run_due_steps(NOW) == []
    assert wire.calls == ["Query", "Query", "GetItem"], "the newest, the oldest, the counter"
    assert sum(request.get("Limit", 0) for request in wire.requests) < 800


def test_mails_to_contact_persons_need_no_counter(service: Service) -> None:
    wire = service.table.database
    service.register()
    service.summarise()
    ask_for_link(service, service.event.closes_at + 5 * MINUTE)
    wire.requests.clear()
    service.tick_for(2, service.event.closes_at + 6 * MINUTE)
    assert len(service.recipients) == 3
    assert "CAP#20" not in str(wire.requests)


@pytest.mark.parametrize(
    ("how_many", "address"),
    [
        (60, "c{n}@elsewhere.example"),
        (200, "c{n}@boras.example"),
        pytest.param(200, "c{n}@edu.boras.example", marks=pytest.mark.soak),
        pytest.param(200, "c{n}@gmail.com", marks=pytest.mark.soak),
    ],
)
def test_colleagues_who_register_within_a_minute_all_get_their_receipts_soon(
    gateway: Gateway, clock: SetClock, service: Service, address: str, how_many: int
) -> None:
    post_all(gateway, [address] * how_many)
    ticks_with_ses(clock, service, how_many // 15)
    assert len(set(receipts_sent(service))) == how_many


def test_receipts_to_the_organisations_own_domain_leave_before_those_of_a_flood(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    post_all(gateway, INVENTED)
    post_all(gateway, ["asa@boras.example", "bo@edu.boras.example"])
    ticks(clock, 1)
    assert receipts_sent(service)[:2] == ["asa@boras.example", "bo@edu.boras.example"]


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
            work = DeskWork(now, event, service.table, one, lambda: "token")
            changing.add(work, replace(people[0].registration.answers, name="Late"), "n")
        before = len(service.mailer.tags)
        service.run_due_steps(now)
        found[minute] = [kind_of(tags) for tags in service.mailer.tags[before:]]
    assert bool(outbox.due(service.table, now)) is waits, "receipts of the flood still wait"
    return found


def kind_of(tags: dict[str, str]) -> str:
    """The kind of a mail. The alarm about used-up receipts counts as a receipt of the flood."""
    return "receipt" if tags["mail"].startswith("alarm-receipts") else tags["kind"]


def ask_for_link(service: Service, now: datetime) -> None:
    login.ask_for_link(Door(now, [service.at(now)]), service.contacts[0])


@pytest.mark.soak
@pytest.mark.parametrize("address", [VICTIM, "p{n}@else{n}.example"])
def test_no_flood_of_receipts_delays_the_mails_to_contact_persons_and_operator(
    event: Event, address: str
) -> None:
    flood = [address.format(n=n) for n in range((len(MINUTES) + 1) * RECEIPTS_AT_A_TIME)]
    quiet = kinds_by_minute(event, [], 15, waits=False)
    assert {minute: kinds for minute, kinds in quiet.items() if kinds} == {
        3: ["summary", "summary"],
        4: ["alarm", "desk"],
        14: ["change", "change"],
    }
    flooded = kinds_by_minute(event, flood, 15, waits=address != VICTIM)
    without_receipts = {
        minute: [kind for kind in kinds if kind != "receipt"] for minute, kinds in flooded.items()
    }
    assert without_receipts == quiet
    assert all(kinds == sorted(kinds, key="receipt".__eq__) for kinds in flooded.values())
    sent = sum(kinds.count("receipt") for kinds in flooded.values())
    assert sent == (5 if address == VICTIM else 15 + 1), (
        "with the alarm that the receipts are used up"
    )


def test_the_work_of_one_run_is_bounded_however_many_receipts_wait(service: Service) -> None:
    for n in range(3 * RECEIPTS_AT_A_TIME):
        service.register(name=f"P{n}", email=f"p{n}@else.example" if n % 2 else VICTIM)
    for _ in range(HARMED_A_DAY):
        allowance.count_settled(service.table.beside(ALL_EVENTS), "2027-05-20", delivered=True)
    assert len(service.run_due_steps(NOW)) <= RECEIPTS_AT_A_TIME
    assert len(service.recipients) == HARMED_A_DAY


def test_requests_for_login_links_cannot_flood_a_contact_persons_mailbox(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    address = service.contacts[0]
    for n in range(FLOOD):
        written = address.upper() if n % 2 else f" {address} "
        assert ContactPerson(gateway).ask(written).status == 303
        if n % (FLOOD // 5) == 0:
            ticks(clock, 1)
    assert service.recipients == [address] * LINKS_AT_ONCE
    assert all(f"https://{HOST}/desk/enter/" in letter.text for letter in service.letters(address))


def take_codes(service: Service, name: str, attempts: int) -> None:
    """Store the plate codes of this person's first `attempts` as taken."""
    token = token_of_form(name, "n")
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
