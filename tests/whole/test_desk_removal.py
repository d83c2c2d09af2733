"""Bulk removal at the desk: junk is found by its time, removed together, its addresses blocked."""

import re
from datetime import timedelta

import pytest

from chalicelib import timeouts
from chalicelib.audit.log import AuditAction
from chalicelib.event.event import Event
from chalicelib.mail import record_store as mail_records
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway
from tests.fakes import installed_composition, installed_table
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, ticks
from tests.whole.forms import form_for, read_form
from tests.whole.pages import listed_names, submit, text_of

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SELECTION = {"since": ["2027-05-20 10.00"], "until": ["2027-05-20 10.59"]}
REMOVED = (AuditAction.REMOVED, AuditAction.REMOVED_AND_BLOCKED)


def junk(clock: SetClock, how_many: int, email: str = "") -> list[str]:
    """Add `how_many` junk registrations 10 seconds apart; return their keys."""
    keys = [f"{number:064x}" for number in range(how_many)]
    for number, key in enumerate(keys):
        answers = Answers(f"Skräp {number:03}", ("lunch",), email=email, diet="vegan")
        registrations.add(
            installed_table(), key, Registration(answers, f"C{number:03}", clock.now, clock.now)
        )
        clock.move(10 * SECOND)
    return keys


def removals() -> list[str]:
    """The code and the reason of each removed registration."""
    about = [about.split(": ") for action, _, about in audit_actions() if action in REMOVED]
    return sorted(f"{code}: {reason}" for codes, reason in about for code in codes.split(", "))


def selections_shown() -> list[str]:
    return [about for action, _, about in audit_actions() if action is AuditAction.SAW_SELECTION]


def names_in_the_table() -> list[str]:
    return sorted(entry.name for entry in registrations.entries(installed_table()))


# Marked registrations


def test_marked_registrations_are_removed_after_a_question_and_the_filter_is_kept(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    keys = junk(clock, 5)
    filtered = "/desk/dag/list?since=2027-05-20+10.00&until=2027-05-20+10.59"
    page = contact_person.get(filtered)
    assert 'aria-label="Markera Skräp 000, C000"' in page.text
    fields = form_for(page, "/desk/dag/marked").fields
    assert fields == SELECTION, "nobody is marked at first"
    asked = contact_person.show("/desk/dag/marked", **fields, marked=[keys[3], keys[1]])
    assert asked.status == 200
    assert "Vill du ta bort de här 2 anmälningarna?" in text_of(asked)
    assert listed_names(asked) == ["Skräp 003", "Skräp 001"]
    assert "Skicka inga fler mejl" not in text_of(asked), "neither has a mail address"
    form = form_for(asked, "/desk/dag/marked/remove").fields
    sent = {**form, "reason": [" skräp "], "block": ["yes"]}
    answer = contact_person.post("/desk/dag/marked/remove", **sent)
    assert answer.status == 303
    assert len(installed_composition().database.keys("BLOCK#")) == 0
    back = contact_person.get(answer.headers["location"])
    assert "2 anmälningar är borttagna." in text_of(back)
    assert 'name="since" value="2027-05-20 10.00"' in back.text
    assert listed_names(back) == ["Skräp 000", "Skräp 002", "Skräp 004"]
    assert removals() == ["C001: skräp", "C003: skräp"]
    again = contact_person.post("/desk/dag/marked/remove", **form)
    assert "De var borttagna redan." in text_of(contact_person.get(again.headers["location"]))
    assert selections_shown() == ["C003, C001"]


@pytest.mark.parametrize("search", [True, False])
def test_a_link_marks_everybody_on_a_page(
    contact_person: ContactPerson, clock: SetClock, *, search: bool
) -> None:
    keys = junk(clock, 60)
    if search:
        ((name, (key,)),) = contact_person.searching("skräp").items()
        page = contact_person.get(f"/desk/dag/list?page=2&{name}={key}")
    else:
        page = contact_person.get("/desk/dag/list?page=2&sort=code")
    link = re.search(r'href="([^"]+)">Markera alla på sidan', page.text)
    assert link
    marked = contact_person.get(link[1].replace("&amp;", "&"))
    assert form_for(marked, "/desk/dag/marked").fields["marked"] == keys[50:]
    assert "marked" not in form_for(page, "/desk/dag/marked").fields


def test_a_registration_changed_after_it_was_shown_is_shown_again_before_its_removal(
    contact_person: ContactPerson, colleague: ContactPerson, clock: SetClock
) -> None:
    keys = junk(clock, 3)
    form = form_for(contact_person.show("/desk/dag/marked", marked=keys), "/desk/dag/marked/remove")
    colleague.fill_in(f"/desk/dag/registrations/{keys[1]}/edit", diet=["halal"])
    sent = {**form.fields, "reason": ["skräp"]}
    answer = contact_person.post(form.action, **sent)
    assert answer.status == 409
    assert "1 är kvar 2 anmälningar är borttagna. Någon har ändrat den här" in text_of(answer)
    assert listed_names(answer) == ["Skräp 001"]
    assert "Halal" in text_of(answer)
    assert sorted(selections_shown()) == ["C000, C001, C002", "C001"]
    again = form_for(answer, "/desk/dag/marked/remove").fields
    assert (again["item"], again["reason"]) == ([f"{keys[1]}:2"], ["skräp"])
    assert contact_person.post(form.action, **again).status == 303
    assert names_in_the_table() == []


def test_registrations_left_when_time_runs_out_are_shown_with_a_button_to_continue(
    contact_person: ContactPerson, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = junk(clock, 3)
    monkeypatch.setattr(timeouts, "BULK_WORK_FOR", timedelta(0))
    answer = contact_person.show("/desk/dag/marked", marked=keys)
    for left in (2, 1):
        form = form_for(answer, "/desk/dag/marked/remove")
        answer = contact_person.post(form.action, **form.fields)
        assert f"{left} är kvar 1 anmälan är borttagen. Tiden räckte inte" in text_of(answer)
        assert len(listed_names(answer)) == left == len(names_in_the_table())
    form = form_for(answer, "/desk/dag/marked/remove")
    assert (
        contact_person.post(form.action, **form.fields).headers["location"]
        == "/desk/dag/list?removed=1"
    )


def test_marking_nobody_or_unknown_keys_gets_an_error_and_removes_nobody(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 1)
    many = [f"{number:064x}" for number in range(1000, 1100)]
    for marked in ([], ["x"], ["f" * 64], ["../" * 20], many):
        asked = contact_person.show("/desk/dag/marked", marked=marked)
        assert asked.status == 422
        assert "Ingen är markerad" in text_of(asked)
        items = [f"{key}:1" for key in marked] + ["", ":", ":1", f"{0:064x}:x"]
        assert contact_person.post("/desk/dag/marked/remove", item=items).status in (303, 409)
        assert names_in_the_table() == ["Skräp 000"]


def test_the_address_of_a_removed_person_is_blocked_only_if_the_box_is_ticked(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    for number, ticked in enumerate((False, True)):
        clock.move(SECOND)
        address = f"p{number}@elsewhere.example"
        key = key_of(submit(gateway, email=[address], nonce=f"a-nonce-of-number-{number}"))
        path = f"/desk/dag/registrations/{key}/remove"
        assert f"Skicka inga fler mejl till {address}" in text_of(contact_person.get(path))
        assert "block" not in read_form(contact_person.get(path).text).fields
        assert contact_person.fill_in(path, **({"block": ["yes"]} if ticked else {})).status == 303
    assert "En adress är spärrad" in text_of(contact_person.get("/desk/dag/blocks"))
    keys = [
        key_of(submit(gateway, email=[f"P{n}+a@elsewhere.example"], nonce=f"another-nonce-{n}-of"))
        for n in (0, 1)
    ]
    mails = [
        (mail.recipients[0], str(mail.message["Subject"]).partition(",")[0])
        for mail in ticks(clock, 2)
    ]
    assert mails == [
        ("p0@elsewhere.example", "Anmälan om specialkost är borttagen"),
        ("P0+a@elsewhere.example", "Anmälan mottagen"),
    ], "blocking tells nobody"
    records = [record for key in keys for record in mail_records.about(installed_table(), key)]
    assert [record.state for record in records] == ["sent", "dropped"]
    pages = [text_of(contact_person.get(f"/desk/dag/registrations/{key}")) for key in keys]
    assert ["Adressen är spärrad" in page for page in pages] == [False, True]
    for address, words in (("p2@elsewhere.example", "inte spärrad"), ("p", "Skriv en hel")):
        refused = contact_person.post("/desk/dag/blocks", email=[address])
        assert refused.status == 422
        assert words in text_of(refused)
        assert read_form(refused.text).fields["email"] == [address]
    lifted = contact_person.fill_in("/desk/dag/blocks", email=[" p1@ELSEWHERE.example "])
    assert lifted.headers["location"] == "/desk/dag/blocks?lifted=yes"
    page = text_of(contact_person.get(lifted.headers["location"]))
    assert "Spärren är hävd." in page
    assert "Ingen adress är spärrad" in page
    assert submit(gateway, email=["p1@elsewhere.example"], nonce="yet-another-nonce").status == 303
    assert [mail.recipients[0] for mail in ticks(clock, 1)] == ["p1@elsewhere.example"]
    assert [action for action, _, _ in audit_actions() if action in REMOVED] == list(REMOVED)
    assert [about for action, _, about in audit_actions() if action is AuditAction.UNBLOCKED] == [
        ""
    ]
    assert "elsewhere" not in str(audit_actions())


# Everybody in a selection


def select_all(
    contact_person: ContactPerson, **more: list[str]
) -> tuple[Answer, dict[str, list[str]]]:
    """The page that asks for confirmation, and its form with the number filled in."""
    asked = contact_person.show("/desk/dag/matching", **{**SELECTION, **more})
    assert asked.status == 200, text_of(asked)
    fields = form_for(asked, "/desk/dag/matching/remove").fields
    return asked, {**fields, "typed": fields["asked"]}


def test_everybody_registered_between_two_times_is_removed_at_once_and_nobody_else(
    event: Event, contact_person: ContactPerson, clock: SetClock
) -> None:
    clock.move(-MINUTE)
    registrations.add(
        installed_table(),
        "e" * 64,
        Registration(Answers("Tidig", ("lunch",)), "EARL", clock.now, clock.now),
    )
    clock.move(MINUTE)
    junk(clock, 64, email="victim@elsewhere.example")
    page = contact_person.get("/desk/dag/list?since=2027-05-20+10.00&until=2027-05-20+10.59")
    assert "64 anmälda" in text_of(page)
    button = form_for(page, "/desk/dag/matching")
    assert button.fields == SELECTION
    asked, fields = select_all(contact_person)
    assert "Vill du ta bort alla 63 i urvalet?" in text_of(asked), (
        "not the last one, which was added at this very second"
    )
    assert "Anmälda från 2027-05-20 10.00 till och med 2027-05-20 10.59" in text_of(asked)
    shown = re.findall(r"<li><strong><bdi[^>]*>(Skräp \d+)<", asked.text)
    assert (len(shown), shown[0], shown[-1]) == (16, "Skräp 000", "Skräp 060")
    assert selections_shown()[0].endswith("C060: 16 av 63")
    sent = {**fields, "reason": ["skräp"], "block": ["yes"]}
    answer = contact_person.post("/desk/dag/matching/remove", **sent)
    assert answer.headers["location"] == "/desk/dag/list?removed=63"
    assert names_in_the_table() == ["Skräp 063", "Tidig"]
    assert removals() == [f"C{number:03}: skräp" for number in range(63)]
    assert {contact for _, contact, _ in audit_actions()} == {event.contacts[0].email}
    assert len(installed_composition().database.keys("BLOCK#")) == 1
    again = contact_person.post("/desk/dag/matching/remove", **fields)
    assert again.headers["location"] == "/desk/dag/list?removed=0"


def test_filters_and_search_words_also_limit_the_removal_of_a_whole_selection(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 12)
    submit(gateway, name=["Skräp halal"], diet=["halal"])
    clock.move(MINUTE)
    found = contact_person.search("skräp 00", **SELECTION)
    assert "10 träffar på ”skräp 00” i urvalet." in text_of(found)
    form = form_for(found, "/desk/dag/matching").fields
    assert form.keys() == {*SELECTION, "search"}
    asked, fields = select_all(contact_person, search=form["search"])
    assert "Sökta på ”skräp 00”" in text_of(asked)
    assert contact_person.post("/desk/dag/matching/remove", **fields).status == 303
    assert names_in_the_table() == ["Skräp 010", "Skräp 011", "Skräp halal"]
    asked, fields = select_all(contact_person, diet=["halal"], meal=["fika"])
    assert "Kost: halal" in text_of(asked)
    assert "Äter fika" in text_of(asked)
    assert contact_person.post("/desk/dag/matching/remove", **fields).status == 303
    assert names_in_the_table() == ["Skräp 010", "Skräp 011"]


def test_a_whole_selection_can_only_be_removed_between_two_given_times(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 1)
    clock.move(MINUTE)
    _, fields = select_all(contact_person)
    for missing in ("since", "until"):
        only_one = {name: value for name, value in SELECTION.items() if name != missing}
        (name, (value,)) = next(iter(only_one.items()))
        assert (
            'action="/desk/dag/matching"'
            not in contact_person.get(f"/desk/dag/list?{name}={value[:10]}").text
        )
        asked = contact_person.show("/desk/dag/matching", **only_one)
        assert asked.status == 422
        assert "Välj först mellan vilka tider" in text_of(asked)
        rest = {name: value for name, value in fields.items() if name != missing}
        assert contact_person.post("/desk/dag/matching/remove", **rest).status == 422
    assert names_in_the_table() == ["Skräp 000"]
    nobody = contact_person.show("/desk/dag/matching", since=["2027-05-21"], until=["2027-05-21"])
    assert nobody.status == 422
    assert "Ingen i urvalet" in text_of(nobody)


def test_a_wrong_number_typed_as_confirmation_removes_nothing_and_asks_again(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 3)
    clock.move(MINUTE)
    _, fields = select_all(contact_person)
    for typed in ("", "2", "4", "x", "3 3", "-3"):
        sent = {**fields, "typed": [typed], "reason": ["skräp"], "block": ["yes"]}
        answer = contact_person.post("/desk/dag/matching/remove", **sent)
        assert answer.status == 422
        assert answer.text.count("Skriv antalet, 3, om alla ska tas bort.") == 2
        again = form_for(answer, "/desk/dag/matching/remove").fields
        assert (again["reason"], again["block"], again["typed"]) == (["skräp"], ["yes"], [""])
    assert len(names_in_the_table()) == 3


def test_a_form_without_a_valid_time_of_counting_removes_nothing_and_asks_again(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 3)
    clock.move(MINUTE)
    _, fields = select_all(contact_person)
    for as_of in ("", "x", "2027-05-20T10:00:00", "2099-01-01T00:00:00+00:00"):
        answer = contact_person.post("/desk/dag/matching/remove", **{**fields, "as_of": [as_of]})
        assert "Vill du ta bort alla 3 i urvalet?" in text_of(answer)
    assert len(names_in_the_table()) == 3


def test_registrations_added_or_changed_after_the_page_was_shown_are_not_removed(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    keys = junk(clock, 3)
    clock.move(MINUTE)
    _, fields = select_all(contact_person)
    clock.move(SECOND)
    submit(gateway, name=["Ny"])
    contact_person.fill_in(f"/desk/dag/registrations/{keys[1]}/edit", note=["Inte kiwi."])
    answer = contact_person.post("/desk/dag/matching/remove", **fields)
    assert answer.status == 200
    assert "2 anmälningar är borttagna" in text_of(answer)
    assert "En har ändrats sedan du såg urvalet och är kvar." in text_of(answer)
    assert listed_names(answer) == ["Skräp 001"]
    assert "C001" in selections_shown()
    assert names_in_the_table() == ["Ny", "Skräp 001"]


def test_a_bulk_removal_that_runs_out_of_time_continues_at_a_button_until_all_are_removed(
    contact_person: ContactPerson, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    junk(clock, 3, email="victim@elsewhere.example")
    clock.move(MINUTE)
    _, fields = select_all(contact_person)
    monkeypatch.setattr(timeouts, "BULK_WORK_FOR", timedelta(0))
    sent = {**fields, "reason": ["skräp"], "block": ["yes"]}
    answer = contact_person.post("/desk/dag/matching/remove", **sent)
    for removed, left in (("1 anmälan är borttagen", 2), ("2 anmälningar är borttagna", 1)):
        assert answer.status == 200
        assert f"{removed} {left} är kvar: tiden räckte inte till" in text_of(answer)
        assert "Skräp" not in text_of(answer)
        sent = form_for(answer, "/desk/dag/matching/remove").fields
        answer = contact_person.post("/desk/dag/matching/remove", **sent)
    assert answer.headers["location"] == "/desk/dag/list?removed=3"
    assert removals() == ["C000: skräp", "C001: skräp", "C002: skräp"]
    assert {action for action, _, _ in audit_actions()} == {
        AuditAction.SAW_SELECTION,
        AuditAction.REMOVED_AND_BLOCKED,
    }


# The list by time


BY_TIME: dict[str, list[int]] = {
    "since=2027-05-20+10.01": [2, 3],
    "until=2027-05-20+10.00": [0, 1],
    "since=2027-05-20T10:01&until=2027-05-20T10:01": [2],
    "since=2027-05-20+10:01&until=2027-05-20+kl.10.01": [2],
    "since=2027-05-20&until=2027-05-20": [0, 1, 2, 3],
    "since=20+maj+10.01&until=torsdag+20+maj+kl.+10.01": [2],
    "since=20/5&until=20+May": [0, 1, 2, 3],
    "since=2027-05-21": [],
    "until=2027-05-19": [],
    "since=&until=+": [0, 1, 2, 3],
    "since=9999-12-31&until=0001-01-01": [],
    "since=0001-01-01&until=9999-12-31": [0, 1, 2, 3],
}


def test_the_list_is_filtered_by_the_time_of_registration(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    for number, second in enumerate((0, 59, 60, 120)):
        at = clock.now + second * SECOND
        registration = Registration(
            Answers(f"P{number}", ("lunch",), diet="vegan"), f"C{number}", at, at
        )
        registrations.add(installed_table(), f"{number:064x}", registration)
    for query, found in BY_TIME.items():
        page = contact_person.get(f"/desk/dag/list?{query}")
        assert page.status == 200, query
        assert listed_names(page) == [f"P{number}" for number in found], query


def test_an_unreadable_time_is_refused_and_kept_in_its_field(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    junk(clock, 1)
    answer = contact_person.get("/desk/dag/list?since=i+morgon&until=2027-05-20+25.00&meal=lunch")
    assert answer.status == 422
    assert "<title>Fel: Anmälda" in answer.text
    assert "2 fel att rätta" in text_of(answer)
    assert 'name="since" autocomplete="off" value="i morgon"' in answer.text
    assert 'value="2027-05-20 25.00"' in answer.text
    assert '<option value="lunch" selected>' in answer.text
