"""Filtering, searching, sorting and paging the list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.desk.limits import REGISTRATIONS_ON_A_PAGE
from chalicelib.desk.registration_list import (
    SORTS,
    ListFilter,
    page_of,
    select_entries,
)
from chalicelib.registration.answers import Answers
from chalicelib.registration.registration import ListEntry
from chalicelib.texts.collation import swedish_order
from tests.examples import MEALS, NOW, VEGAN_WITHOUT_NUTS, registered

MINUTE = timedelta(minutes=1)


def entry(code: str = "CDFH", answers: Answers = VEGAN_WITHOUT_NUTS, minutes: int = 0) -> ListEntry:
    order = registered(answers, code).order.encode()
    at = NOW + minutes * MINUTE
    who = answers.name, answers.organisation, answers.email
    return ListEntry(f"key-{code}", *who, order, at, note=answers.note)


def named(*names: str) -> list[ListEntry]:
    return [
        entry(f"C{number}", replace(VEGAN_WITHOUT_NUTS, name=name))
        for number, name in enumerate(names)
    ]


def names(entries: list[ListEntry]) -> list[str]:
    return [one.name for one in entries]


@pytest.mark.parametrize(
    "ordered",
    [
        ["Zoo", "Åse", "Ängla", "Öbo"],
        ["Ek", "Éla", "Emma"],
        ["edvin", "Egon", "elsa"],
        ["Aase", "Zzz", "Åse"],
        ["Zoo", "Åa", "Æbe", "Ägg", "Øre", "Östen"],
        ["Eva", "Íñigo", "Irma", "Işık", "Ivar"],
        ["Dina", "Đorđe", "Dz", "Lukasz", "Lz", "Tha", "Þór", "Tio", "Ylva", "Üzgür", "Yö"],
        ["Lubin", "Łukasz", "Lz"],
        ["Zoo", "Öa", "Œuvre", "Öz"],
        ["Al-Amin", "Al‑Hassan", "Al-Zahra", "Alhassan"],
        ["O'Aa", "O’Brien", "O'Connor", "Oaa", "Oz"],
        ["Andersson Bo", "Andersson Åke", "Anderssonsson"],
        ["Muu", "Mya", "Müller", "Myz"],
        ["4", "Adam", "Östen", "محمد"],
    ],
)
def test_names_are_in_swedish_order(ordered: list[str]) -> None:
    assert names(select_entries(named(*reversed(ordered)), ListFilter())) == ordered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("É", "e"),
        ("ÅSA", "åsa"),
        ("A\u030asa", "Åsa"),
        ("\u212bsa", "Åsa"),
        ("Æ", "ä"),
        ("Ø", "ö"),
        ("ÜBER", "yber"),
        ("Noël", "noel"),
        ("Straße", "STRASSE"),
    ],
)
def test_case_accents_and_encodings_make_no_difference(one: str, other: str) -> None:
    assert swedish_order(one) == swedish_order(other)


@pytest.mark.parametrize(
    ("sort", "ordered"),
    [
        ("name", ["C4", "C2", "C1", "C3"]),
        ("organisation", ["C2", "C4", "C1", "C3"]),
        ("code", ["C1", "C2", "C3", "C4"]),
        ("newest", ["C1", "C3", "C2", "C4"]),
    ],
)
def test_the_list_has_the_chosen_sort_order(sort: str, ordered: list[str]) -> None:
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
    assert [one.code for one in select_entries(entries, ListFilter(sort=sort))] == ordered


def test_people_of_the_same_name_are_always_in_the_same_sequence() -> None:
    people = named("Bo Ek", "Bo Ek", "Bo Ek")
    for sort in SORTS:
        chosen = ListFilter(sort=sort)
        assert select_entries(people, chosen) == select_entries(people[::-1], chosen)


# Each filter, with the condition on the answers that it stands for.
FILTERS: dict[str, tuple[ListFilter, Callable[[Answers], bool]]] = {
    "meal": (ListFilter(meal="fika"), lambda answers: "fika" in answers.meals),
    "diet": (ListFilter(diet="halal"), lambda answers: answers.diet == "halal"),
    "allergen": (ListFilter(allergen="eggs"), lambda answers: "eggs" in answers.allergens),
    "severe": (ListFilter(severe=True), lambda answers: answers.severe),
    "noted": (ListFilter(noted=True), lambda answers: bool(answers.note)),
    "text": (ListFilter(text="bo"), lambda answers: answers.name == "Bo"),
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
def test_combined_filters_select_the_entries_that_match_each_filter(
    used: tuple[bool, ...],
) -> None:
    choice, wanted = ListFilter(), EVERY_KIND
    for (name, (list_filter, matches)), is_used in zip(FILTERS.items(), used, strict=True):
        if is_used:
            choice = replace(choice, **{name: getattr(list_filter, name)})
            wanted = [answers for answers in wanted if matches(answers)]
    entries = {f"C{n}": entry(f"C{n}", answers) for n, answers in enumerate(EVERY_KIND)}
    found = select_entries(entries.values(), choice)
    assert sorted(one.code for one in found) == sorted(
        code for code, one in entries.items() if EVERY_KIND[int(code[1:])] in wanted
    )


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("åsa", True),
        ("ÅSA ÖST", True),
        ("A\u030asa", True),
        ("asa ö", True),
        ("öström åsa", True),
        ("Öström, Åsa", True),
        ("ostrom", True),
        ("å\u00adsa\u200b", True),
        ("öst kultur", True),
        ("förvaltning", True),
        ("förvaltning åsa", True),
        ("öström å", True),
        ("öström s", False),
        ("åsa kiwi", True),
        ("KIWI öström", True),
        ("<ASA@boras.example>,", True),
        ("asa@bor\u00adas", True),
        ("åsa@boras", False),
        ("-", False),
        ("\u200b", False),
        ("  öström ", True),
        ("kultur", True),
        ("asa@boras", True),
        ("ASA@BORAS.EXAMPLE", True),
        ("cdfh", True),
        ("CDF", True),
        ("kiwi", True),
        ("vegan", False),
        ("nuts", False),
        ("lunch", False),
        ("öå", False),
        ("öström st", False),
        ("trö", True),
        ("åsa bo", False),
    ],
)
def test_a_search_matches_names_organisations_notes_addresses_and_codes_but_no_ticked_diet(
    text: str, *, finds: bool
) -> None:
    assert bool(select_entries([entry()], ListFilter(text=text))) is finds


@pytest.mark.parametrize(
    "name",
    ["Anna-Karin O’Brien", "anna karin o'brien", "O´Brien Anna‑Karin", "Annakarin O\u00adBrien"],
)
@pytest.mark.parametrize(
    "text",
    [
        "O'Brien",
        "O’BRIEN",
        "o brien",
        "OBrien Anna",
        "anna-karin",
        "Annakarin",
        "Karin Anna",
        "o`bri karin-a",
    ],
)
def test_a_search_takes_every_apostrophe_and_hyphen_and_any_order_of_words(
    name: str, text: str
) -> None:
    assert names(select_entries(named(name, "Bo Ek"), ListFilter(text=text))) == [name]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Łukasz Wójcik", "wojcik lukasz"),
        ("Đorđe Hadžić", "Dorde Hadzic"),
        ("Þórður Sigurðsson", "Thordur sigurdsson"),
        ("Œdipe", "oedipe"),
        ("Işıl Yılmaz", "isil yilmaz"),
        ("Jürgen Größe", "jurgen grosse"),
        ("Máŋgoš Ŧ", "mangos t"),
    ],
)
def test_a_name_is_found_with_the_letters_of_a_swedish_keyboard(name: str, typed: str) -> None:
    assert names(select_entries(named(name, "Bo Ek"), ListFilter(text=typed))) == [name]


def test_a_search_looks_at_the_end_of_the_longest_note() -> None:
    noted = entry(answers=replace(VEGAN_WITHOUT_NUTS, note=f"{'å' * 494} Dill."))
    assert select_entries([noted], ListFilter(text="dill")) == [noted]


def test_a_search_finds_an_address_however_its_domain_is_written() -> None:
    person = entry(answers=replace(VEGAN_WITHOUT_NUTS, email="asa@borås.example"))
    for text in ("asa@borås", "ASA@BORÅS.example", "asa@xn--bors-soa.example"):
        assert select_entries([person], ListFilter(text=text)) == [person]


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
def test_a_time_filter_includes_its_first_and_its_last_minute(
    since: int | None, until: int | None, found: list[str]
) -> None:
    last = timedelta(seconds=59, microseconds=999_999)
    entries = [
        replace(entry(f"C{n}"), registered_at=NOW + n * MINUTE + (n % 2) * last) for n in range(4)
    ]
    chosen = ListFilter(
        since=None if since is None else NOW + since * MINUTE,
        until=None if until is None else NOW + until * MINUTE,
        sort="code",
    )
    assert [one.code for one in select_entries(entries, chosen)] == found


@given(st.integers(0, 300), st.integers(1, 60))
def test_each_row_is_on_exactly_one_page_in_the_given_order(how_many: int, on_a_page: int) -> None:
    rows = list(range(how_many))
    first = page_of(rows, 1, on_a_page)
    pages = [page_of(rows, number, on_a_page) for number in range(1, first.pages + 1)]
    assert [row for page in pages for row in page.rows] == rows
    assert all(len(page.rows) == on_a_page for page in pages[:-1])
    assert pages[-1].rows or not rows
    assert {(page.total, page.pages) for page in pages} == {(how_many, first.pages)}
    assert [page.number for page in pages] == list(range(1, first.pages + 1))


@pytest.mark.parametrize(("wanted", "shown"), [(-1, 1), (0, 1), (1, 1), (3, 3), (4, 3), (99999, 3)])
def test_a_page_number_out_of_range_gives_the_nearest_page(wanted: int, shown: int) -> None:
    assert page_of(range(2 * REGISTRATIONS_ON_A_PAGE + 1), wanted).number == shown
