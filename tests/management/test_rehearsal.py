"""The rehearsal."""

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.event.event import Event
from management.local.rehearsal import RehearsalFailed, rehearse
from tests.staging import whole_project_in


@pytest.mark.parametrize("guests", [0, 1, 60])
def test_a_rehearsal_reports_each_step_and_writes_the_mails_to_files(
    guests: int, event: Event, tmp_path: Path
) -> None:
    printed: list[str] = []
    rehearse(guests, event, tmp_path / "mails", printed.append)
    assert printed[0] == f"{guests} guests registered and got a receipt with a plate code."
    assert "3 guests tried to register at or after the deadline and were refused." in printed
    assert "The summary was mailed 3 minutes after the deadline." in printed
    assert "All data were deleted on 2027-06-08, and a certificate was mailed." in printed
    assert sorted(path.name for path in (tmp_path / "mails").iterdir()) == [
        f"{number:02}.{ending}" for number in range(1, 5) for ending in ("eml", "html", "txt")
    ]
    assert f"Antal anmälningar: {guests}" in (tmp_path / "mails/01.txt").read_text("utf-8")
    assert f"{guests:6}  Anmälningar" in (tmp_path / "mails/04.txt").read_text("utf-8")


@pytest.mark.soak
def test_every_rehearsal_has_the_same_guests(event: Event, tmp_path: Path) -> None:
    texts = []
    for run in ("first", "second"):
        rehearse(10, event, tmp_path / run, lambda _: None)
        text = (tmp_path / run / "01.txt").read_text("utf-8")
        texts.append([line for line in text.splitlines() if " st  " in line])
    assert texts[0] == texts[1]
    assert texts[0]


def test_the_rehearsal_fails_if_no_summary_is_mailed(
    event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tick", lambda *_: None)
    with pytest.raises(RehearsalFailed, match="No summary was mailed"):
        rehearse(1, event, tmp_path / "mails", lambda _: None)


def test_the_rehearsal_fails_if_the_data_are_not_deleted(
    event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.closing.tick.deleting_steps", lambda *_, **__: iter(()))
    with pytest.raises(RehearsalFailed, match="No certificate was mailed"):
        rehearse(1, event, tmp_path / "mails", lambda _: None)


@pytest.mark.soak
def test_the_command_prints_the_result(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "rehearse", "--guests", "5", "--folder", str(tmp_path / "m")],
        cwd=whole_project_in(tmp_path / "project"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.endswith("The rehearsal succeeded.\n")
    assert "{" not in result.stdout  # plain text, no JSON lines
    assert result.stderr == ""
