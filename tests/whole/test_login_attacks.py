"""Strangers who know a contact person's address ask for login links, or forge headers."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from urllib.parse import urlsplit

import pytest

from chalicelib.desk.limits import LINK_LASTS
from chalicelib.event.event import Event
from chalicelib.mail import base_url
from chalicelib.mail.caps import A_LINK_EVERY, LINKS_AT_ONCE
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import DAY, MINUTE, ticks
from tests.examples import FORM_HEADERS
from tests.fakes import BASE_URL, installed_composition, installed_table, sent_mails
from tests.whole.contact_person import HOST, ContactPerson, key_of, newest_link, tick
from tests.whole.pages import VALID, encoded, text_of

WAIT = A_LINK_EVERY // MINUTE
MAILS_A_DAY = LINKS_AT_ONCE - 1 + DAY // A_LINK_EVERY
# How often strangers ask in the given minute of a day.
ATTACKS: dict[str, Callable[[int], int]] = {
    "five at the top of each hour": lambda minute: 5 * (minute % 60 == 0),
    "one every minute": lambda _: 1,
    "five right after each place came back": lambda minute: 5 * (minute % WAIT == 1),
    "many at once, then nothing": lambda minute: 40 * (minute in {0, 1, 2}),
    "at random": lambda minute: Random(minute).choice([0, 0, 0, 0, 1, 7]),
}
EVIL = "evil.example"
STACK = "https://abc.execute-api.eu-north-1.amazonaws.com/prod"
FORGED = {
    "Host": EVIL, "Origin": f"https://{EVIL}", "Forwarded": f"host={EVIL};proto=http",
    "X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "http", "X-Original-Host": EVIL,
    "X-Forwarded-Server": EVIL, "Referer": f"https://{EVIL}/desk",
}  # fmt: skip


@pytest.mark.parametrize(
    "attack",
    [one if n < 2 else pytest.param(one, marks=pytest.mark.soak) for n, one in enumerate(ATTACKS)],
)
def test_during_a_day_of_strangers_asks_a_contact_person_always_gets_in(
    gateway: Gateway, event: Event, clock: SetClock, attack: str
) -> None:
    """At once with the newest link in the mailbox; within A_LINK_EVERY with a link of their own."""
    midnight = clock.now.replace(hour=0, minute=0) + timedelta(hours=2)  # the caps' day is UTC's
    address, stranger = event.contacts[0].email, ContactPerson(gateway)
    choice = Random(attack)
    mine = [start + choice.randrange(60) for start in range(30, 24 * 60 - 120, 90)]
    for minute in range(24 * 60):
        clock.now = midnight + minute * MINUTE
        for _ in range(ATTACKS[attack](minute)):
            assert stranger.ask(address).status == 303
        if minute in mine:
            assert ContactPerson(gateway).ask(address).status == 303
            asked, had = minute, len(sent_mails())
        tick()
        if minute in mine:
            ContactPerson(gateway).log_in(newest_link())
        if minute >= mine[0] and minute == asked + WAIT:
            assert len(sent_mails()) > had, f"asked in minute {asked}"
    assert {mail.recipients for mail in sent_mails()} == {(address,)}
    assert len(sent_mails()) <= MAILS_A_DAY


def test_a_contact_person_who_logs_out_during_an_attack_gets_in_again_within_twenty_minutes(
    gateway: Gateway, event: Event, clock: SetClock
) -> None:
    address = event.contacts[0].email
    for _ in range(LINKS_AT_ONCE + 1):
        ContactPerson(gateway).ask(address)
        ticks(clock, 1)
    assert len(sent_mails()) == LINKS_AT_ONCE
    ContactPerson(gateway).log_in(newest_link()).post("/desk/leave")
    ended = newest_link()
    ContactPerson(gateway).ask(address)
    ticks(clock, WAIT - 2)
    assert newest_link() != ended
    ContactPerson(gateway).log_in(newest_link())


def test_a_mailed_link_does_not_end_the_earlier_ones(
    gateway: Gateway, event: Event, clock: SetClock
) -> None:
    links = []
    for _ in range(LINKS_AT_ONCE):
        ContactPerson(gateway).ask(event.contacts[0].email)
        ticks(clock, 1)
        links.append(newest_link())
    assert len(set(links)) == LINKS_AT_ONCE
    for link in links:
        ContactPerson(gateway).log_in(link)


def test_the_page_after_asking_says_how_long_a_link_lasts_and_the_next_may_take(
    gateway: Gateway,
) -> None:
    page = text_of(ContactPerson(gateway).get("/desk/sent"))
    assert f"Länken gäller i {LINK_LASTS // MINUTE} minuter" in page
    assert f"som mest {WAIT} minuter" in page


# Forged headers


def links_in_mails() -> Iterator[str]:
    for mail in sent_mails():
        for part in ("plain", "html"):
            assert EVIL not in mail.part(part)
            assert "http:" not in mail.part(part)
            yield from (word for word in mail.part(part).split() if word.startswith("https://"))


def test_no_header_decides_where_the_links_in_mails_lead(
    gateway: Gateway, event: Event, clock: SetClock, contact_person: ContactPerson
) -> None:
    """The links of login, receipt and notice."""
    sent_mails().clear()
    form, headers = encoded(**{**VALID, "email": ["a@b.example"]}), {**FORM_HEADERS, **FORGED}
    answers = [
        gateway.request("POST", "/dag/registration", headers, form),
        gateway.request("POST", "/desk", headers, encoded(email=[event.contacts[1].email])),
        gateway.request(
            "POST",
            "/desk/dag/new",
            {**headers, "Cookie": contact_person.cookie},
            encoded(**{**VALID, "nonce": ["another-nonce-of-it"], "email": ["c@d.example"]}),
        ),
    ]
    assert [answer.status for answer in answers] == [303] * 3
    key = key_of(answers[0])
    ContactPerson(gateway, contact_person.cookie, FORGED["Origin"], FORGED).fill_in(
        f"/desk/dag/registrations/{key}/edit", diet=["halal"]
    )
    ticks(clock, 15)
    kinds = Counter(re.split("[,:]", mail.message["Subject"])[0] for mail in sent_mails())
    assert (len(sent_mails()), len(kinds)) == (4, 3), kinds
    links = set(links_in_mails())
    assert len(links) >= 4
    assert all(link.startswith(f"{BASE_URL}/") for link in links)
    assert EVIL not in str(installed_composition().database.all_items())


def test_without_a_stored_base_url_mails_with_links_wait_and_the_operator_is_told_once(
    gateway: Gateway, event: Event, clock: SetClock
) -> None:
    """A first request must not choose the links; `manage.py finish` stores the base URL."""
    base_url.save(installed_table(), "")
    contact, visitor = event.contacts[0].email, "a@b.example"
    ContactPerson(gateway, headers=FORGED, origin=FORGED["Origin"]).ask(contact)
    form = encoded(**{**VALID, "email": [visitor]})
    gateway.request("POST", "/dag/registration", {**FORM_HEADERS, **FORGED}, form)
    ticks(clock, 5)
    assert {mail.recipients for mail in sent_mails()} == {(event.operator,)}
    assert all("manage.py finish" in mail.part("plain") for mail in sent_mails())
    assert len(sent_mails()) == 2, "one alarm about the login link, one about receipts"
    base_url.save(installed_table(), f"https://{HOST}")
    ticks(clock, 10)
    assert {mail.recipients for mail in sent_mails()[2:]} == {(contact,), (visitor,)}
    assert list(links_in_mails())


@pytest.mark.parametrize(("stored", "wanted"), [("", STACK), (BASE_URL, BASE_URL)])
def test_links_lead_to_the_address_that_cloudformation_gave_unless_one_is_stored(
    gateway: Gateway, event: Event, clock: SetClock, stored: str, wanted: str
) -> None:
    parts = installed_composition()
    parts.use(settings=parts.settings._replace(base_url=STACK))
    base_url.save(installed_table(), stored)
    ContactPerson(gateway, headers=FORGED, origin=FORGED["Origin"]).ask(event.contacts[0].email)
    form = encoded(**{**VALID, "email": ["a@b.example"]})
    gateway.request("POST", "/dag/registration", {**FORM_HEADERS, **FORGED}, form)
    ticks(clock, 1)
    assert len(sent_mails()) == 2
    assert {urlsplit(link)[:2] for link in links_in_mails()} == {urlsplit(wanted)[:2]}
    clock.now = event.closes_at
    ticks(clock, 5)
    assert f"{wanted}/desk" in sent_mails()[-1].part("plain")
