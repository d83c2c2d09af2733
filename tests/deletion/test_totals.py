"""The anonymous totals add up and identify nobody."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catering.summary import CateringSummary, summarise
from chalicelib.catering.tally import tally
from chalicelib.deletion.limits import SMALLEST_GROUP_SHOWN
from chalicelib.deletion.totals import Totals, totals
from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers, Order, Plate
from tests.examples import EVENT, NOW, any_answers, event_with_meals


def summary_of(event: Event, *everybody: Answers) -> CateringSummary:
    orders = [Order(f"C{n}", one.meals, one.plate).encode() for n, one in enumerate(everybody)]
    return summarise(tally(orders, taken_at=NOW), event, version=1)


@given(st.lists(any_answers(), max_size=12), st.integers(1, 4))
def test_totals_add_up_and_list_no_plate_of_few_people(
    everybody: list[Answers], times: int
) -> None:
    summary = summary_of(EVENT, *everybody * times)
    kept = totals(summary, "sv")
    assert kept.registrations == summary.registrations
    for meal, counted in zip(kept.meals, summary.meals, strict=True):
        assert meal.total == counted.total
        assert all(count >= SMALLEST_GROUP_SHOWN for _, count in meal.plates)
        assert max(meal.traits.values(), default=0) <= meal.folded
        assert all(count >= SMALLEST_GROUP_SHOWN for count in meal.traits.values())
    assert Totals.from_json(kept.to_json()) == kept


def test_a_plate_of_three_people_is_listed_whole_and_one_of_two_only_by_its_traits(
    event: Event,
) -> None:
    vegan = Answers("Åsa", ("lunch",), diet="vegan")
    rare = Answers("Bo", ("lunch",), diet="vegan", allergens=("nuts", "fish"), traces=("nuts",))
    severe = replace(rare, severe=True, note="Inte kiwi.")
    milk = replace(rare, diet="", allergens=("fish", "eggs"), traces=())
    lunch, fika = totals(summary_of(event, *[vegan] * 3, rare, severe, milk), "sv").meals
    assert lunch.plates == ((Plate("vegan"), 3),)
    assert (lunch.folded, lunch.total, fika.total) == (3, 6, 0)
    assert lunch.traits == {"fish": 3}, "a trait that fewer people share could identify one of them"


def test_totals_have_no_plate_codes(event: Event) -> None:
    one = Answers("Åsa", ("lunch",), diet="vegan")
    orders = [Order("SECRET", one.meals, one.plate).encode()] * 3
    kept = totals(summarise(tally(orders, taken_at=NOW), event, version=1), "sv")
    assert "SECRET" not in kept.to_json()


def test_the_meals_have_their_names_in_the_language_of_the_event() -> None:
    coffee = {"title": "Fika", "title_en": "Coffee"}
    event = event_with_meals(
        {"id": "a", **coffee, "starts": "10.15"}, {"id": "b", **coffee, "starts": "14.00"}
    )
    for language, names in (
        ("sv", ["Fika kl. 10.15", "Fika kl. 14.00"]),
        ("en", ["Coffee at 10:15", "Coffee at 14:00"]),
    ):
        kept = totals(summary_of(event), language)
        assert [meal.title for meal in kept.meals] == names
