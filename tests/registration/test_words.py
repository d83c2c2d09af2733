"""A plate in words."""

import pytest

from chalicelib.registration import words
from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES, DIETS


@pytest.mark.parametrize(
    ("plate", "swedish", "english"),
    [
        (Plate("vegan"), "Vegansk", "Vegan"),
        (
            Plate("vegan", ("coeliac", "nuts"), ("nuts",)),
            "Vegansk + glutenfri (celiaki) + utan nötter (inte ens spår)",
            "Vegan + gluten-free (coeliac) + no tree nuts (not even traces)",
        ),
        (Plate(noted=True), "Se anteckning", "See the note"),
    ],
)
def test_a_plate_is_described_in_words(plate: Plate, swedish: str, english: str) -> None:
    assert words.plate_in_words(plate, "sv") == swedish
    assert words.plate_in_words(plate, "en") == english


@pytest.mark.parametrize("diet", DIETS)
def test_no_plate_has_more_than_550_characters_whatever_is_ticked(diet: str) -> None:
    everything = Plate(diet, tuple(ALLERGENS), tuple(ASKED_FOR_TRACES), severe=True, noted=True)
    assert len(words.plate_in_words(everything, "sv")) <= 550
