"""What an organiser reads when files are wrong: each mistake, with its line and what to write."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.event.events import Events
from chalicelib.event.file import ORGANISATION
from chalicelib.event.legal_statements import BASES
from management.files.faults import faults
from management.files.mistakes import ROWS, TABLES
from management.files.statements import statements
from tests.examples import EVENT, FOLDER

FILE = f"events/{EVENT.id}.toml"
EVENT_TEXT, SHARED = ((FOLDER / name).read_text("utf-8") for name in (FILE, ORGANISATION))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tests' files, of which a test writes its own."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "events").mkdir()
    return folder


def told(folder: Path, text: str = EVENT_TEXT, shared: str = SHARED) -> list[str]:
    """What is told of these two files."""
    (folder / FILE).write_text(text, encoding="utf-8")
    (folder / ORGANISATION).write_text(shared, encoding="utf-8")
    return faults(folder)


def changed(text: str, *changes: tuple[str, str]) -> str:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def line_of(part: str, text: str = EVENT_TEXT) -> int:
    return text[: text.index(part)].count("\n") + 1


LUNCH = line_of('kind = "meal"\nid = "lunch"')
LUNCH_STARTS, LUNCH_TITLE = LUNCH + 2, LUNCH + 4
ROW = "agenda row “Lunch”"
PLACE, PLACE_AT = 'place = "Borås Kongress"', f"{FILE}, line {line_of('place = ')}, [event] place"
DATE, DATE_AT = "date = 2027-05-31", f"{FILE}, line {line_of('date = ')}, [event] date"
QUOTED_DATE = "write the date without quotes and with the year first: date = 2027-05-31"
FIRST_CONTACT = line_of("[[contacts]]")

MISTAKES = {
    # times
    'starts = "11.45"': {
        "starts = 11.45": 'write the time in quotes: starts = "11.45"',
        "starts = 11:45": 'write the time in quotes: starts = "11.45"',
        "starts = 11,45": 'write the time in quotes: starts = "11.45"',
        "starts = 11.5  # eller": 'write the time in quotes: starts = "11.50"',
        "starts = 11": 'write the time in quotes: starts = "11.00"',
        'starts = "11.75"': '"11.75" is not a time of day; write one in quotes, like "8.30"',
        "starts = “11.45”": 'write straight quotation marks around a text: starts = "11.45"',
    },
    # texts
    PLACE: {
        "place = “Borås Kongress”": f"write straight quotation marks around a text: {PLACE}",
        "place = ”Borås Kongress”": f"write straight quotation marks around a text: {PLACE}",
        'place = "Borås Kongress”': f"write straight quotation marks around a text: {PLACE}",
        "place = “Borås Kongress": f"write straight quotation marks around a text: {PLACE}",
        "place = Borås Kongress": f"write the text in quotes: {PLACE}",
        'place = "Borås Kongress': f"a quotation mark is missing at the end: {PLACE}",
        'place = "Det "nya" huset"': 'a " inside a text ends it; write ” there',
        r'place = "C:\Kongress"': r"write \\ where the text has a single \ in it",
        'place: "Borås Kongress"': f"write = between the key and the value: {PLACE}",
        'place "Borås Kongress"': f"write = between the key and the value: {PLACE}",
        "place =": "the value of place is missing after the =",
        "place = 7": "write a text, in quotes",
        "place = @Borås": "this can't be read; write a text in quotes, or a date like 2027-05-31",
    },
    # days
    DATE: {
        'date = "2027-05-31"': QUOTED_DATE,
        'date = "31 maj 2027"': QUOTED_DATE,
        "date = måndag 31 maj 2027": QUOTED_DATE,
        'date = "Monday, May 31, 2027"': QUOTED_DATE,
        "date = 31/5 2027": QUOTED_DATE,
        "date = 2027-5-31": QUOTED_DATE,
        'date = "31 maj"': '"31 maj" is not a date; write one with its year first, like 2027-05-31',
        "date = 2027-02-31": '"2027-02-31" is not a date; write one with its year first, like '
        "2027-05-31",
    },
}


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [(right, wrong, words) for right, one in MISTAKES.items() for wrong, words in one.items()],
)
def test_a_mistake_is_told_with_its_line_and_what_to_write(
    right: str, wrong: str, words: str, folder: Path
) -> None:
    place = {PLACE: PLACE_AT, DATE: DATE_AT}.get(
        right, f"{FILE}, line {LUNCH_STARTS}, {ROW}, starts"
    )
    assert told(folder, changed(EVENT_TEXT, (right, wrong))) == [f"{place}: {words}"]


REVISION, REGISTRATION = line_of("revision = 0"), line_of("[registration]")
LONG_ROW = "agenda row “Områdesutveckling för ett socialt hållbart Borås”, bullets"
CONTACT = "contact person “Melia Hadzisalihovic”, phones"


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        (
            "revision = 0",
            "published = False",
            REVISION,
            "[event] published: write true or false, in small letters: published = false",
        ),
        (
            "revision = 0",
            "revision = 1 000",
            REVISION,
            "[event] revision: write the number without spaces: revision = 1000",
        ),
        (
            PLACE,
            f"{PLACE}\n{PLACE}",
            line_of(PLACE) + 1,
            f"[event] place: place is already in line {line_of(PLACE)}; keep one",
        ),
        (
            "[registration]",
            "[event]\n[registration]",
            REGISTRATION,
            (
                f"[event]: [event] is already in line {line_of('[event]')}; put all keys under one "
                "heading"
            ),
        ),
        (
            "[registration]",
            "[registrations]",
            REGISTRATION,
            "[registration]: [registrations] is unknown; did you mean [registration]?",
        ),
        (
            "[registration]",
            "[registration",
            REGISTRATION,
            "[registration]: write this heading as [registration], alone on its line",
        ),
        (
            "[registration]",
            "[[registration]]",
            REGISTRATION,
            "[registration]: write [registration] with one bracket: a file has one such table",
        ),
        (
            "[registration]",
            "[look]\naccent = #123456\n[registration]",
            REGISTRATION + 1,
            '[look] accent: write the colour in quotes: accent = "#123456"',
        ),
        (
            '[[agenda]]\nkind = "meal"',
            '[agenda]\nkind = "meal"',
            LUNCH - 1,
            f"{ROW}: write [[agenda]] with two brackets: each row has this heading",
        ),
        (
            'title = "Lunch"',
            'room = "A"\nroommate = "B"\ntitle = "Lunch"',
            LUNCH_TITLE + 1,
            f"{ROW}, roommate: this key is unknown; check the spelling",
        ),
        (
            "[registration]",
            'links = [{title = "Om oss", url = "https://boras.se"}]\n[registration]',
            REGISTRATION,
            (
                "[event] links: these are tables of their own: begin each with [[links]], alone on "
                "its line"
            ),
        ),
        (
            'title = "Lunch"',
            'romm = "A"\ntitle = "Lunch"',
            LUNCH_TITLE,
            f'{ROW}, romm: this key is unknown; did you mean "room"?',
        ),
        (
            'title = "Lunch"',
            'titel = "Lunch"',
            LUNCH_TITLE,
            'agenda row 5, titel: this key is unknown; did you mean "title"?',
        ),
        (
            'title = "Lunch"\n',
            "",
            LUNCH - 1,
            "agenda row 5, title: this key is missing",
        ),
        (
            'kind = "meal"\n',
            "",
            LUNCH,
            f'{ROW}, id: a row with an id is a meal; add kind = "meal"',
        ),
        (
            'speakers = ["CKS"]',
            "speakers = [“CKS”]",
            line_of('speakers = ["CKS"]'),
            (
                "agenda row “Otillåten påverkan”, speakers: write straight quotation marks around "
                'a text: speakers = ["CKS"]'
            ),
        ),
        (
            '"medskapande som metod",',
            '"medskapande som metod"',
            line_of("bullets = "),
            (
                f'{LONG_ROW}: a comma, a " or the ] is missing in this list; write '
                'bullets = ["one", "two"]'
            ),
        ),
        (
            '"medskapande som metod",',
            "”medskapande som metod”,",
            line_of("bullets = "),
            f'{LONG_ROW}: write straight quotation marks around a text: "medskapande som metod",',
        ),
        (
            '["073-432 87 30"]',
            "073-432 87 30",
            line_of("phones = "),
            f"{CONTACT}: this can't be read; write a text in quotes, or a date like 2027-05-31",
        ),
        (
            '["073-432 87 30"]',
            '"073-432 87 30"',
            line_of("phones = "),
            f'{CONTACT}: write a list of texts, like ["one", "two"]',
        ),
        (
            "[[contacts]]",
            "hälsningar till alla\n[[contacts]]",
            line_of("[[contacts]]"),
            (
                "link “Säker och trygg kommun på boras.se”: this is neither a heading nor key = "
                "value; begin a remark with #"
            ),
        ),
    ],
)
def test_other_mistakes_are_told_alike(
    before: str, after: str, line: int, words: str, folder: Path
) -> None:
    text = changed(EVENT_TEXT, (before, after))
    assert told(folder, text) == [f"{FILE}, line {line}, {words}"]


def test_a_receiver_and_a_contact_person_may_be_wrong_at_once(folder: Path) -> None:
    text = changed(EVENT_TEXT, ('name = "Melia', 'nane = "Melia'))
    text += '[[receivers]]\nemail = "koket"\nmeals = [”supper”]\n'
    line = len(EVENT_TEXT.splitlines())
    assert told(folder, text) == [
        (
            f"{FILE}, line {line_of('name = ')}, contact person 1, nane: this key is unknown; did "
            'you mean "name"?'
        ),
        f'{FILE}, line {line + 2}, receiver 1, email: "koket" is not a mail address',
        (
            f"{FILE}, line {line + 3}, receiver 1, meals: write straight quotation marks around a "
            'text: meals = ["supper"]'
        ),
        (
            f'{FILE}, line {line + 3}, receiver 1, meals: no meal has the id "supper"; the meals '
            'are "lunch", "fika"'
        ),
    ]


def test_nothing_is_told_of_right_files(folder: Path) -> None:
    assert told(folder) == []


def test_all_mistakes_of_all_files_are_told_at_once_in_the_order_of_their_lines(
    folder: Path,
) -> None:
    text = changed(
        EVENT_TEXT,
        (PLACE, "plats = “Borås”"),
        ("last_day = 2027-05-24", "last_day = 2027-06-24"),
        ('["073-432 87 30"]', '["073"]'),
        ("[[agenda]]", "[agenda]"),
        ('starts = "11.45"', "starts = 12.50"),
        ('id = "fika"', 'id = "lunch"'),
    )
    shared = changed(SHARED, ("log_days = 30", 'log_days = "30"'), ('.se/tdosanmalan"', ".se"))
    (folder / "events/other.toml").write_text("[event]\ntitle = 7", encoding="utf-8")
    try:
        lines = told(folder, text, shared)
    finally:
        (folder / "events/other.toml").unlink()
    ours = [line for line in lines if not line.startswith("events/other.toml")]
    number = line_of("log_days", SHARED)
    assert ours == [
        (
            f"{ORGANISATION}, line {number}, [privacy] log_days: "
            '"30" is not a whole number; write one without quotes, like 7'
        ),
        (
            f"{ORGANISATION}, line {line_of('.se/tdosanmalan', SHARED)}, [accessibility] "
            "supervisor_url: a quotation mark is missing at the end: supervisor_url = "
            '"https://www.digg.se"'
        ),
        f"{FILE}, line {line_of('[event]')}, [event] place: this key is missing",
        (
            f"{FILE}, line {line_of(PLACE)}, [event] plats: write straight quotation marks around "
            'a text: plats = "Borås"'
        ),
        f"{FILE}, line {line_of(PLACE)}, [event] plats: this key is unknown; check the spelling",
        (
            f"{FILE}, line {line_of('last_day = ')}, [registration] last_day: 2027-06-24 is not "
            "before the event on 2027-05-31"
        ),
        (
            f'{FILE}, line {line_of("phones = ")}, {CONTACT}: "073" is not a phone number of SE; '
            "write the area code, or + and the code of its country"
        ),
        (
            f"{FILE}, line {line_of('[[agenda]]')}, agenda row “Inledning”: write [[agenda]] with "
            "two brackets: each row has this heading"
        ),
        f'{FILE}, line {LUNCH_STARTS}, {ROW}, starts: write the time in quotes: starts = "12.50"',
        (
            f'{FILE}, line {LUNCH_STARTS + 1}, {ROW}, ends: "Lunch" must end after it starts, at '
            "most 20 hours later"
        ),
        (
            f"{FILE}, line {line_of(chr(34) + 'fika')}, agenda row “Fika”, id: two meals have the "
            'id "lunch"'
        ),
    ]
    others = [line for line in lines if line not in ours]
    assert "events/other.toml, line 2, [event] title: write a text, in quotes" in others
    assert "events/other.toml, line 1, [event] kind: this key is missing" in others
    assert "events/other.toml, registration: this key is missing" in others


def test_a_wrong_organisation_is_named_and_told_once_however_many_events_there_are(
    folder: Path,
) -> None:
    (folder / "events/other.toml").write_text(EVENT_TEXT, encoding="utf-8")
    try:
        lines = told(folder, shared=changed(SHARED, ('basis = "6.1 e"', 'basis = "6.1 a"')))
    finally:
        (folder / "events/other.toml").unlink()
    line, known = line_of("basis = ", SHARED), ", ".join(f'"{basis}"' for basis in BASES)
    assert lines == [f'{ORGANISATION}, line {line}, [privacy] basis: "6.1 a" is not one of {known}']


def test_a_file_in_another_encoding_is_told_with_the_line(folder: Path) -> None:
    told(folder)
    (folder / FILE).write_bytes(EVENT_TEXT.encode("latin-1", "replace"))
    assert faults(folder) == [f"{FILE}, line 5: save the file with the encoding UTF-8"]


def test_a_file_name_that_is_no_address_is_told(folder: Path) -> None:
    told(folder)
    (folder / FILE).rename(folder / "events/Vår dag.toml")
    try:
        lines = faults(folder)
    finally:
        (folder / "events/Vår dag.toml").unlink()
    assert lines == [
        (
            "events/Vår dag.toml, the file's name: name the file with a-z, 0-9 and hyphens only, "
            "as it is part of addresses"
        )
    ]


def keys_of(text: str) -> list[tuple[int, str]]:
    """The line and the key of each value."""
    return [(one.line, one.key) for one in statements(text) if one.key]


BREAKS = ("= @", "= “", '= "', "= [", "= 08:90", "= 'x", "", ": ", "= 3 4", "= {", '= """')


@settings(max_examples=20)
@given(st.data(), st.sampled_from(BREAKS))
def test_a_line_that_is_told_of_a_broken_value_has_the_key(data: st.DataObject, sign: str) -> None:
    line, key = data.draw(st.sampled_from(keys_of(EVENT_TEXT)))
    lines = EVENT_TEXT.split("\n")
    _, _, value = lines[line - 1].partition("= ")
    lines[line - 1] = f"{key} {sign}{value}"
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "events").mkdir()
        first, *_ = told(folder, "\n".join(lines))
    number = re.match(rf"{FILE}, line (\d+), ", first)
    assert number, first
    assert lines[int(number[1]) - 1].startswith(key), first


KEYS = keys_of(EVENT_TEXT)
VALUES = (*BREAKS, "= 7", "= true", '= "x"', "= []", '= ["a"]', "= 2027-01-01", "= {a = 1}")


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=4))
def test_what_is_told_is_whether_the_file_can_be_read(
    changes: list[tuple[tuple[int, str], str]],
) -> None:
    lines = EVENT_TEXT.split("\n")
    for (line, key), value in changes:
        lines[line - 1] = f"{key} {value}"
    text = "\n".join(lines)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "events").mkdir()
        is_told = bool(told(folder, text))
        assert is_told == (Events(folder).readable() == [])


@pytest.mark.parametrize("event_id", Events().ids)
def test_every_heading_of_a_file_is_known(event_id: str) -> None:
    texts = [Events().source(event_id).text, Events().source(event_id).organisation]
    used = {one.table for text in [*texts, EVENT_TEXT, SHARED] for one in statements(text)} - {""}
    assert used <= ROWS | TABLES
