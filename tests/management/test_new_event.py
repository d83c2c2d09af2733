"""`manage.py new-event`, without an invitation."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.texts.language import localized
from manage import manage
from management.doctor.doctor import Finding, examine
from management.doctor.event_file import placeholder_addresses
from management.files.faults import faults
from management.local.rehearsal import rehearse
from tests.examples import FOLDER, found_event
from tests.management.healthy_stage import stage_with

DAY, LAST_DAY = "2028-05-31", "2028-05-20"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the tests' organisation and events."""
    shutil.copy(FOLDER / "organisation.toml", tmp_path)
    shutil.copytree(FOLDER / "events", tmp_path / "events")
    return tmp_path


def new_event(folder: Path, *options: str, typed: str = "") -> Result:
    command = ["new-event", "--folder", str(folder), *options]
    return CliRunner().invoke(manage, command, input=typed)


def made(folder: Path, result: Result) -> Event:
    """The event that the command has written."""
    assert result.exit_code == 0, result.output
    path = Path(result.output.partition(" is written")[0])
    event = Events(folder).find(path.stem)
    assert event
    assert not event.published
    assert faults(folder) == []
    return event


def test_a_blank_event_is_valid_and_says_all_that_is_left_to_do(folder: Path) -> None:
    result = new_event(folder)
    event = made(folder, result)
    asked = [line.split(", ")[1].partition(":")[0] for line in result.output.splitlines()[1:-1]]
    assert asked == [
        "title", "kind", "invited", "welcome", "place", "date", "starts", "last_day", "name",
        "office", "email", "show_email", "the programme", "id",
    ]  # fmt: skip
    assert "14 left to do." in result.output
    assert placeholder_addresses(event)[1] == "contact person 1"


def test_options_fill_in_what_can_not_be_guessed(folder: Path) -> None:
    event = made(
        folder,
        new_event(
            folder, "--title", "Kulturens dag", "--place", "Rådhuset", "--date", DAY,
            "--last-day", LAST_DAY, "--contact", "Åsa Ek <asa.ek@boras.se>",
            "--contact", "Bo Al <bo.al@boras.se>",
        ),
    )  # fmt: skip
    assert (event.id, event.title, event.place) == (
        "kulturens-dag-2028",
        "Kulturens dag",
        "Rådhuset",
    )
    assert (str(event.date), str(event.last_day)) == (DAY, LAST_DAY)
    assert [(one.name, one.email) for one in event.contacts] == [
        ("Åsa Ek", "asa.ek@boras.se"), ("Bo Al", "bo.al@boras.se"),
    ]  # fmt: skip


def test_in_a_terminal_it_asks_for_the_same_until_each_answer_is_right(folder: Path) -> None:
    typed = f"Kulturens dag\nRådhuset\n31 maj\n{DAY}\n\nÅsa Ek\nasa\nasa.ek@boras.se\n"
    result = new_event(folder, "--ask", typed=typed)
    event = made(folder, result)
    assert "'31 maj' is not a date; write it like 2027-05-31" in result.output
    assert "'asa' is not a mail address" in result.output
    assert (event.title, event.place, str(event.date)) == ("Kulturens dag", "Rådhuset", DAY)
    assert event.last_day == event.date - dt.timedelta(days=7)
    assert event.contacts[0].email == "asa.ek@boras.se"
    left = result.output.partition("is written")[2]
    assert "last_day: " in left
    assert "email" not in left.replace("show_email", "")


def test_a_second_event_of_a_title_and_year_gets_a_number(folder: Path) -> None:
    ids = [made(folder, new_event(folder, "--date", DAY)).id for _ in range(3)]
    assert ids == [f"nytt-evenemang-2028{end}" for end in ("", "-2", "-3")]


@pytest.mark.parametrize("like", [path.stem for path in (FOLDER / "events").glob("*.toml")])
def test_an_event_like_another_has_its_texts_meals_and_contacts_but_no_session(
    folder: Path, like: str
) -> None:
    event = made(folder, new_event(folder, "--like", like, "--date", DAY, "--last-day", LAST_DAY))
    earlier = found_event(like)
    for name in ("title", "kind", "invited", "welcome", "place", "languages", "contacts", "links",
                 "receivers", "privacy", "theme", "timezone"):  # fmt: skip
        assert getattr(event, name) == getattr(earlier, name)
    assert [row.title for row in event.agenda] == [meal.title for meal in earlier.meals]
    moved = event.date - earlier.date
    for meal, was in zip(event.meals, earlier.meals, strict=True):
        assert (meal.id, meal.starts, meal.when) == (was.id, was.starts, was.when)
        assert meal.date
        assert was.date
        assert meal.date - was.date == moved
    assert str(event.last_day) == LAST_DAY


def test_another_title_does_not_keep_the_translation_of_the_earlier_one(folder: Path) -> None:
    options = ("--like", "dag", "--title", "Kulturens dag", "--date", DAY, "--place", "Rådhuset")
    result = new_event(folder, *options)
    event = made(folder, result)
    assert (localized(event.title, "en"), localized(event.place, "en")) == (
        "Kulturens dag",
        "Rådhuset",
    )
    assert "welcome: does this fit the title?" in result.output


def test_what_cannot_be_meant_is_refused_and_nothing_is_written(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for options, words in (
        (["--like", "nope"], 'there is no event "nope": dag, damklubb, '),
        (["dag"], "dag.toml exists already"),
        (["Min dag"], "an id has a-z, 0-9 and hyphens only"),
        (["--date", "31/5"], "'31/5' is not a date; write it like 2027-05-31"),
        (["--date", "0027-05-31"], "27 is not a year of an event"),
        (["--contact", "asa@boras.se"], "'asa@boras.se' is not like Åsa Ek <asa.ek@boras.se>"),
    ):
        result = new_event(folder, *options)
        assert result.exit_code == 2
        assert words in result.output
    assert sorted(folder.rglob("*")) == before


def test_a_last_day_after_the_event_is_left_out_and_told(folder: Path) -> None:
    result = new_event(folder, "--date", LAST_DAY, "--last-day", DAY)
    assert made(folder, result).last_day < dt.date.fromisoformat(LAST_DAY)
    assert "last day to register is not known" in result.output


@pytest.mark.parametrize("options", [(), ("--like", "miljomal"), ("--like", "hogtid")])
def test_what_is_written_rehearses(folder: Path, options: tuple[str, ...]) -> None:
    event = made(folder, new_event(folder, *options))
    said: list[str] = []
    rehearse(5, event, folder / "mails", said.append)
    assert said[0].startswith("5 guests registered")


def left_to_do(folder: Path) -> Finding:
    found = examine(stage_with(events=Events(folder)), only_before_deploy=True)
    return next(one for one in found if one.check == "left to do")


def test_the_doctor_says_what_is_left_and_refuses_it_only_of_a_published_event(
    folder: Path,
) -> None:
    assert left_to_do(folder).message == "nothing is left to do in the events' files"
    event = made(folder, new_event(folder, "--title", "Kulturens dag", "--date", DAY))
    draft = left_to_do(folder)
    assert draft.passed
    assert draft.message.startswith(
        "kulturens-dag-2028, not published: 12 left to do: line 8, kind"
    )
    path = folder / f"events/{event.id}.toml"
    path.write_text(path.read_text("utf-8").replace("published = false\n", "", 1), "utf-8")
    wrong = left_to_do(folder)
    assert not wrong.passed
    assert wrong.message == "12 marks TODO are left"
    assert "kulturens-dag-2028: line 14, place: write the place." in wrong.remedy


@pytest.mark.parametrize("published", [True, False])
def test_placeholder_addresses_of_people_are_refused_only_of_published_events(
    *, published: bool
) -> None:
    events = Events(None, [replace(found_event("dag"), published=published)])
    (found,) = (one for one in examine(stage_with(events=events)) if one.check == "addresses")
    assert ("contact person 1" in found.message) is published
    assert "dag: operator" in found.message


@pytest.mark.parametrize(
    ("text", "options", "languages"),
    [
        ("Kurs om mat\n\nVi talar om det som är bra för alla.\n", (), ("sv",)),
        ("Food for all\n\nWe talk about what is good for you.\n", (), ("en",)),
        ("Kurs om mat\n\nVi talar om det som är bra för alla.\n", ("--like", "dag"), ("sv", "en")),
    ],
)
def test_an_event_has_the_languages_of_its_texts(
    folder: Path, text: str, options: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    result = new_event(folder, "--from", "-", *options, typed=text)
    assert made(folder, result).languages == languages
