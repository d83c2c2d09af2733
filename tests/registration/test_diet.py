"""The vocabulary."""

import pytest

from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS

# Merging one of these pairs would serve somebody the wrong plate, possibly a lethal one.
UNSAFE_PAIRS = (
    ("lactose", "milk_protein"),
    ("coeliac", "wheat"),
    ("nuts", "peanuts"),
    ("crustaceans", "molluscs"),
)


def test_the_vocabulary_has_exactly_these_codes() -> None:
    assert set(DIETS) == set(
        "vegetarian lacto_vegetarian vegan pescatarian no_pork halal kosher".split()
    )
    assert set(ALLERGENS) == set(
        "coeliac wheat crustaceans eggs fish peanuts soybeans milk_protein lactose nuts celery "
        "mustard sesame sulphites lupin molluscs".split()
    )


def test_traces_are_asked_for_of_every_allergen_but_lactose() -> None:
    assert ALLERGENS.keys() - ASKED_FOR_TRACES == {"lactose"}


@pytest.mark.parametrize(("one", "other"), UNSAFE_PAIRS)
def test_unsafe_pairs_are_adjacent_on_the_form_and_have_different_names_and_hints(
    one: str, other: str
) -> None:
    assert ALLERGENS[one].name != ALLERGENS[other].name
    assert ALLERGENS[one].dish != ALLERGENS[other].dish
    order = list(ALLERGENS)
    assert abs(order.index(one) - order.index(other)) == 1
    assert ALLERGENS[one].hint
    assert ALLERGENS[other].hint
