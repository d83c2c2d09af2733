"""`make run` follows the events' files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.event.events import Events
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.following import Follower
from management.local.service import local_service
from tests.examples import EVENT, FOLDER, NOW
from tests.management.test_local_service import request
from tests.whole.pages import VALID, encoded, nonce_of
from tests.whole.serving import in_a_thread

pytestmark = pytest.mark.usefixtures("behind_a_proxy")
TITLE = 'title = "Säker och trygg kommun"\n'
FIKA = 'kind = "meal"\nid = "fika"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the tests' event, in a folder of its own."""
    (tmp_path / "events").mkdir()
    for name in ("organisation.toml", "events/dag.toml"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    return tmp_path / "events/dag.toml"


@pytest.fixture
def address(file: Path) -> Iterator[str]:
    """The address of a service that follows the file."""
    folder, clock, before = file.parents[1], SetClock(NOW), bootstrap.composition()

    def compose() -> LocalComposition:
        return LocalComposition(events=Events(folder), clock=clock)

    with (
        local_service(compose(), 0, Follower([folder], compose)) as service,
        in_a_thread(service),
    ):
        yield service.address
    bootstrap.install(before)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def register(address: str) -> str:
    """The address of the receipt of a new registration."""
    form = request(address, "GET", "/dag/registration")[2]
    body = encoded(**VALID, nonce=[nonce_of(form)])
    status, headers, _ = request(address, "POST", "/dag/registration", body)
    assert status == 303
    return headers["location"]


def test_a_saved_file_is_shown_at_the_next_request_and_registrations_stay(
    file: Path, address: str
) -> None:
    receipt = register(address)
    assert EVENT.title in request(address, "GET", "/dag")[2]
    edit(file, TITLE, 'title = "Trygghetens dag"\n')
    assert "<h1>Trygghetens dag</h1>" in re.sub(
        r"<h1[^>]*>", "<h1>", request(address, "GET", "/dag")[2]
    )
    assert "Åsa Öström" in request(address, "GET", receipt)[2]
    edit(file, FIKA, "")
    shown = request(address, "GET", receipt)[2]
    assert "Åsa Öström" in shown
    assert "finns inte längre i programmet" in shown


def test_what_is_wrong_is_a_page_with_lines_until_it_is_right(file: Path, address: str) -> None:
    receipt = register(address)
    edit(file, "date = 2027-05-31", 'date = "31 maj <2027>"')
    edit(file, FIKA, 'kind = "meal"\nidd = "fika"\n')
    for method, path in (("GET", "/dag"), ("GET", "/"), ("POST", "/dag/registration")):
        status, headers, text = request(address, method, path)
        assert (status, headers["content-type"]) == (500, "text/html; charset=utf-8")
        assert "events/dag.toml, line 14, [event] date: write the date without quotes" in text
        assert "agenda row “Fika”, idd: this key is unknown; did you mean &#34;id&#34;?" in text
    assert request(address, "GET", "/outbox")[0] == 200
    file.write_bytes((FOLDER / "events/dag.toml").read_bytes())
    assert request(address, "GET", "/dag")[0] == 200
    assert "Åsa Öström" in request(address, "GET", receipt)[2]


def test_a_new_and_a_removed_file_are_seen(file: Path, address: str) -> None:
    assert request(address, "GET", "/friluft")[0] == 404
    new = file.with_name("friluft.toml")
    new.write_bytes((FOLDER / "events/friluft.toml").read_bytes())
    assert request(address, "GET", "/friluft")[0] == 200
    assert "friluftsstrategi" in request(address, "GET", "/")[2]
    new.unlink()
    assert request(address, "GET", "/friluft")[0] == 404
