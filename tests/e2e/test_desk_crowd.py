"""The desk of an event with more people than one page looks through."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chalicelib.event import Event
from chalicelib.roll import in_order
from management.clock import SetClock
from management.gateway import Answer
from tests.e2e.crowd import (
    PEOPLE,
    at_the_desk,
    link_of,
    people,
    register,
    store,
    walk,
)
from tests.e2e.forms import read_forms
from tests.e2e.looking import (
    axe_finds_nothing,
    everything_to_press_is_large_enough,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
    open_page,
)
from tests.e2e.officer import Officer
from tests.e2e.pages import codes_on, headings_of, text_of
from tests.examples import NOW


@pytest.fixture(scope="module")
def officer(event: Event) -> Iterator[Officer]:
    """Somebody at the desk of all of them; these tests only look."""
    with at_the_desk(event, SetClock(NOW)) as found:
        register(people(PEOPLE))
        yield found


@pytest.mark.parametrize("sort", ["name", "organisation", "code", "newest"])
def test_the_list_goes_on_from_part_to_part_in_the_order_that_was_asked_for(
    officer: Officer, sort: str
) -> None:
    first = officer.get(f"/desk/list?sort={sort}")
    assert "Fler än 1000 är anmälda. Här är de första 1000." in text_of(first)
    assert "Sida 1 av 20" in text_of(first)
    pages = list(walk(officer, f"/desk/list?sort={sort}&page=20", "Visa de följande"))
    assert "Här är de sista 60." in text_of(pages[1])
    assert "Sida 1 av 2" in text_of(pages[1])
    names = [name for page in (first, *pages) for name in headings_of(page)]
    everybody = in_order(store().entries(), sort)
    assert names == [one.name for one in everybody[:50] + everybody[950:]]
    assert link_of(pages[2], "Föregående")
    whole = "/desk/list" if sort == "name" else f"/desk/list?sort={sort}"
    assert link_of(pages[2], "Från början") == whole
    for page in pages:
        addresses = re.findall(r'(?:href|action)="([^"]+)"', page.text)
        assert not [one for one in addresses if re.search("Ek|%|Park", one)]


def test_a_search_says_where_it_looked_and_goes_on(officer: Officer) -> None:
    page = officer.post("/desk/list", text=["öst"])
    assert "0 träffar på ”öst” bland de första 1000." in text_of(page)
    onward = next(form for form in read_forms(page.text) if "after" in form.fields)
    page = officer.post(onward.action, **onward.fields)
    assert "1 träff på ”öst” bland de sista 60." in text_of(page)
    assert headings_of(page) == ["Öst Ö"]
    again = next(
        form
        for form in read_forms(page.text)
        if form.fields.get("text") == ["öst"] and "after" not in form.fields
    )
    assert "bland de första 1000." in text_of(officer.post(again.action, **again.fields))
    fresh = next(form for form in read_forms(page.text) if form.fields.get("text") == ["öst"])
    assert "after" not in fresh.fields, "a search for something else begins from the beginning"


def test_a_choice_says_where_it_looked_and_goes_on(officer: Officer) -> None:
    page = officer.get("/desk/list?diet=halal")
    assert "0 anmälda bland de första 1000." in text_of(page)
    page = officer.get(link_of(page, "Visa de följande"))
    assert "1 anmäld bland de sista 60." in text_of(page)
    assert headings_of(page) == ["Öst Ö"]
    assert link_of(page, "Från början") == "/desk/list?diet=halal"
    assert not link_of(page, "Visa de följande")


def test_of_the_newest_only_those_between_the_times_are_looked_through(officer: Officer) -> None:
    page = officer.get("/desk/list?sort=newest&since=2027-05-20&until=2027-05-20+10.00")
    assert "601 anmälda." in text_of(page), "from 0.00 to 10.00, and all of them"


def test_every_plate_has_one_label_in_the_sequence_of_codes(officer: Officer) -> None:
    path = "/desk/labels?meal=fika"
    pages = list(walk(officer, path, "Etiketter till de följande"))
    codes = [code for page in pages for code in codes_on(page)]
    assert codes == [one.code for one in store().entries("code") if "fika" in one.order.meals]
    assert "bland de första 1000 anmälda" in text_of(pages[0])
    assert link_of(pages[-1], "Från början") == path


def test_whose_code_it_is_has_everybody_once(officer: Officer) -> None:
    pages = list(walk(officer, "/desk/attendance", "De följande"))
    codes = [code for page in pages for code in codes_on(page)]
    assert codes == [one.code for one in store().entries()]
    assert "Bland de första 1000 anmälda, ordnade efter namn." in text_of(pages[0])
    assert "Bland de sista 60 anmälda" in text_of(pages[-1])
    printed = re.sub(r'<nav class="pages screen".*?</nav>', "", pages[1].text, flags=re.DOTALL)
    assert "Del 2 av 2." in printed, "on paper too"


def test_the_files_have_everybody_in_the_lists_sequence(officer: Officer) -> None:
    lines = officer.get("/desk/list.csv").text.splitlines()
    assert len(lines) == PEOPLE + 1
    names = [one.name for one in store().entries()]
    assert all(name in line for name, line in zip(names, lines[1:], strict=True))


# How that looks


def last_part(officer: Officer, path: str, sort: str = "name") -> Answer:
    """A short one, with the way back."""
    return officer.get(f"{path}after={list(store().entries(sort))[-4].place}")


STATES: dict[str, Callable[[Officer], Answer]] = {
    "list": lambda officer: officer.get("/desk/list?diet=halal"),
    "last part": lambda officer: last_part(officer, "/desk/list?diet=vegan&"),
    "search": lambda officer: officer.post("/desk/list", text=["öst"]),
    "doubles": lambda officer: last_part(officer, "/desk/doubles?", "person"),
    "labels": lambda officer: last_part(officer, "/desk/labels?", "code"),
    "attendance": lambda officer: last_part(officer, "/desk/attendance?"),
    "gone": lambda officer: officer.get(f"/desk/list?diet=halal&after={'f' * 64}.1"),
    "overview": lambda officer: officer.get("/desk/overview"),
    "kitchen": lambda officer: officer.get("/desk/kitchen"),
}


@pytest.fixture(scope="module")
def sent(officer: Officer) -> dict[str, Answer]:
    return {state: show(officer) for state, show in STATES.items()}


@pytest.mark.parametrize("state", STATES)
def test_everybody_can_read_and_press_what_a_part_adds(
    sent: dict[str, Answer], browser: Browser, state: str
) -> None:
    page = open_page(browser)
    page.set_content(sent[state].text)
    axe_finds_nothing(page)
    page.set_viewport_size({"width": 320, "height": 800})
    everything_to_press_is_large_enough(page, at_least=3)
    nothing_scrolls_sideways(page)
    page.context.close()


@needs_java
def test_the_nu_html_checker_finds_no_error(sent: dict[str, Answer], tmp_path: Path) -> None:
    nu_finds_no_error((answer.body for answer in sent.values()), tmp_path)
