"""What two registrations of one person amount to."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from chalicelib.desk.union import are_comparable, lost_with, together
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import DIETS
from chalicelib.registration.limits import NOTE_AT_MOST
from tests.examples import EVENT, MEALS, VEGAN_WITHOUT_NUTS, any_answers

ALL_FOOD = {
    "plants", "wine", "milk", "eggs", "fish", "shellfish", "gelatine", "beef", "pork",
    "halal beef", "kosher beef",
}  # fmt: skip
# What a kitchen may serve with each diet. Gelatine is in many desserts, and need not be of pork.
SERVED = {
    "": ALL_FOOD,
    "vegan": {"plants", "wine"},
    "lacto_vegetarian": {"plants", "wine", "milk", "gelatine"},
    "vegetarian": {"plants", "wine", "milk", "eggs", "gelatine"},
    "pescatarian": {"plants", "wine", "milk", "eggs", "gelatine", "fish", "shellfish"},
    "no_pork": ALL_FOOD - {"pork", "gelatine"},
    "halal": ALL_FOOD - {"pork", "beef", "kosher beef", "wine"},
    "kosher": {"plants", "milk", "eggs", "gelatine", "fish", "kosher beef"},
}
LUNCH = Answers("Åsa", ("lunch",), diet="vegetarian", email="asa@boras.example")


def test_every_diet_is_compared() -> None:
    assert SERVED.keys() == {"", *DIETS}


@pytest.mark.parametrize("one", SERVED)
@pytest.mark.parametrize("other", SERVED)
def test_a_diet_replaces_another_only_if_everything_served_with_it_suits_the_other(
    one: str, other: str
) -> None:
    stricter = [
        diet for diet in (one, other) if SERVED[diet] <= SERVED[one] & SERVED[other]
    ]  # none if each allows something that the other refuses
    diet = together(replace(LUNCH, diet=one), replace(LUNCH, diet=other), EVENT).diet
    assert diet == (stricter[0] if stricter else one)
    assert are_comparable(one, other) is bool(stricter)


@given(any_answers(), any_answers())
def test_nothing_that_either_does_not_tolerate_is_lost(kept: Answers, gone: Answers) -> None:
    both = together(kept, gone, EVENT)
    for one in (kept, gone):
        assert set(one.allergens) <= set(both.allergens)
        assert set(one.traces) <= set(both.traces)
        assert set(one.meals) <= set(both.meals)
        assert both.severe >= one.severe
        assert one.note in both.note
        assert not lost_with(one, both)
    assert set(both.allergens) == {*kept.allergens, *gone.allergens}
    assert (both.name, both.organisation, both.email) == (
        kept.name, kept.organisation, kept.email,
    )  # fmt: skip
    assert both.diet in {kept.diet, gone.diet}


@given(any_answers(), any_answers())
def test_both_are_served_only_what_each_allows_unless_the_page_says_that_the_diets_clash(
    kept: Answers, gone: Answers
) -> None:
    assume(are_comparable(kept.diet, gone.diet))
    both = together(kept, gone, EVENT)
    assert SERVED[both.diet] <= SERVED[kept.diet] & SERVED[gone.diet]


@given(any_answers(), any_answers())
def test_adding_the_same_again_changes_nothing(kept: Answers, gone: Answers) -> None:
    both = together(kept, gone, EVENT)
    assert together(both, gone, EVENT) == together(both, both, EVENT) == both
    assert together(both, kept, EVENT) == both
    assert together(kept, kept, EVENT) == kept


@given(any_answers(), any_answers())
def test_a_loss_is_reported_if_and_only_if_the_kept_one_tolerates_more(
    kept: Answers, gone: Answers
) -> None:
    both = together(kept, gone, EVENT)
    same = replace(both, meals=kept.meals, diet=kept.diet) == kept
    assert bool(lost_with(gone, kept)) is not same


def test_the_loss_names_exactly_what_the_kept_one_lacks() -> None:
    kept = replace(VEGAN_WITHOUT_NUTS, allergens=("eggs",), traces=(), severe=False, note="Kiwi")
    lost = lost_with(VEGAN_WITHOUT_NUTS, kept)
    assert (lost.severe, lost.allergens, lost.traces) == (True, ("nuts",), ("nuts",))
    assert lost.note == "Inte kiwi."
    less = replace(kept, severe=True, traces=("eggs",))
    assert not lost_with(kept, less)
    assert lost_with(less, kept).traces == ("eggs",)


def test_codes_are_in_the_order_of_vocabulary_and_agenda_with_unknown_ones_last() -> None:
    kept = Answers("Åsa", ("supé", "fika"), allergens=("lupin", "old"), traces=("lactose",))
    gone = Answers("Åsa", ("lunch",), allergens=("coeliac",), traces=("coeliac",))
    both = together(kept, gone, EVENT)
    assert both.meals == (*MEALS, "supé")
    assert both.allergens == ("coeliac", "lupin", "old")
    assert both.traces == ("coeliac", "lactose")


@pytest.mark.parametrize(
    ("kept", "gone", "both"),
    [
        ("", "kiwi", "kiwi"),
        ("kiwi", "", "kiwi"),
        ("kiwi", "Kiwi", "kiwi / Kiwi"),
        ("ej nötter", "ej nöt", "ej nötter / ej nöt"),
        ("a / b", "b / c", "a / b / c"),
        ("a", "b\nc", "a / b\nc"),
        ("a" * NOTE_AT_MOST, "b" * NOTE_AT_MOST, "a" * NOTE_AT_MOST + " / " + "b" * NOTE_AT_MOST),
    ],
)
def test_notes_are_joined_and_never_cut(kept: str, gone: str, both: str) -> None:
    one, other = replace(LUNCH, note=kept), replace(LUNCH, note=gone)
    assert together(one, other, EVENT).note == both


def test_the_removed_ones_mail_address_is_not_taken_over() -> None:
    nobody = replace(LUNCH, email="")
    assert together(nobody, LUNCH, EVENT).email == ""
