"""The form's fields and errors."""

from collections.abc import Mapping, Sequence

import pytest

from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers
from chalicelib.registration.form import InvalidForm, read_answers

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
def test_valid_input_is_accepted(fields: Mapping[str, Sequence[str]], event: Event) -> None:
    assert read_answers(fields, event).name == " ".join(fields["name"][0].split())


def test_traces_alone_are_taken_as_the_allergen_and_its_traces(event: Event) -> None:
    fields = {"name": ["Bo"], "meal": ["lunch"], "traces": ["nuts"], "severe": ["yes"]}
    answers = read_answers(fields, event)
    assert (answers.allergens, answers.traces) == (("nuts",), ("nuts",))


def test_a_note_that_says_nothing_is_no_note_and_no_reason_to_register(event: Event) -> None:
    assert read_answers(changed(note=["Nej tack."]), event).plate.noted is False
    for fields in (changed(diet=[""], note=["-"]), changed(severe=["yes"], note=["Inga"])):
        with pytest.raises(InvalidForm):
            read_answers(fields, event)


def test_names_are_normalised_to_nfc_so_that_equal_names_are_equal(event: Event) -> None:
    assert read_answers(changed(name=["A\u030asa"]), event).name == "Åsa"


def test_the_exception_text_holds_nothing_that_was_typed(event: Event) -> None:
    with pytest.raises(InvalidForm) as refusal:
        read_answers({"name": ["Hemlig\x00"], "note": ["hemligt"]}, event)
    assert "emlig" not in str(refusal.value)
