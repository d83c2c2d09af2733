"""Likely duplicates."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.desk.duplicates import likely_duplicates
from chalicelib.registration.registration import ListEntry
from tests.examples import NOW

_KEYS = count()


def one(name: str, organisation: str = "", email: str = "") -> ListEntry:
    return ListEntry(f"key-{next(_KEYS)}", name, organisation, email, "CDFH|lunch||||", NOW)


@pytest.mark.parametrize(
    "alike",
    [
        [one("Åsa Öström-Ek", "Kulturförvaltningen"), one("ASA OSTROM EK", "kultur förvaltningen")],
        [one("Åsa Ek", "Kultur", "asa@boras.example"), one("Åsa Ek", "Annat", "ASA@boras.example")],
        [one("Åsa Ek"), one("åsa ek")],
        [one("Åsa Öström", "Kultur"), one("Öström, Åsa", "Kul\u00adtur")],
        [one("Anna-Karin O’Brien"), one("Annakarin O'Brien"), one("Anna\u2011Karin O´Brien")],
        [one("Åsa", "A", "asa@borås.example"), one("Asa", "B", "ASA@xn--bors-soa.example")],
        [one("…"), one("…")],
        [
            one("Åsa Ek", "Kultur"),
            one("Åsa Ek", "Annat", "asa@boras.example"),
            one("Åsa Ek", "Kultur", "asa@boras.example"),
        ],
    ],
    ids=[
        "organisation",
        "address",
        "neither given",
        "another order of words",
        "apostrophes and hyphens",
        "a domain in punycode",
        "name without letters",
        "linked through a third",
    ],
)
def test_the_same_name_with_the_same_organisation_or_address_or_neither_is_a_duplicate(
    alike: list[ListEntry],
) -> None:
    others = [one("Bo", "Kulturförvaltningen"), one("?")]
    assert likely_duplicates([alike[0], *others, *alike[1:]]) == [tuple(alike)]


def test_the_same_name_in_different_organisations_is_no_duplicate() -> None:
    assert likely_duplicates([one("Åsa Ek", "Kultur"), one("Åsa Ek", "Teknik")]) == []


def test_names_of_the_same_letters_are_no_duplicates() -> None:
    assert likely_duplicates([one("Elna Ek"), one("Lena Ek")]) == []


def test_different_names_with_the_same_address_are_no_duplicates() -> None:
    assert likely_duplicates([one("Åsa", "", "a@b.example"), one("Bo", "", "a@b.example")]) == []


@given(
    st.lists(st.builds(one, st.sampled_from("ABC"), st.sampled_from(["", "X", "Y"])), max_size=9)
)
def test_groups_are_disjoint_and_contain_only_given_people(people: list[ListEntry]) -> None:
    numbered = [replace(person, key=f"{n}") for n, person in enumerate(people)]
    groups = likely_duplicates(numbered)
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    assert set(members) <= set(numbered)
    assert all(len(group) > 1 for group in groups)
