from collections.abc import Mapping, Sequence

import pytest

from chalicelib.event import Event
from chalicelib.forms import InvalidForm, read_answers
from chalicelib.registration import Answers

VALID = {"name": ["Åsa Öström"], "meal": ["lunch"], "diet": ["vegan"]}


def changed(**fields: Sequence[str]) -> dict[str, Sequence[str]]:
    return {**VALID, **fields}


def test_a_whole_form_becomes_answers_in_the_order_of_the_vocabulary(event: Event) -> None:
    fields = {
        "name": ["  Åsa   Öström "],
        "organisation": ["Kulturförvaltningen"],
        "email": ["asa@boras.example"],
        "meal": ["fika", "lunch"],
        "diet": ["vegan"],
        "allergen": ["lupin", "coeliac", "nuts"],
        "traces": ["nuts", "coeliac"],
        "severe": ["yes"],
        "note": ["Inte kiwi.\r\nInte lök."],
        "website": [""],
        "nonce": ["abc"],
        "unknown": ["ignored"],
    }
    assert read_answers(fields, event) == Answers(
        name="Åsa Öström",
        organisation="Kulturförvaltningen",
        email="asa@boras.example",
        meals=("lunch", "fika"),
        diet="vegan",
        allergens=("coeliac", "nuts", "lupin"),
        traces=("coeliac", "nuts"),
        severe=True,
        note="Inte kiwi.\nInte lök.",
    )


@pytest.mark.parametrize(
    "fields",
    [
        changed(),
        changed(diet=[""], allergen=["nuts"]),
        changed(diet=[""], note=["Inte kiwi."]),
        changed(diet=[], note=["Inte kiwi."], severe=["yes"]),
        changed(name=["å" * 100], organisation=["ö" * 100], note=["n" * 500]),
        changed(name=["O’Brien, Siân-Noël d'Été"]),
        changed(name=["محمد الحسن"]),
        changed(name=["<script>alert(1)</script>"], note=["{{7*7}}"]),
        changed(email=["a.b+c@sub.domain.example"]),
        changed(website=[" "]),
    ],
)
def test_what_people_write_is_accepted(fields: Mapping[str, Sequence[str]], event: Event) -> None:
    assert read_answers(fields, event).name == " ".join(fields["name"][0].split())


def test_a_name_is_composed_so_that_equal_names_are_equal(event: Event) -> None:
    assert read_answers(changed(name=["A\u030asa"]), event).name == "Åsa"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        (changed(name=[""]), "name", "Skriv namnet"),
        (changed(name=[" \t "]), "name", "Skriv namnet"),
        (changed(name=[]), "name", "Skriv namnet"),
        (changed(name=["å" * 101]), "name", "Skriv högst"),
        (changed(name=["Å\x00sa"]), "name", "osynligt tecken"),
        (changed(name=["Å\x1bsa"]), "name", "osynligt tecken"),
        (changed(name=["Åsa\u202etxt"]), "name", "osynligt tecken"),
        (changed(organisation=["o" * 101]), "organisation", "Skriv högst"),
        (changed(email=["asa"]), "email", "hel e-postadress"),
        (changed(email=["asa@boras"]), "email", "hel e-postadress"),
        (changed(email=["a@b.example, c@d.example"]), "email", "hel e-postadress"),
        (changed(email=["a@" + "b" * 250 + ".se"]), "email", "Skriv högst"),
        (changed(meal=[]), "meal", "minst en måltid"),
        (changed(meal=["lunch", "middag"]), "meal", "finns inte"),
        (changed(diet=["raw"]), "diet", "finns inte"),
        (changed(diet=[""]), "diet", "Välj en kost"),
        (changed(diet=[], note=["  "]), "diet", "Välj en kost"),
        (changed(allergen=["kiwi"]), "allergen", "finns inte"),
        (changed(traces=["kiwi"]), "allergen", "finns inte"),
        (changed(traces=["nuts"]), "allergen", "Kryssa också för ämnet självt"),
        (changed(severe=["yes"]), "severe", "vad du reagerar på"),
        (changed(severe=["maybe"]), "severe", "Kryssa för rutan"),
        (changed(note=["n" * 501]), "note", "Skriv högst"),
        (changed(note=["a\x07b"]), "note", "osynligt tecken"),
        (changed(website=["http://spam.example"]), "website", "Lämna det här fältet tomt"),
    ],
)
def test_what_cannot_be_cooked_or_read_is_an_error_at_its_field(
    fields: Mapping[str, Sequence[str]], field: str, words: str, event: Event
) -> None:
    with pytest.raises(InvalidForm) as refusal:
        read_answers(fields, event)
    assert list(refusal.value.errors) == [field]
    assert words in refusal.value.errors[field].text


def test_all_errors_come_at_once_in_the_order_of_the_form(event: Event) -> None:
    with pytest.raises(InvalidForm) as refusal:
        read_answers({"email": ["x"], "website": ["y"]}, event)
    assert list(refusal.value.errors) == ["name", "email", "meal", "diet", "website"]


def test_the_exception_text_holds_nothing_that_was_typed(event: Event) -> None:
    with pytest.raises(InvalidForm) as refusal:
        read_answers({"name": ["Hemlig\x00"], "note": ["hemligt"]}, event)
    assert "emlig" not in str(refusal.value)
