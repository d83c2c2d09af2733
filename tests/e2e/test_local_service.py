"""`make run` as its user has it: a process of its own, spoken to over HTTP."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from chalicelib.event import Event
from management.preview import sample_mails
from tests.e2e.pages import VALID, encoded, nonce_of
from tests.examples import FORM_HEADERS
from tests.staging import whole_project_in

# Nothing that is on this machine is asked for through a proxy.
pytestmark = pytest.mark.usefixtures("behind_a_proxy")
ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds; not an assertion of speed, only an end to waiting


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The process, the address of its pages, and what it said at the start."""
    folder = TemporaryDirectory()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", "0", *options],
        cwd=whole_project_in(Path(folder.name) / "project"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        assert process.stdout
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        address = re.search(r"Event page: +(http://127\.0\.0\.1:\d+)/", said)
        assert address
        yield process, address[1], said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        assert process.stdout
        process.stdout.close()
        folder.cleanup()


def request(
    address: str, method: str, path: str, body: bytes = b""
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    headers = {**FORM_HEADERS, "Origin": address} if body else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    sent = {name.lower(): value for name, value in answer.getheaders()}
    text = answer.read().decode()
    connection.close()
    return answer.status, sent, text


def test_the_deadline_passes_and_the_summary_arrives_in_the_outbox() -> None:
    with running("--now", "2027-05-24T23:58", "--speed", "60") as (process, address, said):
        assert "The clock says 2027-05-24 23:58, speed 60." in said
        assert "kept in memory" in said
        form = request(address, "GET", "/registration")[2]
        body = encoded(**VALID, nonce=[nonce_of(form)])
        status, headers, _ = request(address, "POST", "/registration", body)
        assert status == 303
        assert "Åsa Öström" in request(address, "GET", headers["location"])[2]

        assert "Nothing has been sent yet." in request(address, "GET", "/outbox")[2]
        give_up = time.monotonic() + PATIENCE
        while (outbox := request(address, "GET", "/outbox")[2]).count("/outbox/") < 2:
            assert time.monotonic() < give_up, outbox
            time.sleep(0.2)
        assert request(address, "POST", "/registration", body + b"x")[0] == 409

        mail = request(address, "GET", "/outbox/1")[2]
        assert "Specialkost 31 maj: 1 portion till lunch, 1 till fika" in mail
        assert "Auto-Submitted" in mail
        assert "Summa: 1 portion specialkost" in mail
        html = request(address, "GET", "/outbox/1/html")[2]
        assert "<h1>Säker och trygg kommun: specialkost</h1>" in html
        assert request(address, "GET", "/outbox/1/source")[2].startswith("Content-Type: multipart")
        for missing in ("/outbox/99", "/outbox/1/attachment-1", "/outbox/1/nope", "/outbox/x"):
            assert request(address, "GET", missing)[0] == 404

        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stdout
        told = process.stdout.read()
        assert "tend: summary-1 issued\n" in told
        assert "Stopped." in told
        assert "{" not in told  # words, not the lines that CloudWatch reads
        assert "/registration" not in told


def run_to_its_end(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "run", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run_to_its_end("--port", str(port))
    assert result.returncode == 3
    assert result.stdout + result.stderr == (
        f"Port {port} is taken. Try: make run PORT={port % 65535 + 1}\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--now", "24 maj", "'24 maj' is not a moment; write it like 2027-05-24T23:58"),
        ("--speed", "0", "--speed"),
        ("--speed", "nan", "--speed"),
        ("--speed", "inf", "--speed"),
        ("--port", "99999", "--port"),
        ("--port", "-1", "--port"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(option: str, value: str, words: str) -> None:
    result = run_to_its_end(option, value)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_the_outbox_shows_one_of_every_mail_with_invented_guests(event: Event) -> None:
    with running() as (_, address, _):
        status, _, listed = request(address, "GET", "/outbox/preview")
        assert status == 200
        mails = sorted(set(re.findall(r"/outbox/preview/(\d+)", listed)), key=int)
        assert len(mails) == len(sample_mails(event))
        for words in (
            "Hittills",
            "Specialkost",
            "Kopia: ",
            "Ändrad",
            "Larm",
            "mottagen",
            "registered",
        ):
            assert words in listed
        for number in mails:
            status, _, shown = request(address, "GET", f"/outbox/preview/{number}/html")
            assert status == 200
            assert "<h1>" in shown
        assert request(address, "GET", "/outbox/preview/99")[0] == 404
