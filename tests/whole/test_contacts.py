"""Contact persons without a phone, with several, of several countries, and on one mailbox."""

import re

import pytest

from chalicelib.catering.mails import summary_letter
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.event.problems import InvalidEvent
from chalicelib.registration.answers import Order, Plate
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import ticks
from tests.examples import EVENT, WHOLE_FILE
from tests.fakes import sent_mails
from tests.whole.contact_person import ContactPerson
from tests.whole.pages import submit, text_of

_START, _END = WHOLE_FILE.index("[[contacts]]"), WHOLE_FILE.index("[operator]")
_SHARED = "evenemang@boras.example"


def contact(name: str, email: str, *lines: str) -> str:
    given = (f'name = "{name}"', 'office = "Evenemang"', f'email = "{email}"', *lines)
    return "\n".join(("[[contacts]]", *given, ""))


def with_contacts(*contacts: str, country: str = "SE") -> Event:
    text = WHOLE_FILE[:_START] + "".join(contacts) + WHOLE_FILE[_END:]
    text = text.replace("[event]\n", f'[event]\ncountry = "{country}"\n', 1)
    return parse_event(EVENT.id, text)


ANNA = contact("Anna Ek", _SHARED, 'phones = ["033-35 72 19/82 97", "+358 (0)400-911171"]')
BO = contact("Bo Al", _SHARED.upper(), "show_email = true")
CIA = contact("Cia Lind", "cia@boras.example")


@pytest.fixture
def event() -> Event:
    return with_contacts(ANNA, BO, CIA)


def test_pages_link_each_number_and_only_the_addresses_that_are_to_be_shown(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    links = [
        "tel:+4633357219", "tel:+4633358297", "tel:+358400911171", f"mailto:{_SHARED.upper()}",
    ]  # fmt: skip
    agenda = gateway.request("GET", "/dag").text
    assert re.findall(r'href="((?:tel|mailto):[^"]+)"', agenda) == links
    assert "Cia Lind" in agenda
    assert "cia@" not in agenda
    privacy = text_of(gateway.request("GET", "/dag/privacy"))
    assert "och visas bara där någon ska nås den vägen" in privacy
    clock.now = event.closes_at
    closed = gateway.request("GET", "/dag/registration").text
    assert re.findall(r'href="((?:tel|mailto):[^"]+)"', closed) == [*links, *links]
    assert "Cia Lind:" not in closed  # whom to ask: those who can be reached


def test_two_contact_persons_on_one_mailbox_get_one_mail_and_are_one_at_the_desk(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    submit(gateway, note=["Inte kiwi."])
    clock.now = event.closes_at
    ticks(clock, 4)
    assert [mail.recipients for mail in sent_mails()] == [(_SHARED,), ("cia@boras.example",)]
    for part in ("plain", "html"):
        letter = sent_mails()[0].part(part)
        for words in ("Anna Ek", "033-35 82 97", "Bo Al", _SHARED.upper(), "Cia Lind"):
            assert words in letter
    shown = text_of(ContactPerson(gateway).enter(_SHARED).get("/desk/dag/overview"))
    assert "Anna Ek, Bo Al: skickad" in shown
    assert "Anna Ek, Bo Al Logga ut" in shown


@pytest.mark.parametrize(("contacts", "verb"), [([ANNA, BO], "ring"), ([BO], "fråga")])
def test_a_kitchen_that_can_ring_nobody_is_told_to_ask(contacts: list[str], verb: str) -> None:
    event = with_contacts(*contacts)
    order = Order("CDFH", ("lunch",), Plate("", (), (), severe=False, noted=True), "0" * 8)
    counted = tally([order.encode()], taken_at=event.closes_at)
    letter = summary_letter(summarise(counted, event, version=1), event)
    for text in (letter.text, letter.html):
        assert f"{verb.capitalize()} en kontaktperson och uppge koden." in text
        assert f"”Se anteckning”: {verb} en kontaktperson och uppge koden." in text


@pytest.mark.parametrize(
    ("contacts", "country", "key", "problem"),
    [
        ([CIA], "SE", "contacts", "nobody can reach a contact person"),
        ([contact("D", "d@b.example", 'phones = ["22 95 95 95"]'), BO], "SE",
         r"contacts\[1\].phones", '"22 95 95 95" is not a phone number of SE'),
        ([contact("D", "d@b.example", 'phones = ["033-35 72 19"]'), BO], "US",
         r"contacts\[1\].phones", "or [+] and the code of its country"),
        ([contact("D", "d@b.example", 'show_email = "ja"')], "SE",
         r"contacts\[1\].show_email", "write true or false"),
    ],
)  # fmt: skip
def test_contact_persons_whom_nobody_can_reach_are_refused(
    contacts: list[str], country: str, key: str, problem: str
) -> None:
    with pytest.raises(InvalidEvent, match=f"{key}: .*{problem}"):
        with_contacts(*contacts, country=country)


def test_a_number_without_a_country_code_is_of_the_events_country() -> None:
    norwegian = contact("D", "d@b.example", 'phones = ["22 95 95 95"]')
    assert with_contacts(norwegian, country="NO").contacts[0].phones == ("22 95 95 95",)
