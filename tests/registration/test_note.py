"""What a note says."""

import pytest

from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS
from chalicelib.registration.note import named_unticked, says_nothing


@pytest.mark.parametrize(
    "note",
    [
        *("-", "–", "--", "...", "Inga", "inga.", "INGA", "Inget", "Ingen", "Ingenting!", "Nej"),
        *("Nej tack", "nej, tack.", " N e j ", "Inga allergier", "Nej, inga allergier"),
        *("Inget annat", "None", "none.", "No", "n/a", "N.A.", "No thanks", "Nothing"),
    ],
)  # fmt: skip
def test_a_note_that_says_nothing_is_recognised(note: str) -> None:
    assert says_nothing(note)


@pytest.mark.parametrize(
    "note",
    [
        *("Nej, inte nötter", "Inga nötter", "Inget griskött", "Inga allergier men inte kiwi"),
        *("Nej, men ring mig", "No nuts", "None of the fish", "Ingen kiwi", "Kiwi", "0", "?", "🥜"),
        *("Äter allt", "Inga allergier mot nötter", "Nejlika", "Ingefära"),
    ],
)
def test_a_note_that_says_something_stays(note: str) -> None:
    assert not says_nothing(note)


def named(note: str, *ticked: str) -> list[str]:
    answers = Answers("Bo", ("lunch",), allergens=ticked, note=note)
    return [" ".join(codes) for codes in named_unticked(answers)]


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("Hasselnöt", ["nuts"]),
        ("Nötallergi!", ["nuts"]),
        ("nöt-allergi", ["nuts"]),
        ("NÖTTER, cashewnötter och paranöt", ["nuts"]),
        ("Jordnötter", ["peanuts"]),
        ("peanuts and almonds", ["nuts", "peanuts"]),
        ("laktos", ["lactose"]),
        ("Laktosintolerant", ["lactose"]),
        ("mjölk", ["lactose milk_protein"]),
        ("Mjölkallergi", ["milk_protein"]),
        ("mjölk och laktos", ["lactose"]),
        ("Skaldjur", ["crustaceans", "molluscs"]),
        ("skaldjursallergi", ["crustaceans", "molluscs"]),
        ("räkor", ["crustaceans"]),
        ("musslor", ["molluscs"]),
        ("Fisk.", ["fish"]),
        ("fiskallergiker", ["fish"]),
        ("äggfritt", ["eggs"]),
        ("celiaki", ["coeliac"]),
        ("glutenintolerans", ["coeliac"]),
        ("vete", ["wheat"]),
        ("sojaprotein", ["soybeans"]),
        ("rotselleri, senap, sesamfrön", ["celery", "mustard", "sesame"]),
        ("sulfiter i vin; lupinmjöl", ["sulphites", "lupin"]),
    ],
)
def test_a_word_of_an_unticked_allergen_names_it(note: str, codes: list[str]) -> None:
    assert named(note) == codes


@pytest.mark.parametrize(
    "note",
    [
        *("Fiskars", "fiskare", "nötkött", "Nötfärs", "nöta", "kokosnöt", "kokosmjölk"),
        *("muskotnöt", "nutmeg", "pinjenötter", "äggplanta", "eggplant", "ostronskivling", "sulfa"),
        *("mandelpotatis", "Mandela", "räkna", "räkning", "vetenskap", "veterinär", "hummus"),
        *("havremjölk", "krabat", "lupp", "Inte kiwi.", "Jag kommer lite senare"),
    ],
)  # fmt: skip
def test_a_word_that_only_resembles_an_allergens_names_none(note: str) -> None:
    assert named(note) == []


@pytest.mark.parametrize(
    ("note", "ticked", "codes"),
    [
        ("Hasselnöt", ("nuts",), []),
        ("Nötter", ("peanuts",), ["nuts"]),
        ("Laktosfri mjölk går bra", ("lactose",), []),
        ("Inte laktos eller mjölk", ("milk_protein",), []),
        ("Mjölkallergi", ("lactose",), ["milk_protein"]),
        ("Vete, råg och korn", ("coeliac",), []),
        ("Veteallergi", ("coeliac",), ["wheat"]),
        ("Gluten", ("wheat",), ["coeliac"]),
        ("Skaldjur", ("crustaceans",), ["molluscs"]),
    ],
)
def test_a_ticked_allergen_is_not_named_and_never_stands_for_another(
    note: str, ticked: tuple[str, ...], codes: list[str]
) -> None:
    assert named(note, *ticked) == codes


@pytest.mark.parametrize("code", ALLERGENS)
def test_the_first_word_of_every_allergens_name_names_it(code: str) -> None:
    assert code in named(ALLERGENS[code].name.split()[0])
