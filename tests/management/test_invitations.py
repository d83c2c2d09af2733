"""`manage.py new-event --from`: ten invitations' texts, and what is left to correct by hand."""

import datetime as dt
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.event.agenda import AgendaRow
from chalicelib.event.event import Event
from chalicelib.event.file import parse_event
from management.invitation.cleaning import cleaned
from management.invitation.file_text import file_text, words_of
from management.invitation.lines import is_heading
from management.invitation.reading import draft_of
from management.invitation.valid import make_valid
from management.local.rehearsal import rehearse
from tests.examples import FOLDER, found_event

INVITATIONS = Path(__file__).with_name("invitations")
SHARED = (FOLDER / "organisation.toml").read_text("utf-8")
TODAY = dt.date(2026, 11, 30)
DAY_IS_NOT_SAID = {"dag"}
# How many of a description's words must be the same: those of the files are edited.
SAME_WORDS = 0.6


def read(text: str, first_day: dt.date | None = None) -> str:
    """The file of an invitation."""
    draft = draft_of(text, TODAY, first_day)
    make_valid(draft, SHARED, TODAY)
    return file_text(draft)


def event_of(name: str) -> Event:
    """The event of an invitation, with the right day if the text does not say it."""
    text = (INVITATIONS / f"{name}.txt").read_text("utf-8")
    given = found_event(name).date if name in DAY_IS_NOT_SAID else None
    return parse_event("new", read(text, given), SHARED)


def corrections(found: Event, right: Event) -> Iterator[str]:
    """What an organiser must correct in the event that was found, one fact each."""
    for name in ("title", "kind", "invited", "place", "room", "language", "timezone", "country"):
        if getattr(found, name) != getattr(right, name):
            yield name
    for name in ("starts_at", "ends_at", "closes_at"):
        if local_time(found, name) != local_time(right, name):
            yield name
    yield from ("link" for _ in {one.url for one in found.links} ^ {one.url for one in right.links})
    yield from wrong_contacts(found, right)
    yield from ("moderator of a day" for _ in set(found.leads) ^ set(right.leads))
    left = list(found.agenda)
    for row in right.agenda:
        mine = best(row, left)
        if mine is None:
            yield f"row {row.title}"
            continue
        left.remove(mine)
        yield from (f"{row.title}: {name}" for name in wrong_parts(mine, row))
    yield from (f"no row {row.title}" for row in left)


def wrong_contacts(found: Event, right: Event) -> Iterator[str]:
    for one in right.contacts:
        mine = next((other for other in found.contacts if other.name == one.name), None)
        if mine is None:
            yield f"contact {one.name}"
            continue
        for name in ("office", "email"):
            if getattr(mine, name) != getattr(one, name):
                yield f"{one.name}: {name}"
        if list(map(digits, mine.phones)) != list(map(digits, one.phones)):
            yield f"{one.name}: phones"
    known = {one.name for one in right.contacts}
    yield from (f"no contact {one.name}" for one in found.contacts if one.name not in known)


def local_time(event: Event, name: str) -> str:
    at: dt.datetime = getattr(event, name)
    return f"{at.astimezone(event.timezone):%Y-%m-%d %H:%M}"


def digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))


def best(row: AgendaRow, rows: list[AgendaRow]) -> AgendaRow | None:
    """The row at the same time whose title is most like that of `row`."""
    same = [one for one in rows if (one.date, one.starts) == (row.date, row.starts)]
    return max(same, key=lambda one: likeness(one.title, row.title), default=None)


def likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split()).ratio()


def wrong_parts(found: AgendaRow, right: AgendaRow) -> Iterator[str]:
    for name in ("title", "ends", "when", "room", "place", "moderator", "chair", "bullets"):
        if getattr(found, name) != getattr(right, name):
            yield name
    for name in ("starts_about", "ends_about"):
        if getattr(found, name) != getattr(right, name):
            yield name
    if bool(found.meal_id) != bool(right.meal_id):
        yield "meal"
    if list(map(name_of, found.speakers)) != list(map(name_of, right.speakers)):
        yield "speakers"
    if likeness(found.description, right.description) < SAME_WORDS:
        yield "description"


def name_of(speaker: str) -> str:
    """A speaker without the title, which the files have in other words."""
    return speaker.partition(", ")[0]


# What is left to correct. Most of it no text says; the others are marked as misread.
_NO_ROOM = ("Welcome", "Panel: Regional planning beyond growth", "Closing session",
            "Just transitions in resource-based communities")  # fmt: skip
CORRECTIONS = {
    "dag": ["Melia Hadzisalihovic: email", "Åsa Skytt Jansson: email"],  # and the day
    "damklubb": ["kind"],
    "friluft": ["Enklare lunch: when"],
    "hogtid": [
        "room",  # misread: that of some rows, not of the event
        "Dörrarna öppnas: room",
        "Alla sitter på sina platser: room",
        "Procession och ceremoni: room",
        "Procession och ceremoni: speakers",
        "Dans: room",
        "Dans: place",
    ],
    "nordregio": [
        *(f"{title}: room" for title in _NO_ROOM),
        *["Keynote: room"] * 3,
        "Lunch at Grand Hotel and book launch: place",  # misread: it stands in the title only
    ],
    "nve": ["Registration: room"],
    "stockholmstinget": ["Mingel i baren: meal"],  # misread: one mingles there without eating
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in INVITATIONS.glob("*.txt")))
def test_an_invitation_is_read_but_for_known_corrections(name: str) -> None:
    found = corrections(event_of(name), found_event(name))
    shown = [re.sub(r"^Keynote.*: ", "Keynote: ", one) for one in found]
    assert sorted(shown) == sorted(CORRECTIONS.get(name, []))


@pytest.mark.parametrize("name", sorted(path.stem for path in INVITATIONS.glob("*.txt")))
def test_a_wrong_title_kind_place_or_audience_is_marked(name: str) -> None:
    draft = draft_of((INVITATIONS / f"{name}.txt").read_text("utf-8"), TODAY)
    make_valid(draft, SHARED, TODAY)
    wrong = set(corrections(event_of(name), found_event(name)))
    assert wrong & {"title", "kind", "place", "invited"} <= set(draft.event.todo)


@pytest.mark.parametrize("name", ["dag", "frukost", "nordregio"])
def test_the_event_of_an_invitation_rehearses(name: str, tmp_path: Path) -> None:
    said: list[str] = []
    rehearse(3, event_of(name), tmp_path, said.append)
    assert said[0].startswith("3 guests registered")


FRAGMENTS = """8.30 – 8.40 Inledning - Anna Ek, Bo Al|9.00|24.00–25.00 Lunch|9-10|kl. 25 nej
12.00 Lunch|12.00 Lunch|11.00–9.00 Kaffe|kl. 9|cirka 21.30 Middag, Salen|Program|Dag 2, 31 februari
måndag 31 maj 2027|1 januari|Senast 24/5|senast dagen före kl. 12|by 24 May kl. 23.59|8/5|Talare: ;,
Anmälan senast 1/1 2099|Plats: Här|Tid: 9–16|Datum: 2027-05-31|Moderator: Bo Al|Kontakt:|Sal: 3
Kontakta Anna Ek, Kontoret, 033-35 72 19, anna.ek@boras.se|Ring Bo Al 0734|• en punkt|slut|x@y
Rum 2: Seminarium|A. Seminarium (Salen)|https://boras.se|www.boras.se/anmälan|14.00 Slut|www.
Vi bjuder på lunch.|Efter mötet: supé|Alla bjuds in till en dag om mat|och mer text här|# TODO|Lunch
"citat" \\ 'x'|[[agenda]]|title = "x"|10.00–10.30 Frukost|1 mars 2027 9.00|Onsdag 3 mars|Anna Ek
Fredag 20 maj 2027|8.00–23.00 Hela dagen (Rum 1, chair: Bo Al)|Föredragande från X|http://[|Kontakt
Anna Ek presenterar Y.|http://[]/|Välkommen till|INBJUDAN|+46 (0)33 35 72 19|29 februari 2100
Tid|Plats|Målgrupp|Medverkande:|Foyer|Salen|9.00|09.00 12.00|•Ett •Två|Anna Ek, chef, Borås|Karta
Moderator är Bo Al|kl 9–16 En hel dag|Torsdag 4 mars|12.00 Kursen avslutas|Seminarium|Vi ses i Lund
PAUS 14.00–14.15|LUNCH: Folkkök|Spår 1 – Hörsal E – 9.00–10.00|Tisdag|Dag 2|Session chair: Bo Al
Keynote|[9.00-9.30] Inledning|Torsdag, 31st|Day 2: Tuesday|Anna Ek (moderator), Bo Al
Lunds universitet|Panelen leds av Anna Ek.|Arrangeras av Borås Stad.|Registration|(15 + 5 min)
Var? Borås
2 – 2:30pm Te
Ämne: Inbjudan till kurs 14/3|Från: Anna Ek <a@b.se>|Vänliga hälsningar|9.00\tEn\tTvå"""
LINES = st.lists(
    st.sampled_from(re.split(r"[|\n]", FRAGMENTS)) | st.text() | st.just(""), max_size=25
)


# Months, weekdays and labels need not be repeated beside the values that they are of.
MEANT_BY_DATES_AND_KEYS = (
    "januari februari mars maj måndag onsdag torsdag fredag senast talare plats tid datum"
    " moderator sal medverkande målgrupp var tisdag"
).split()
PERSON = "Kontakta Anna Ek, Kontoret, 033-35 72 19, anna.ek@boras.se"


@settings(max_examples=200)
@example([PERSON, "ß", PERSON])
@given(LINES)
def test_any_text_gives_a_valid_file_and_no_word_of_it_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    file = read(text)
    event = parse_event("new", file, SHARED)
    assert not event.published
    written = {*words_of(file), *MEANT_BY_DATES_AND_KEYS}
    for line in map(cleaned, text.splitlines()):
        assert line in file or is_heading(line) or written.issuperset(words_of(line))
