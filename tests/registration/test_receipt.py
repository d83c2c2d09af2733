"""What the receipt page and the JSON answer say of the mail with the receipt."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import app as application
from chalicelib.event.context import ALL_EVENTS
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.mail import blocks
from chalicelib.mail.allowance import HARMED_A_DAY, count_harm
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailNotAccepted
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.driving import DAY, Service, tick
from tests.fakes import InMemoryComposition
from tests.ses import ses_event, sns_event
from tests.whole.pages import encoded, submit, text_of

ADDRESS = "erik.berg@boras.example"
COMING = "Vi skickar ett kvitto med länken till e-postadressen."
SENT = "Ett kvitto med länken är skickat till e-postadressen."
NONE = "Inget mejl skickas till e-postadressen. Anmälan gäller ändå. Spara den här sidan"
LOST = "Kvittot kom inte fram till e-postadressen."
SAYINGS = (COMING, SENT, NONE, LOST)


@pytest.fixture
def gateway(service: Service, clock: SetClock) -> Iterator[Gateway]:
    with InMemoryComposition(service.event, clock, service.table, service.mailer).installed():
        yield Gateway(application.app, clock)


def register(gateway: Gateway, number: int = 0, email: str = ADDRESS) -> str:
    """The address of the receipt page."""
    answer = submit(gateway, nonce=f"nonce-of-the-receipt-{number}-{email}", email=[email])
    assert answer.status == 303
    return answer.headers["location"]


def said(gateway: Gateway, receipt: str) -> str:
    """What the receipt page says of the mail; empty if nothing."""
    text = text_of(gateway.request("GET", receipt))
    return " ".join(saying for saying in SAYINGS if saying in text)


def hear(service: Service, event_type: str, **details: Any) -> None:
    """Let SES publish this event about each receipt that was sent."""
    for tags in service.mailer.tags:
        text = ses_event(event_type, tags["mail"], kind="receipt", to=ADDRESS, **details)
        application.record_mail_event(sns_event(text), None)


def test_from_the_sixth_registration_with_a_mailbox_the_page_says_that_no_mail_goes(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    receipts = [register(gateway, n, ADDRESS.replace("@", f"+{n}@")) for n in range(8)]
    expected = [COMING] * RECEIPTS_PER_MAILBOX_A_DAY + [NONE] * 3
    assert [said(gateway, receipt) for receipt in receipts] == expected
    tick(clock)
    assert len(service.recipients) == RECEIPTS_PER_MAILBOX_A_DAY
    assert [said(gateway, receipt) for receipt in receipts] == [SENT] * 5 + [NONE] * 3
    clock.move(DAY)
    assert said(gateway, register(gateway, 9)) == COMING
    assert said(gateway, receipts[-1]) == NONE, "it is not sent tomorrow either"


def test_to_a_blocked_address_the_page_says_that_no_mail_goes(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    before = register(gateway, 1)
    service.table.apply(blocks.block_write(mailbox_hash(ADDRESS)))
    after = register(gateway, 2, "Erik.Berg+x@boras.example")
    assert said(gateway, after) == NONE
    english = text_of(gateway.request("GET", f"{after}?lang=en"))
    assert "No email is sent to the email address. The registration stands all the same" in english
    tick(clock)
    assert (said(gateway, before), service.recipients) == (NONE, [])
    assert len(service.table.database.keys("CAP#")) == 1, "a blocked mailbox needs no counter"


def test_a_blocked_and_a_used_up_address_look_the_same(gateway: Gateway, service: Service) -> None:
    service.table.apply(blocks.block_write(mailbox_hash("blocked@boras.example")))
    used_up = [register(gateway, n) for n in range(6)][-1]
    blocked = register(gateway, 9, "blocked@boras.example")
    one, other = (text_of(gateway.request("GET", page)) for page in (used_up, blocked))
    texts = [text.partition(NONE)[2].partition("Anmäl en till")[0] for text in (one, other)]
    assert texts[0] == texts[1] != ""


def test_without_an_address_nothing_is_said_of_a_mail_and_nothing_more_is_read(
    gateway: Gateway, service: Service
) -> None:
    receipt = register(gateway, email="")
    wire = service.table.database
    wire.calls.clear()
    assert said(gateway, receipt) == ""
    assert wire.calls == ["GetItem"] * 2
    with_mail = register(gateway)
    wire.calls.clear()
    assert said(gateway, with_mail) == COMING
    assert sorted(wire.calls) == ["BatchGetItem", "GetItem", "GetItem"]


@pytest.mark.parametrize(
    ("event_type", "details", "saying"),
    [
        ("Delivery", {}, SENT),
        ("DeliveryDelay", {}, SENT),
        ("Complaint", {}, SENT),
        ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General"}, LOST),
        ("Bounce", {"bounceType": "Permanent", "bounceSubType": "Suppressed"}, LOST),
        ("Reject", {}, LOST),
    ],
)
def test_the_page_says_what_became_of_the_mail(
    gateway: Gateway,
    clock: SetClock,
    service: Service,
    event_type: str,
    details: dict[str, str],
    saying: str,
) -> None:
    receipt = register(gateway)
    tick(clock)
    hear(service, event_type, **details)
    assert said(gateway, receipt) == saying


def test_a_receipt_that_ses_refuses_did_not_arrive(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    service.mailer.refused[ADDRESS] = MailNotAccepted(Fault.BAD_REQUEST)
    receipt = register(gateway)
    tick(clock)
    assert said(gateway, receipt) == LOST


def test_after_a_change_the_page_speaks_of_the_mail_to_the_present_address(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    receipt = register(gateway)
    tick(clock)
    hear(service, "Bounce", bounceType="Permanent")

    def change(revision: int, email: str, diet: str) -> None:
        fields = {"name": ["Åsa"], "meal": ["lunch"], "revision": [f"{revision}"]}
        body = encoded(**fields, email=[email], diet=[diet])
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert gateway.request("POST", f"{receipt}/edit", headers, body).status == 303

    change(1, ADDRESS, "kosher")
    assert said(gateway, receipt) == LOST
    change(2, "other@boras.example", "kosher")
    assert said(gateway, receipt) == COMING
    tick(clock)
    change(3, "other@boras.example", "halal")
    assert said(gateway, receipt) == SENT
    for number in range(5):
        register(gateway, number + 1, "third@boras.example")
    change(4, "third@boras.example", "halal")
    assert said(gateway, receipt) == NONE
    change(5, "", "halal")
    assert said(gateway, receipt) == ""


def post_json(gateway: Gateway, key: str, email: str = ADDRESS) -> Answer:
    body = json.dumps({"name": "Åsa", "meal": "lunch", "diet": "vegan", "email": email})
    headers = {"content-type": "application/json", "Idempotency-Key": key}
    return gateway.request("POST", "/dag/registration", headers, body.encode())


def test_json_says_whether_a_mail_goes(gateway: Gateway, clock: SetClock, service: Service) -> None:
    keys = [f"one-of-many-keys-{n}" for n in range(6)]
    first = [json.loads(post_json(gateway, key).text)["receipt_mail"] for key in keys]
    again = [json.loads(post_json(gateway, key).text)["receipt_mail"] for key in keys]
    assert first == again == [True] * RECEIPTS_PER_MAILBOX_A_DAY + [False]
    assert not json.loads(post_json(gateway, "key-without-an-address", "").text)["receipt_mail"]
    service.table.apply(blocks.block_write(mailbox_hash("blocked@boras.example")))
    blocked = post_json(gateway, "the-key-of-the-blocked", "blocked@boras.example")
    assert not json.loads(blocked.text)["receipt_mail"]
    tick(clock)
    clock.move(DAY)
    later = [json.loads(post_json(gateway, key).text)["receipt_mail"] for key in keys[::-1]]
    assert later == first[::-1], "another day's receipts change nothing for what was stored before"
    tick(clock, service.event.closes_at)
    late = [json.loads(post_json(gateway, key).text)["receipt_mail"] for key in keys]
    assert late == first


def test_once_the_receipts_of_a_day_are_used_up_no_mail_is_promised(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    waiting = register(gateway)
    assert said(gateway, waiting) == COMING
    for _ in range(HARMED_A_DAY):
        count_harm(service.table.beside(ALL_EVENTS), f"{clock.now:%Y-%m-%d}")
    assert said(gateway, waiting) == NONE
    assert said(gateway, register(gateway, 1)) == NONE
    assert not json.loads(post_json(gateway, "key-of-a-used-up-day").text)["receipt_mail"]
    tick(clock)
    assert said(gateway, waiting) == NONE
    clock.move(DAY)
    assert said(gateway, register(gateway, 2)) == COMING
    assert json.loads(post_json(gateway, "key-of-the-day-after").text)["receipt_mail"]


def test_a_submission_sent_again_counts_once_for_its_mailbox(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    with ThreadPoolExecutor(10) as pool:
        pages = list(pool.map(lambda _: register(gateway), range(10)))
    assert len(set(pages)) == 1
    assert [said(gateway, page) for page in pages] == [COMING] * 10
    others = [register(gateway, n + 1) for n in range(4)]
    assert Counter(said(gateway, page) for page in others) == {COMING: 4}
    tick(clock)
    assert len(service.recipients) == 5


@pytest.mark.parametrize(
    ("email", "calls"),
    [
        ("", ["GetItem", "TransactWriteItems"]),
        (ADDRESS, ["BatchGetItem", "UpdateItem", "TransactWriteItems"]),
    ],
)
def test_the_mailbox_costs_a_registration_one_request_and_one_write_unit(
    gateway: Gateway, service: Service, email: str, calls: list[str]
) -> None:
    wire = service.table.database
    register(gateway, email=email)
    assert wire.calls == calls
    writes = wire.requests[-1]["TransactItems"]
    assert len(writes) == 2 + bool(email)
