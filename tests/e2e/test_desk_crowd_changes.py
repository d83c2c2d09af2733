"""What is done at the desk of an event with more people than one page looks through."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.desk import Deed
from chalicelib.diet import ALLERGENS
from chalicelib.event import Event
from chalicelib.registration import Answers, Registration
from chalicelib.roll import LOOKED_THROUGH
from management import local_aws
from management.clock import SetClock
from management.gateway import Gateway
from tests.e2e.crowd import (
    MINUTE,
    PEOPLE,
    at_the_desk,
    come_in,
    link_of,
    people,
    register,
    store,
    tick,
    walk,
)
from tests.e2e.forms import form_for
from tests.e2e.officer import Officer
from tests.e2e.pages import codes_on, text_of
from tests.examples import NOW
from tests.tables import put_registrations


@pytest.fixture
def officer(event: Event, clock: SetClock) -> Iterator[Officer]:
    with at_the_desk(event, clock) as found:
        register(people(PEOPLE))
        yield found


@pytest.fixture
def officer_on_aws(gateway: Gateway, event: Event) -> Officer:
    found = Officer(gateway).enter(event.contacts[0].email)
    put_registrations(event, people(PEOPLE))
    return found


def test_the_log_says_which_page_of_which_part_was_seen(officer: Officer, clock: SetClock) -> None:
    clock.move(MINUTE)
    first = officer.get("/desk/list")
    clock.move(MINUTE)
    second = officer.get(link_of(first, "Visa de följande"))
    code = re.findall(r'<span class="codes">(\w+)</span>', second.text)[0]
    lines = [line.about for line in store().accesses("", 2) if line.deed is Deed.SAW_LIST]
    assert lines == [f"sida 1 av 2 från {code}", "sida 1 av 20"]


def test_who_the_page_went_on_after_may_be_gone(officer: Officer) -> None:
    path = link_of(officer.get("/desk/list"), "Visa de följande")
    place = path.rpartition("after=")[2]
    key = place.partition(".")[0]
    gone = store().registration(key)
    assert gone
    store().remove(key, gone)
    page = officer.get(path)
    assert page.status == 200
    assert "Listan har ändrats där sidan skulle ha fortsatt. Här är den från" in text_of(page)
    assert "Här är de första 1000." in text_of(page)
    for path in ("labels?", "attendance?", "doubles?"):
        assert "Här är den från början." in text_of(officer.get(f"/desk/{path}after={place}"))
    assert "från början" not in text_of(officer.get("/desk/list?after=nonsense"))


def test_who_the_page_went_on_after_may_have_another_name_by_now(officer: Officer) -> None:
    path = link_of(officer.get("/desk/list"), "Visa de följande")
    key = path.rpartition("after=")[2].partition(".")[0]
    renamed = officer.fill_in(f"/desk/registrations/{key}/edit", name=["Ööö"])
    assert renamed.status == 303
    page = text_of(officer.get(path))
    assert "Här är den från början." in page
    assert "Här är de första 1000." in page


def test_the_log_says_of_which_part_labels_codes_and_doubles_were(
    officer: Officer, clock: SetClock
) -> None:
    for path, onward in (
        ("labels?meal=fika", "Etiketter till de följande"),
        ("attendance", "De följande"),
        ("doubles", "Leta bland de följande"),
    ):
        first = officer.get(f"/desk/{path}")
        clock.move(MINUTE)
        officer.get(link_of(first, onward))
        about = store().accesses("", 1)[0].about
        code = about.rpartition("från ")[2]
        assert code in {one.plate_code for one in people(PEOPLE).values()}
        assert not store().accesses("", 1)[0].concerns(code), "it is where, not about whom"


def test_everybody_is_in_a_file_once_whoever_is_renamed_while_it_is_made(
    officer_on_aws: Officer,
) -> None:
    client, pages = bootstrap.composition()._desk_client, [0]
    held = people(PEOPLE)

    def few(params: dict[str, Any], **_: object) -> dict[str, Any]:
        return {**params, "Limit": 400}

    def rename(**_: object) -> None:
        pages[0] += 1
        if pages[0] == 2:  # the first reads who is in the file
            for key, name in ((list(held)[5], "Aaa"), (list(held)[6], "Ööö")):
                one = held[key]
                changed = replace(one, answers=replace(one.answers, name=name), revision=2)
                store().change(key, changed)

    client.meta.events.register("provide-client-params.dynamodb.Query", few)
    client.meta.events.register("after-call.dynamodb.Query", rename)
    lines = officer_on_aws.get("/desk/list.csv").text.splitlines()[1:]
    assert pages[0] > 2
    codes = [next(cell for cell in line.split(";") if cell[:1] == "C") for line in lines]
    assert sorted(codes) == sorted(one.plate_code for one in held.values())


def test_removing_the_marked_leads_back_to_the_part_they_were_in(officer: Officer) -> None:
    page = officer.get(link_of(officer.get("/desk/list"), "Visa de följande"))
    marking = form_for(page, "/desk/marked")
    last = list(store().entries())[-1]
    asked = officer.post("/desk/marked", **{**marking.fields, "marked": [last.key]})
    removing = form_for(asked, "/desk/marked/remove")
    answer = officer.post(removing.action, **removing.fields)
    assert answer.status == 303
    page = officer.get(answer.headers["location"])
    assert "1 anmälan är borttagen." in text_of(page)
    assert "Här är de sista 59." in text_of(page)


def test_all_that_were_registered_between_two_times_are_removed_however_many_others_there_are(
    officer: Officer,
) -> None:
    page = officer.get("/desk/list?since=2027-05-20+09.00&until=2027-05-20+09.09")
    assert "bland de första 1000." in text_of(page)
    asking = form_for(page, "/desk/matching")
    asked = officer.post(asking.action, **asking.fields)
    assert "Vill du ta bort alla 10 i urvalet?" in text_of(asked)
    removing = form_for(asked, "/desk/matching/remove")
    answer = officer.post(removing.action, **{**removing.fields, "typed": ["10"]})
    assert answer.headers["location"] == "/desk/list?removed=10"
    assert len(list(store().entries())) == PEOPLE - 10


def test_doubles_are_found_in_every_part(officer: Officer, event: Event) -> None:
    held, in_sequence = people(PEOPLE), list(store().entries("person"))
    for key in (in_sequence[0].key, in_sequence[-1].key):
        double = f"{int(key, 16) + 5000:064x}"
        register({double: replace(held[key], plate_code=f"D{double[-4:]}")})
    pages = list(walk(officer, "/desk/doubles", "Leta bland de följande"))
    assert [page.text.count('class="group"') for page in pages] == [1, 1]
    assert "Letat bland de första 1000." in text_of(pages[0])
    assert "Letat bland de sista 62." in text_of(pages[1])
    keep = re.search(r'href="(/desk/doubles/keep/[^"]+)"', pages[1].text)
    assert keep
    asked = officer.get(keep[1])
    back = link_of(pages[0], "Leta bland de följande")
    assert f'<a href="{back}">Nej, behåll båda</a>' in asked.text
    answer = officer.fill_in(keep[1])
    assert answer.headers["location"] == back.replace("?", "?removed=yes&")


# The numbers


def test_numbers_of_so_many_come_with_the_next_run_and_say_when_they_were_counted(
    officer: Officer, clock: SetClock
) -> None:
    for path in ("overview", "kitchen"):
        page = text_of(officer.get(f"/desk/{path}"))
        assert "Fler än 1000 är anmälda. De räknas just nu. Ladda om sidan om en minut." in page
    assert "Stäng anmälan nu" in text_of(officer.get("/desk/overview"))
    tick(clock)
    counted_at = f"kl. {clock.now.astimezone(bootstrap.composition().event.timezone):%H.%M}"
    clock.move(MINUTE / 2)
    overview = text_of(officer.get("/desk/overview"))
    assert f"{PEOPLE} anmälda, varav 1 med allvarlig allergi ." in overview
    assert f"{counted_at}. När fler än 1000 är anmälda räknas de i efterhand." in overview
    assert "Anmälda per dag 19 maj: 459 20 maj: 601" in overview
    kitchen = text_of(officer.get("/desk/kitchen"))
    assert f"{counted_at}. " in kitchen
    assert f"Antal anmälningar: {PEOPLE}." in kitchen
    assert "Så många koder får inte plats här. De står på etiketterna och i listan" in kitchen


def test_what_is_added_is_counted_in_the_next_run(officer: Officer, clock: SetClock) -> None:
    officer.get("/desk/overview")
    tick(clock)
    officer.fill_in("/desk/new", name=["Bo Ek"], meal=["lunch"], diet=["pescatarian"])
    clock.move(2 * MINUTE)
    assert f"{PEOPLE} anmälda" in text_of(officer.get("/desk/overview"))
    tick(clock)
    assert f"{PEOPLE + 1} anmälda" in text_of(officer.get("/desk/overview"))


def test_before_sending_again_it_says_that_changes_are_still_counted(
    officer: Officer, clock: SetClock, event: Event
) -> None:
    officer.get("/desk/overview")
    tick(clock)  # the count that is kept is of before the last registrations
    late = list(people(PEOPLE + 9).items())[-9:]
    register({key: replace(one, plate_code=f"L{key[-3:]}") for key, one in late})
    clock.now = event.closes_at
    for _ in range(5):
        tick(clock)
    come_in(event, clock)
    kitchen = text_of(officer.get("/desk/kitchen"))
    assert "De räknas just nu" in kitchen
    assert "Nyare än version" not in kitchen
    words = "Vad som har ändrats sedan dess syns här om en minut: ladda om sidan då."
    assert words in text_of(officer.get("/desk/send"))
    assert "Inget har ändrats sedan dess." not in text_of(officer.get("/desk/overview"))
    tick(clock)
    assert words not in text_of(officer.get("/desk/send"))
    assert "Inget har ändrats sedan dess." in text_of(officer.get("/desk/overview"))


def test_a_kitchens_list_of_very_many_plates_comes_in_parts_that_add_up(
    event: Event, clock: SetClock
) -> None:
    plates = list(combinations(ALLERGENS, 3))[:400]
    held = {
        f"{n:064x}": Registration(
            Answers(f"Bo {n}", ("lunch",), allergens=plate), f"C{n:03}", NOW, NOW
        )
        for n, plate in enumerate(plates)
    }
    with at_the_desk(event, clock) as officer:
        register(held)
        pages = list(walk(officer, "/desk/kitchen"))
    rows = [re.findall(r'<tr><td class="n">1</td>', page.text) for page in pages]
    assert [len(one) for one in rows] == [300, 100]
    sums = [page.text.count("Summa specialkost till lunch") for page in pages]
    assert sums == [0, 1]
    for number, page in enumerate(pages, 1):  # on paper too
        printed = re.sub(r'<nav class="pages screen".*?</nav>', "", page.text, flags=re.DOTALL)
        assert f"Del {number} av 2" in printed
    assert "Fortsätter i del 2." in text_of(pages[0])
    assert "Fortsätter" not in text_of(pages[1])
    codes = [code for page in pages for code in codes_on(page)]
    assert len(set(codes)) == len(codes) == 400
    assert "Ingen har anmält specialkost till den här måltiden." in text_of(pages[0])


# What a page asks of AWS


@contextmanager
def items_read() -> Iterator[list[int]]:
    """How many items each answer of DynamoDB has."""
    read: list[int] = []
    client = bootstrap.composition()._desk_client

    def note(parsed: dict[str, Any], **_: object) -> None:
        several = parsed.get("Items") or parsed.get("Responses", {}).get(local_aws.TABLE, ())
        read.append(len(several))

    client.meta.events.register("after-call.dynamodb", note)
    yield read
    client.meta.events.unregister("after-call.dynamodb", note)


PAGES = (
    "overview", "kitchen", "list?sort=newest&allergen=nuts", "doubles", "labels", "attendance",
)  # fmt: skip


def test_a_page_reads_no_more_when_there_are_more(
    officer_on_aws: Officer, clock: SetClock, event: Event
) -> None:
    read_of: list[dict[str, list[int]]] = []
    for how_many in (PEOPLE, PEOPLE + 500):
        put_registrations(event, people(how_many))
        officer_on_aws.get("/desk/overview")
        tick(clock)
        of_each = {}
        for path in PAGES:
            with items_read() as read:
                assert officer_on_aws.get(f"/desk/{path}").status == 200
            of_each[path] = read
        with items_read() as read:
            assert officer_on_aws.post("/desk/list", text=["ek"]).status == 200
        of_each["list, searched"] = read
        read_of.append(of_each)
    assert read_of[0] == read_of[1]
    assert max(map(sum, read_of[0].values())) < LOOKED_THROUGH + 100
