"""Receivers at the desk, in the commands and in the rehearsal: told apart, and named nowhere."""

from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from management.care.status import preview
from management.doctor.event_file import placeholder_addresses
from management.local.clock import SetClock
from management.local.gateway import Gateway
from management.local.rehearsal import rehearse
from management.local.sample_mails import sample_mails
from tests import driving
from tests.examples import EVENT, WHOLE_FILE
from tests.fakes import sent_mails
from tests.whole.contact_person import ContactPerson, ticks
from tests.whole.pages import submit, text_of

HALL, BAR = "hallen@kok.example", "baren@kok.example"
_ROWS = f"""
[[receivers]]
email = "{HALL}"
name = "Hemliga Hallen"
[[receivers]]
email = "{BAR}"
meals = ["fika"]
"""


@pytest.fixture
def event() -> Event:
    return parse_event(EVENT.id, WHOLE_FILE + _ROWS)


def test_the_desk_tells_by_number_which_receiver_has_what_and_sends_to_all_again(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    submit(gateway, meal=["lunch"])
    clock.now = event.closes_at
    ticks(clock, 5)
    desk = ContactPerson(gateway).enter(event.contacts[0].email)
    submitted = {"name": ["Bo"], "meal": ["lunch"], "diet": ["vegan"]}
    desk.fill_in("/desk/dag/new", **submitted)
    contacts = [contact.email for contact in event.contacts]
    assert [one.recipients[0] for one in ticks(clock, 12)] == [*contacts, HALL]
    overview = text_of(desk.get("/desk/dag/overview"))
    assert "Mottagare nummer 1 i evenemangets fil: skickad" in overview
    assert "Mottagare nummer 2 i evenemangets fil, version 1: skickad" in overview
    assert "Till alla kontaktpersoner och mottagare" in text_of(desk.get("/desk/dag/send"))
    desk.fill_in("/desk/dag/send", to=["all"])
    copies = {one.recipients[0]: one for one in ticks(clock, 2)}
    assert list(copies) == [*contacts, HALL, BAR]
    assert "KOPIA. " in copies[HALL].part("plain")
    # The bar has version 1, and this is its first mail with the number 2.
    assert "KOPIA" not in copies[BAR].part("plain")
    assert "ersätter version 1" in copies[BAR].part("plain")
    for page in ("overview", "list", "send", "kitchen", "log", "papers", "notes"):
        shown = desk.get(f"/desk/dag/{page}").text
        assert not [hidden for hidden in (HALL, BAR, "Hemliga") if hidden in shown], page


def test_no_public_page_shows_a_receiver(gateway: Gateway, event: Event) -> None:
    receipt = submit(gateway).headers["location"]
    for path in ("/", "/dag", "/dag/registration", "/dag/privacy", "/dag/accessibility", receipt):
        shown = gateway.request("GET", path).text
        assert not [hidden for hidden in ("kok.example", "Hemliga") if hidden in shown], path


def test_a_receiver_who_asks_for_a_login_link_gets_none(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    # Both answers are the same, but only the contact person is mailed.
    answers = [ContactPerson(gateway).ask(to) for to in (HALL, event.contacts[0].email)]
    assert answers[0] == answers[1]
    driving.ticks(clock, 3)
    assert [mail.recipients for mail in sent_mails()] == [(event.contacts[0].email,)]


def test_the_commands_know_receivers_by_number(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    numbers = [name for name in placeholder_addresses(event) if name.startswith("receiver")]
    assert numbers == ["receiver 1", "receiver 2"]
    submit(gateway, meal=["lunch"])
    shown = preview(bootstrap.composition().context(event))
    assert shown.count("Antal anmälningar: 1\n") == 2  # contact persons, and the hall
    assert shown.count("Antal anmälningar: 0\n") == 1
    assert "Det här mejlet gäller bara: fika." in shown


def test_the_rehearsal_and_the_samples_have_the_receivers_mails(
    event: Event, tmp_path: Path
) -> None:
    samples = [mail for mail in sample_mails(event) if mail.recipients == (BAR,)]
    assert ["fika" in str(mail.message["Subject"]) for mail in samples] == [True, True]
    said: list[str] = []
    rehearse(12, event, tmp_path, said.append)
    assert sum(HALL in line for line in said) == sum(BAR in line for line in said) == 1
