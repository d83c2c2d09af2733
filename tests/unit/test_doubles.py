from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.doubles import likely_doubles
from chalicelib.roll import Entry
from tests.examples import NOW


def one(name: str, organisation: str = "", email: str = "") -> Entry:
    return Entry("", name, organisation, email, "", NOW)


def test_the_same_name_and_organisation_is_likely_one_person() -> None:
    first = one("Åsa Öström-Ek", "Kulturförvaltningen")
    second = one("ASA OSTROM EK", "kultur förvaltningen")
    assert likely_doubles([first, one("Bo", "Kulturförvaltningen"), second]) == [(first, second)]


def test_the_same_name_and_address_is_likely_one_person() -> None:
    first = one("Åsa Ek", "Kultur", "asa@boras.example")
    second = one("Åsa Ek", "Annat", "ASA@boras.example")
    assert likely_doubles([first, second]) == [(first, second)]


def test_who_is_linked_through_a_third_is_in_the_same_group() -> None:
    people = [
        one("Åsa Ek", "Kultur"),
        one("Åsa Ek", "Annat", "asa@boras.example"),
        one("Åsa Ek", "Kultur", "asa@boras.example"),
    ]
    assert likely_doubles(people) == [tuple(people)]


def test_the_same_name_alone_is_no_double_if_both_say_where_they_are_from() -> None:
    assert likely_doubles([one("Åsa Ek", "Kultur"), one("Åsa Ek", "Teknik")]) == []


def test_the_same_name_with_nothing_else_said_is_likely_one_person() -> None:
    people = [one("Åsa Ek"), one("åsa ek")]
    assert likely_doubles(people) == [tuple(people)]


def test_the_same_address_with_other_names_is_an_assistant_registering_several() -> None:
    assert likely_doubles([one("Åsa", "", "a@b.example"), one("Bo", "", "a@b.example")]) == []


@given(
    st.lists(st.builds(one, st.sampled_from("ABC"), st.sampled_from(["", "X", "Y"])), max_size=9)
)
def test_nobody_is_in_two_groups_and_nobody_is_dropped_or_added(people: list[Entry]) -> None:
    numbered = [replace(person, key=str(n)) for n, person in enumerate(people)]
    groups = likely_doubles(numbered)
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    assert set(members) <= set(numbered)
    assert all(len(group) > 1 for group in groups)
