"""The stored list of events is equal to a rendered one, and an outdated one is never used."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.event.agenda_pages import Addresses, made_of_path
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.index_pages import INDEX, LISTED_FOR, IndexPages, made_of, stored_index
from tests.examples import EVENT, FOLDER
from tests.staging import keep_pages, whole_project_in

ADDRESSES = Addresses("https://dukat.example", "/prod", "?lang=sv")
THEME = EVENT.theme
VISIT = (ADDRESSES, THEME)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with three events, of which one is not published."""
    project = whole_project_in(tmp_path_factory.mktemp("several") / "project")
    events = project / "chalicelib/events"
    shutil.copy(FOLDER / "events/miljomal.toml", events)
    draft = (FOLDER / "events/frukost.toml").read_text("utf-8")
    draft = draft.replace("[event]\n", "[event]\npublished = false\n")
    (events / "frukost.toml").write_text(draft, "utf-8")
    keep_pages(project)
    return project


@pytest.fixture
def package(project: Path, tmp_path: Path) -> Path:
    """The copy's chalicelib, for one test to change."""
    return Path(shutil.copytree(project / "chalicelib", tmp_path / "chalicelib"))


@pytest.fixture(scope="module")
def events(project: Path) -> Events:
    return Events(project / "chalicelib")


def shown(events: Events) -> list[Event]:
    return [event for event in events.all() if event.published]


def instants(events: Events) -> Iterator[datetime]:
    """The last instant of each of the list's states, and the first of the next."""
    for event in shown(events):
        for at in (event.ends_at, event.ends_at + LISTED_FOR):
            yield from (at - INSTANT, at)


def test_the_stored_list_is_equal_to_a_rendered_one_at_any_time(
    project: Path, events: Events
) -> None:
    stored = stored_index(events.ids, project / "chalicelib")
    assert stored, "it is not stored"
    assert stored.ids == ("dag", "miljomal")
    new = made_of(shown(events), events.organisation)
    for language in ("sv", "en"):
        pages = [
            (
                stored.html(language, now, *VISIT),
                new.html(language, now, *VISIT),
            )
            for now in instants(events)
        ]
        assert all(one == other for one, other in pages)
        assert all("@@" not in one and "<!--" not in one for one, _ in pages)


def test_an_event_is_to_come_until_its_end_and_then_listed_for_a_year(events: Events) -> None:
    pages = made_of(shown(events), events.organisation)
    first, second = shown(events)
    nothing, past = "Just nu finns inget", "Det senaste året"

    def listed(now: datetime) -> list[str]:
        page = pages.html("sv", now, *VISIT)
        words = {
            "Kommande": "<h2>Kommande</h2>",
            nothing: f"<p>{nothing}",
            past: f"<h2>{past}</h2>",
            **{event_id: f'href="/prod/{event_id}?lang=sv"' for event_id in pages.ids},
        }
        found = sorted((page.find(html), word) for word, html in words.items() if html in page)
        return [word for _, word in found]

    assert listed(first.ends_at - INSTANT) == ["Kommande", "dag", "miljomal"]
    assert listed(first.ends_at) == ["Kommande", "miljomal", past, "dag"]
    assert listed(second.ends_at) == ["Kommande", nothing, past, "miljomal", "dag"]
    assert listed(first.ends_at + LISTED_FOR) == ["Kommande", nothing, past, "miljomal"]
    assert listed(second.ends_at + LISTED_FOR) == ["Kommande", nothing]


@pytest.mark.parametrize(
    "name", ["organisation.toml", "events/frukost.toml", "templates/pages/events.html"]
)
def test_a_stored_list_that_was_made_of_other_files_is_not_used(package: Path, name: str) -> None:
    ids = Events(package).ids
    assert stored_index(ids, package)
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert not stored_index(ids, package)
    (package / name).unlink()
    assert not stored_index(ids, package)


def test_a_stored_list_is_not_used_once_there_is_another_event(package: Path) -> None:
    shutil.copy(FOLDER / "events/nve.toml", package / "events")
    assert not stored_index(Events(package).ids, package)


@pytest.mark.parametrize("damage", ["<<<<<<< ours", "[]", "{}", '{"files": []}'])
def test_a_damaged_list_is_not_used(package: Path, damage: str) -> None:
    (package / made_of_path(INDEX)).write_text(damage, "utf-8")
    assert not stored_index(Events(package).ids, package)


_COLD = """
import sys
from datetime import UTC, datetime

import app
from chalicelib import bootstrap
from management.local.gateway import Gateway

clock = lambda: datetime(2027, 5, 1, tzinfo=UTC)
bootstrap.install(bootstrap.Composition(clock=clock))
answer = Gateway(app.app, clock).request("GET", "/")
assert answer.status == 200 and "/miljomal" in answer.text and "/frukost" not in answer.text
print(*sorted({"jinja2", "chalicelib.event.index_pages"} & set(sys.modules)))
print(*sorted(bootstrap.composition().events._known))
"""


def test_a_cold_start_renders_nothing_and_reads_no_events_file(project: Path) -> None:
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "dukat", "PYTHONDONTWRITEBYTECODE": "1"}
    prelude = "import sys; sys.modules['awslambdaric'] = sys\n"  # as on Lambda
    done = subprocess.run(
        [sys.executable, "-c", prelude + _COLD],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    _, modules, read = done.stdout.splitlines()  # the first line is the log's
    assert (modules, read) == ("chalicelib.event.index_pages", ""), done.stderr


def test_without_events_the_list_says_that_there_is_none(events: Events) -> None:
    page = made_of([], events.organisation).html("en", EVENT.starts_at, *VISIT)
    assert "There is no coming programme here right now." in page


def test_the_pages_of_the_list_have_the_addresses_of_the_request(events: Events) -> None:
    pages: IndexPages = made_of(shown(events), events.organisation)
    html = pages.html("sv", EVENT.starts_at, Addresses("https://a.example", "/x&y", ""), THEME)
    assert 'href="/x&amp;y/dag"' in html
    assert 'href="/x&amp;y/?lang=en"' in html
