"""Every page in every state: axe-core, the Nu Html Checker, narrow windows, large text, print.

axe-core checks each state in one width and colour scheme; `make soak` adds the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, Response

from chalicelib.event.event import Event
from management.local.sample_mails import sample_mails
from tests.browser.navigation import logged_out, needs_chromium
from tests.browser.page_checks import (
    RULES,
    Scheme,
    axe_finds_nothing,
    controls_are_large_enough,
    needs_java,
    nothing_scrolls_sideways,
    nu_finds_no_error,
    set_window,
)
from tests.browser.phased_service import Place, a_place
from tests.browser.states import ALWAYS_CHECKED, STATES, desk, public

pytestmark = needs_chromium
soak = pytest.mark.soak
WINDOWS: tuple[tuple[int, Scheme], ...] = (
    (360, "light"), (1280, "dark"), (360, "dark"), (1280, "light"),
)  # fmt: skip


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_place() as place:
        yield place


@dataclass
class StateViewer:
    """Shows the states in a window. `number` is the index of the state shown last; `sent` contains
    each shown state's HTML from the server.
    """

    page: Page
    place: Place
    sent: dict[str, bytes] = field(default_factory=dict)
    number: int = 0

    def show(self, state: str) -> Page:
        self.number = list(STATES).index(state)
        answers: list[Response] = []

        def collect(answer: Response) -> None:  # Playwright does not accept `answers.append`
            answers.append(answer)

        logged_out(set_window(self.page, 360)).on("response", collect)
        STATES[state](self.page, self.place)
        self.page.remove_listener("response", collect)
        pages = [one for one in answers if not 300 <= one.status < 400]
        self.sent[state] = pages[-1].body()
        return self.page


@pytest.fixture(scope="module")
def viewer(window: Page, place: Place) -> StateViewer:
    return StateViewer(window, place)


@pytest.fixture(
    scope="module",
    params=[one if one in ALWAYS_CHECKED else pytest.param(one, marks=soak) for one in STATES],
)
def shown(request: pytest.FixtureRequest, viewer: StateViewer) -> Page:
    """Each state, loaded once for all tests that check the state."""
    return viewer.show(request.param)


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=soak) for turn in (1, 2, 3))])
def test_axe_finds_nothing(shown: Page, viewer: StateViewer, turn: int) -> None:
    width, scheme = WINDOWS[(viewer.number + turn) % len(WINDOWS)]
    axe_finds_nothing(set_window(shown, width, scheme))


def test_controls_are_large_enough_and_nothing_scrolls_sideways(shown: Page) -> None:
    controls_are_large_enough(set_window(shown, 320))
    nothing_scrolls_sideways(shown)


@soak
@needs_java
def test_the_nu_html_checker_finds_no_error(viewer: StateViewer, tmp_path: Path) -> None:
    for state in STATES.keys() - viewer.sent.keys():  # not yet loaded if only some tests run
        viewer.show(state)
    nu_finds_no_error(viewer.sent.values(), tmp_path)


@pytest.mark.parametrize(
    ("half", "scheme"),
    [
        (0, "light"),
        (1, "dark"),
        pytest.param(0, "dark", marks=soak),
        pytest.param(1, "light", marks=soak),
    ],
)
def test_every_mail_is_accessible_and_fits_a_narrow_window(
    window: Page, event: Event, half: int, scheme: Scheme
) -> None:
    # The content security policy of a page loaded earlier would block the mail's styles.
    set_window(window, 320, scheme).goto("about:blank")
    for mail in sample_mails(event)[half::2]:
        window.set_content(mail.part("html"))
        assert window.evaluate("document.documentElement.scrollWidth") <= 320, mail.number
        for heading in window.locator(
            "thead tr:not(.paper) th"
        ).all():  # no word is broken into two lines
            box = heading.bounding_box()
            assert box
            assert box["height"] < 60 or " " in heading.inner_text(), heading.inner_text()
        # Not `best-practice`, which requires landmarks: a mail has none.
        axe_finds_nothing(window, RULES[:-1])


@pytest.mark.parametrize(
    ("language", "phase"),
    [
        ("sv", "open"),
        ("en", "closed"),
        pytest.param("sv", "closed", marks=soak),
        pytest.param("en", "open", marks=soak),
    ],
)
def test_the_agenda_prints_on_one_page_of_paper(
    window: Page, place: Place, language: str, phase: str, tmp_path: Path
) -> None:
    set_window(window, 1280, "dark")
    public(f"/?lang={language}", window, place, phase)
    window.pdf(path=tmp_path / "agenda.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "agenda.pdf").read_bytes())) == 1
    window.emulate_media(media="print")
    form = window.get_by_text(f"{place.address}/dag/registration")
    assert form.is_visible() is (phase == "open")
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
def test_labels_cut_off_nothing_but_long_names(
    window: Page, place: Place, names: str, media: Literal["print", "screen"]
) -> None:
    set_window(window, 1280).emulate_media(media=media)
    desk(f"labels?meal=lunch{names}", window, place)
    cut_off = window.evaluate(
        "[...document.querySelectorAll('.label')]"
        ".filter(one => one.scrollHeight > one.clientHeight).map(one => one.innerText)"
    )
    assert cut_off == []


@pytest.mark.parametrize(
    ("path", "raw", "compressed"),
    [("/", 22_000, 7_000), ("/dag/registration", 28_000, 8_000)],
)
def test_a_page_is_one_small_request(
    window: Page, place: Place, path: str, raw: int, compressed: int
) -> None:
    place.at("open")
    answers: list[Response] = []

    def collect(answer: Response) -> None:
        answers.append(answer)

    window.on("response", collect)
    window.goto(place.address + path, wait_until="networkidle")
    window.remove_listener("response", collect)
    (answer,) = [one for one in answers if not one.url.startswith("data:")]
    assert answer.url == place.address + path
    assert len(answer.body()) < raw
    assert answer.header_value("content-encoding") == "gzip"
    assert answer.request.sizes()["responseBodySize"] < compressed


@pytest.mark.parametrize("width", [360, 1280])
def test_a_link_to_the_form_is_visible_everywhere_on_the_agenda(
    window: Page, place: Place, event: Event, width: int
) -> None:
    public("/", set_window(window, width), place)
    for title in (event.agenda[0].title, event.agenda[6].title, event.agenda[-1].title):
        window.get_by_role("heading", name=title).scroll_into_view_if_needed()
        links = window.get_by_role("link", name="Anmäl specialkost").all()
        boxes = [box for link in links if (box := link.bounding_box())]
        assert any(0 <= box["y"] <= 800 - box["height"] for box in boxes), title
        assert all(box["height"] < 60 for box in boxes), "the link's text fits on one line"
