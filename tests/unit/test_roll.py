from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.diet import ALLERGENS, DIETS
from chalicelib.doubles import likely_doubles
from chalicelib.registration import Answers
from chalicelib.roll import (
    LOOKED_THROUGH,
    ON_A_PAGE,
    SORTS,
    Choice,
    Entry,
    Look,
    choose,
    in_order,
    look,
    look_by_person,
    person,
    sheet,
    swedish_order,
)
from tests.examples import MEALS, NOW, VEGAN_WITHOUT_NUTS, any_answers, registered

MINUTE = timedelta(minutes=1)


def entry(code: str = "CDFH", answers: Answers = VEGAN_WITHOUT_NUTS, minutes: int = 0) -> Entry:
    order = registered(answers, code).order.encode()
    at = NOW + minutes * MINUTE
    return Entry(f"key-{code}", answers.name, answers.organisation, answers.email, order, at)


def named(*names: str) -> list[Entry]:
    return [
        entry(f"C{number}", replace(VEGAN_WITHOUT_NUTS, name=name))
        for number, name in enumerate(names)
    ]


def names(entries: list[Entry]) -> list[str]:
    return [one.name for one in entries]


@pytest.mark.parametrize(
    "ordered",
    [
        ["Zeb", "Åke", "Ängla", "Östen"],
        ["Ek", "Éla", "Emma"],
        ["edvin", "Egon", "elsa"],
        ["Aase", "Zzz", "Åse"],
        ["Zoo", "Åa", "Æbe", "Ägg", "Øre", "Östen"],
        ["Andersson Bo", "Andersson Åke", "Anderssonsson"],
        ["Müller", "Mullerb"],
        ["4", "Adam", "Östen", "محمد"],
    ],
)
def test_names_are_in_swedish_order(ordered: list[str]) -> None:
    assert names(in_order(named(*reversed(ordered)), "name")) == ordered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("É", "e"),
        ("ÅSA", "åsa"),
        ("A\u030asa", "Åsa"),
        ("\u212bsa", "Åsa"),
        ("Æ", "ä"),
        ("Ø", "ö"),
        ("ÜBER", "uber"),
        ("Noël", "noel"),
        ("Straße", "STRASSE"),
    ],
)
def test_case_accents_and_encodings_make_no_difference(one: str, other: str) -> None:
    assert swedish_order(one) == swedish_order(other)


@pytest.mark.parametrize(("one", "other"), [("å", "a"), ("ä", "a"), ("ö", "o"), ("å", "ä")])
def test_swedish_letters_are_letters_of_their_own(one: str, other: str) -> None:
    assert swedish_order(one) != swedish_order(other)


@pytest.mark.parametrize(
    ("sort", "ordered"),
    [
        ("name", ["C4", "C2", "C1", "C3"]),
        ("organisation", ["C2", "C4", "C1", "C3"]),
        ("code", ["C1", "C2", "C3", "C4"]),
        ("newest", ["C1", "C3", "C2", "C4"]),
    ],
)
def test_the_list_is_sorted_as_was_chosen(sort: str, ordered: list[str]) -> None:
    people = [
        ("C1", "Åsa", "Park", 9),
        ("C2", "Bo", "", 2),
        ("C3", "Åsa", "Ö", 3),
        ("C4", "Al", "P", 1),
    ]
    entries = [
        entry(code, replace(VEGAN_WITHOUT_NUTS, name=name, organisation=organisation), minutes)
        for code, name, organisation, minutes in people
    ]
    assert [one.code for one in in_order(entries, sort)] == ordered


def test_people_of_the_same_name_are_always_in_the_same_sequence() -> None:
    people = named("Bo Ek", "Bo Ek", "Bo Ek")
    for sort in SORTS:
        assert in_order(people, sort) == in_order(people[::-1], sort)


# The filters, and what each says of a registration.
FILTERS: dict[str, tuple[Choice, Callable[[Answers], bool]]] = {
    "meal": (Choice(meal="fika"), lambda answers: "fika" in answers.meals),
    "diet": (Choice(diet="halal"), lambda answers: answers.diet == "halal"),
    "allergen": (Choice(allergen="eggs"), lambda answers: "eggs" in answers.allergens),
    "severe": (Choice(severe=True), lambda answers: answers.severe),
    "noted": (Choice(noted=True), lambda answers: bool(answers.note)),
    "text": (Choice(text="bo"), lambda answers: answers.name == "Bo"),
}
EVERY_KIND = [
    Answers(
        name=name,
        meals=meals,
        diet=diet,
        allergens=allergens,
        traces=allergens,
        severe=severe,
        note=note,
    )
    for name, meals, diet, allergens, severe, note in product(
        ("Bo", "Al"),
        (("lunch",), ("fika",), MEALS),
        ("", "halal"),
        ((), ("fish", "eggs")),
        (False, True),
        ("", "Inte kiwi."),
    )
]


@pytest.mark.parametrize("used", list(product((False, True), repeat=len(FILTERS))))
def test_any_combination_of_filters_gives_those_that_each_of_them_gives(
    used: tuple[bool, ...],
) -> None:
    choice, wanted = Choice(), EVERY_KIND
    for (name, (one, says)), is_used in zip(FILTERS.items(), used, strict=True):
        if is_used:
            choice = replace(choice, **{name: getattr(one, name)})
            wanted = [answers for answers in wanted if says(answers)]
    entries = {f"C{n}": entry(f"C{n}", answers) for n, answers in enumerate(EVERY_KIND)}
    found = choose(entries.values(), choice)
    assert sorted(one.code for one in found) == sorted(
        code for code, one in entries.items() if EVERY_KIND[int(code[1:])] in wanted
    )


def test_lactose_is_not_milk_protein_nor_nuts_peanuts() -> None:
    lactose = entry("C1", replace(VEGAN_WITHOUT_NUTS, allergens=("lactose",), traces=()))
    peanuts = entry("C2", replace(VEGAN_WITHOUT_NUTS, allergens=("peanuts",), traces=("peanuts",)))
    assert choose([lactose, peanuts], Choice(allergen="milk_protein")) == []
    assert choose([lactose, peanuts], Choice(allergen="nuts")) == []
    assert choose([lactose, peanuts], Choice(allergen="peanuts")) == [peanuts]


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("åsa", True),
        ("ÅSA ÖST", True),
        ("A\u030asa", True),
        ("asa ö", False),
        ("  öström ", True),
        ("kultur", True),
        ("asa@boras", True),
        ("ASA@BORAS.EXAMPLE", True),
        ("cdfh", True),
        ("CDF", True),
        ("kiwi", False),
        ("vegan", False),
        ("nuts", False),
        ("lunch", False),
        ("öå", False),
    ],
)
def test_a_search_finds_names_organisations_addresses_and_codes_and_nothing_of_the_diet(
    text: str, *, finds: bool
) -> None:
    assert bool(choose([entry()], Choice(text=text))) is finds


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, ["C0", "C1", "C2", "C3"]),
        (1, None, ["C1", "C2", "C3"]),
        (None, 1, ["C0", "C1"]),
        (1, 2, ["C1", "C2"]),
        (1, 1, ["C1"]),
        (2, 1, []),
        (9, None, []),
    ],
)
def test_people_are_found_by_the_minute_they_registered_in(
    since: int | None, until: int | None, found: list[str]
) -> None:
    last = timedelta(seconds=59, microseconds=999_999)
    entries = [
        replace(entry(f"C{n}"), registered_at=NOW + n * MINUTE + (n % 2) * last) for n in range(4)
    ]
    chosen = Choice(
        since=None if since is None else NOW + since * MINUTE,
        until=None if until is None else NOW + until * MINUTE,
        sort="code",
    )
    assert [one.code for one in choose(entries, chosen)] == found


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_as_far_away_as_can_be_is_a_time(year: int) -> None:
    far = datetime.max.replace(year=year, tzinfo=UTC)
    assert bool(choose([entry()], Choice(since=far))) is (year == 1)
    assert bool(choose([entry()], Choice(until=far))) is (year != 1)


def test_an_entry_knows_its_order_and_code() -> None:
    one = entry("WXYV")
    assert (one.code, one.order) == ("WXYV", registered(VEGAN_WITHOUT_NUTS, "WXYV").order)


@given(st.lists(any_answers(), max_size=20))
def test_choosing_by_nothing_is_everybody(answers: list[Answers]) -> None:
    entries = [entry(f"C{n}", one) for n, one in enumerate(answers)]
    for sort in SORTS:
        found = choose(entries, Choice(sort=sort))
        assert sorted(found, key=lambda one: one.key) == sorted(entries, key=lambda one: one.key)


@given(any_answers())
def test_whoever_has_something_is_found_by_it(answers: Answers) -> None:
    one = entry(answers=answers)
    assert choose([one], Choice(meal=answers.meals[0]))
    for code in ALLERGENS:
        assert bool(choose([one], Choice(allergen=code))) == (code in answers.allergens)
    for code in DIETS:
        assert bool(choose([one], Choice(diet=code))) == (code == answers.diet)
    assert choose([one], Choice(text=answers.name.upper()))


@given(st.integers(0, 300), st.integers(1, 60))
def test_everything_is_on_exactly_one_page_in_its_sequence(how_many: int, on_a_page: int) -> None:
    rows = list(range(how_many))
    first = sheet(rows, 1, on_a_page)
    pages = [sheet(rows, number, on_a_page) for number in range(1, first.pages + 1)]
    assert [row for page in pages for row in page.rows] == rows
    assert all(len(page.rows) == on_a_page for page in pages[:-1])
    assert pages[-1].rows or not rows
    assert {(page.total, page.pages) for page in pages} == {(how_many, first.pages)}
    assert [page.number for page in pages] == list(range(1, first.pages + 1))


@pytest.mark.parametrize(
    ("wanted", "given_"), [(-1, 1), (0, 1), (1, 1), (3, 3), (4, 3), (99999, 3)]
)
def test_a_page_that_is_not_there_is_the_nearest(wanted: int, given_: int) -> None:
    assert sheet(range(2 * ON_A_PAGE + 1), wanted).number == given_


def test_an_empty_list_is_one_empty_page() -> None:
    nobody: list[Entry] = []
    empty = sheet(nobody, 1)
    assert (list(empty.rows), empty.number, empty.pages, empty.total) == ([], 1, 1, 0)


# One page looks through no more than so many


def crowd(how_many: int, names: int = 7) -> list[Entry]:
    """People who share a few names, in the sequence in which the table has likely doubles."""
    letters = ("Åsa Ö", "asao", "Bo Ek", "BO EK", "Bo-Ek", "Al", "Zeb")[:names]
    people = [
        entry(f"C{n:04}", replace(VEGAN_WITHOUT_NUTS, name=letters[n % names]), minutes=n)
        for n in range(how_many)
    ]
    return in_order(people, "person")


@pytest.mark.parametrize("how_many", [0, 1, LOOKED_THROUGH - 1, LOOKED_THROUGH])
def test_a_page_looks_through_all_of_a_list_that_is_not_too_long(how_many: int) -> None:
    people = crowd(how_many)
    assert look(iter(people)) == Look(people)
    assert look(iter(people)).is_whole


def test_of_a_longer_list_a_page_looks_through_a_part_and_says_where_it_goes_on() -> None:
    people = crowd(LOOKED_THROUGH + 1)
    first = look(iter(people))
    assert first == Look(people[:-1], last=people[-2].place)
    rest = look(iter(people[-1:]), first.last)
    assert rest == Look(people[-1:], after=people[-2].place)
    assert not first.is_whole
    assert not rest.is_whole


def test_a_page_reads_no_more_than_it_needs_to_know_that_there_is_more() -> None:
    people = iter(crowd(LOOKED_THROUGH + 5))
    look(people)
    assert len(list(people)) == 4


def test_likely_doubles_are_never_on_both_sides_of_a_cut() -> None:
    people = crowd(2 * LOOKED_THROUGH, names=6)
    first = look_by_person(iter(people))
    assert first.last == first.entries[-1].place
    rest = people[len(first.entries) :]
    assert likely_doubles(first.entries)
    assert likely_doubles(first.entries) + likely_doubles(rest) == likely_doubles(people)


@pytest.mark.parametrize("how_many", [3, LOOKED_THROUGH])
def test_where_nothing_is_cut_everybody_is_looked_at(how_many: int) -> None:
    people = crowd(how_many)
    assert look_by_person(iter(people)) == Look(people)


def test_who_has_a_name_of_their_own_waits_for_nobody() -> None:
    people = in_order(named(*(f"Bo {n:04}" for n in range(LOOKED_THROUGH + 1))), "person")
    assert look_by_person(iter(people)) == look(iter(people))


def test_more_people_of_one_name_than_a_page_looks_through_are_cut_all_the_same() -> None:
    people = crowd(LOOKED_THROUGH + 1, names=1)
    assert look_by_person(iter(people)) == Look(people[:-1], last=people[-2].place)


@pytest.mark.parametrize(
    "name", ["A", "\ufdfa" * 100, "👩‍🍳" * 33, "ŉ" * 100, "\u0301", "…", "Å" * 100]
)
def test_whatever_somebody_is_called_each_index_takes_it(name: str) -> None:
    """DynamoDB takes 1 to 1024 bytes."""
    one = entry("CDFHJKMN", replace(VEGAN_WITHOUT_NUTS, name=name, organisation=name))
    for sort, key in SORTS.items():
        assert 1 <= len(key(one).encode()) <= 1024, sort


@given(st.text(min_size=1, max_size=100), st.text(max_size=100))
def test_any_text_has_a_place_in_each_index(name: str, organisation: str) -> None:
    one = entry(answers=replace(VEGAN_WITHOUT_NUTS, name=name, organisation=organisation))
    assert all(1 <= len(key(one).encode("utf-8", "replace")) <= 1024 for key in SORTS.values())


def test_whoever_may_be_one_person_is_one() -> None:
    assert person("Åsa Öström-Ek") == person("ASA OSTROM EK")
    assert person("…") == "…"
    assert person("Bo") != person("Bob")
