"""The stored agenda page is equal to a rendered one, and an outdated one is never used."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.event.agenda_pages import (
    PACKAGE,
    Addresses,
    AgendaPages,
    Variant,
    digest_of,
    made_of_path,
    rendered,
    stored_page,
    usual_variant,
)
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.style import inline_style
from chalicelib.texts import rendering
from chalicelib.texts.language import LANGUAGES
from chalicelib.web.request import PageRequest

ADDRESSES = Addresses("https://dukat.example", "/prod", "")


@pytest.fixture(scope="module")
def shipped() -> Event:
    """The event in the package; the stored pages are always of this event."""
    return Events().all()[0]


def page_request(variant: Variant, addresses: Addresses, event: Event) -> PageRequest:
    unread: Any = None  # the page does not use the raw request
    return PageRequest(
        about=event,
        language=variant.language,
        language_was_chosen=bool(addresses.language_query),
        origin=addresses.origin,
        prefix=addresses.prefix,
        path="/",
        now=event.closes_at,
        raw=unread,
    )


def rendered_for(variant: Variant, addresses: Addresses, event: Event) -> str:
    request = page_request(variant, addresses, event)
    assert request.language_query == addresses.language_query
    return rendering.render_page(
        "agenda.html",
        variant.language,
        style=inline_style("agenda.html", event.theme),
        event=event,
        look=event.theme,
        request=request,
        link=request.link,
        languages=LANGUAGES,
        registration_is_open=variant.is_open,
        closes_at=variant.closes_at,
        phase=variant.phase,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stored_page_is_equal_to_a_rendered_one(shipped: Event, language: str) -> None:
    assert stored_page(shipped.id, language), "renew it: make pages"
    assert stored_page(shipped.id, language) == rendered(usual_variant(shipped, language), shipped)


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
def test_the_page_has_the_addresses_of_the_request(
    shipped: Event, language: str, origin: str, prefix: str, *, chosen: bool, is_shipped: bool
) -> None:
    variant = usual_variant(shipped, language)
    addresses = Addresses(origin, prefix, f"?lang={language}" if chosen else "")
    html = AgendaPages(shipped, is_shipped=is_shipped).html(variant, addresses)
    assert html == rendered_for(variant, addresses, shipped)


def test_every_other_variant_is_rendered(shipped: Event) -> None:
    pages, usual = AgendaPages(shipped, is_shipped=True), usual_variant(shipped, "sv")
    changes = [
        usual._replace(is_open=False),
        usual._replace(closes_at=shipped.closes_at - timedelta(days=1)),
        usual._replace(phase="today", is_open=False),
        usual._replace(phase="over", is_open=False),
        usual._replace(language="en", is_open=False),
    ]
    found = [pages.html(variant, ADDRESSES) for variant in (usual, *changes)]
    for variant, html in zip(changes, found[1:], strict=True):
        assert html == rendered_for(variant, ADDRESSES, shipped)
    assert len(set(found)) == len(found)


def test_a_stored_page_that_was_made_of_other_files_is_not_used(
    shipped: Event, tmp_path: Path
) -> None:
    package = tmp_path / "chalicelib"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    files = json.loads((package / made_of_path(shipped.id)).read_bytes())["files"]
    assert {
        "organisation.toml",
        f"events/{shipped.id}.toml",
        "texts/rendering.py",
        "templates/pages/base.html",
    } < set(files)
    made_of = {"digest": digest_of(files, package), "files": files}
    (package / made_of_path(shipped.id)).write_text(json.dumps(made_of), encoding="utf-8")
    assert stored_page(shipped.id, "sv", package)
    for name in files:
        content = (package / name).read_bytes()
        (package / name).write_bytes(content + b"\n")
        assert not stored_page(shipped.id, "sv", package)
        (package / name).unlink()
        assert not stored_page(shipped.id, "sv", package)
        (package / name).write_bytes(content)
    for damage in ("<<<<<<< ours", "[]", "{}", '{"files": []}'):
        (package / made_of_path(shipped.id)).write_text(damage, encoding="utf-8")
        assert not stored_page(shipped.id, "sv", package)
    (package / made_of_path(shipped.id)).unlink()
    assert not stored_page(shipped.id, "sv", package)
