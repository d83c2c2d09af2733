"""Who looked at whom: each view of registrations names the plate codes that it showed."""

import json
import re
from datetime import timedelta

import pytest

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from tests.fakes import installed_table
from tests.whole.contact_person import ContactPerson, audit_actions, stored
from tests.whole.pages import text_of

SECOND = timedelta(seconds=1)
A, B, C = "a" * 64, "b" * 64, "c" * 64
CODES = {A: "CDFH", B: "JKMN", C: "PRTV"}


@pytest.fixture
def three(clock: SetClock, contact_person: ContactPerson) -> None:
    """Two people of one name at lunch, and Bo at coffee; Bo's registration is the last."""
    for key, name, meals in ((A, "Åsa Ek", "lunch"), (B, "Åsa Ek", "lunch"), (C, "Bo", "fika")):
        clock.move(SECOND)
        answers = Answers(name, (meals,), diet="vegan", note="Inte kiwi.")
        registrations.add(
            installed_table(), key, Registration(answers, CODES[key], clock.now, clock.now)
        )
    clock.move(timedelta(minutes=1))


VIEWS = {
    "/desk/dag/list": [A, B, C],
    "/desk/dag/list?meal=fika": [C],
    "/desk/dag/list?diet=kosher": [],
    "/desk/dag/duplicates": [A, B],
    f"/desk/dag/duplicates/keep/{A}/{B}": [A, B],
    f"/desk/dag/registrations/{C}": [C],
    "/desk/dag/labels?meal=lunch": [A, B],
    "/desk/dag/labels?meal=fika&names=yes": [C],
    "/desk/dag/attendance": [A, B, C],
    "/desk/dag/attendance?sort=code&plates=yes": [A, B, C],
    "/desk/dag/notes": [A, B, C],
    "/desk/dag/list.csv": [A, B, C],
    "/desk/dag/list.xlsx": [A, B, C],
}


def seen(contact_person: ContactPerson, key: str) -> list[str]:
    """What the register extract of a person says that contact persons did, but extracts."""
    file = contact_person.get(f"/desk/dag/registrations/{key}/extract.json")
    actions = [one["Vad"] for one in json.loads(file.body)["Vad kontaktpersonerna har gjort"]]
    return [action for action in actions if "registerutdrag" not in action]


@pytest.mark.parametrize("path", VIEWS)
def test_the_extract_of_each_person_that_a_page_showed_tells_of_it_and_no_other(
    contact_person: ContactPerson, three: None, path: str
) -> None:
    assert contact_person.get(path).status == 200
    assert [key for key in CODES if seen(contact_person, key)] == VIEWS[path]


def test_a_search_names_the_codes_of_those_whom_it_found(
    contact_person: ContactPerson, three: None
) -> None:
    contact_person.search("bo")
    ((action, _, about),) = audit_actions()
    assert (action, about) == (AuditAction.SEARCHED, "PRTV: sida 1 av 1")
    assert seen(contact_person, C) == ["sökte bland de anmälda"]
    assert seen(contact_person, A) == []


def test_a_file_with_everybody_concerns_those_who_were_registered_then(
    contact_person: ContactPerson, clock: SetClock, three: None
) -> None:
    for path, words in (
        ("list.csv", "anmälda som CSV-fil"),
        ("list.xlsx", "anmälda som Excel-fil"),
    ):
        clock.move(SECOND)
        contact_person.get(f"/desk/dag/{path}")
        assert audit_actions()[-1][2] == "alla"
        assert words in seen(contact_person, A)[-1]
    clock.move(timedelta(minutes=1))
    late = Registration(Answers("Cleo", ("lunch",)), "VWXY", clock.now, clock.now)
    registrations.add(installed_table(), "d" * 64, late)
    assert seen(contact_person, "d" * 64) == []


def test_a_view_counts_although_its_request_arrived_before_the_registration_that_it_shows(
    contact_person: ContactPerson, clock: SetClock, three: None
) -> None:
    """The desk's request may wait for the table while a visitor's is stored."""
    clock.move(stored(C).registered_at - 4 * SECOND - clock.now)
    contact_person.get("/desk/dag/list")
    contact_person.get("/desk/dag/list.csv")
    clock.move(timedelta(minutes=1))
    assert len(seen(contact_person, C)) == 2


def test_the_log_folds_long_lists_of_codes_away_and_names_each_of_500(
    contact_person: ContactPerson, clock: SetClock
) -> None:
    for number in range(501):
        at = clock.now
        answers = Answers(f"P{number:03}", ("lunch",), diet="vegan")
        registration = Registration(answers, f"C{number:03}", at, at)
        registrations.add(installed_table(), f"{number:064x}", registration)
    clock.move(SECOND)
    contact_person.get("/desk/dag/attendance")
    contact_person.search("P007")
    page = contact_person.get("/desk/dag/log")
    folded = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", page.text, re.DOTALL)
    ((summary, codes),) = folded
    assert summary == "500 koder"
    assert re.findall(r"C\d{3}", codes) == [f"C{number:03}" for number in range(500)]
    text = text_of(page)
    assert "öppnade listan med koder och namn (efter namn, utan portioner, del 1) 500 koder" in text
    assert "sökte bland de anmälda: C007 (sida 1 av 1)" in text
    (item,) = [
        item for item in installed_table().query("ACCESS#", "ACCESS#~") if "500" not in str(item)
        and "C499" in str(item)
    ]  # fmt: skip
    assert len(item["about"]["S"]) < 4_000
    assert audit_log.about(installed_table(), "C499", clock.now - SECOND)
