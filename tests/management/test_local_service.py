"""`make run`: the local service over HTTP with its schedules, and the command itself."""

import http.client
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import IO
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.event.event import Event
from manage import manage
from management.local import outbox_pages as outbox
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.sample_mails import sample_mails
from management.local.service import local_service
from tests.examples import FORM_HEADERS, only
from tests.staging import whole_project_in
from tests.whole.pages import VALID, encoded, nonce_of
from tests.whole.serving import in_a_thread

# Requests to this machine must not be sent through a proxy.
pytestmark = pytest.mark.usefixtures("behind_a_proxy")
ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)
WAIT_AT_MOST = 300  # seconds; ends a hanging test, asserts no speed


def request(
    address: str, method: str, path: str, body: bytes = b""
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=WAIT_AT_MOST)
    headers = {**FORM_HEADERS, "Origin": address} if body else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    sent = {name.lower(): value for name, value in answer.getheaders()}
    text = answer.read().decode()
    connection.close()
    return answer.status, sent, text


def test_after_the_deadline_the_summary_is_shown_in_the_outbox(event: Event) -> None:
    clock, before = SetClock(event.closes_at - MINUTE), bootstrap.composition()
    parts = LocalComposition(events=only(event), clock=clock)
    with local_service(parts, 0) as service, in_a_thread(service):
        address = service.address
        form = request(address, "GET", "/dag/registration")[2]
        body = encoded(**VALID, nonce=[nonce_of(form)])
        status, headers, _ = request(address, "POST", "/dag/registration", body)
        assert status == 303
        assert "Åsa Öström" in request(address, "GET", headers["location"])[2]

        for _ in range(4):
            assert "Nothing has been sent yet." in request(address, "GET", "/outbox")[2]
            clock.move(MINUTE)
            service.tick()
        sent = re.findall(r'"/outbox/(\d+)"', request(address, "GET", "/outbox")[2])
        assert len(sent) == len(event.contacts)
        assert request(address, "POST", "/dag/registration", body + b"x")[0] == 409

        mail = request(address, "GET", "/outbox/1")[2]
        assert "Säker och trygg kommun: 1 portion till lunch, 1 till fika" in mail
        assert "Auto-Submitted" in mail
        assert "Summa: 1 portion specialkost" in mail
        html = request(address, "GET", "/outbox/1/html")[2]
        assert "<h1>Säker och trygg kommun: specialkost</h1>" in html
        assert request(address, "GET", "/outbox/1/source")[2].startswith("Content-Type: multipart")
        for missing in ("/outbox/99", "/outbox/1/attachment-1", "/outbox/1/nope", "/outbox/x"):
            assert request(address, "GET", missing)[0] == 404
    bootstrap.install(before)


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The process of `manage.py run`, and its output."""
    with TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--port", "0", *options],
            cwd=whole_project_in(Path(folder) / "project"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        end = Timer(WAIT_AT_MOST, process.kill)
        end.start()
        with process:
            yield process, process.stdout
            process.kill()
        end.cancel()


def read_until(words: str, output: IO[str]) -> str:
    """Read the output up to the line with `words`."""
    text = ""
    while words not in text:
        line = output.readline()
        assert line, text
        text += line
    return text


def test_run_prints_its_addresses_and_ticks_until_interrupted() -> None:
    with running("--now", "2027-05-25T00:00", "--speed", "600") as (process, output):
        printed = read_until("Ctrl-C", output)
        assert "The clock starts at 2027-05-25 00:00, speed 600." in printed
        assert "kept in memory" in printed
        address = re.search(r"Event page: +(http://127\.0\.0\.1:\d+)/", printed)
        assert address
        assert request(address[1], "GET", "/dag/registration")[0] == 200
        printed = read_until("tick: summary-1 issued\n", output)
        process.send_signal(signal.SIGINT)
        printed += output.read()
        assert process.wait(WAIT_AT_MOST) == 0
    assert "Stopped." in printed
    assert "{" not in printed  # plain text, no JSON lines
    assert "/dag/registration" not in printed


def test_a_taken_port_is_reported_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "manage.py", "run", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=WAIT_AT_MOST,
            check=False,
        )
    assert result.returncode == 3
    assert result.stdout + result.stderr == (
        f"Port {port} is taken. Try: make run PORT={port % 65535 + 1}\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--now", "24 maj", "'24 maj' is not a date and time; write it like 2027-05-24T23:58"),
        ("--speed", "0", "--speed"),
        ("--speed", "nan", "--speed"),
        ("--speed", "inf", "--speed"),
        ("--port", "99999", "--port"),
        ("--port", "-1", "--port"),
    ],
)
def test_an_invalid_option_is_refused(option: str, value: str, words: str) -> None:
    result = CliRunner().invoke(manage, ["run", option, value])
    assert result.exit_code == 2
    assert words in result.output


def test_the_preview_shows_a_sample_of_every_kind_of_mail(event: Event) -> None:
    listed = outbox.answer("/outbox/preview", [event])
    assert listed.status == 200
    mails = sorted(set(re.findall(r"/outbox/preview/(\d+)", listed.text)), key=int)
    assert len(mails) == len(sample_mails(event))
    for words in (
        "Preliminärt",
        "Specialkost",
        "Kopia: ",
        "Ändrad",
        "Larm",
        "mottagen",
        "received",
    ):
        assert words in listed.text
    for number in mails:
        shown = outbox.answer(f"/outbox/preview/{number}/html", [event])
        assert shown.status == 200
        assert "<h1>" in shown.text
    assert outbox.answer("/outbox/preview/99", [event]).status == 404
