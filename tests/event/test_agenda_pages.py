"""The agenda page that is kept is the one that would be rendered, and never an old one."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.event.agenda_pages import (
    MADE_OF,
    PACKAGE,
    Addresses,
    AgendaPages,
    Shown,
    digest_of,
    kept,
    rendered,
    usually_shown,
)
from chalicelib.event.event import Event
from chalicelib.event.file import read_event
from chalicelib.event.style import inline_style
from chalicelib.texts import rendering
from chalicelib.texts.language import LANGUAGES
from chalicelib.web.request import PageRequest

ADDRESSES = Addresses("https://dukat.example", "/prod", "")


@pytest.fixture(scope="module")
def shipped() -> Event:
    """Whichever it is, only its pages may be in the package."""
    return read_event()


def page_request(shown: Shown, addresses: Addresses, event: Event) -> PageRequest:
    unread: Any = None  # the page needs nothing of the request itself
    return PageRequest(
        language=shown.language,
        language_was_chosen=bool(addresses.choice),
        origin=addresses.origin,
        prefix=addresses.prefix,
        path="/",
        now=event.closes_at,
        raw=unread,
    )


def rendered_for(shown: Shown, addresses: Addresses, event: Event) -> str:
    request = page_request(shown, addresses, event)
    assert request.language_query == addresses.choice
    return rendering.render_page(
        "agenda.html",
        shown.language,
        style=inline_style("agenda.html", event.theme),
        event=event,
        request=request,
        link=request.link,
        languages=LANGUAGES,
        registration_is_open=shown.is_open,
        closes_at=shown.closes_at,
        phase=shown.phase,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_package_keeps_is_what_would_be_rendered(shipped: Event, language: str) -> None:
    assert kept(language), "renew it: make pages"
    assert kept(language) == rendered(usually_shown(shipped, language), shipped)


@pytest.mark.parametrize("is_shipped", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("origin", "prefix", "chosen"),
    [
        ("https://abc.execute-api.eu-north-1.amazonaws.com", "/prod", True),
        ("https://kost.boras.example", "", False),
        ("http://a\"b'c<d>&amp;", "/x&y", True),
    ],
)
def test_for_a_visit_it_has_that_visits_addresses(
    shipped: Event, language: str, origin: str, prefix: str, *, chosen: bool, is_shipped: bool
) -> None:
    shown = usually_shown(shipped, language)
    addresses = Addresses(origin, prefix, f"?lang={language}" if chosen else "")
    html = AgendaPages(shipped, is_shipped=is_shipped).html(shown, addresses)
    assert html == rendered_for(shown, addresses, shipped)


def test_whatever_else_it_shows_is_rendered(shipped: Event) -> None:
    pages, usual = AgendaPages(shipped, is_shipped=True), usually_shown(shipped, "sv")
    changes = [
        usual._replace(is_open=False),
        usual._replace(closes_at=shipped.closes_at - timedelta(days=1)),
        usual._replace(phase="today", is_open=False),
        usual._replace(phase="over", is_open=False),
        usual._replace(language="en", is_open=False),
    ]
    found = [pages.html(shown, ADDRESSES) for shown in (usual, *changes)]
    for shown, html in zip(changes, found[1:], strict=True):
        assert html == rendered_for(shown, ADDRESSES, shipped)
    assert len(set(found)) == len(found)


def test_a_page_that_was_made_of_other_files_than_these_is_not_used(tmp_path: Path) -> None:
    house = tmp_path / "chalicelib"
    shutil.copytree(PACKAGE, house, ignore=shutil.ignore_patterns("__pycache__"))
    files = json.loads((house / MADE_OF).read_bytes())["files"]
    assert {"event.toml", "texts/rendering.py", "templates/pages/base.html"} < set(files)
    made_of = {"digest": digest_of(files, house), "files": files}
    (house / MADE_OF).write_text(json.dumps(made_of), encoding="utf-8")
    assert kept("sv", house)
    for name in files:
        content = (house / name).read_bytes()
        (house / name).write_bytes(content + b"\n")
        assert not kept("sv", house)
        (house / name).unlink()
        assert not kept("sv", house)
        (house / name).write_bytes(content)
    for damage in ("<<<<<<< ours", "[]", "{}", '{"files": []}'):
        (house / MADE_OF).write_text(damage, encoding="utf-8")
        assert not kept("sv", house)
    (house / MADE_OF).unlink()
    assert not kept("sv", house)
