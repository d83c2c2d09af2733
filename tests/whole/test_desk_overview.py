"""The overview's first lines: how many eat what, and what is to be done."""

import re
from datetime import timedelta

import pytest

import app as application
from chalicelib.desk import overview
from chalicelib.event.event import Event
from chalicelib.mail.outbox import receipt_id
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.ses import ses_event, sns_event
from tests.whole.contact_person import ContactPerson, key_of, stored, tick, ticks
from tests.whole.pages import submit, text_of

MINUTE = timedelta(minutes=1)


def to_do(contact_person: ContactPerson) -> str:
    """What the overview says is to be done."""
    page = text_of(contact_person.get("/desk/dag/overview"))
    found = re.search(r"Att göra (.*?) Säker och trygg kommun", page)
    assert found
    return found[1]


def report(kind: str, mail_id: str, to: str, what: str = "Bounce") -> None:
    """Let SES report an event of a mail."""
    text = ses_event(what, mail_id, kind=kind, to=to, bounceType="Permanent")
    application.record_mail_event(sns_event(text), None)


def test_the_first_lines_are_the_numbers_of_each_meal_and_that_nothing_is_to_be_done(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    submit(gateway)
    submit(gateway, name=["Bo"], meal=["lunch"])
    page = text_of(contact_person.get("/desk/dag/overview"))
    assert "Översikt Lunch 2 · Fika 1 2 anmälda. Att göra Inget just nu. Säker och" in page


def test_notes_and_likely_duplicates_are_to_be_done_and_lead_to_their_pages(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    one, other = (
        key_of(submit(gateway, name=[name], organisation=["Kultur"], note=["Inte kiwi."]))
        for name in ("Åsa Ek", "ASA EK")
    )
    assert to_do(contact_person) == (
        "2 anteckningar är inte framförda till köket. Till anteckningarna"
        " En person är kanske anmäld två gånger. Jämför"
    )
    contact_person.fill_in("/desk/dag/notes", told=[one, other])
    assert to_do(contact_person) == "En person är kanske anmäld två gånger. Jämför"
    page = contact_person.get("/desk/dag/overview").text
    assert '<a href="/desk/dag/duplicates">Jämför</a>' in page
    assert "Åsa Ek" not in page


def test_among_too_many_registrations_no_duplicates_are_looked_for(
    gateway: Gateway, contact_person: ContactPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Åsa Ek", "ASA EK"):
        submit(gateway, name=[name], organisation=["Kultur"])
    monkeypatch.setattr(overview, "COMPARED_AT_MOST", 1)
    assert to_do(contact_person) == "Inget just nu."
    monkeypatch.setattr(overview, "COMPARED_AT_MOST", 2)
    assert to_do(contact_person) == "En person är kanske anmäld två gånger. Jämför"


def test_a_receipt_that_came_back_is_to_be_done_until_the_address_is_corrected(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = key_of(submit(gateway, email=["asa@wrong.example"]))
    arrived = key_of(submit(gateway, name=["Bo"], email=["bo@boras.example"]))
    tick()
    assert to_do(contact_person) == "Inget just nu."
    report("receipt", receipt_id(key, 1), "asa@wrong.example")
    report("receipt", receipt_id(arrived, 1), "bo@boras.example", "Delivery")
    code = stored(key).plate_code
    assert to_do(contact_person) == f"Ett kvitto kom inte fram: {code}"
    page = contact_person.get("/desk/dag/overview").text
    assert re.search(f'<a href="/desk/dag/registrations/{key}"[^>]*>{code}</a>', page)
    clock.move(MINUTE)
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", email=["asa@boras.example"])
    assert to_do(contact_person) == "Inget just nu."
    contact_person.fill_in(f"/desk/dag/registrations/{key}/remove")


def test_a_summary_that_did_not_arrive_and_changed_numbers_are_to_be_done(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    submit(gateway)
    clock.now = event.closes_at
    ticks(clock, 5)
    melia = event.contacts[0]
    contact_person = ContactPerson(gateway).enter(melia.email)
    assert to_do(contact_person) == "Inget just nu."
    report("summary", "summary-1-1", melia.email)
    contact_person.fill_in("/desk/dag/new", name=["Bo"], meal=["lunch"], diet=["halal"])
    assert to_do(contact_person) == (
        f"Sammanställningen kom inte fram till {melia.name}. Skicka den igen"
        " En ändring sedan version 1 av sammanställningen. Visa"
    )
    page = contact_person.get("/desk/dag/overview").text
    assert page.index('href="#changes"') < page.index('id="changes"')


def test_after_the_event_files_are_to_be_deleted_and_nobody_is_to_be_added(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    submit(gateway, note=["Inte kiwi."])
    clock.now = event.ends_at
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    files = "Radera hämtade filer och förstör utskrifter senast måndag 7 juni."
    assert to_do(contact_person) == files
    page = contact_person.get("/desk/dag/overview")
    assert "Evenemanget är över. Anmälningarna finns kvar till och med måndag 7 juni" in text_of(
        page
    )
    for path in ("/desk/dag/overview", "/desk/dag/list"):
        assert "Lägg till någon" not in text_of(contact_person.get(path))
    for words in ("Sista anmälningstid", "Öppna anmälan igen"):
        assert words not in text_of(page)
