"""The kitchen's list, plate labels and mail on paper: printed by Chromium, and measured."""

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

import pytest
from playwright.sync_api import Page

from app import app
from chalicelib.catering.mails import summary_letter
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.registration.answers import Order, Plate
from chalicelib.registration.diet import ALLERGENS, ASKED_FOR_TRACES
from chalicelib.registration.words import plate_in_words
from management.local.clock import SetClock
from management.local.gateway import Gateway, as_typed
from management.local.guests import invented_guests
from tests.browser.navigation import logged_out, needs_chromium
from tests.browser.other_programs import (
    RED_LABELS,
    needs_firefox,
    needs_libreoffice,
    print_with_firefox,
    print_with_libreoffice,
)
from tests.browser.page_checks import set_window
from tests.browser.phased_service import Place, register_hardest_plates, send, store_session
from tests.examples import EVENT, NOW
from tests.fakes import InMemoryComposition
from tests.whole.serving import served

pytestmark = needs_chromium
WAYS_TO_PRINT: dict[str, dict[str, Any]] = {
    "the page's own margins": {"prefer_css_page_size": True},
    "the browser's margins": {"format": "A4", "margin": dict.fromkeys(("top", "left"), "20mm")},
}
each_way = pytest.mark.parametrize("printing", WAYS_TO_PRINT.values(), ids=WAYS_TO_PRINT)
MM = 72 / 25.4  # points
EVERYTHING = {
    "allergen": list(ALLERGENS),
    "traces": sorted(ASKED_FOR_TRACES)[1:],
    "severe": ["yes"],
}

Show = Callable[[str], Page]
Paper = list[Any]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(app, SetClock(NOW))


@pytest.fixture
def show(window: Page, gateway: Gateway) -> Iterator[Show]:
    """Opens a page of the desk; nobody has registered yet."""
    clock = SetClock(NOW)
    with served(InMemoryComposition(EVENT, clock)) as service:
        store_session(clock)
        Place.enter(logged_out(set_window(window, 1280)))

        def shown(path: str) -> Page:
            window.goto(f"{service.address}/desk/dag/{path}")
            return window

        yield shown


def register_146(gateway: Gateway, **same: list[str]) -> None:
    """Register 95 vegans and 51 invented guests; `same` are form fields equal for all."""
    vegan = {"name": ["Åsa Öström"], "meal": ["lunch", "fika"], "diet": ["vegan"]}
    forms = [vegan] * 95 + [guest.fields for guest in invented_guests(51, EVENT, Random(5))]
    register_all(gateway, [form | same for form in forms])


def register_all(gateway: Gateway, forms: list[dict[str, list[str]]]) -> None:
    for number, form in enumerate(forms):
        send(gateway, form | {"nonce": [f"the-nonce-of-guest-{number}"]})


def printed(page: Page, printing: dict[str, Any]) -> Paper:
    """The printed pages, as pymupdf reads them."""
    return read(page.pdf(**printing))


def read(pdf: bytes) -> Paper:
    import pymupdf  # slow to import

    document: Any = pymupdf.open(stream=pdf)  # type: ignore[no-untyped-call]
    return list(document)


def words_of(paper: Any) -> str:
    """The text in one line, with letters in the place of ligatures, with plain spaces."""
    return normalize("NFKC", " ".join(paper.get_text().split()))


def assert_labels_are_on_the_sheet(paper: Any, labels: int) -> None:
    boxes = [one["rect"] for one in paper.get_drawings() if one["fill"] == (1, 0, 0)]
    assert len(boxes) == labels
    for number, box in enumerate(boxes):
        left, top = 7.25 + 66 * (number % 3), 15.15 + 38.1 * (number // 3)
        found = [side / MM for side in box]
        assert found == pytest.approx([left, top, left + 63.5, top + 38.1], abs=0.2)


def first_lines(paper: Any) -> list[str]:
    """The first line of each block of a printed page, from the uppermost."""
    blocks = sorted(paper.get_text("blocks"), key=lambda block: (round(block[1]), block[0]))
    return [as_typed(str(block[4])).split("\n")[0] for block in blocks]


def first_line(paper: Any) -> str:
    """The uppermost line of a printed page."""
    return first_lines(paper)[0]


def names_a_meal(line: str) -> bool:
    return line.startswith(("Lunch kl. 11.45", "Fika kl. 14.40"))


@each_way
@pytest.mark.parametrize(
    "seed", [1, 4, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (0, 5))]
)
def test_the_kitchens_list_of_146_people_is_two_a4_pages(
    show: Show, gateway: Gateway, seed: int, printing: dict[str, Any]
) -> None:
    if seed:
        guests = invented_guests(146, EVENT, Random(seed))
        register_all(gateway, [guest.fields for guest in guests])
    else:
        register_146(gateway)
    papers = printed(show("kitchen"), printing)
    assert len(papers) == 2
    for number, paper in enumerate(papers, 1):
        assert f"Sida {number} av 2" in paper.get_text()
        assert "31 maj 2027" in words_of(paper)
        assert EVENT.title in paper.get_text()


@pytest.mark.parametrize("people", [100, 178, 190])
def test_every_page_of_the_kitchens_list_begins_with_the_meal(
    show: Show, gateway: Gateway, people: int
) -> None:
    guests = invented_guests(people, EVENT, Random(5))
    register_all(gateway, [guest.fields for guest in guests])
    first, *others = printed(show("kitchen"), WAYS_TO_PRINT["the page's own margins"])
    assert first_line(first) == "Specialkost måndag 31 maj 2027"
    for paper in others:
        line = first_line(paper)
        is_last_part = line.startswith(EVENT.title) and "Ingen har kryssat för" in paper.get_text()
        assert names_a_meal(line) or is_last_part


def test_no_row_of_the_kitchens_list_is_cut_in_two(show: Show, gateway: Gateway) -> None:
    diets = ("vegetarian", "lacto_vegetarian", "vegan", "pescatarian", "no_pork", "halal", "kosher")
    forms = [
        {"name": [f"{diet} {number}"], "meal": ["lunch"], "diet": [diet], "allergen": allergens}
        for diet in diets
        for allergens in ([], ["nuts"])
        for number in range(60)
    ]
    register_all(gateway, forms)
    page = show("kitchen")
    rows = [cell.inner_text().split(", ") for cell in page.locator("tbody .codes").all()]
    assert [len(row) for row in rows] == [60] * 14
    where = {}
    for number, paper in enumerate(printed(page, WAYS_TO_PRINT["the page's own margins"])):
        for left, *_, word, _, _, _ in paper.get_text("words"):
            where[word.strip(",")] = (number, left > paper.rect.width / 2)
    assert len(set(where.values())) > 2  # columns and pages that could cut a row
    assert [row for row in rows if len({where[code] for code in row}) > 1] == []


def test_the_kitchens_list_has_several_codes_on_a_line_in_a_narrow_window(
    show: Show, gateway: Gateway
) -> None:
    register_146(gateway)
    page = set_window(show("kitchen"), 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    boxes = [cell.bounding_box() for cell in page.locator("tbody .codes").all()]
    assert max(box["height"] for box in boxes if box) < 95 / 3 * 30


@each_way
def test_labels_are_where_the_sheet_has_them(
    show: Show, gateway: Gateway, printing: dict[str, Any]
) -> None:
    """Avery L7160: 3 by 7 labels of 63,5 by 38,1 mm, in the middle of an A4, 2,5 mm apart."""
    register_146(gateway, meal=["lunch"])
    page = show("labels?meal=lunch")
    rule = "@media print{.label{background:#ff0000}}"
    page.evaluate("rule => document.styleSheets[0].insertRule(rule)", rule)
    papers = printed(page, {**printing, "print_background": True})
    assert len(papers) == 7
    for paper, labels in zip(papers, [21] * 6 + [20], strict=True):
        assert_labels_are_on_the_sheet(paper, labels)


@pytest.mark.parametrize("names", ["", "&names=yes"])
def test_the_text_of_a_label_is_as_large_as_the_label_lets_it_be(
    show: Show, gateway: Gateway, names: str
) -> None:
    register_146(gateway, meal=["lunch"])
    register_hardest_plates(gateway)
    labels = show(f"labels?meal=lunch{names}").evaluate(
        "[...document.querySelectorAll('.label')].map(label => {"
        "const words = label.querySelector('.label-words');"
        "return [words.innerText.length, parseFloat(getComputedStyle(words).fontSize) * 3 / 4,"
        " label.scrollHeight <= label.clientHeight, label.innerText]})"
    )
    assert len(labels) == 161
    for length, points, fits, text in labels:
        smallest = 11 if length <= 75 else 9 if length <= 130 else 7 if length <= 220 else 5.5
        assert round(points, 2) >= smallest, text
        assert fits, text
        assert EVENT.title in text
        assert "31 maj 2027" in as_typed(text)


def test_the_name_is_on_the_label_of_a_person_with_everything(show: Show, gateway: Gateway) -> None:
    form = {"name": ["Åsa Öström"], "meal": ["lunch"], "diet": ["vegan"], **EVERYTHING}
    register_all(gateway, [form])
    page = show("labels?meal=lunch&names=yes")
    (paper,) = printed(page, WAYS_TO_PRINT["the page's own margins"])
    assert "Åsa Öström" in paper.get_text()
    assert "svaveldioxid" in paper.get_text()


def test_one_long_note_leaves_room_for_the_portions_on_the_printed_notes(
    show: Show, gateway: Gateway
) -> None:
    person = {"name": ["Åsa"], "meal": ["lunch"], "allergen": ["nuts", "eggs"], "traces": ["nuts"]}
    notes = ["Tål inte heller kiwi. " * 22, *("Inte kiwi." for _ in range(39))]
    register_all(gateway, [person | {"note": [note]} for note in notes])
    papers = printed(show("notes"), WAYS_TO_PRINT["the page's own margins"])
    assert len(papers) == 2


def test_nobody_registered_still_prints_the_list_on_one_page(show: Show) -> None:
    (paper,) = printed(show("kitchen"), WAYS_TO_PRINT["the page's own margins"])
    assert "Ingen har anmält specialkost till den här måltiden" in paper.get_text()
    assert "31 maj 2027" in words_of(paper)


def long_mail() -> tuple[str, list[Order]]:
    """The summary of many long plates as HTML, and the orders in it."""
    allergens = sorted(ALLERGENS)
    plates = [Plate("vegan", several) for several in combinations(allergens, 10)][::200]
    orders = [Order(f"{100 + n}X", ("lunch", "fika"), plate) for n, plate in enumerate(plates)]
    counted = tally([order.encode() for order in orders], taken_at=NOW)
    return summary_letter(summarise(counted, EVENT, version=1), EVENT).html, orders


def test_each_printed_page_of_the_mail_names_its_meal_and_cuts_no_portion(window: Page) -> None:
    html, orders = long_mail()
    window.goto("about:blank")  # the page before has a policy that forbids a mail's styles
    window.set_content(html)
    assert_no_portion_is_cut(printed(window, {"format": "A4"}), orders)


@pytest.mark.soak
@needs_firefox
def test_firefox_prints_the_mail_with_its_meal_on_each_page_and_no_portion_cut(
    tmp_path: Path,
) -> None:
    html, orders = long_mail()
    assert_no_portion_is_cut(read(print_with_firefox(html, tmp_path)), orders, above=1)


@pytest.mark.soak
@needs_libreoffice
def test_libreoffice_prints_the_mail_with_its_meal_on_each_page_and_one_sum(
    tmp_path: Path,
) -> None:
    html, orders = long_mail()
    papers = read(print_with_libreoffice(html, tmp_path))
    assert_each_page_names_its_meal(papers)
    text = " ".join(map(words_of, papers))
    assert {order.code: text.count(order.code) for order in orders} == dict.fromkeys(
        (order.code for order in orders), 2
    )


def assert_no_portion_is_cut(papers: Paper, orders: list[Order], above: int = 0) -> None:
    assert_each_page_names_its_meal(papers, above)
    texts = [words_of(paper) for paper in papers]
    for order in orders:
        words = plate_in_words(order.plate, "sv")
        where = [text for text in texts if order.code in text]
        assert sum(text.count(f"{words} {order.code}") for text in where) == 2, words


def assert_each_page_names_its_meal(papers: Paper, above: int = 0) -> None:
    """Each meal has one sum; `above` is how many blocks the program itself prints on top."""
    assert len(papers) > 5
    for paper in papers[1:-1]:
        assert names_a_meal(first_lines(paper)[above])
    for meal in ("lunch", "fika"):
        sums = [words_of(paper).count(f"Summa specialkost till {meal}") for paper in papers]
        assert sum(sums) == 1


@pytest.mark.soak
@needs_firefox
def test_firefox_prints_labels_where_the_sheet_has_them_and_nothing_below(
    show: Show, gateway: Gateway, tmp_path: Path
) -> None:
    register_146(gateway, meal=["lunch"])
    html = show("labels?meal=lunch").content().replace("</style>", f"{RED_LABELS}</style>")
    papers = read(print_with_firefox(html, tmp_path))
    assert len(papers) == 7
    for paper, labels in zip(papers, [21] * 6 + [20], strict=True):
        assert_labels_are_on_the_sheet(paper, labels)
        assert max(bottom for *_, bottom, _, _, _, _ in paper.get_text("words")) < 281.85 * MM


@pytest.mark.soak
@needs_firefox
@pytest.mark.parametrize(("people", "pages"), [(146, 2), (300, 3)])
def test_firefox_prints_the_kitchens_list_with_its_meal_on_each_page_and_no_row_cut(
    show: Show, gateway: Gateway, tmp_path: Path, people: int, pages: int
) -> None:
    guests = invented_guests(people, EVENT, Random(5))
    register_all(gateway, [guest.fields for guest in guests])
    page = show("kitchen")
    rows = [" ".join(row.split()) for row in page.locator("tbody tr").all_inner_texts()]
    papers = read(print_with_firefox(page.content(), tmp_path))
    assert len(papers) == pages
    texts = [words_of(paper) for paper in papers]
    assert [row for row in rows if not any(row in text for text in texts)] == []
    for paper, text in zip(papers[1:], texts[1:], strict=True):
        is_last_part = "Ingen har kryssat för" in text
        assert names_a_meal(first_lines(paper)[1]) or is_last_part
        assert EVENT.title in text
        lowest = [word for *_, bottom, word, _, _, _ in paper.get_text("words") if bottom > 789]
        assert len(lowest) == len("2 of 2 1/1/27, 1:00 PM".split()), lowest
