"""What clients receive: compressed answers, the length of a HEAD, files whatever they accept."""

import gzip
import io
import zlib
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from app import app
from chalicelib.audit.log import AuditAction
from chalicelib.media_types import XLSX
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.whole.contact_person import ContactPerson, audit_actions
from tests.whole.pages import submit

PAGES = ("/", "/dag/registration", "/dag/privacy", "/dag/agenda.ics", "/nothing")
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def compressing(gateway: Gateway, clock: SetClock) -> Gateway:
    return Gateway(app, clock, compresses_from=1000)


@pytest.mark.parametrize(
    ("accepted", "coding", "expand"),
    [
        ("gzip, deflate, br, zstd", "gzip", gzip.decompress),
        ("deflate, gzip;q=0.5", "deflate", zlib.decompress),
        ("gzip;q=0.5, br", "", bytes),
        ("identity", "", bytes),
        ("", "", bytes),
    ],
)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_compressed_for_those_who_ask_for_it(
    gateway: Gateway, compressing: Gateway, path: str, accepted: str, coding: str,
    expand: Callable[[bytes], bytes],
) -> None:  # fmt: skip
    headers = {"Accept-Encoding": accepted} if accepted else {}
    whole, sent = gateway.request("GET", path), compressing.request("GET", path, headers)
    assert sent.headers.get("content-encoding", "") == coding
    assert len(expand(sent.body)) == len(whole.body)  # the form has another nonce each time
    assert sent.headers.get("etag") == whole.headers.get("etag")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_a_head_has_the_length_of_the_get(
    compressing: Gateway, path: str, headers: dict[str, str]
) -> None:
    got = compressing.request("GET", path, headers)
    head = compressing.request("HEAD", path, headers)
    assert int(got.headers["content-length"]) == len(got.body)
    assert head.body == b""
    about = abs(int(head.headers["content-length"]) - len(got.body))
    assert about <= 20, "a nonce more or less compressible"


@pytest.mark.parametrize("accept", [None, "text/html", "text/csv", "*/*", XLSX])
def test_a_contact_person_takes_files_with_any_accept_header_and_each_is_in_the_log_once(
    gateway: Gateway, contact_person: ContactPerson, accept: str | None
) -> None:
    submit(gateway)
    headers = {"Cookie": contact_person.cookie} | ({"Accept": accept} if accept else {})
    xlsx = gateway.request("GET", "/desk/dag/list.xlsx", headers)
    assert (xlsx.status, xlsx.headers["content-type"]) == (200, XLSX)
    assert load_workbook(io.BytesIO(xlsx.body)).active
    csv = gateway.request("GET", "/desk/dag/list.csv", headers)
    assert (csv.status, csv.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    taken = sorted(action for action, *_ in audit_actions())
    assert taken == [AuditAction.TOOK_CSV, AuditAction.TOOK_XLSX]


def test_an_answer_with_names_is_not_compressed(
    compressing: Gateway, contact_person: ContactPerson
) -> None:
    submit(compressing)
    for path in ("list", "overview", "list.csv", "list.xlsx"):
        headers = {"Cookie": contact_person.cookie, **BROWSER}
        answer = compressing.request("GET", f"/desk/dag/{path}", headers)
        assert answer.status == 200
        assert answer.headers["content-encoding"] == "identity"
        assert len(answer.body) == int(answer.headers["content-length"])


def test_a_head_at_the_desk_is_refused_since_a_get_there_is_logged(
    gateway: Gateway, contact_person: ContactPerson
) -> None:
    submit(gateway)
    for path in ("list.xlsx", "list.csv", "list", "overview"):
        cookie = {"Cookie": contact_person.cookie}
        answer = gateway.request("HEAD", f"/desk/dag/{path}", cookie)
        assert (answer.status, answer.body) == (405, b"")
        assert "HEAD" not in answer.headers["allow"]
    assert audit_actions() == []
