"""The rehearsal."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chalicelib.event.event import Event
from manage import manage
from management.local.rehearsal import RehearsalFailed, rehearse
from tests.examples import EVENT, FOLDER
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tests' event, in which something is left to do, and a wrong file."""
    (tmp_path / "events").mkdir()
    shutil.copy(FOLDER / "organisation.toml", tmp_path)
    text = (FOLDER / f"events/{EVENT.id}.toml").read_text("utf-8")
    marked = text.replace("[event]\n", "[event]\n# TODO: is this right?\n", 1)
    (tmp_path / f"events/{EVENT.id}.toml").write_text(marked, "utf-8")
    (tmp_path / "events/wrong.toml").write_text("[event", "utf-8")
    return tmp_path


def rehearsed(folder: Path, event_id: str) -> Result:
    command = ["rehearse", "--guests", "1", "--events", str(folder), "--event", event_id]
    return CliRunner().invoke(manage, [*command, "--folder", str(folder / "mails")])


def test_one_event_is_rehearsed_while_the_file_of_another_is_wrong(folder: Path) -> None:
    result = rehearsed(folder, EVENT.id)
    assert result.exit_code == 0, result.output
    assert f"{EVENT.id}: {EVENT.title}" in result.stdout
    assert "The rehearsal succeeded." in result.stdout
    assert len([line for line in result.stdout.splitlines() if "guests registered" in line]) == 1


def test_the_rehearsal_warns_of_what_is_left_to_do_in_a_published_event(folder: Path) -> None:
    result = rehearsed(folder, EVENT.id)
    line = next(line for line in result.stderr.splitlines() if line.startswith("Warning: "))
    assert line.startswith(f"Warning: events/{EVENT.id}.toml is published, but has 1 TODO: line ")
    assert line.endswith("is this right?")


def test_an_event_that_does_not_exist_is_not_rehearsed(folder: Path) -> None:
    result = rehearsed(folder, "nothing")
    assert result.exit_code == 2
    assert 'there is no event "nothing"' in result.stderr
    assert EVENT.id in result.stderr
