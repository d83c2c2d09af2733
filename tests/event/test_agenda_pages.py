"""The stored agenda page is equal to a rendered one, and an outdated one is never used."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.event.agenda_pages import (
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
from chalicelib.event.style import inline_style
from chalicelib.texts import rendering
from chalicelib.texts.language import LANGUAGES
from chalicelib.web.request import PageRequest
from tests.staging import keep_pages, whole_project_in

ADDRESSES = Addresses("https://dukat.example", "/prod", "")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chalicelib of a project whose pages are stored."""
    project = whole_project_in(tmp_path_factory.mktemp("kept") / "project")
    keep_pages(project)
    return project / "chalicelib"


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
        changed=(),
        notice=None,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stored_page_is_equal_to_a_rendered_one(
    event: Event, package: Path, language: str
) -> None:
    stored = stored_page(event.id, language, package)
    assert stored == rendered(usual_variant(event, language), event)


@pytest.mark.parametrize("is_stored", [True, False])
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
    event: Event,
    package: Path,
    language: str,
    origin: str,
    prefix: str,
    *,
    chosen: bool,
    is_stored: bool,
) -> None:
    variant = usual_variant(event, language)
    addresses = Addresses(origin, prefix, f"?lang={language}" if chosen else "")
    html = AgendaPages(event, package if is_stored else None).html(variant, addresses)
    assert html == rendered_for(variant, addresses, event)


def test_every_other_variant_is_rendered(event: Event, package: Path) -> None:
    pages, usual = AgendaPages(event, package), usual_variant(event, "sv")
    changes = [
        usual._replace(is_open=False),
        usual._replace(closes_at=event.closes_at - timedelta(days=1)),
        usual._replace(phase="today", is_open=False),
        usual._replace(phase="over", is_open=False),
        usual._replace(language="en", is_open=False),
    ]
    found = [pages.html(variant, ADDRESSES) for variant in (usual, *changes)]
    for variant, html in zip(changes, found[1:], strict=True):
        assert html == rendered_for(variant, ADDRESSES, event)
    assert len(set(found)) == len(found)


def test_a_stored_page_that_was_made_of_other_files_is_not_used(
    event: Event, package: Path, tmp_path: Path
) -> None:
    package = Path(shutil.copytree(package, tmp_path / "chalicelib"))
    files = json.loads((package / made_of_path(event.id)).read_bytes())["files"]
    assert {
        "organisation.toml",
        f"events/{event.id}.toml",
        "texts/rendering.py",
        "templates/pages/base.html",
    } < set(files)
    made_of = {"digest": digest_of(files, package), "files": files}
    (package / made_of_path(event.id)).write_text(json.dumps(made_of), encoding="utf-8")
    assert stored_page(event.id, "sv", package)
    for name in files:
        content = (package / name).read_bytes()
        (package / name).write_bytes(content + b"\n")
        assert not stored_page(event.id, "sv", package)
        (package / name).unlink()
        assert not stored_page(event.id, "sv", package)
        (package / name).write_bytes(content)
    for damage in ("<<<<<<< ours", "[]", "{}", '{"files": []}'):
        (package / made_of_path(event.id)).write_text(damage, encoding="utf-8")
        assert not stored_page(event.id, "sv", package)
    (package / made_of_path(event.id)).unlink()
    assert not stored_page(event.id, "sv", package)


@pytest.mark.parametrize(
    ("place", "is_on_map"),
    [("Borås Kongress", True), ("Platsen meddelas senare", False),
     ("The place will be announced", False), ("Digitalt", False), ("via Zoom", False),
     ("Digitala huset", True)],
)  # fmt: skip
def test_only_a_place_that_is_known_is_shown_on_a_map(
    event: Event, place: str, *, is_on_map: bool
) -> None:
    page = rendered(usual_variant(event, "sv"), replace(event, place=place))
    assert place in page
    assert ("Visa på karta" in page) == is_on_map
