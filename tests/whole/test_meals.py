"""Meals that share titles or days: every page, mail, file and label says which meal is meant."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from chalicelib import bootstrap
from chalicelib.audit.log import AuditAction
from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Answer, Gateway, as_typed
from tests.examples import event_with_meals
from tests.fakes import InMemoryComposition, installed_composition
from tests.whole.contact_person import ContactPerson, audit_actions, key_of, ticks
from tests.whole.pages import submit, text_of

LUNCH = {"title": "Lunch", "starts": "12.00", "ends": "13.00"}
EVENT = event_with_meals(
    {"id": "buns", "title": "Fika", "title_en": "Coffee", "starts": "10.15", "ends": "10.30"},
    {"id": "lunch", **LUNCH},
    {"id": "cake", "title": "Fika", "title_en": "Coffee", "starts": "14.00", "ends": "14.15"},
    {
        "id": "fruit",
        "title": "Frukt",
        "title_en": "Fruit",
        "when": "under dagen",
        "when_en": "during the day",
    },
    {"id": "leaving", **LUNCH, "date": "2027-06-01"},
)
NAMES = {
    "buns": "Fika måndag 31 maj kl. 10.15",
    "lunch": "Lunch måndag 31 maj",
    "cake": "Fika måndag 31 maj kl. 14.00",
    "fruit": "Frukt måndag 31 maj",
    "leaving": "Lunch tisdag 1 juni",
}
WITH_TIMES = (
    "Fika måndag 31 maj kl. 10.15",
    "Lunch måndag 31 maj kl. 12.00",
    "Fika måndag 31 maj kl. 14.00",
    "Frukt måndag 31 maj under dagen",
    "Lunch tisdag 1 juni kl. 12.00",
)
EATEN = ["buns", "leaving"]
BOTH = "Fika måndag 31 maj kl. 10.15, Lunch tisdag 1 juni"


@pytest.fixture
def event() -> Event:
    return EVENT


@pytest.fixture
def key(gateway: Gateway) -> str:
    """The registration of somebody who eats at the first and at the last meal."""
    return key_of(submit(gateway, meal=EATEN, severe=["yes"], note=["Inte kiwi."]))


def choices(page: Answer) -> list[tuple[str, str]]:
    """Day and time of each meal on the form, by what a screen reader says."""
    days = re.findall(
        r'<fieldset class="day">\s*<legend>(.*?)</legend>(.*?)</fieldset>', page.text, re.DOTALL
    )
    return [
        (day, label)
        for day, fields in days
        for label in re.findall(r'name="meal" .*?<label [^>]*>(.*?)</label>', fields)
    ]


def headings(page: Answer) -> list[str]:
    """What the headings say before a colon."""
    found = re.findall(r"<h[23][^>]*>(.*?): \d+", page.text)
    return [heading for heading in found if heading]


def test_the_form_has_the_meals_by_day_and_time(gateway: Gateway) -> None:
    assert choices(gateway.request("GET", "/dag/registration")) == [
        ("måndag 31 maj", "Fika kl. 10.15"),
        ("måndag 31 maj", "Lunch kl. 12.00"),
        ("måndag 31 maj", "Fika kl. 14.00"),
        ("måndag 31 maj", "Frukt under dagen"),
        ("tisdag 1 juni", "Lunch kl. 12.00"),
    ]
    assert choices(gateway.request("GET", "/dag/registration?lang=en"))[0] == (
        "Monday 31 May",
        "Coffee at 10:15",
    )


@pytest.mark.parametrize(
    ("language", "meals"),
    [
        (
            "sv",
            [
                "Fika måndag 31 maj kl. 14.00: Vegansk",
                "Frukt måndag 31 maj under dagen: Vegansk",
                "Lunch tisdag 1 juni kl. 12.00: Vegansk",
            ],
        ),
        (
            "en",
            [
                "Coffee on Monday 31 May at 14:00: Vegan",
                "Fruit on Monday 31 May during the day: Vegan",
                "Lunch on Tuesday 1 June at 12:00: Vegan",
            ],
        ),
    ],
)
def test_the_receipt_says_day_and_time_of_each_meal(
    gateway: Gateway, language: str, meals: list[str]
) -> None:
    path = submit(gateway, meal=["cake", "fruit", "leaving"]).headers["location"]
    assert " ".join(meals) in text_of(gateway.request("GET", f"{path}?lang={language}"))


@pytest.mark.parametrize("page", ["list", "notes", "attendance"])
def test_a_list_at_the_desk_says_which_meals_somebody_eats(
    contact_person: ContactPerson, key: str, page: str
) -> None:
    assert BOTH in text_of(contact_person.get(f"/desk/dag/{page}"))


def test_one_registration_at_the_desk_says_day_and_time_of_each_meal(
    contact_person: ContactPerson, key: str
) -> None:
    page = text_of(contact_person.get(f"/desk/dag/registrations/{key}"))
    assert f"{WITH_TIMES[0]}, {WITH_TIMES[-1]} Portion" in page


def test_duplicates_show_which_meals_each_of_them_eats(
    gateway: Gateway, contact_person: ContactPerson, key: str
) -> None:
    other = key_of(submit(gateway, "another", meal=["lunch", "cake"]))
    page = text_of(contact_person.get("/desk/dag/duplicates"))
    assert BOTH in page
    assert "Lunch måndag 31 maj, Fika måndag 31 maj kl. 14.00" in page
    side_by_side = text_of(contact_person.get(f"/desk/dag/duplicates/keep/{key}/{other}"))
    assert f"{WITH_TIMES[0]}, {WITH_TIMES[-1]}" in side_by_side
    assert f"{WITH_TIMES[1]}, {WITH_TIMES[2]}" in side_by_side


def test_the_lists_filter_and_a_bulk_removal_say_which_meal_is_chosen(
    contact_person: ContactPerson, key: str
) -> None:
    page = contact_person.get("/desk/dag/list?meal=cake").text
    (options,) = re.findall(r'<select id="meal".*?</select>', page)
    assert dict(re.findall(r'<option value="(\w+)"[^>]*>(.*?)<', options)) == NAMES
    assert "selected>Fika måndag 31 maj kl. 14.00" in options
    since, until = ["2027-05-01 0.00"], ["2027-05-31 0.00"]
    for meal, words in (("leaving", "lunch tisdag 1 juni"), ("supper", "supper (finns inte")):
        asked = contact_person.show("/desk/dag/matching", meal=[meal], since=since, until=until)
        assert f"Äter {words}" in text_of(asked)


def test_labels_say_their_meal_on_the_label_and_in_the_log(
    contact_person: ContactPerson, key: str
) -> None:
    links = contact_person.get("/desk/dag/papers").text
    for meal, name in NAMES.items():
        words = name[0].lower() + name[1:]
        assert f'?meal={meal}">Etiketter till {words}</a>' in links
        assert f"Etiketter med namn till {words}</a>" in links
    page = text_of(contact_person.get("/desk/dag/labels?meal=buns"))
    assert page.startswith("Etiketter till fika måndag 31 maj kl. 10.15")
    assert re.search(
        r"[A-Z0-9]{4} Fika ALLVARLIG ALLERGI Vegansk.* kommun måndag 31 maj kl. 10.15", page
    )
    assert audit_actions()[-1][0] is AuditAction.PRINTED_LABELS
    assert "Fika måndag 31 maj kl. 10.15, utan namn" in audit_actions()[-1][2]


def test_the_register_extract_tells_the_truth_about_each_meal(
    contact_person: ContactPerson, key: str
) -> None:
    file = contact_person.get(f"/desk/dag/registrations/{key}/extract.json")
    answers = json.loads(file.body)["Anmälan"]
    eaten = {NAMES[meal]: "ja" if meal in EATEN else "nej" for meal in NAMES}
    assert answers.items() >= eaten.items()
    page = text_of(contact_person.get(f"/desk/dag/registrations/{key}/extract"))
    for name, is_eaten in eaten.items():
        assert f"{name} {is_eaten}" in page


def test_each_column_of_a_file_has_a_heading_of_its_own(
    contact_person: ContactPerson, key: str
) -> None:
    eaten = {NAMES[meal]: int(meal in EATEN) for meal in NAMES}
    table = csv.reader(
        io.StringIO(contact_person.get("/desk/dag/list.csv").text[1:]), delimiter=";"
    )
    columns, row = table
    assert len(set(columns)) == len(columns)
    assert (
        dict(zip(columns, row, strict=True)).items()
        >= {k: str(v) for k, v in eaten.items()}.items()
    )
    book = load_workbook(io.BytesIO(contact_person.get("/desk/dag/list.xlsx").body))
    (first, second) = book.active.iter_rows(values_only=True)
    assert list(first) == columns
    assert dict(zip(first, second, strict=True)).items() >= eaten.items()


def test_the_kitchens_list_and_the_overview_have_each_meal_with_its_day_and_time(
    contact_person: ContactPerson, key: str
) -> None:
    kitchen = contact_person.get("/desk/dag/kitchen")
    assert headings(kitchen) == list(WITH_TIMES)
    assert "Summa specialkost till fika måndag 31 maj kl. 10.15" in text_of(kitchen)
    assert "Summa specialkost till lunch tisdag 1 juni" in text_of(kitchen)
    assert "1 äter fika måndag 31 maj kl. 10.15 och lunch tisdag 1 juni." in text_of(kitchen)
    severe = [NAMES[meal] for meal in EATEN]
    overview = headings(contact_person.get("/desk/dag/overview"))
    assert overview[: len(NAMES) + 2] == [*severe, *WITH_TIMES]


def test_summary_change_notice_and_the_counts_after_the_deletion_say_which_meal_is_meant(
    contact_person: ContactPerson, key: str, clock: SetClock
) -> None:
    clock.now = EVENT.closes_at
    summary, *_ = ticks(clock, 5)
    html, text = as_typed(summary.part("html")), summary.part("plain")
    assert summary.message["Subject"].endswith(
        "kommun: 1 med allvarlig allergi, 2 portioner till 2 måltider"
    )
    assert re.findall(r'<th scope="row">(.*?)</th>', html) == list(NAMES.values())
    assert re.findall(r"<h2>(.*?): \d", html) == list(WITH_TIMES)
    for words in WITH_TIMES:
        title, _, when = words.partition(" ")
        assert f"\n{title.upper()} {when}\n" in text
    for part in (html, " ".join(text.split())):
        assert "1 till fika måndag 31 maj kl. 10.15 + 0 till lunch måndag 31 maj + " in part
        assert "1 äter fika måndag 31 maj kl. 10.15 och lunch tisdag 1 juni" in part

    contact_person.enter(EVENT.contacts[0].email)
    contact_person.fill_in(f"/desk/dag/registrations/{key}/edit", meal=["cake", "lunch"])
    notice, *_ = ticks(clock, 12)
    changes = re.findall(
        r"\n- (\S.*): ALLVARLIG ALLERGI, 1 (färre|fler) ”vegansk", notice.part("plain")
    )
    assert changes == [
        (NAMES["buns"], "färre"), (NAMES["lunch"], "fler"), (NAMES["cake"], "fler"),
        (NAMES["leaving"], "färre"),
    ]  # fmt: skip

    clock.now = EVENT.deletes_at
    ticks(clock, 5)
    contact_person.enter(EVENT.contacts[0].email)
    assert headings(contact_person.get("/desk/dag/overview")) == list(NAMES.values())


def test_a_meal_that_has_left_the_file_says_so_wherever_somebody_has_ordered_it(
    gateway: Gateway, contact_person: ContactPerson, clock: SetClock
) -> None:
    answer = submit(gateway, meal=["buns", "leaving"], note=["Inte kiwi."])
    key, receipt = key_of(answer), answer.headers["location"]
    rows = tuple(row for row in EVENT.agenda if row.meal_id != "leaving")
    bootstrap.install(
        InMemoryComposition(replace(EVENT, agenda=rows), clock, installed_composition())
    )
    gone = "leaving (finns inte längre i programmet)"
    assert f"{gone}: Vegansk" in text_of(gateway.request("GET", f"{receipt}?lang=sv"))
    english = text_of(gateway.request("GET", f"{receipt}?lang=en"))
    assert "leaving (no longer in the programme): Vegan" in english
    for path in ("list", "notes", "attendance", f"registrations/{key}"):
        assert f"Fika kl. 10.15, {gone}" in text_of(contact_person.get(f"/desk/dag/{path}")), path
    assert f"{gone}: 1 portion" in text_of(contact_person.get("/desk/dag/kitchen"))
    file = contact_person.get(f"/desk/dag/registrations/{key}/extract.json")
    answers = json.loads(file.body)["Anmälan"]
    assert answers["Måltider som inte längre finns i programmet"] == "leaving"
    heading, row = contact_person.get("/desk/dag/list.csv").text.splitlines()
    assert heading.endswith(";Måltider som inte längre finns i programmet")
    assert row.endswith(";leaving")
