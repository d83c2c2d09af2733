"""A contact person's work at the desk, through the app."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from itertools import combinations, product

import pytest
from openpyxl import load_workbook

import app as application
from chalicelib import bootstrap
from chalicelib.audit.log import AuditAction
from chalicelib.dynamo.writes import delete
from chalicelib.event.event import Event
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.mail import base_url, blocks
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock, parse_local_time
from management.local.gateway import Answer, Gateway
from tests.examples import EVENT, NOW
from tests.fakes import (
    InMemoryComposition,
    installed_composition,
    installed_table,
    items_in_the_table,
    sent_mails,
)
from tests.whole.contact_person import (
    HOST,
    ContactPerson,
    audit_actions,
    key_of,
    stored,
    tick,
    ticks,
)
from tests.whole.forms import form_for, read_form, read_forms
from tests.whole.pages import codes_on, listed_names, submit, text_of
from tests.whole.test_idempotency import registrations_stored
from tests.wire import refusing

MINUTE = timedelta(minutes=1)
CALLER = {"name": ["Bo Ek"], "meal": ["lunch"], "diet": ["halal"]}


@pytest.fixture
def summarised(gateway: Gateway, clock: SetClock, event: Event) -> ContactPerson:
    """A logged-in contact person, after the summary of one registration was mailed."""
    assert submit(gateway).status == 303
    clock.now = event.closes_at
    assert len(ticks(clock, 5)) == len(event.contacts)
    return ContactPerson(gateway).enter(event.contacts[0].email)


# A registration by phone after the deadline


def test_a_late_caller_is_added_and_the_change_is_mailed_to_every_contact_person(
    summarised: ContactPerson, clock: SetClock, event: Event
) -> None:
    assert "Samma som version 1 av" in text_of(summarised.get("/desk/dag/kitchen"))
    form = read_form(summarised.get("/desk/dag/new").text)
    answers = [summarised.post(form.action, **{**form.fields, **CALLER}) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    page = summarised.get(answers[0].headers["location"])
    code = re.search(r'class="code">(\w+)<', page.text)
    assert code
    assert "Anmälan är tillagd. Säg koden till den som ringde." in text_of(page)
    assert "Bo Ek" in text_of(page)
    overview = text_of(summarised.get("/desk/dag/overview"))
    assert f"Lunch: 1 fler ”halal”. Nu 1 (ny kod: {code[1]})" in overview
    assert "Ändringen mejlas tio minuter efter den senaste ändringen." in overview
    assert "Nyare än version 1 av" in text_of(summarised.get("/desk/dag/kitchen"))
    change_mails = ticks(clock, 12)
    assert {mail.recipients[0] for mail in change_mails} == {
        contact.email for contact in event.contacts
    }
    for mail in change_mails:
        assert mail.message["Subject"].startswith(
            "Ändrad specialkost 31 maj, Säker och trygg kommun: 2 portioner"
        )
        assert f"Lunch: 1 fler ”halal”. Nu 1 (ny kod: {code[1]})" in mail.part("plain")
        assert "Bo Ek" not in mail.part("plain") + mail.part("html")
    assert [entry for entry in audit_actions() if entry[0] is AuditAction.ADDED] == [
        (AuditAction.ADDED, event.contacts[0].email, code[1])
    ]
    assert "Inget har ändrats sedan dess" in text_of(summarised.get("/desk/dag/overview"))


def test_a_form_with_errors_keeps_what_was_typed_and_writes_nothing(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = key_of(submit(gateway))
    for path in ("/desk/dag/new", f"/desk/dag/registrations/{key}/edit"):
        form = read_form(contact_person.get(path).text)
        fields = {**form.fields, **CALLER, "name": [""], "note": ["Inte kiwi."]}
        before = items_in_the_table()
        answer = contact_person.post(form.action, **fields)
        assert answer.status == 422
        assert "Skriv namnet på den som anmälan gäller." in text_of(answer)
        again = read_form(answer.text)
        assert (again.action, again.fields) == (form.action, {**form.fields, **fields})
        assert items_in_the_table() == before


def test_the_form_speaks_of_the_person_and_offers_nothing_of_who_types(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    key = key_of(submit(gateway))
    for path in ("/desk/dag/new", f"/desk/dag/registrations/{key}/edit"):
        page = contact_person.get(path)
        errors = contact_person.post(path, name=[""], severe=["yes"], revision=["1"])
        assert errors.status == 422
        for shown in (page, errors):
            words = re.findall(r"\w+", text_of(shown).casefold())
            assert words.count("du") == 1, "Du behöver inte veta varför"
            assert not {"din", "ditt"} & {*words}
            assert "personens portion för sig" in text_of(shown)
            assert set(re.findall(r'autocomplete="([\w-]+)"', shown.text)) == {"one-time-code"}
    public = gateway.request("GET", "/dag/registration").text
    assert {"name", "organization", "email"} <= set(re.findall(r'autocomplete="(\w+)"', public))


def test_the_form_sent_again_with_a_correction_asks_and_changes_what_it_added(
    event: Event, contact_person: ContactPerson
) -> None:
    form = read_form(contact_person.get("/desk/dag/new").text)
    fields = {**form.fields, **CALLER, "diet": ["vegan"]}
    added = contact_person.post(form.action, **fields)
    assert added.status == 303
    assert contact_person.post(form.action, **fields).headers == added.headers
    asked = contact_person.post(form.action, **{**fields, "diet": ["halal"]})
    assert (asked.status, asked.headers["cache-control"]) == (409, "private, no-cache")
    assert "Ändra den förra, eller en annan person?" in text_of(asked)
    key = added.headers["location"].rpartition("/")[2].removesuffix("?saved=added")
    seen = (AuditAction.SAW_ONE, event.contacts[0].email, stored(key).plate_code)
    assert audit_actions().count(seen) == 1
    change, another = read_forms(asked.text)[-2:]
    assert contact_person.post(change.action, **change.fields).status == 303
    assert (stored(key).answers.diet, registrations_stored()) == ("halal", 1)
    assert contact_person.post(another.action, **another.fields).status == 303
    assert registrations_stored() == 2


def test_the_question_changes_what_was_added_also_when_its_links_are_ended(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    form = read_form(contact_person.get("/desk/dag/new").text)
    page = contact_person.post(form.action, **{**form.fields, **CALLER}).headers["location"]
    page = page.removesuffix("?saved=added")
    clock.move(MINUTE)
    assert contact_person.post(f"{page}/links", revision=["1"]).status == 303
    asked = contact_person.post(form.action, **{**form.fields, **CALLER, "diet": ["vegan"]})
    change = read_forms(asked.text)[-2]
    assert change.action == f"{page}/edit"
    assert contact_person.post(change.action, **change.fields).status == 303


# Correcting and removing


def test_a_correction_sent_twice_makes_one_new_revision_and_one_audit_entry(
    gateway: Gateway, event: Event, contact_person: ContactPerson, clock: SetClock
) -> None:
    key = key_of(submit(gateway))
    before = stored(key)
    form = read_form(contact_person.get(f"/desk/dag/registrations/{key}/edit").text)
    assert contact_person.post(form.action, **form.fields).status == 303
    assert stored(key) == before, "nothing was changed"
    clock.move(MINUTE)
    for _ in range(2):
        answer = contact_person.post(form.action, **{**form.fields, "diet": ["halal"]})
        assert answer.headers["location"] == f"/desk/dag/registrations/{key}?saved=corrected"
    answers = replace(before.answers, diet="halal")
    assert stored(key) == replace(before, answers=answers, revision=2, changed_at=clock.now)
    assert audit_actions()[1:] == [
        (AuditAction.CORRECTED, event.contacts[0].email, before.plate_code)
    ]


OVERTAKEN = {
    "edit": ("Ändringen är inte sparad", AuditAction.SAW_ONE, {"diet": ["kosher"]}),
    "remove": (
        "Anmälan är inte borttagen",
        AuditAction.SAW_ONE,
        {"reason": ["sjuk"], "block": ["yes"]},
    ),
    "duplicate": ("Inget är borttaget", AuditAction.SAW_DUPLICATES, {}),
    "duplicate's other": ("Inget är borttaget", AuditAction.SAW_DUPLICATES, {}),
}


@pytest.mark.parametrize("act", OVERTAKEN)
def test_an_action_on_a_stale_revision_shows_and_logs_the_stored_one_and_can_be_repeated(
    event: Event,
    clock: SetClock,
    contact_person: ContactPerson,
    colleague: ContactPerson,
    duplicates: tuple[str, str],
    act: str,
) -> None:
    other, key = duplicates
    path = {
        "duplicate": f"/desk/dag/duplicates/keep/{other}/{key}",
        "duplicate's other": f"/desk/dag/duplicates/keep/{key}/{other}",
    }.get(act, f"/desk/dag/registrations/{key}/{act}")
    words, action, typed = OVERTAKEN[act]
    form = read_form(contact_person.get(path).text)
    assert (
        colleague.fill_in(f"/desk/dag/registrations/{key}/edit", diet=["pescatarian"]).status == 303
    )
    theirs, known = stored(key), len(audit_actions())
    clock.move(MINUTE)
    answer = contact_person.post(path, **{**form.fields, **typed})
    assert answer.status == 409
    assert words in text_of(answer)
    assert "Portion Pescetarisk" in text_of(answer)
    ((logged, contact, about),) = audit_actions()[known:]
    assert (logged, contact) == (action, event.contacts[0].email)
    assert theirs.plate_code in about
    assert stored(key) == theirs
    assert len(installed_composition().database.keys("BLOCK#")) == 0
    again = read_form(answer.text).fields
    assert {name: again[name] for name in typed} == typed
    assert contact_person.post(path, **again).status == 303
    left = registrations.find(installed_table(), key)
    if act == "edit":
        assert left == replace(
            theirs, answers=replace(theirs.answers, diet="kosher"), revision=3, changed_at=clock.now
        )
    else:
        assert (left is None) == (act != "duplicate's other")


@pytest.mark.parametrize(
    ("reason", "about"), [("  sjuk\r\n i dag ", "{}: sjuk i dag"), (" ", "{}")]
)
def test_removing_asks_first_then_removes_and_the_audit_log_has_the_reason(
    gateway: Gateway, event: Event, contact_person: ContactPerson, reason: str, about: str
) -> None:
    key = key_of(submit(gateway))
    about = about.format(stored(key).plate_code)
    path = f"/desk/dag/registrations/{key}/remove"
    page = contact_person.get(path)
    assert "Vill du ta bort anmälan?" in text_of(page)
    assert "Åsa Öström" in text_of(page)
    answer = contact_person.fill_in(path, reason=[reason])
    assert answer.headers["location"] == "/desk/dag/list?removed=yes"
    assert "Anmälan är borttagen." in text_of(contact_person.get(answer.headers["location"]))
    assert registrations.find(installed_table(), key) is None
    assert (AuditAction.REMOVED, event.contacts[0].email, about) in audit_actions()
    code, colon, details = about.partition(": ")
    logged = f"tog bort en anmälan: {code}" + (f" ({details})" if colon else "")
    log = text_of(contact_person.get("/desk/dag/log"))
    assert f"10.00 {event.contacts[0].name} {logged}" in log
    assert log.count("torsdag 20 maj") == 1, "the day is said once"
    known = audit_actions()
    assert (
        contact_person.post(path, revision=["1"]).headers["location"]
        == "/desk/dag/list?removed=yes"
    )
    assert audit_actions() == known


# Duplicates


@pytest.fixture
def duplicates(gateway: Gateway) -> tuple[str, str]:
    first = submit(gateway, organisation=["Kultur"], allergen=["nuts"])
    second = submit(
        gateway, name=["ASA OSTROM"], organisation=["kultur"], diet=["halal"], email=["a@b.example"]
    )
    assert submit(gateway, name=["Bo Ek"], organisation=["Kultur"]).status == 303
    return key_of(first), key_of(second)


def test_duplicates_are_shown_side_by_side_and_one_of_them_can_be_kept(
    contact_person: ContactPerson, duplicates: tuple[str, str]
) -> None:
    kept, removed = duplicates
    page = contact_person.get("/desk/dag/duplicates")
    for words in ("Åsa Öström", "ASA OSTROM", "Vegansk + utan nötter", "Halal"):
        assert words in text_of(page)
    assert "Bo Ek" not in text_of(page)
    path = f"/desk/dag/duplicates/keep/{kept}/{removed}"
    assert f'href="{path}"' in page.text
    assert f'href="/desk/dag/duplicates/keep/{removed}/{kept}"' in page.text
    asked = contact_person.get(path)
    assert "De har inte samma kost." in text_of(asked)
    codes = stored(kept).plate_code, stored(removed).plate_code
    assert f"Ja, ta bort {codes[1]}" in text_of(asked)
    assert contact_person.fill_in(path).headers["location"] == "/desk/dag/duplicates?removed=yes"
    assert registrations.find(installed_table(), removed) is None
    assert stored(kept).revision == 1
    assert audit_actions()[-1][0] in {AuditAction.REMOVED, AuditAction.SAW_DUPLICATES}
    assert (AuditAction.REMOVED, f"{codes[1]}: dubblett av {codes[0]}") in [
        (action, about) for action, _, about in audit_actions()
    ]
    assert "Inga just nu." in text_of(contact_person.get("/desk/dag/duplicates"))
    for answer in (
        contact_person.get(path),
        contact_person.post(path, **read_form(asked.text).fields),
    ):
        assert_leads_to_the_one_that_is_left(contact_person, answer, kept)
    contact_person.fill_in(f"/desk/dag/registrations/{kept}/remove")
    assert contact_person.post(path, **read_form(asked.text).fields).status == 404


def assert_leads_to_the_one_that_is_left(
    contact_person: ContactPerson, answer: Answer, left: str
) -> None:
    """As after a double click."""
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"/desk/dag/registrations/{left}?")
    page = text_of(contact_person.get(answer.headers["location"]))
    assert "Den andra anmälan är redan borttagen. Den här är kvar" in page
    assert stored(left).plate_code in page


def test_merging_warns_of_what_would_be_lost_and_keeps_it_unless_the_box_is_cleared(
    gateway: Gateway, contact_person: ContactPerson, event: Event
) -> None:
    choices: list[dict[str, list[str]]] = [{}, {"adding": []}]
    for number, changes in enumerate(choices):
        organisation = [f"Kultur {number}"]
        one = submit(gateway, f"nonce-one-{number}-of", organisation=organisation, meal=["lunch"])
        two = submit(
            gateway, f"nonce-two-{number}-of", organisation=organisation, diet=["halal"],
            meal=["fika"], allergen=["nuts", "eggs"], traces=["nuts"], severe=["yes"],
            note=["Inte <kiwi>."],
        )  # fmt: skip
        kept, removed = key_of(one), key_of(two)
        before, gone = stored(kept), stored(removed)
        path = f"/desk/dag/duplicates/keep/{kept}/{removed}"
        page = contact_person.get(path)
        keep, go = before.plate_code, gone.plate_code
        assert (
            f"Varning! Det här står bara i {go}, som tas bort: Kan få en allvarlig reaktion "
            "Tål inte: nötter, ägg Inte ens spår av: nötter Anteckning: Inte <kiwi>."
        ) in text_of(page)
        assert page.text.count('<strong class="severe">') == 3
        assert f"Så blir {keep} om du lägger ihop dem" in text_of(page)
        both = "Vegansk + utan nötter (inte ens spår) + utan ägg + se anteckning"
        assert f"Portion {both} Allvarlig reaktion" in text_of(page)
        assert "ingen av dem duger åt båda: veganskt och halal" in text_of(page)
        form = read_form(page.text).fields
        assert (form["adding"], "linking" in form) == (["yes"], False)
        assert contact_person.post(path, **{**form, **changes}).status == 303
        actions = [(action, about) for action, _, about in audit_actions()]
        about = f"{go}: dubblett av {keep}"
        if changes:
            assert stored(kept) == before
            assert (AuditAction.CORRECTED, keep) not in actions
        else:
            assert stored(kept).answers == replace(
                before.answers, meals=("lunch", "fika"), allergens=("nuts", "eggs"),
                traces=("nuts",), severe=True, note="Inte <kiwi>.",
            )  # fmt: skip
            assert (stored(kept).revision, stored(kept).plate_code) == (2, keep)
            assert (AuditAction.CORRECTED, keep) in actions
        assert (AuditAction.REMOVED, about) in actions
        assert registrations.find(installed_table(), removed) is None


def test_two_that_differ_only_in_a_note_have_the_same_food(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    kept, removed = (
        key_of(submit(gateway, f"the-nonce-of-{note}", note=[note])) for note in ("", "kiwi")
    )
    page = contact_person.get(f"/desk/dag/duplicates/keep/{kept}/{removed}")
    assert "De har inte samma anteckning." in text_of(page)


def test_a_merge_that_loses_nothing_does_not_warn(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    kept = key_of(submit(gateway, allergen=["nuts"], severe=["yes"]))
    removed = key_of(submit(gateway, diet=["pescatarian"], meal=["lunch"]))
    page = contact_person.get(f"/desk/dag/duplicates/keep/{kept}/{removed}")
    assert "Varning" not in text_of(page)
    assert 'name="adding"' not in page.text
    codes = stored(removed).plate_code, stored(kept).plate_code
    assert f"Allt som {codes[0]} inte tål står också i {codes[1]}." in text_of(page)
    other_way = contact_person.get(f"/desk/dag/duplicates/keep/{removed}/{kept}")
    assert read_form(other_way.text).fields["adding"] == ["yes"]


@pytest.mark.parametrize("linking", [True, False])
def test_the_removed_ones_private_link_opens_the_kept_registration_only_if_the_box_is_ticked(
    gateway: Gateway, contact_person: ContactPerson, *, linking: bool
) -> None:
    one, two = submit(gateway), submit(gateway, nonce="another-nonce-of-the-tests")
    kept, removed = key_of(one), key_of(two)
    path = f"/desk/dag/duplicates/keep/{kept}/{removed}"
    page = text_of(contact_person.get(path))
    assert "Kryssa bara om det säkert är samma person, till exempel för att ni har talats" in page
    code, gone = stored(kept).plate_code, stored(removed).plate_code
    ticked = {"linking": ["yes"]} if linking else {}
    assert contact_person.fill_in(path, **ticked).status == 303
    link = gateway.request("GET", two.headers["location"])
    assert (link.status, code in link.text) == ((200, True) if linking else (404, False))
    if not linking:
        assert "Anmälan finns inte kvar" in text_of(link)
    logged = [about for action, _, about in audit_actions() if action is AuditAction.REMOVED]
    assert logged == [f"{gone}: dubblett av {code}{', länkarna öppnar den' * linking}"]


MAIL, OTHER_MAIL = "asa@elsewhere.example", "bo@elsewhere.example"
MERGED_MAILS = {
    (MAIL, MAIL): [f"{MAIL} får ett mejl om att anmälningarna är sammanslagna"],
    (MAIL, OTHER_MAIL): [
        f"{OTHER_MAIL} får ett mejl om att anmälan är sammanslagen med en annan",
        f"{MAIL} får ett mejl om du lägger ihop dem eller kryssar för länkarna",
    ],
    (MAIL, ""): [f"{MAIL} får ett mejl om du lägger ihop dem eller kryssar för länkarna"],
    ("", MAIL): [f"{MAIL} får ett mejl om att anmälan är sammanslagen med en annan"],
    ("", ""): [],
}


@pytest.mark.parametrize("emails", MERGED_MAILS)
@pytest.mark.parametrize("blocked", [True, False])
def test_the_merge_page_says_who_is_told_by_mail_and_they_are(
    gateway: Gateway,
    contact_person: ContactPerson,
    clock: SetClock,
    emails: tuple[str, str],
    *,
    blocked: bool,
) -> None:
    kept, removed = (
        key_of(submit(gateway, f"the-nonce-of-{n}", email=[email], allergen=["nuts"] * n))
        for n, email in enumerate(emails)
    )
    ticks(clock, 1)
    if blocked:
        table = installed_table()
        table.write(*(blocks.block_write(mailbox_hash(one)) for one in {MAIL, OTHER_MAIL}))
    path = f"/desk/dag/duplicates/keep/{kept}/{removed}"
    page = text_of(contact_person.get(path))
    expected = [] if blocked else MERGED_MAILS[emails]
    assert [sentence for sentence in expected if sentence not in page] == []
    assert page.count("får ett mejl") == len(expected)
    assert ("följer inte med" in page) is (emails[1] not in ("", emails[0]))
    contact_person.fill_in(path)
    told = [mail.recipients[0] for mail in ticks(clock, 2)]
    assert sorted(told) == sorted(sentence.partition(" ")[0] for sentence in expected)


def test_the_pages_say_that_a_person_is_told_by_mail_only_if_that_is_so(
    gateway: Gateway, contact_person: ContactPerson, colleague: ContactPerson
) -> None:
    told = {
        "edit": "Personen får ett mejl om att något är ändrat.",
        "remove": "Personen får ett mejl om",
    }
    for number, (email, is_blocked) in enumerate(((MAIL, False), ("", False), (OTHER_MAIL, True))):
        key = key_of(submit(gateway, f"the-nonce-of-{number}", email=[email]))
        if is_blocked:
            installed_table().apply(blocks.block_write(mailbox_hash(email)))
        is_told = email == MAIL
        for page, words in told.items():
            path = f"/desk/dag/registrations/{key}/{page}"
            form = contact_person.get(path)
            assert (words in text_of(form)) is is_told
            if page == "edit":
                wrong = contact_person.fill_in(path, name=[""])
                assert (wrong.status, words in text_of(wrong)) == (422, is_told)
            colleague.fill_in(f"/desk/dag/registrations/{key}/edit", note=[f"Kollegan {page}."])
            stale = contact_person.post(path, **{**read_form(form.text).fields, "diet": ["halal"]})
            assert (stale.status, words in text_of(stale)) == (409, is_told)
    marked = contact_person.show("/desk/dag/marked", marked=[key])
    assert "Ingen får något mejl om det." in text_of(marked)
    assert "Personen får" not in text_of(contact_person.get("/desk/dag/new"))


def test_of_eight_likely_duplicates_six_are_fetched_and_the_rest_are_counted(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    for number in range(8):
        submit(gateway, f"the-nonce-of-{number}", note=[f"Nummer {number}."])
    page = contact_person.get("/desk/dag/duplicates")
    assert (page.text.count("<h3>"), "Och 2 till:" in page.text) == (6, True)
    batches = [
        request["RequestItems"]
        for request in installed_composition().database.requests
        if "RequestItems" in request
    ]
    assert [len(tables["dukat-dev"]["Keys"]) for tables in batches] == [6]


def test_two_colleagues_who_keep_different_duplicates_do_not_remove_both(
    contact_person: ContactPerson, colleague: ContactPerson, duplicates: tuple[str, str]
) -> None:
    one, two = duplicates
    mine, theirs = (
        f"/desk/dag/duplicates/keep/{one}/{two}",
        f"/desk/dag/duplicates/keep/{two}/{one}",
    )
    forms = contact_person.get(mine), colleague.get(theirs)
    assert contact_person.post(mine, **read_form(forms[0].text).fields).status == 303
    answer = colleague.post(theirs, **read_form(forms[1].text).fields)
    assert_leads_to_the_one_that_is_left(colleague, answer, one)
    assert [action for action, _, _ in audit_actions()].count(AuditAction.REMOVED) == 1


# Closing, reopening, sending the summary again


def test_closing_registration_asks_first_and_then_the_summary_is_mailed(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    assert submit(gateway).status == 303
    assert "Den är öppen till måndag 24 maj kl. 24.00." in text_of(
        contact_person.get("/desk/dag/close")
    )
    assert contact_person.fill_in("/desk/dag/close").headers["location"] == "/desk/dag/overview"
    assert submit(gateway, name=["Sen"]).status == 409
    assert (AuditAction.CLOSED, event.contacts[0].email, "") in audit_actions()
    closed = text_of(contact_person.get("/desk/dag/overview"))
    assert "stängde torsdag 20 maj kl. 10.00." in closed
    assert "Sammanställningen görs nu och mejlas inom några minuter." in closed
    assert len(ticks(clock, 5)) == len(event.contacts)
    again = contact_person.post("/desk/dag/close")
    assert again.status == 409
    assert "Anmälan är redan stängd" in text_of(again)
    assert [action for action, _, _ in audit_actions()] == [AuditAction.CLOSED]


def test_once_the_event_has_begun_the_page_says_that_it_cannot_be_reopened(
    contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    clock.now = event.starts_at
    contact_person.enter(event.contacts[0].email)
    page = contact_person.get("/desk/dag/reopen")
    assert "Evenemanget har börjat, så det går inte att öppna anmälan igen." in text_of(page)
    assert 'name="day"' not in page.text


def test_after_reopening_everybody_can_register_until_the_new_deadline(
    gateway: Gateway, summarised: ContactPerson, clock: SetClock, event: Event
) -> None:
    page = text_of(summarised.get("/desk/dag/reopen"))
    assert "Öppnar du den kan alla anmäla sig" in page
    answer = summarised.fill_in("/desk/dag/reopen", day=["2027-05-26"], clock=["24.00"])
    assert answer.headers["location"] == "/desk/dag/overview"
    assert (
        AuditAction.REOPENED,
        event.contacts[0].email,
        "onsdag 26 maj kl. 24.00",
    ) in audit_actions()
    assert submit(gateway, name=["Bo"]).status == 303
    overview = text_of(summarised.get("/desk/dag/overview"))
    assert "öppen till onsdag 26 maj kl. 24.00." in overview
    assert "mejlas en ny sammanställning, som ersätter den." in overview
    assert "Ändringen mejlas" not in overview
    assert "Skicka den igen" not in overview
    assert summarised.post("/desk/dag/send", to=["all"]).status == 409
    clock.now = parse_local_time("2027-05-26T23:59:59", event.timezone)
    assert submit(gateway, name=["Al"]).status == 303
    clock.move(timedelta(seconds=1))
    assert submit(gateway, name=["Sen"]).status == 409
    later = [mail for mail in ticks(clock, 5) if event.operator not in mail.recipients]
    assert len(later) == len(event.contacts)
    assert all("Det ersätter version 1" in mail.part("plain") for mail in later)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("close", "Någon har ändrat sista anmälningstid"),
        ("reopen", "Någon har ändrat tiden eller stängt"),
    ],
)
def test_a_deadline_that_moved_after_the_page_was_shown_is_shown_again(
    contact_person: ContactPerson, colleague: ContactPerson, act: str, words: str
) -> None:
    form = read_form(contact_person.get(f"/desk/dag/{act}").text)
    assert colleague.fill_in("/desk/dag/reopen", day=["2027-05-25"], clock=["12.00"]).status == 303
    moved, fields = event_state.read(installed_table()), {**form.fields, "day": ["2027-05-26"]}
    answer = contact_person.post(form.action, **fields)
    assert answer.status == 409
    assert words in text_of(answer)
    assert "öppen till tisdag 25 maj kl. 12.00." in text_of(answer)
    assert event_state.read(installed_table()) == moved
    shown = read_form(answer.text).fields["shown"]
    assert contact_person.post(form.action, **{**fields, "shown": shown}).status == 303


@pytest.mark.parametrize(
    ("day", "clock_", "opens_until"),
    [
        (" 2027-05-26 ", " kl. 9.05 ", "2027-05-26T09:05"),
        ("2027-05-31", "8.30", "2027-05-31T08:30"),
        ("2027-05-20", "10.01", "2027-05-20T10:01"),
        ("24/5", "15:00", "2027-05-24T15:00"),
        ("tisdag 25 maj", "kl. 9", "2027-05-25T09:00"),
        ("25 May", "", "2027-05-26T00:00"),
    ],
)
def test_a_possible_deadline_is_accepted(
    contact_person: ContactPerson, event: Event, day: str, clock_: str, opens_until: str
) -> None:
    assert contact_person.fill_in("/desk/dag/reopen", day=[day], clock=[clock_]).status == 303
    assert event_state.read(installed_table()).closes_at == parse_local_time(
        opens_until, event.timezone
    )


def test_the_fields_are_those_of_browsers_for_days_and_times_with_the_present_deadline(
    contact_person: ContactPerson,
) -> None:
    page = contact_person.get("/desk/dag/reopen")
    assert re.search(r'type="date" id="day"[^>]* min="2027-05-20" max="2027-05-31"', page.text)
    assert re.search(r'type="time" id="clock"', page.text)
    fields = read_form(page.text).fields
    assert (fields["day"], fields["clock"]) == (["2027-05-24"], [""])
    contact_person.fill_in("/desk/dag/reopen", day=["24/5"], clock=["9:05"])
    fields = read_form(contact_person.get("/desk/dag/reopen").text).fields
    assert (fields["day"], fields["clock"]) == (["2027-05-24"], ["09:05"])
    late = contact_person.fill_in("/desk/dag/reopen", day=["31 maj"], clock=["23.00"])
    assert read_form(late.text).fields["day"] == ["2027-05-31"]


MOMENT = "Skriv en dag, till exempel 24 maj, och ett klockslag, till exempel 12.00."
RANGE = "Välj en tid som inte har passerat, senast när evenemanget börjar måndag 31 maj kl. 8.30."


@pytest.mark.parametrize(
    ("day", "clock_", "words"),
    [
        ("", "", MOMENT),
        ("2027-02-30", "12.00", MOMENT),
        ("0001-01-01", "00.00", RANGE),
        ("9999-12-31", "12.00", RANGE),
        ("2027-05-20", "10.00", RANGE),
        ("2027-05-31", "8.31", RANGE),
        ("2027-05-26", "25.00", MOMENT),
    ],
)
def test_an_impossible_deadline_is_refused_and_the_form_keeps_what_was_typed(
    contact_person: ContactPerson, day: str, clock_: str, words: str
) -> None:
    before = event_state.read(installed_table())
    answer = contact_person.fill_in("/desk/dag/reopen", day=[day], clock=[clock_])
    assert answer.status == 422
    assert words in text_of(answer)
    fields = read_form(answer.text).fields
    assert (fields["day"], fields["clock"]) == ([day], [clock_])
    assert event_state.read(installed_table()) == before
    assert audit_actions() == []


def test_the_summary_can_be_sent_again_to_oneself_or_to_all_with_the_same_numbers(
    summarised: ContactPerson, clock: SetClock, event: Event
) -> None:
    first = next(mail for mail in sent_mails() if "Specialkost" in mail.message["Subject"])
    checked = re.search(r"kontrollnummer [0-9a-f]{8}", first.part("plain"))
    assert checked
    assert "Version 1 skickas en gång till" in text_of(summarised.get("/desk/dag/send"))
    form = read_form(summarised.get("/desk/dag/send").text)
    for to, whom in (("me", [event.contacts[0].email]),
                     ("all", [contact.email for contact in event.contacts])):  # fmt: skip
        for recipients in (whom, []):  # the second time the same form sends no mail
            answer = summarised.post(form.action, **{**form.fields, "to": [to]})
            assert answer.headers["location"] == "/desk/dag/overview?sent=summary"
            overview = text_of(summarised.get(answer.headers["location"]))
            assert "Sammanställningen är på väg igen." in overview
            again = ticks(clock, 2)
            assert [mail.recipients[0] for mail in again] == recipients
            for mail in again:
                assert mail.message["Subject"] == f"Kopia: {first.message['Subject']}"
                assert checked[0] in mail.part("plain")
    assert summarised.post("/desk/dag/send").status == 303  # without a nonce each form sends a mail
    assert [mail.recipients for mail in ticks(clock, 1)] == [(event.contacts[0].email,)]
    assert [entry for entry in audit_actions() if entry[0] is AuditAction.SENT_AGAIN] == [
        (AuditAction.SENT_AGAIN, event.contacts[0].email, "1")
    ] * 3


@pytest.mark.parametrize(
    ("fixture", "act"),
    [("contact_person", "close"), ("contact_person", "reopen"), ("summarised", "send")],
)
def test_nobody_can_close_reopen_or_send_again_while_the_audit_log_cannot_be_written(
    request: pytest.FixtureRequest, fixture: str, act: str
) -> None:
    contact_person: ContactPerson = request.getfixturevalue(fixture)
    form = read_form(contact_person.get(f"/desk/dag/{act}").text)
    fields = {**form.fields, "day": ["2027-05-26"], "to": ["all"]}
    before = items_in_the_table()
    installed_composition().database.on("", "ACCESS#", refusing("ThrottlingException"))
    assert contact_person.post(form.action, **fields).status == 503
    assert items_in_the_table() == before
    assert contact_person.post(form.action, **fields).status == 303
    assert len(audit_actions()) == 1


def test_before_the_first_summary_there_is_none_to_send_again(
    contact_person: ContactPerson,
) -> None:
    assert "Det finns ingen sammanställning att skicka" in text_of(
        contact_person.get("/desk/dag/send")
    )
    answer = contact_person.post("/desk/dag/send", to=["all"])
    assert answer.status == 409
    assert "Det finns ingen sammanställning att skicka" in text_of(answer)
    assert audit_actions() == []


# The list


def fill(how_many: int) -> list[str]:
    """Register `how_many` people; return their names in the list's order."""
    names = [f"{letter}{n:03} Ek" for n in range(how_many // 4) for letter in "AZÅÖ"]
    for number, name in enumerate(names):
        answers = Answers(name, ("lunch",) if number % 2 else ("fika",), diet="vegan")
        registration = Registration(answers, f"C{number:03}", NOW, NOW)
        registrations.add(installed_table(), f"{number:064x}", registration)
    return sorted(names, key=lambda name: ("AZÅÖ".index(name[0]), name))


def test_each_of_120_people_is_listed_once_on_three_pages_in_order(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    names, pages, path = fill(120), list[list[str]](), "/desk/dag/list"
    while path:
        clock.move(MINUTE)
        answer = contact_person.get(path)
        assert f"Sida {len(pages) + 1} av 3" in text_of(answer)
        assert "120 anmälda" in text_of(answer)
        pages.append(listed_names(answer))
        following = re.search(r'<a href="([^"]+)">Nästa</a>', answer.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert [name for page in pages for name in page] == names
    assert [len(page) for page in pages] == [50, 50, 20]
    assert listed_names(contact_person.get("/desk/dag/list?page=99")) == names[100:]
    shown = [about.split(": ") for _, _, about in audit_actions()][:3]
    assert [details for _, details in shown] == [f"sida {n} av 3" for n in (1, 2, 3)]
    assert [codes.count(", ") + 1 for codes, _ in shown] == [50, 50, 20]
    for nonsense in ("0", "-1", "x", "9" * 50, "²"):
        assert listed_names(contact_person.get(f"/desk/dag/list?page={nonsense}")) == names[:50]


def test_a_filter_also_applies_to_the_next_page(contact_person: ContactPerson) -> None:
    fill(120)
    first = contact_person.get("/desk/dag/list?meal=lunch&sort=code&severe=&noted=&diet=&allergen=")
    following = re.search(r'<a href="([^"]+)">Nästa</a>', first.text)
    assert following
    second = contact_person.get(following[1].replace("&amp;", "&"))
    assert "60 anmälda" in text_of(first)
    assert (len(listed_names(first)), len(listed_names(second))) == (50, 10)
    assert not set(listed_names(first)) & set(listed_names(second))
    assert '<option value="lunch" selected>' in second.text
    assert "<details open>" in second.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meal=fika", ["Al", "Åsa"]),
        ("diet=halal", ["Bo"]),
        ("allergen=nuts", ["Åsa"]),
        ("severe=yes", ["Åsa"]),
        ("noted=yes", ["Al"]),
        ("sort=newest", ["Åsa", "Bo", "Al"]),
        ("sort=nonsense", ["Al", "Bo", "Åsa"]),
        ("meal=nonsense", []),
        ("meal=fika&severe=yes", ["Åsa"]),
    ],
)
def test_the_list_is_filtered_and_sorted_by_the_query_string(
    contact_person: ContactPerson, clock: SetClock, query: str, found: list[str]
) -> None:
    for fields in (
        {"name": ["Al"], "meal": ["fika"], "diet": ["vegan"], "note": ["Inte kiwi."]},
        {"name": ["Bo"], "meal": ["lunch"], "diet": ["halal"]},
        {"name": ["Åsa"], "meal": ["lunch", "fika"], "allergen": ["nuts"], "severe": ["yes"]},
    ):
        clock.move(MINUTE)
        assert contact_person.post("/desk/dag/new", **fields).status == 303
    page = contact_person.get(f"/desk/dag/list?{query}")
    assert listed_names(page) == found
    links = re.findall(r'href="([^"]+)">Markera alla på sidan', page.text)
    assert [listed_names(contact_person.get(unescape(link))) for link in links] == [found] * bool(
        found
    )


def test_a_search_leads_to_an_address_without_its_words_and_so_do_its_pages(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    names = fill(240)
    searching = contact_person.post("/desk/dag/list", text=["ö0"], diet=["vegan"], page=["3"])
    address = searching.headers["location"]
    assert searching.status == 303
    assert re.fullmatch(r"/desk/dag/list\?diet=vegan&search=[0-9a-f]{12}", address)
    answer = contact_person.get(address)
    assert "60 träffar på ”ö0” i urvalet" in text_of(answer)
    following = re.search(r'<a href="([^"]+)">Nästa</a>', answer.text)
    assert following
    second = contact_person.get(unescape(following[1]))
    assert "Sida 2 av 2" in text_of(second)
    found = listed_names(answer) + listed_names(second)
    assert found == [name for name in names if name.startswith("Ö")]
    assert {action for action, _, _ in audit_actions()} == {AuditAction.SEARCHED}
    nobody = contact_person.search("Nils")
    assert "0 träffar på ”Nils”" in text_of(nobody)
    assert listed_names(nobody) == []
    assert not re.search("å0|Nils", str(audit_actions()))
    (form,) = [one for one in read_forms(answer.text) if "since" in one.fields]
    assert form.fields["search"] == [address.rpartition("=")[2]], "a filter keeps the search"
    assert contact_person.post("/desk/dag/list").headers["location"] == "/desk/dag/list"
    clock.move(timedelta(hours=8))
    again = ContactPerson(contact_person.gateway).enter(EVENT.contacts[0].email)
    for gone in (address, "/desk/dag/list?search=000000000000", "/desk/dag/list?search=å"):
        assert again.get(gone).status == 404
        assert "Sökningen finns inte kvar" in text_of(again.get(gone))


def test_a_removal_within_a_search_that_is_gone_removes_nobody(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    fill(4)
    clock.move(MINUTE)
    limits = {"since": ["2027-05-20 00.00"], "until": ["2027-05-21 00.00"]}
    search = contact_person.searching("ö0")
    asked = contact_person.show("/desk/dag/matching", **limits, **search)
    fields = form_for(asked, "/desk/dag/matching/remove").fields | {"typed": ["1"]}
    installed_table().apply(delete(f"SEARCH#{search['search'][0]}"))
    for answer in (
        contact_person.post("/desk/dag/matching/remove", **fields),
        contact_person.show("/desk/dag/matching", **fields),
        contact_person.show("/desk/dag/marked", **fields),
    ):
        assert answer.status == 404
        assert "Sökningen finns inte kvar" in text_of(answer)
    assert len(list(registrations.entries(installed_table()))) == 4


def test_form_input_is_escaped_on_every_desk_page(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    markup = "<script>alert(1)</script>{{7*7}}"
    key = key_of(submit(gateway, name=[markup], organisation=[markup], note=[markup]))
    submit(gateway, name=[markup], organisation=[markup], diet=["halal"])
    paths = ("list", f"registrations/{key}", f"registrations/{key}/edit", "duplicates",
             "attendance", f"registrations/{key}/remove", "labels?meal=lunch&names=yes",
    )  # fmt: skip
    for path in paths:
        page = contact_person.get(f"/desk/dag/{path}")
        assert markup in unescape(page.text)
        assert "<script" not in page.text
    assert "<script" not in contact_person.search(markup).text


# Downloads and papers


def test_the_workbook_and_the_csv_have_everybody_in_the_order_of_the_list(
    contact_person: ContactPerson,
) -> None:
    names = fill(240)
    text = contact_person.get("/desk/dag/list.csv")
    for contact_person.headers["Accept"] in ("*/*", "text/html,application/xml;q=0.9,*/*;q=0.8"):
        xlsx = contact_person.get("/desk/dag/list.xlsx")
        page = load_workbook(io.BytesIO(xlsx.body)).active
        assert [row[1] for row in page.iter_rows(min_row=2, values_only=True)] == names
    for answer, kind in ((xlsx, "xlsx"), (text, "csv")):
        assert answer.status == 200
        disposition = answer.headers["content-disposition"]
        assert disposition == f'attachment; filename="specialkost-2027-05-31.{kind}"'
    assert xlsx.headers["content-type"].endswith("spreadsheetml.sheet")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.body.decode("utf-8-sig")), delimiter=";"))
    assert [row[1] for row in rows[1:]] == names


def test_a_label_sheet_has_21_labels_in_code_order_with_names_only_on_request(
    contact_person: ContactPerson,
) -> None:
    fill(440)
    codes: list[str] = []
    for part, on_sheets in ((1, [21] * 10), (2, [10])):
        page = contact_person.get(f"/desk/dag/labels?meal=lunch&part={part}")
        assert f"Del {part} av 2" in text_of(page)
        sheets = page.text.split('<div class="sheet">')[1:]
        assert [sheet.count('class="label-code"') for sheet in sheets] == on_sheets
        assert "Ek" not in text_of(page)
        codes += codes_on(page)
    assert codes == [f"C{number:03}" for number in range(1, 440, 2)]
    named = contact_person.get("/desk/dag/labels?meal=lunch&names=yes&part=2")
    assert named.text.count('class="label-name"') == 10
    assert "Etiketter till lunch" in text_of(contact_person.get("/desk/dag/labels?meal=nonsense"))


def test_a_label_names_every_allergen_and_severe_allergies_are_marked_on_every_paper(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    every, two = list(ALLERGENS), ["nuts", "lupin"]
    traced = sorted(ASKED_FOR_TRACES)
    key = key_of(submit(gateway, allergen=traced, traces=traced, severe=["yes"]))
    submit(gateway, name=["Bo"], diet=["halal"])
    submit(gateway, diet=["vegan"], allergen=every, traces=two, note=["Inte kiwi."])
    page, code = contact_person.get("/desk/dag/labels?meal=fika"), stored(key).plate_code
    for allergen in ALLERGENS.values():
        assert allergen.name.lower() in text_of(page).lower()
    assert "Inte ens spår av något av dem." in text_of(page)
    assert "Vegansk. Tål inte: gluten (celiaki), vete" in text_of(page)
    assert "Inte ens spår av nötter, lupin. Se anteckning." in text_of(page)
    assert page.text.count("ALLVARLIG ALLERGI") == 1
    assert f"{code} Fika ALLVARLIG ALLERGI" in text_of(page)
    assert "Halal" in text_of(page)
    kitchen, listed, attendance = (
        text_of(contact_person.get(f"/desk/dag/{path}"))
        for path in ("kitchen", "list", "attendance")
    )
    assert f"utan lupin (inte ens spår) {code}" in kitchen
    assert "1 ALLVARLIG ALLERGI Vegansk" in kitchen
    assert "Allvarlig allergi. Vegansk" in listed
    assert attendance.count("Allvarlig allergi.") == 1


def test_the_attendance_list_has_everybody_by_name_with_the_plate_code(
    contact_person: ContactPerson,
) -> None:
    names = fill(120)
    page = contact_person.get("/desk/dag/attendance")
    assert re.findall(r'<td class="who"><bdi[^>]*>([^<]+)', page.text) == names
    assert "C000" in text_of(page)
    by_code = contact_person.get("/desk/dag/attendance?sort=code")
    codes = codes_on(by_code)
    assert codes == sorted(codes_on(page))
    assert codes_on(page) != codes


def test_the_list_of_codes_has_the_plates_only_if_chosen_and_says_what_is_chosen(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    submit(gateway, name=["Åsa Öström"], organisation=["Kultur"], diet=["vegan"])
    page = contact_person.get("/desk/dag/attendance")
    assert "Koder och namn, efter namn." in text_of(page)
    assert "Åsa Öström, Kultur Lunch, Fika" in text_of(page)
    assert "Vegansk" not in text_of(page)
    for choice, words in (
        ("", "Efter namn Utan portioner"),
        ("?sort=code", "Efter kod Utan portioner"),
        ("?plates=yes", "Efter namn Med portioner"),
        ("?sort=code&plates=yes", "Efter kod Med portioner"),
    ):
        page = contact_person.get(f"/desk/dag/attendance{choice}")
        chosen = re.findall(r'<a href="([^"]+)" aria-current="true">([^<]+)', page.text)
        assert " ".join(text for _, text in chosen) == words
        assert all(contact_person.get(unescape(address)).text == page.text for address, _ in chosen)
        assert ("Vegansk. Lunch, Fika" in text_of(page)) == ("plates" in choice)


def test_namesakes_on_the_list_of_codes_are_told_apart(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    submit(gateway, "the-nonce-of-one", name=["Åsa Öström"], diet=["vegan"])
    submit(gateway, "the-nonce-of-two", name=["Bo Ek"])
    clock.move(MINUTE)
    submit(gateway, "the-nonce-of-three", name=["ASA OSTROM"], diet=["halal"])
    page = text_of(contact_person.get("/desk/dag/attendance"))
    assert page.count("Anmäld torsdag") == 2
    assert "Lunch, Fika. Anmäld torsdag 20 maj kl. 10.00" in page
    assert "Lunch, Fika. Anmäld torsdag 20 maj kl. 10.01" in page
    assert "Halal" not in page
    submit(gateway, "the-nonce-of-four", name=["Bo Ek"], diet=["kosher"])
    submit(gateway, "the-nonce-of-five", name=["Bo Ek"], diet=["halal"])
    page = text_of(contact_person.get("/desk/dag/attendance"))
    for plate in ("Vegansk", "Kosher", "Halal"):
        assert page.count(f"{plate}. Lunch, Fika") == 1
    assert {about.partition(": ")[2] for _, _, about in audit_actions()} == {
        "efter namn, utan portioner, del 1",
        "efter namn, portioner bara där namnen är lika, del 1",
    }


def test_the_kitchens_list_has_numbers_and_no_names(
    gateway: Gateway, contact_person: ContactPerson, event: Event
) -> None:
    submit(gateway, name=["Märkvärdig"], note=["Inte kiwi."])
    page = text_of(contact_person.get("/desk/dag/kitchen"))
    assert "Lunch kl. 11.45: 1 portion" in page
    assert "Anmälan är fortfarande öppen." in page
    assert "Märkvärdig" not in page
    assert "kiwi" not in page
    assert audit_actions() == []


def test_the_kitchens_list_has_purchases_once_below_the_sum_of_each_meal(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    submit(gateway, "the-nonce-of-one", allergen=["nuts"], traces=["nuts"])
    submit(gateway, "the-nonce-of-two")
    page = text_of(contact_person.get("/desk/dag/kitchen"))
    purchases = "vegansk 2, utan nötter 1 (varav 1 inte ens spår)."
    for meal in ("lunch", "fika"):
        heading = f"2 Summa specialkost till {meal} Till inköp (samma portioner, räkna inte igen):"
        assert page.count(f"{heading} {purchases}") == 1
    assert page.count("Till inköp") == 2


def test_the_purchases_of_a_list_in_parts_count_all_parts_and_are_in_the_last(
    contact_person: ContactPerson,
) -> None:
    plates = product(("vegan", "halal", "kosher"), combinations(ALLERGENS, 2))
    for number, (diet, allergens) in enumerate(plates):
        answers = Answers("Bo Ek", ("lunch",), diet=diet, allergens=allergens)
        registration = Registration(answers, f"C{number:03}", NOW, NOW)
        registrations.add(installed_table(), f"{number:064x}", registration)
    first, last = (text_of(contact_person.get(f"/desk/dag/kitchen?part={n}")) for n in (1, 2))
    assert "Till inköp" not in first
    assert "igen): vegansk 120, halal 120, kosher 120, glutenfri (celiaki) 45, utan vete" in last


def test_the_expected_participants_are_on_the_kitchens_list_and_on_no_public_page(
    gateway: Gateway, contact_person: ContactPerson, event: Event, clock: SetClock
) -> None:
    submit(gateway)
    others = "övriga deltagare äter vanlig mat och står inte här."
    assert f"{others} Lunch" in text_of(contact_person.get("/desk/dag/kitchen"))
    expecting = replace(event, expected=1234)
    bootstrap.install(InMemoryComposition(expecting, clock, installed_composition()))
    number = "räknar med sammanlagt 1234 deltagare, varav ungefär 1233 inte har anmält specialkost."
    assert f"{others} Arrangören {number}" in text_of(contact_person.get("/desk/dag/kitchen"))
    for path in (
        "/",
        "/?lang=en",
        "/dag/agenda.ics",
        "/dag/registration",
        "/dag/privacy",
    ):
        assert "1234" not in gateway.request("GET", path).text, path


def test_the_audit_log_can_be_read_page_by_page_to_its_first_entry(
    contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    for _ in range(119):
        clock.move(MINUTE)
        contact_person.get("/desk/dag/list")
    entries, path = 0, "/desk/dag/log"
    while path:
        answer = contact_person.get(path)
        entries += answer.text.count("tittade på de anmälda") + answer.text.count("loggade in")
        older = re.search(r'<a href="([^"]+)">Äldre</a>', answer.text)
        path = older[1] if older else ""
    assert entries == 120
    assert event.contacts[0].name in text_of(answer)
    assert "loggade in" in text_of(answer)


# The overview


def test_the_overview_of_an_event_without_registrations(contact_person: ContactPerson) -> None:
    page = text_of(contact_person.get("/desk/dag/overview"))
    assert "Anmälan är öppen till måndag 24 maj kl. 24.00." in page
    assert "0 anmälda" in page
    assert page.count("Ingen har anmält specialkost till den här måltiden.") == 2
    for words in ("Allvarliga allergier", "Anmälda per dag", "Sammanställningen, version"):
        assert words not in page


def test_the_overview_before_closing_has_severe_allergies_first_and_a_label_at_every_bar(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    clock.move(-timedelta(days=1, hours=9.5))  # 00.30 local time: still the day before in UTC
    submit(gateway, allergen=["nuts"], severe=["yes"])
    clock.move(timedelta(days=1))
    for name in ("Bo", "Al"):
        submit(gateway, name=[name], meal=["lunch"], diet=["halal"])
    answer = contact_person.get("/desk/dag/overview")
    page = text_of(answer)
    assert "3 anmälda, varav 1 med allvarlig allergi" in page
    assert page.index("Allvarliga allergier") < page.index("Portioner per måltid")
    assert "Lunch kl. 11.45: 3 portioner" in page
    assert "2 Halal" in page
    assert "19 maj: 1 20 maj: 2" in page
    bars = answer.text.count('<svg class="amount')
    labelled = re.findall(
        r"<li><span>[^<]*\d(?:[^<]|<strong[^>]*>|</strong>)*</span><svg", answer.text
    )
    assert bars == len(labelled) >= 5
    assert answer.text.count('aria-hidden="true"') >= bars
    for link in (
        "/desk/dag/close",
        "/desk/dag/reopen",
        "/desk/dag/new",
        "/desk/dag/list?severe=yes",
    ):
        assert f'href="{link}"' in answer.text
    assert "/desk/dag/send" not in answer.text


def test_the_overview_while_the_summary_is_being_made(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    submit(gateway)
    clock.now = event.closes_at
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    page = text_of(contact_person.get("/desk/dag/overview"))
    assert "stängde måndag 24 maj kl. 24.00. Sammanställningen görs nu" in page
    assert contact_person.post("/desk/dag/send", to=["all"]).status == 409
    assert "Öppna anmälan igen" in page
    assert "Stäng anmälan nu" not in page


def test_the_overview_after_the_summary_shows_the_delivery_state_of_its_mails(
    summarised: ContactPerson, clock: SetClock, event: Event
) -> None:
    page = text_of(summarised.get("/desk/dag/overview"))
    assert "Sammanställningen, version 1" in page
    for contact in event.contacts:
        assert f"{contact.name}: skickad, men det är inte bekräftat" in page
    assert "Inget har ändrats sedan dess." in page
    assert "Skicka den igen" in page
    assert "görs nu" not in page
    installed_composition().database.on(
        "PutItem", "DELIVERY#", refusing("ThrottlingException"), times=100
    )
    summarised.post("/desk/dag/new", **CALLER)
    assert ticks(clock, 12) == []
    page = text_of(summarised.get("/desk/dag/overview"))
    assert "Sammanställningen, version 2" in page
    assert page.count("inte skickad ännu") == len(event.contacts)


def test_the_overview_after_the_event_promises_no_mail(
    summarised: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    clock.now = event.ends_at
    contact_person = ContactPerson(gateway).enter(event.contacts[0].email)
    assert contact_person.fill_in("/desk/dag/new", **CALLER).status == 303
    page = text_of(contact_person.get("/desk/dag/overview"))
    assert "Evenemanget är över." in page
    assert "Lunch: 1 fler ”halal”" in page
    assert "Ändringen mejlas" not in page


def test_the_desk_is_in_swedish_whatever_the_browser_prefers(contact_person: ContactPerson) -> None:
    contact_person.headers = {"Accept-Language": "en"}
    page = contact_person.get("/desk/dag/overview?lang=en")
    assert '<html lang="sv">' in page.text
    assert "?lang=" not in page.text


def test_on_a_deployed_stage_every_link_of_the_desk_starts_with_the_stage(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    base_url.save(installed_table(), f"https://{HOST}/api")
    staged = ContactPerson(Gateway(application.app, clock, stage="api"))
    assert staged.ask(event.contacts[0].email).headers["location"] == "/api/desk/sent"
    tick()
    link = re.search(rf"https://{HOST}/api(/desk/enter/\S+)", sent_mails()[-1].part("plain"))
    assert link
    answer = staged.post(link[1])
    assert answer.headers["location"] == "/api/desk/dag/overview"
    staged.cookie = answer.headers["set-cookie"].partition(";")[0]
    page = staged.get("/desk/dag/overview")
    assert page.status == 200
    assert not re.search(r'(?:href|action)="/(?!api/)', page.text)
