"""The words that tell each meal of an event from the others."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.event.event import Event
from chalicelib.event.problems import InvalidEvent
from chalicelib.event.words import meal_name, meal_with_time
from chalicelib.texts.language import ENGLISH, LANGUAGES, SWEDISH
from tests.examples import event_with_meals


def numbered(*meals: dict[str, str]) -> Event:
    """An event with these meals, named by number."""
    return event_with_meals(*({"id": f"meal_{n}", **one} for n, one in enumerate(meals)))


def meal(title: str, starts: str, ends: str, **keys: str) -> dict[str, str]:
    return {"title": title, "starts": starts, "ends": ends, **keys}


def names(event: Event, language: str = SWEDISH) -> list[str]:
    return [meal_name(one, language) for one in event.meals]


def names_with_time(event: Event, language: str = SWEDISH) -> list[str]:
    return [meal_with_time(one, language) for one in event.meals]


def test_a_title_of_its_own_is_the_name_and_the_other_words_add_the_time() -> None:
    event = numbered(meal("Lunch", "11.45", "12.45"), meal("Fika", "14.40", "15.00"))
    assert names(event) == ["Lunch", "Fika"]
    assert names_with_time(event) == ["Lunch kl. 11.45", "Fika kl. 14.40"]
    assert names_with_time(event, ENGLISH) == ["Lunch at 11:45", "Fika at 14:40"]


@pytest.mark.parametrize("other", ["Fika", "fika", "FIKA"])
def test_two_meals_with_one_title_on_a_day_say_their_times(other: str) -> None:
    event = numbered(
        meal("Fika", "10.15", "10.30", title_en="Coffee"),
        meal("Lunch", "12.00", "13.00"),
        meal(other, "14.00", "14.15", title_en="Coffee"),
    )
    assert names(event) == ["Fika kl. 10.15", "Lunch", f"{other} kl. 14.00"]
    assert names(event, ENGLISH) == ["Coffee at 10:15", "Lunch", "Coffee at 14:00"]


def test_one_title_in_one_language_only_is_enough_to_say_the_times_in_both() -> None:
    event = numbered(
        meal("Förmiddagsfika", "10.15", "10.30", title_en="Coffee"),
        meal("Eftermiddagsfika", "14.00", "14.15", title_en="Coffee"),
    )
    assert names(event) == ["Förmiddagsfika kl. 10.15", "Eftermiddagsfika kl. 14.00"]
    assert names(event, ENGLISH) == ["Coffee at 10:15", "Coffee at 14:00"]


def test_a_meal_that_is_no_longer_in_the_file_says_so_by_its_id_after_the_others() -> None:
    event = numbered(meal("Lunch", "11.45", "12.45"), meal("Fika", "14.40", "15.00"))
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
        numbered(
            meal("Fika", "10.15", "10.30", title_en="Coffee"),
            meal("Fika", "14.00", "14.15", title_en="Coffee"),
            meal(title, "14.30", "14.45", title_en=title_en),
        )


def test_the_day_is_said_of_each_meal_of_an_event_of_several_days() -> None:
    event = numbered(
        meal("Lunch", "12.00", "13.00"),
        meal("Middag", "19.00", "21.00", title_en="Dinner"),
        meal("Lunch", "12.00", "13.00", date="2027-06-01"),
    )
    assert names(event) == ["Lunch måndag 31 maj", "Middag måndag 31 maj", "Lunch tisdag 1 juni"]
    assert names(event, ENGLISH)[1:] == ["Dinner on Monday 31 May", "Lunch on Tuesday 1 June"]
    assert names_with_time(event, ENGLISH)[1] == "Dinner on Monday 31 May at 19:00"


def test_a_meal_without_a_time_is_named_by_its_words_where_another_has_its_title() -> None:
    event = numbered(
        meal("Fika", "10.15", "10.30"),
        {"title": "Fika", "when": "under dagen", "when_en": "during the day"},
        {"title": "Frukt", "when": "under dagen", "when_en": "during the day"},
    )
    assert names(event) == ["Fika kl. 10.15", "Fika under dagen", "Frukt"]
    assert names_with_time(event, ENGLISH)[1:] == ["Fika during the day", "Frukt during the day"]


def test_an_approximate_time_is_said_to_be_one() -> None:
    event = numbered(meal("Fika", "10.15", "10.30"), {"title": "Middag", "starts": "cirka 19.30"})
    assert names_with_time(event)[1] == "Middag cirka kl. 19.30"
    assert names_with_time(event, ENGLISH)[1] == "Middag at about 19:30"


def test_two_meals_that_overlap_are_told_apart_by_their_starts() -> None:
    event = numbered(meal("Mat", "12.00", "13.00"), meal("Mat", "12.30", "13.30"))
    assert names(event) == ["Mat kl. 12.00", "Mat kl. 12.30"]


ROWS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(("Fika", "fika", "Lunch", "Fika kl. 9.15", "Lunch tisdag 1 juni")),
        "title_en": st.sampled_from(("", "Coffee", "Lunch", "Coffee at 9:15")),
        "starts": st.sampled_from(("", "9.15", "cirka 9.15", "12.00")),
        "date": st.sampled_from(("2027-05-31", "2027-06-01")),
    }
)


def accepted(*meals: dict[str, str]) -> Event | None:
    """The event, or None if the file is refused because two meals would have one name."""
    try:
        return numbered(*meals)
    except InvalidEvent as refused:
        if "two meals are called" not in refused.problem:
            raise
        return None


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_no_two_meals_of_an_event_have_one_name_in_any_language(rows: list[dict[str, str]]) -> None:
    rows = [{key: value for key, value in row.items() if value} for row in rows]
    untimed = {"when": "under dagen", "when_en": "during the day"}
    first = meal("Frukost", "8.00", "8.30", date="2027-05-31")
    event = accepted(first, *(row if "starts" in row else row | untimed for row in rows))
    assume(event)
    assert event
    for language in LANGUAGES:
        for words in (names(event, language), names_with_time(event, language)):
            assert len({one.casefold() for one in words}) == len(words)
