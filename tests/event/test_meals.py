"""The words that tell each meal of an event from the others."""

import pytest

from chalicelib.event.checks import InvalidEvent
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from chalicelib.event.words import meal_name, meal_with_time
from chalicelib.texts.language import ENGLISH, SWEDISH
from tests.examples import EVENT_FILE

_BEFORE_THE_AGENDA = EVENT_FILE.read_text(encoding="utf-8").partition("[[agenda]]")[0]


def event_with(*rows: dict[str, str]) -> Event:
    """The tests' event, with these meals, named by number, as its agenda."""
    agenda = ""
    for number, row in enumerate(rows):
        values = {"kind": "meal", "id": f"meal_{number}", **row}
        lines = (f'{key} = "{value}"\n' for key, value in values.items() if key != "date")
        day = f"date = {row['date']}\n" if "date" in row else ""
        agenda += "[[agenda]]\n" + "".join(lines) + day
    return parse_event(_BEFORE_THE_AGENDA + agenda)


def meal(title: str, starts: str, ends: str, **keys: str) -> dict[str, str]:
    return {"title": title, "starts": starts, "ends": ends, **keys}


def names(event: Event, language: str = SWEDISH) -> list[str]:
    return [meal_name(one, language) for one in event.meals]


def names_with_time(event: Event, language: str = SWEDISH) -> list[str]:
    return [meal_with_time(one, language) for one in event.meals]


def test_a_title_of_its_own_is_the_name_and_the_other_words_add_the_time() -> None:
    event = event_with(meal("Lunch", "11.45", "12.45"), meal("Fika", "14.40", "15.00"))
    assert names(event) == ["Lunch", "Fika"]
    assert names_with_time(event) == ["Lunch kl. 11.45", "Fika kl. 14.40"]
    assert names_with_time(event, ENGLISH) == ["Lunch at 11:45", "Fika at 14:40"]


@pytest.mark.parametrize("other", ["Fika", "fika", "FIKA"])
def test_two_meals_with_one_title_on_a_day_say_their_times(other: str) -> None:
    event = event_with(
        meal("Fika", "10.15", "10.30", title_en="Coffee"),
        meal("Lunch", "12.00", "13.00"),
        meal(other, "14.00", "14.15", title_en="Coffee"),
    )
    assert names(event) == ["Fika kl. 10.15", "Lunch", f"{other} kl. 14.00"]
    assert names(event, ENGLISH) == ["Coffee at 10:15", "Lunch", "Coffee at 14:00"]


def test_one_title_in_one_language_only_is_enough_to_say_the_times_in_both() -> None:
    event = event_with(
        meal("Förmiddagsfika", "10.15", "10.30", title_en="Coffee"),
        meal("Eftermiddagsfika", "14.00", "14.15", title_en="Coffee"),
    )
    assert names(event) == ["Förmiddagsfika kl. 10.15", "Eftermiddagsfika kl. 14.00"]
    assert names(event, ENGLISH) == ["Coffee at 10:15", "Coffee at 14:00"]


def test_a_meal_that_is_no_longer_in_the_file_says_so_by_its_id_after_the_others() -> None:
    event = event_with(meal("Lunch", "11.45", "12.45"), meal("Fika", "14.40", "15.00"))
    asked = event.meals_of(["supper", "meal_1", "brunch", "meal_1"])
    assert [meal_name(one, SWEDISH) for one in asked] == [
        "Fika",
        "brunch (finns inte längre i programmet)",
        "supper (finns inte längre i programmet)",
    ]
    assert meal_with_time(asked[-1], ENGLISH) == "supper (no longer in the programme)"


@pytest.mark.parametrize(
    ("title", "title_en"), [("Fika kl. 10.15", "Buns"), ("Bulle", "Coffee at 10:15")]
)
def test_a_title_that_is_another_meals_name_is_refused(title: str, title_en: str) -> None:
    with pytest.raises(InvalidEvent, match=r"agenda\[3\].title: two meals are called"):
        event_with(
            meal("Fika", "10.15", "10.30", title_en="Coffee"),
            meal("Fika", "14.00", "14.15", title_en="Coffee"),
            meal(title, "14.30", "14.45", title_en=title_en),
        )
