"""Every page in every state: axe-core, the Nu Html Checker, narrow windows, large text, paper.

Each state is looked at in one window and colour scheme; `make soak` looks at it in the others.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, Response

from chalicelib.event.event import Event
from management.local.sample_mails import sample_mails
from tests.browser.browsing import as_a_stranger, needs_chromium
from tests.browser.looking import (
    RULES,
    Scheme,
    axe_finds_nothing,
    everything_to_press_is_large_enough,
    look,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
)
from tests.browser.states import STATES, desk, public
from tests.whole.places import Place, a_place

pytestmark = needs_chromium
soak = pytest.mark.soak
LOOKS: tuple[tuple[int, Scheme], ...] = (
    (360, "light"), (1280, "dark"), (360, "dark"), (1280, "light"),
)  # fmt: skip


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_place() as place:
        yield place


@dataclass
class Gallery:
    """The states in a window: the number of the one that is shown, and what the server sent."""

    page: Page
    place: Place
    sent: dict[str, bytes] = field(default_factory=dict)
    number: int = 0

    def show(self, state: str) -> Page:
        self.number = list(STATES).index(state)
        answers: list[Response] = []

        def keep(answer: Response) -> None:  # Playwright takes no bound method of a list
            answers.append(answer)

        as_a_stranger(look(self.page, 360)).on("response", keep)
        STATES[state](self.page, self.place)
        self.page.remove_listener("response", keep)
        pages = [one for one in answers if not 300 <= one.status < 400]
        self.sent[state] = pages[-1].body()
        return self.page


@pytest.fixture(scope="module")
def gallery(window: Page, place: Place) -> Gallery:
    return Gallery(window, place)


@pytest.fixture(scope="module", params=STATES)
def shown(request: pytest.FixtureRequest, gallery: Gallery) -> Page:
    """Each state, visited once for all the looks that are taken of it."""
    return gallery.show(request.param)


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=soak) for turn in (1, 2, 3))])
def test_axe_finds_nothing(shown: Page, gallery: Gallery, turn: int) -> None:
    width, scheme = LOOKS[(gallery.number + turn) % len(LOOKS)]
    axe_finds_nothing(look(shown, width, scheme))


def test_everything_to_press_is_large_enough_and_nothing_scrolls_sideways(shown: Page) -> None:
    everything_to_press_is_large_enough(look(shown, 320))
    nothing_scrolls_sideways(shown)


@needs_java
def test_the_nu_html_checker_finds_no_error(gallery: Gallery, tmp_path: Path) -> None:
    for state in STATES.keys() - gallery.sent.keys():  # that no other test has looked at
        gallery.show(state)
    nu_finds_no_error(gallery.sent.values(), tmp_path)


@pytest.mark.parametrize(
    ("half", "scheme"),
    [
        (0, "light"),
        (1, "dark"),
        pytest.param(0, "dark", marks=soak),
        pytest.param(1, "light", marks=soak),
    ],
)
def test_every_mail_is_as_accessible_and_fits_a_narrow_window(
    window: Page, event: Event, half: int, scheme: Scheme
) -> None:
    look(window, 320, scheme).goto("about:blank")  # no policy of a page before refuses its styles
    for mail in sample_mails(event)[half::2]:
        window.set_content(mail.part("html"))
        assert window.evaluate("document.documentElement.scrollWidth") <= 320, mail.number
        for heading in window.locator("thead th").all():  # one line each: no word is broken
            box = heading.bounding_box()
            assert box
            assert box["height"] < 60 or " " in heading.inner_text(), heading.inner_text()
        axe_finds_nothing(window, RULES[:-1])  # a mail has no page around it, so no landmarks


@pytest.mark.parametrize(
    ("language", "moment"),
    [
        ("sv", "open"),
        ("en", "closed"),
        pytest.param("sv", "closed", marks=soak),
        pytest.param("en", "open", marks=soak),
    ],
)
def test_the_agenda_prints_on_one_page_of_paper(
    window: Page, place: Place, language: str, moment: str, tmp_path: Path
) -> None:
    look(window, 1280, "dark")
    public(f"/?lang={language}", window, place, moment)
    window.pdf(path=tmp_path / "agenda.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "agenda.pdf").read_bytes())) == 1
    window.emulate_media(media="print")
    form = window.get_by_text(f"{place.address}/registration")
    assert form.is_visible() is (moment == "open")
    black = window.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert black == "rgb(0, 0, 0)"


@pytest.mark.parametrize(
    ("names", "media"),
    [
        ("", "print"),
        ("&names=yes", "screen"),
        pytest.param("", "screen", marks=soak),
        pytest.param("&names=yes", "print", marks=soak),
    ],
)
def test_no_label_cuts_anything_off_but_a_long_name(
    window: Page, place: Place, names: str, media: Literal["print", "screen"]
) -> None:
    look(window, 1280).emulate_media(media=media)
    desk(f"labels?meal=lunch{names}", window, place)
    too_full = window.evaluate(
        "[...document.querySelectorAll('.label')]"
        ".filter(one => one.scrollHeight > one.clientHeight).map(one => one.innerText)"
    )
    assert too_full == []


@pytest.mark.parametrize(
    ("path", "raw", "compressed"), [("/", 50_000, 14_000), ("/registration", 60_000, 20_000)]
)
def test_a_page_is_one_small_request(
    window: Page, place: Place, path: str, raw: int, compressed: int
) -> None:
    place.at("open")
    asked: list[Response] = []

    def keep(answer: Response) -> None:
        asked.append(answer)

    window.on("response", keep)
    window.goto(place.address + path, wait_until="networkidle")
    window.remove_listener("response", keep)
    (answer,) = [one for one in asked if not one.url.startswith("data:")]
    assert answer.url == place.address + path
    assert len(answer.body()) < raw
    assert len(gzip.compress(answer.body())) < compressed


@pytest.mark.parametrize("width", [360, 1280])
def test_the_way_to_the_form_is_in_sight_wherever_one_reads_the_agenda(
    window: Page, place: Place, event: Event, width: int
) -> None:
    public("/", look(window, width), place)
    for title in (event.agenda[0].title, event.agenda[6].title, event.agenda[-1].title):
        window.get_by_role("heading", name=title).scroll_into_view_if_needed()
        ways = window.get_by_role("link", name="Anmäl specialkost").all()
        boxes = [box for way in ways if (box := way.bounding_box())]
        assert any(0 <= box["y"] <= 800 - box["height"] for box in boxes), title
        assert all(box["height"] < 60 for box in boxes), "it is said on one line"
