"""Clearing a flood of registrations at the desk, in steps from one page."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from chalicelib import timeouts
from chalicelib.registration import store as registrations
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import Registration
from management.local.clock import SetClock
from management.local.gateway import Answer
from tests.dynamodb import DynamoDB
from tests.fakes import installed_composition, installed_table
from tests.whole.contact_person import ContactPerson, audit_actions
from tests.whole.forms import form_for
from tests.whole.pages import listed_names, text_of

FLOOD, ON_A_PAGE_OF_THE_TABLE = 400, 50
SELECTION = {"since": ["2027-05-20 10.00"], "until": ["2027-05-20 10.59"]}
REMOVE = "/desk/dag/matching/remove"


@pytest.fixture
def database(contact_person: ContactPerson, clock: SetClock) -> DynamoDB:
    """A flood, with a real person in it, in a table whose queries have many pages."""
    for number in range(FLOOD):
        answers = Answers(
            f"Skräp {number:03}", ("lunch",), email=f"v{number}@d.example", diet="vegan"
        )
        registration = Registration(answers, f"C{number:03}", clock.now, clock.now)
        registrations.add(installed_table(), f"{number:064x}", registration)
    clock.move(timedelta(hours=1))
    late = Registration(
        Answers("Åsa Ek", ("lunch",), note="Inte kiwi."), "CDFH", clock.now, clock.now
    )
    registrations.add(installed_table(), f"{FLOOD // 2:063x}a", late)
    clock.move(timedelta(minutes=1))
    database = installed_composition().database
    assert isinstance(database, DynamoDB)
    database.page_items = ON_A_PAGE_OF_THE_TABLE
    return database


def let_each_request_go_through(how_many: int) -> None:
    """Let time for bulk work run out after so many registrations."""
    seconds = timeouts.BULK_WORK_FOR.total_seconds() / how_many
    ticks: Iterator[float] = (number * seconds for number in count())
    installed_composition().use(seconds=lambda: next(ticks))


def asked(contact_person: ContactPerson, **more: list[str]) -> dict[str, list[str]]:
    """The form that asks for confirmation, filled in."""
    page = contact_person.show("/desk/dag/matching", **SELECTION, **more)
    fields = form_for(page, REMOVE).fields
    return {**fields, "typed": fields["asked"], "reason": ["skräp"], "block": ["yes"]}


def steps(contact_person: ContactPerson, fields: dict[str, list[str]]) -> list[Answer]:
    """Press the button until all are removed."""
    answers = [contact_person.post(REMOVE, **fields)]
    while "Fortsätt" in answers[-1].text:
        assert len(answers) < FLOOD
        answers.append(contact_person.post(REMOVE, **form_for(answers[-1], REMOVE).fields))
    return answers


def queries(database: DynamoDB) -> int:
    return sum("REG#" in str(one) for one in database.requests if "KeyConditionExpression" in one)


def names() -> list[str]:
    return sorted(entry.name for entry in registrations.entries(installed_table()))


def test_a_flood_is_removed_in_steps_that_together_read_the_table_once(
    contact_person: ContactPerson, database: DynamoDB
) -> None:
    fields = asked(contact_person)
    assert fields["asked"] == [str(FLOOD)]
    let_each_request_go_through(100)
    database.requests.clear()
    database.calls.clear()
    answers = steps(contact_person, fields)
    assert names() == ["Åsa Ek"]
    assert answers[-1].headers["location"] == f"/desk/dag/list?removed={FLOOD}"
    assert 4 <= len(answers) <= 6
    pages_of_the_table = FLOOD // ON_A_PAGE_OF_THE_TABLE + 1
    assert queries(database) <= pages_of_the_table + len(answers)
    assert "BatchGetItem" not in database.calls
    assert database.calls.count("TransactWriteItems") <= FLOOD / 48 + len(answers)
    codes = [
        code for _, _, about in audit_actions() if "skräp" in about
        for code in about.partition(":")[0].split(", ")
    ]  # fmt: skip
    assert sorted(codes) == [f"C{number:03}" for number in range(FLOOD)]
    assert len(database.keys("BLOCK#")) == FLOOD


def test_each_step_shows_how_many_are_removed_and_how_many_are_left(
    contact_person: ContactPerson, database: DynamoDB
) -> None:
    fields = asked(contact_person)
    let_each_request_go_through(100)
    answer = contact_person.post(REMOVE, **fields)
    while answer.status == 200:
        left = len(names()) - 1
        shown = f"{FLOOD - left} anmälningar är borttagna {left} är kvar: tiden räckte inte till"
        assert shown in text_of(answer)
        assert f'<progress value="{FLOOD - left}" max="{FLOOD}"' in answer.text
        answer = contact_person.post(REMOVE, **form_for(answer, REMOVE).fields)
    assert names() == ["Åsa Ek"]


def test_the_changed_ones_of_all_steps_are_shown_at_the_end(
    contact_person: ContactPerson, colleague: ContactPerson, database: DynamoDB
) -> None:
    fields = asked(contact_person)
    for number in (3, 333):
        path = f"/desk/dag/registrations/{number:064x}/edit"
        assert colleague.fill_in(path, note=["Inte kiwi."]).status == 303
    let_each_request_go_through(100)
    answers = steps(contact_person, fields)
    assert len(answers) > 3
    assert f"{FLOOD - 2} anmälningar är borttagna" in text_of(answers[-1])
    assert "2 har ändrats sedan du såg urvalet och är kvar." in text_of(answers[-1])
    assert listed_names(answers[-1]) == ["Skräp 003", "Skräp 333"]
    assert names() == ["Skräp 003", "Skräp 333", "Åsa Ek"]


def test_a_search_word_limits_the_steps_and_other_registrations_are_gone_past(
    contact_person: ContactPerson, database: DynamoDB
) -> None:
    fields = asked(contact_person, **contact_person.searching("Skräp 39"))
    let_each_request_go_through(30)
    answers = steps(contact_person, fields)
    assert len(answers) > 10
    assert names() == sorted([f"Skräp {number:03}" for number in range(390)] + ["Åsa Ek"])
    assert answers[-1].headers["location"] == "/desk/dag/list?removed=10"


def test_a_list_that_there_is_no_time_to_read_says_so_and_can_still_be_cleared(
    contact_person: ContactPerson, database: DynamoDB
) -> None:
    let_each_request_go_through(150)
    page = contact_person.get("/desk/dag/list?since=2027-05-20+10.00&until=2027-05-20+10.59")
    assert page.status == 200
    assert "Alla anmälningar är inte med" in text_of(page)
    assert re.search(r"Minst 1\d\d anmälda\.", text_of(page))
    shown = contact_person.show("/desk/dag/matching", **form_for(page, "/desk/dag/matching").fields)
    fields = form_for(shown, REMOVE).fields
    assert f"Minst {fields['asked'][0]}: det finns så många anmälningar" in text_of(shown)
    answers = steps(contact_person, {**fields, "typed": fields["asked"]})
    assert "Fler är kvar: tiden räckte inte" in text_of(answers[1])
    assert names() == ["Åsa Ek"]
    installed_composition().use(seconds=lambda: 0.0)
    page = contact_person.get("/desk/dag/list")
    assert "1 anmäld." in text_of(page)
    assert "Alla anmälningar är inte med" not in text_of(page)


@pytest.mark.parametrize("path", ["overview", "duplicates", "attendance", "list.csv", "kitchen"])
def test_a_page_that_there_is_no_time_to_make_leads_to_the_list(
    contact_person: ContactPerson, database: DynamoDB, path: str
) -> None:
    now = [0.0]
    installed_composition().use(seconds=lambda: now[0])
    slow = timeouts.DESK_READS_FOR.total_seconds() / 3

    def take_long() -> None:
        now[0] += slow

    database.on("Query", "REG#", take_long, times=100)
    answer = contact_person.get(f"/desk/dag/{path}")
    assert answer.status == 503
    assert "Det hanns inte" in text_of(answer)
    assert 'href="/desk/dag/list"' in answer.text
    assert "Skräp 0" not in answer.text
    assert audit_actions() == []


def test_a_form_with_an_unreadable_place_to_continue_at_starts_from_the_beginning(
    contact_person: ContactPerson, database: DynamoDB
) -> None:
    fields = {**asked(contact_person), "after": ["REG#~"], "kept": ["x"], "changed": ["x"]}
    assert contact_person.post(REMOVE, **fields).status == 303
    assert names() == ["Åsa Ek"]
