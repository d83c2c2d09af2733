"""The doctor's checks of texts that nobody wrote for the event."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.file import parse_event
from management.doctor.doctor import Finding, examine
from management.doctor.example_texts import EXAMPLE
from tests.examples import FOLDER, only
from tests.management.healthy_stage import EVENT, WHOLE_FILE, stage_with

TITLE, ORGANISER = 'title = "Säker och trygg kommun"', 'organiser = "Borås Stad"'


def finding(check: str, events: Events) -> Finding:
    return next(one for one in examine(stage_with(events=events)) if one.check == check)


def edited(*changes: tuple[str, str]) -> Event:
    text = WHOLE_FILE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return parse_event(EVENT.id, text)


LEFT_OVER = [
    ("[event] title, translated,", "A safe and secure municipality"),
    ("[event] welcome", "Presidier och förvaltningschefer hälsas välkomna till en ..."),
    ("[event] welcome, translated,", "Committee chairs and vice chairs, and heads of ..."),
    ("[look] logo", "Borås Stad"),
    ("[privacy] controller", "Kommunstyrelsen i Borås Stad"),
    ("[privacy] controller, translated,", "The Municipal Executive Board of Borås Stad"),
    ("[privacy] officer", "Dataskyddsombudet i Borås Stad"),
    ("[privacy] officer, translated,", "The data protection officer of Borås Stad"),
    ("[privacy] public_records", "Anmälan kan vara en allmän handling. Begär någon ut den ..."),
    (
        "[privacy] public_records, translated,",
        "The registration may be an official document. If ...",
    ),
    ("contact person 1, name", "Melia Hadzisalihovic"),
    ("contact person 2, name", "Åsa Skytt Jansson"),
    ("link 1, title", "Säker och trygg kommun på boras.se"),
    ("link 1, title, translated,", "Säker och trygg kommun at boras.se (in Swedish)"),
    ("link 1, description", "Läs gärna om Säker och trygg kommun på boras.se. Där ..."),
]


def test_texts_of_the_example_are_told_when_title_and_organiser_are_others() -> None:
    event = edited((TITLE, 'title = "Kulturens dag"'), (ORGANISER, 'organiser = "Falu kommun"'))
    found = finding("example", only(event))
    assert not found.passed
    assert found.message == f"{len(LEFT_OVER)} texts are left of the shipped example"
    *told, advice = found.remedy.splitlines()
    assert told == [f"dag: {key} is still “{text}”" for key, text in LEFT_OVER]
    assert advice == "Write your own in the event's file or in chalicelib/organisation.toml."


def test_the_organisers_own_next_event_may_keep_the_organisers_texts_but_they_are_told() -> None:
    event = edited(
        (TITLE, 'title = "Kulturens dag"'),
        ('title_en = "A safe and secure municipality"', 'title_en = "Culture day"'),
        ("om Säker och trygg kommun.", "om kultur."),
        ("on the theme “A safe and secure municipality”.", "on culture."),
        ("Säker och trygg kommun på", "Kulturen på"),
        ("Säker och trygg kommun at", "Culture at"),
    )
    found = finding("example", only(event))
    assert found.passed
    assert found.message.startswith("as in the shipped example, right only if you mean it: ")
    keys = found.message.partition(": ")[2].split("; ")
    assert {"[event] place", "[privacy] controller", "[privacy] controller, translated"} < {*keys}


def test_a_text_left_in_several_events_is_told_once() -> None:
    event = edited((TITLE, 'title = "Kulturens dag"'))
    both = Events(None, [event, replace(event, id="natt")])
    assert len(finding("example", both).remedy.splitlines()) == len(
        finding("example", only(event)).remedy.splitlines()
    )
    assert "dag, natt: [event] welcome is still " in finding("example", both).remedy


def test_the_example_itself_is_right() -> None:
    assert finding("example", only(EVENT)).message == "no text is the shipped example's"


def test_every_text_of_the_list_is_in_the_example() -> None:
    texts = [EXAMPLE["title"], EXAMPLE["organiser"]]
    for name in ("of_the_event", "of_the_organiser", "of_any_event"):
        texts += EXAMPLE[name]
    assert [text for text in texts if f'"{text}"' not in WHOLE_FILE] == []


_HEAD, _, _TAIL = (FOLDER / "english.toml").read_text("utf-8").partition("[privacy]")
# An event in English that takes the privacy notice from organisation.toml.
ENGLISH = _HEAD + _TAIL[_TAIL.index("[[agenda]]") :]
SHARED = (FOLDER / "organisation.toml").read_text("utf-8")


def in_english(folder: Path, shared: str, own: str = "") -> Finding:
    """The finding on an event in English that takes the privacy notice of `shared`."""
    (folder / "events").mkdir()
    (folder / "events/rowing.toml").write_text(ENGLISH + own, encoding="utf-8")
    (folder / "organisation.toml").write_text(shared, encoding="utf-8")
    return finding("English", Events(folder))


UNTRANSLATED = SHARED.replace(
    'controller_en = "The Municipal Executive Board of Borås Stad"\n', ""
).replace("recipients = []", 'recipients = ["Måltidsservice"]')


def test_a_text_that_an_event_in_english_takes_untranslated_is_told(tmp_path: Path) -> None:
    found = in_english(tmp_path, UNTRANSLATED)
    assert not found.passed
    assert found.message == (
        "without a translation, but shown as English: rowing: [privacy] controller, "
        "rowing: [privacy] recipients"
    )
    assert "_en in chalicelib/organisation.toml" in found.remedy


@pytest.mark.parametrize(
    ("shared", "own"),
    [
        (SHARED, ""),
        (UNTRANSLATED, '[privacy]\ncontroller = "The board"\nrecipients_en = ["The cook"]\n'),
        (UNTRANSLATED.replace("[event]\n", '[event]\nlanguages = ["en"]\n'), ""),
    ],
    ids=["translated", "in the event's file", "an organisation in English"],
)
def test_texts_in_english_are_right(shared: str, own: str, tmp_path: Path) -> None:
    found = in_english(tmp_path, shared, own)
    assert found.passed, found.message


def test_an_event_in_two_languages_may_leave_texts_untranslated(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    text = (FOLDER / "events/dag.toml").read_text("utf-8")
    (tmp_path / "events/dag.toml").write_text(text, encoding="utf-8")
    (tmp_path / "organisation.toml").write_text(UNTRANSLATED, encoding="utf-8")
    assert finding("English", Events(tmp_path)).passed
