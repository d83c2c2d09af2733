"""Notes: the page for the kitchen, telling the kitchen, and a note that changes."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.audit.log import AuditAction
from chalicelib.dynamo.writes import update
from chalicelib.event.event import Event
from chalicelib.registration import store as registrations
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import deliver_all
from tests.fakes import installed_composition, installed_table, items_in_the_table
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, stored, ticks
from tests.whole.forms import read_form
from tests.whole.pages import codes_on, submit, text_of
from tests.wire import refusing

LEFT = "är inte framför"


def noted(gateway: Gateway, note: str, *, severe: bool = False, **changes: list[str]) -> str:
    """Register somebody with a note; return the registration's key."""
    fields = {"note": [note], **({"severe": ["yes"]} if severe else {}), **changes}
    answer = submit(gateway, nonce=f"nonce-of-{note}", **fields)
    assert answer.status == 303
    return key_of(answer)


def told(contact_person: ContactPerson, *keys: str) -> str:
    """Tick exactly these notes and save; return the text of the page that follows."""
    answer = contact_person.fill_in("/desk/dag/notes", told=list(keys))
    assert answer.status == 303
    return text_of(contact_person.get(answer.headers["location"]))


def test_the_page_of_notes_has_code_plate_and_note_but_no_name(
    gateway: Gateway, contact_person: ContactPerson, event: Event
) -> None:
    key = noted(gateway, "Inte kiwi.", name=["Märkvärdig Öst"], organisation=["Märkenheten"])
    submit(gateway, name=["Utan Anteckning"])
    page = text_of(contact_person.get("/desk/dag/notes"))
    assert f"{stored(key).plate_code} Vegansk + se anteckning. Lunch, Fika Inte kiwi." in page
    for name in ("Märkvärdig", "Märkenheten", "Utan Anteckning"):
        assert name not in page
    code = stored(key).plate_code
    assert audit_actions() == [(AuditAction.PRINTED_NOTES, event.contacts[0].email, code)]


def test_without_notes_the_page_says_so_and_logs_nothing(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    submit(gateway, note=["Nej tack"])
    assert "Ingen har skrivit någon anteckning." in text_of(contact_person.get("/desk/dag/notes"))
    assert audit_actions() == []
    assert LEFT not in text_of(contact_person.get("/desk/dag/overview"))


def test_notes_left_to_pass_on_come_first_then_severe_ones_and_the_overview_counts_them(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    usual, severe, done = (
        noted(gateway, "kiwi"),
        noted(gateway, "banan", severe=True),
        noted(gateway, "selleri", severe=True),
    )
    assert f"3 anteckningar {LEFT}da till köket." in text_of(
        contact_person.get("/desk/dag/overview")
    )
    assert "Sparat." in told(contact_person, done)
    page = contact_person.get("/desk/dag/notes")
    assert codes_on(page) == [stored(key).plate_code for key in (severe, usual, done)]
    assert f"2 anteckningar {LEFT}da till köket." in text_of(
        contact_person.get("/desk/dag/overview")
    )
    told(contact_person, severe, done)
    assert f"1 anteckning {LEFT}d till köket." in text_of(contact_person.get("/desk/dag/overview"))
    told(contact_person, usual, severe, done)
    assert LEFT not in text_of(contact_person.get("/desk/dag/overview"))


def test_a_tick_is_logged_once_with_its_codes_and_can_be_taken_back(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    one, two = noted(gateway, "kiwi"), noted(gateway, "banan")
    for keys in ((one, two), (one, two), (two,)):
        told(contact_person, *keys)
        clock.move(timedelta(minutes=1))
    shown = {AuditAction.PRINTED_NOTES}
    logged = [(action, about) for action, _, about in audit_actions() if action not in shown]
    codes = {stored(key).plate_code for key in (one, two)}
    assert [action for action, _ in logged] == [AuditAction.PASSED_ON, AuditAction.NOT_PASSED_ON]
    assert set(logged[0][1].split(", ")) == codes
    assert logged[1][1] == stored(one).plate_code
    assert [stored(key).is_passed_on for key in (one, two)] == [False, True]


@pytest.mark.parametrize("is_told", [True, False])
def test_saving_other_ticks_leaves_what_a_colleague_has_ticked_or_cleared_meanwhile(
    gateway: Gateway, contact_person: ContactPerson, colleague: ContactPerson, *, is_told: bool
) -> None:
    theirs, mine = noted(gateway, "marsipan"), noted(gateway, "kiwi")
    shown = [] if is_told else [theirs]
    told(contact_person, *shown)
    fields = read_form(contact_person.get("/desk/dag/notes").text).fields
    told(colleague, *([theirs] if is_told else []))
    assert (
        contact_person.post("/desk/dag/notes", **{**fields, "told": [*shown, mine]}).status == 303
    )
    assert [stored(key).is_passed_on for key in (theirs, mine)] == [is_told, True]


def test_a_changed_note_is_no_longer_passed_on_and_one_that_is_changed_back_is(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = noted(gateway, "marsipan")
    told(contact_person, key)
    edit = f"/desk/dag/registrations/{key}/edit"
    for note, is_passed_on in (("sesam", False), ("marsipan", True)):
        assert contact_person.fill_in(edit, note=[note]).status == 303
        assert stored(key).is_passed_on is is_passed_on
    contact_person.fill_in(edit, diet=["halal"])
    assert stored(key).is_passed_on, "another change leaves the note as it was told"


def test_a_note_that_has_changed_since_it_was_shown_is_not_ticked(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    changed, same = noted(gateway, "marsipan"), noted(gateway, "kiwi")
    fields = read_form(contact_person.get("/desk/dag/notes").text).fields
    contact_person.fill_in(f"/desk/dag/registrations/{changed}/edit", note=["sesam"])
    answer = contact_person.post("/desk/dag/notes", **{**fields, "told": [changed, same]})
    page = text_of(contact_person.get(answer.headers["location"]))
    assert "En anteckning är inte markerad" in page
    assert "sesam" in page
    assert [stored(key).is_passed_on for key in (changed, same)] == [False, True]


def test_a_tick_never_brings_back_what_somebody_has_changed_or_removed_meanwhile(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    changed, removed = noted(gateway, "marsipan"), noted(gateway, "kiwi")
    fields = read_form(contact_person.get("/desk/dag/notes").text).fields

    def meanwhile() -> None:
        table = installed_table()
        was = stored(changed)
        now = replace(was, answers=replace(was.answers, note="sesam"), revision=2)
        registrations.change(table, changed, now)
        registrations.remove(table, removed, stored(removed))

    installed_composition().database.on("TransactWriteItems", "REG#", meanwhile)
    contact_person.post("/desk/dag/notes", **{**fields, "told": [changed, removed]})
    assert stored(changed).answers.note == "sesam"
    assert not stored(changed).is_passed_on
    assert registrations.find(installed_table(), removed) is None


def test_when_the_audit_log_cannot_be_written_no_note_is_shown_or_ticked(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = noted(gateway, "marsipan")
    fields = read_form(contact_person.get("/desk/dag/notes").text).fields
    before = items_in_the_table()
    fault = refusing("ThrottlingException")
    installed_composition().database.on("", "ACCESS#", fault, times=1000)
    assert contact_person.post("/desk/dag/notes", **{**fields, "told": [key]}).status == 503
    assert items_in_the_table() == before
    page = contact_person.get("/desk/dag/notes")
    assert (page.status, "marsipan" in page.text) == (503, False)


@pytest.mark.parametrize("severe", [False, True])
def test_a_note_changed_after_the_summary_is_a_change_of_which_everybody_is_told(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, event: Event, *, severe: bool
) -> None:
    key = noted(gateway, "marsipan", severe=severe)
    clock.now = event.closes_at
    ticks(clock, 5)
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", note=["SESAM, allergichock"])
    words = " (ALLVARLIG ALLERGI)" if severe else ""
    sentence = f"Anteckningen för kod {stored(key).plate_code}{words} är ändrad"
    overview = text_of(contact_person.get("/desk/dag/overview"))
    assert f"{sentence}: se till att köket får veta det" in overview
    assert "Inget har ändrats" not in overview
    mails = ticks(clock, 12)
    assert len(mails) == len(event.contacts)
    for mail in mails:
        for part in ("plain", "html"):
            assert f"{sentence}: fråga kontaktpersonen" in " ".join(mail.part(part).split())
            assert "SESAM" not in mail.part(part)
    assert "Inget har ändrats sedan dess" in text_of(contact_person.get("/desk/dag/overview"))
    deliver_all(installed_table())
    assert ticks(clock, 70) == []


def test_no_stored_order_or_count_contains_the_text_of_a_note(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    key = noted(gateway, "marsipan")
    clock.now = event.closes_at
    ticks(clock, 5)
    others = [item for item in items_in_the_table() if item["sk"]["S"] != f"REG#{key}"]
    assert "marsipan" not in json.dumps(others)
    assert "marsipan" not in stored(key).order.encode()


def test_ticking_a_note_stored_before_notes_had_hashes_is_remembered_and_is_no_change(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    key = noted(gateway, "marsipan")
    order = replace(stored(key).order, note_hash="")
    installed_table().apply(update(f"REG#{key}", {"plate": order.encode()}))
    clock.now = event.closes_at
    ticks(clock, 5)
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    told(contact_person, key)
    page = text_of(contact_person.get("/desk/dag/overview"))
    assert LEFT not in page
    assert "Inget har ändrats sedan dess" in page
    deliver_all(installed_table())
    assert ticks(clock, 90) == []
    told(contact_person)
    assert f"1 anteckning {LEFT}d" in text_of(contact_person.get("/desk/dag/overview"))
