"""The receipt page: what has just happened, what else may be mailed, and what it tells nobody."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, unquote

import pytest

import app as application
from chalicelib.desk import changing
from chalicelib.desk.work import DeskWork
from chalicelib.event.event import Event
from chalicelib.mail.caps import RECEIPTS_PER_MAILBOX_A_DAY
from chalicelib.registration import store as registrations
from chalicelib.registration.receipt_pages import NEWS_LASTS
from chalicelib.registration.tokens import hash_token
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import DAY, MINUTE, Service, new_token, tick
from tests.examples import FORM_HEADERS
from tests.fakes import BASE_URL, InMemoryComposition
from tests.registration.test_receipt import ADDRESS, register
from tests.whole.pages import VALID, encoded, text_of


@pytest.fixture
def gateway(service: Service, clock: SetClock) -> Iterator[Gateway]:
    with InMemoryComposition(service.event, clock, service.table, service.mailer).installed():
        yield Gateway(application.app, clock)


def mailed(service: Service) -> list[str]:
    """The paths of the links in the mails, the oldest first."""
    texts = [letter.text for letter in service.letters(ADDRESS)]
    return [re.findall(rf"{BASE_URL}(/dag/registration/\S+)", text)[0] for text in texts]


def left(gateway: Gateway, link: str) -> list[str]:
    """What the page says of how many more mails go to its address."""
    text = text_of(gateway.request("GET", link))
    return re.findall(r"I dag \w+ (?:\w+ ){1,3}till mejlas|I dag mejlas inga fler|högst \d", text)


def test_who_has_the_link_from_a_mail_is_told_how_many_more_go_there_today(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    told = []
    for number in range(RECEIPTS_PER_MAILBOX_A_DAY):
        register(gateway, number)
        tick(clock)
        told += left(gateway, mailed(service)[-1])
    assert told == [
        "I dag kan 4 kvitton till mejlas",
        "I dag kan 3 kvitton till mejlas",
        "I dag kan 2 kvitton till mejlas",
        "I dag kan ett kvitto till mejlas",
        "I dag mejlas inga fler",
    ]
    clock.move(DAY)
    assert left(gateway, mailed(service)[0]) == ["I dag kan 5 kvitton till mejlas"]


def test_who_only_typed_an_address_is_told_the_rule_and_not_what_went_there(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    for number in range(3):
        register(gateway, number)
    tick(clock)
    assert left(gateway, register(gateway, 4)) == ["högst 5"]
    stranger = register(gateway, 5, "stranger@elsewhere.example")
    tick(clock)
    link = mailed_to("stranger@elsewhere.example", service)
    for page in (link, stranger):
        edit = gateway.request("GET", f"{page}/edit").text
        revision = re.findall(r'name="revision" value="(\d+)"', edit)
        fields = {**VALID, "email": [f"{revision[0]}.{ADDRESS}"], "revision": revision}
        assert (
            gateway.request("POST", f"{page}/edit", FORM_HEADERS, encoded(**fields)).status == 303
        )
        assert left(gateway, page) == ["högst 5"], "the link was mailed elsewhere"


def mailed_to(address: str, service: Service) -> str:
    (letter,) = service.letters(address)
    (link,) = re.findall(rf"{BASE_URL}(/dag/registration/\S+)", letter.text)
    return str(link)


HEADINGS = ("Anmälan är mottagen", "Ändringen är sparad", "Din anmälan")


def heading(gateway: Gateway, link: str) -> str:
    (text,) = re.findall("<h1>(.*?)</h1>", gateway.request("GET", link).text)
    return str(text)


def change(gateway: Gateway, link: str, **fields: list[str]) -> None:
    revision = re.findall(
        r'name="revision" value="(\d+)"', gateway.request("GET", f"{link}/edit").text
    )
    form = encoded(**{**VALID, "email": [ADDRESS], "revision": revision, **fields})
    assert gateway.request("POST", f"{link}/edit", FORM_HEADERS, form).status == 303


def test_the_heading_says_what_has_just_happened_and_later_only_what_the_page_is(
    gateway: Gateway, clock: SetClock
) -> None:
    received, saved, later = HEADINGS
    link = register(gateway)
    assert [heading(gateway, link), heading(gateway, f"{link}?lang=sv")] == [received] * 2
    clock.move(NEWS_LASTS)
    assert heading(gateway, link) == later
    change(gateway, link, diet=["halal"])
    assert heading(gateway, link) == saved
    clock.move(NEWS_LASTS)
    change(gateway, link, diet=["halal"])
    assert heading(gateway, link) == later, "nothing was changed"


def test_a_contact_persons_correction_is_not_taken_for_a_form_of_the_attendees(
    gateway: Gateway, clock: SetClock, service: Service
) -> None:
    link = register(gateway)
    key = hash_token(link.rpartition("/")[2])
    stored = registrations.find(service.table, key)
    assert stored
    desk = DeskWork(clock.now, service.event, service.table, service.event.contacts[0], new_token)
    changing.correct(desk, key, replace(stored.answers, diet="halal"), 1)
    assert heading(gateway, link) == HEADINGS[2]
    clock.move(MINUTE)
    change(gateway, link, diet=["kosher"])
    assert heading(gateway, link) == HEADINGS[1]
    changing.end_links(desk, key, 3)
    tick(clock)
    assert heading(gateway, mailed(service)[-1]) == HEADINGS[2]


def test_change_and_remove_stand_right_under_what_is_registered(gateway: Gateway) -> None:
    page = gateway.request("GET", register(gateway)).text
    order = ["Det här är anmält", "/edit", "/cancel", "Det här händer nu", "Spara sidans adress"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_the_page_offers_to_mail_oneself_the_link(gateway: Gateway) -> None:
    link = register(gateway, email="asa+mat&dryck@boras.example")
    page = gateway.request("GET", f"{link}?lang=en").text
    (mail,) = re.findall(r'href="(mailto:[^"]+)"', page.partition("<footer")[0])
    to, _, query = unescape(mail).partition("?")
    fields = parse_qs(query, strict_parsing=True)
    assert unquote(to) == "mailto:asa+mat&dryck@boras.example"
    assert "@" in to
    assert fields["body"][0].endswith(f"{link}?lang=en")
    assert re.fullmatch(r"Link to my registration, code \w+", fields["subject"][0])
    nobody = gateway.request("GET", register(gateway, 2, email="")).text
    assert 'href="mailto:?subject=' in nobody


def test_previews_and_bookmarks_of_a_private_link_say_nothing_of_the_event_or_the_person(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    link = register(gateway)
    pages = [link, f"{link}/edit", f"{link}/cancel", f"{link}/another"]
    heads = [gateway.request("GET", page).text.partition("</head>")[0] for page in pages]
    clock.now = event.closes_at
    heads += [gateway.request("GET", page).text.partition("</head>")[0] for page in pages]
    for head in heads:
        assert '<meta name="robots" content="noindex">' in head
        assert "og:" not in head
        assert 'name="description"' not in head
        for secret in (event.title, event.place, "pecialkost", VALID["name"][0], "31 maj"):
            assert secret not in head
