"""`manage.py new-event --from`: PDF, Word, calendar, mail, standard input; and what is no text."""

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from click.testing import CliRunner

from chalicelib.event.calendar import day_calendar, session_calendar
from chalicelib.event.events import Events
from chalicelib.event.file import parse_event
from manage import manage
from management.invitation.html_text import html_text
from management.invitation.lines import is_heading
from management.invitation.sources import text_of
from management.invitation.unreadable import Unreadable
from tests.examples import EVENT, FOLDER, NOW
from tests.management.test_invitation_marks import drafted
from tests.management.test_invitations import (
    CORRECTIONS,
    INVITATIONS,
    SHARED,
    corrections,
    read,
)

TEXT = (INVITATIONS / "dag.txt").read_text("utf-8")


def saved(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def as_pdf(text: str) -> bytes:
    """A PDF of several pages with these lines."""
    lines = (f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    made: Any = pymupdf  # a library without types
    story, out, page = made.Story("".join(lines)), io.BytesIO(), made.paper_rect("a4")
    writer, inside = made.DocumentWriter(out), made.Rect(50, 50, page.x1 - 50, page.y1 - 50)
    more = True
    while more:
        device = writer.begin_page(page)
        more, _ = story.place(inside)
        story.draw(device)
        writer.end_page()
    writer.close()
    return out.getvalue()


def as_docx(body: str) -> bytes:
    """A Word document with this body."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        document = f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'
        packed.writestr("word/document.xml", document)
    return out.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p>{properties}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def corrections_of(text: str) -> list[str]:
    found = parse_event("new", read(text, EVENT.date), SHARED)
    return sorted(corrections(found, EVENT))


def test_a_pdf_is_read_like_its_text(tmp_path: Path) -> None:
    text = text_of(saved(tmp_path / "invitation.PDF", as_pdf(TEXT)))
    assert corrections_of(text) == sorted(CORRECTIONS["dag"])


def test_a_table_in_a_pdf_is_read_cell_by_cell(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    cells = [
        (50, 100, "9.00-"), (50, 112, "9.30"), (120, 100, "Kaffe"),
        (50, 130, "9.30-"), (50, 142, "10.00"), (120, 130, "Inledning"), (120, 142, "och upprop"),
        (300, 130, "Eva Berg, chef"),
    ]  # fmt: skip
    with made.open() as pages:
        page = pages.new_page()
        for x, y, text in cells:
            page.insert_text((x, y), text)
        name = saved(tmp_path / "table.pdf", pages.tobytes())
    coffee, talk = parse_event("new", read(text_of(name)), SHARED).agenda
    assert (coffee.title, f"{coffee.starts}–{coffee.ends}") == ("Kaffe", "09:00:00–09:30:00")
    assert (talk.title, talk.speakers) == ("Inledning och upprop", ("Eva Berg, chef",))


def test_cells_of_a_pdf_are_put_together_and_its_title_comes_first(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    with made.open() as pages:
        page = pages.new_page()
        page.insert_text((50, 40), "Meny Hem Kontakt", fontsize=8)
        page.insert_text((50, 62), "Välkommen till", fontsize=14)
        page.insert_text((50, 80), "Mat och hälsa", fontsize=24)
        page.insert_text((50, 110), "för alla", fontsize=24)
        for number, y in enumerate((200, 300)):
            page.insert_text((50, y), f"{9 + number}.00-{10 + number}.00")
            page.insert_text((150, y), "Det här är en rubrik som är längre än sin")
            page.insert_text((150, y + 13), "Kolumn i tabellen")
            page.insert_text((400, y), "Anna Ek (Borås")
            page.insert_text((400, y + 13), "Stad)")
        name = saved(tmp_path / "cells.pdf", pages.tobytes())
    text = text_of(name)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert (lines[0], *lines[-2:]) == (
        "Mat och hälsa för alla", "Meny Hem Kontakt", "Välkommen till",
    )  # fmt: skip
    first, *_ = drafted(text).rows["agenda"]
    assert first.values["title"] == "Det här är en rubrik som är längre än sin Kolumn i tabellen"
    assert first.values["speakers"] == ["Anna Ek (Borås Stad)"]


def test_a_column_of_times_in_a_pdf_stands_beside_its_rows(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    with made.open() as pages:
        page = pages.new_page()
        for number in range(3):
            page.insert_text((50, 100 + 12 * number), f"{9 + number}.00")
        for number, title in enumerate(("Mat", "Lunch", "Soppa")):
            page.insert_text((150, 100 + 12 * number), title)
        page.insert_text((300, 800), "2")
        name = saved(tmp_path / "times.pdf", pages.tobytes())
    found = [row.values for row in drafted(text_of(name)).rows["agenda"]]
    assert [(row["starts"], row["title"]) for row in found] == [
        ("9.00", "Mat"), ("10.00", "Lunch"), ("11.00", "Soppa"),
    ]  # fmt: skip


def test_running_headers_of_a_pdf_come_once_at_the_end_and_page_numbers_not_at_all(
    tmp_path: Path,
) -> None:
    made: Any = pymupdf  # a library without types
    with made.open() as pages:
        for number in (1, 2):
            page = pages.new_page(height=800)
            page.insert_text((50, 30), "Lunds kommun, tfn 046-555 10 00")
            page.insert_text((50, 790), f"Sida {number} av 2")
            page.insert_text((50, 400), f"{number + 8}.00 Kaffe")
            page.insert_text((400, 790), f"{number + 9}.30 Middag")
        name = saved(tmp_path / "printed.pdf", pages.tobytes())
    read_lines = [line for line in text_of(name).splitlines() if line]
    *middle, rule, last = read_lines
    assert is_heading(rule)
    assert sorted(middle) == ["10.00 Kaffe", "10.30 Middag", "11.30 Middag", "9.00 Kaffe"]
    assert last == "Lunds kommun, tfn 046-555 10 00"


def test_running_lines_of_a_pdf_come_in_the_order_of_the_page(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    running = ["Lunds kommun", "Kulturens hus", "Box 41", "Org.nr 212", "Diarienummer 9"]
    with made.open() as pages:
        for number in (9, 10):
            page = pages.new_page(height=800)
            page.insert_text((50, 400), f"{number}.00 Kaffe")
            for y, text in zip((15, 40, 65, 755, 790), running, strict=True):
                page.insert_text((50, y), text)
        name = saved(tmp_path / "running.pdf", pages.tobytes())
    words = text_of(name)
    places = [words.rindex(one) for one in running]
    assert (places, words.count("Box 41")) == (sorted(places), 1)


def test_a_row_that_stands_last_on_each_page_of_a_pdf_is_kept(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    with made.open() as pages:
        for number in (1, 2):
            page = pages.new_page(height=800)
            page.insert_text((50, 30), f"Dag {number}: {number} juni 2028")
            page.insert_text((50, 400), "9.00 Mat")
            page.insert_text((50, 790), "16.00 Kaffe")
        name = saved(tmp_path / "days.pdf", pages.tobytes())
    text = text_of(name)
    assert (text.count("16.00 Kaffe"), text.count("juni 2028")) == (2, 2)


def test_a_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    made: Any = pymupdf  # a library without types
    with made.open() as pages:
        pages.new_page().insert_text((50, 50), "Kurs")
        data = pages.tobytes(encryption=made.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    with pytest.raises(Unreadable, match="the PDF has a password"):
        text_of(saved(tmp_path / "locked.pdf", data))


def test_a_word_document_is_read_with_lists_and_tables(tmp_path: Path) -> None:
    item = "<w:pPr><w:numPr/></w:pPr>"
    row = f"<w:tr>{'<w:tc>{}</w:tc>' * 3}</w:tr>"
    rows = (("9.00–10.00", "Om kommunen", "Per Ek, chef"), ("10.00", "Fika", ""))
    table = "".join(row.format(*map(paragraph, cells)) for cells in rows)
    body = paragraph("Kulturens dag") + paragraph("Plats: Rådhuset") + f"<w:tbl>{table}</w:tbl>"
    body += paragraph("Ta med", "") + paragraph("penna", item)
    text = text_of(saved(tmp_path / "invitation.docx", as_docx(body)))
    assert "• penna" in text
    event = parse_event("new", read(text), SHARED)
    assert (event.title, event.place) == ("Kulturens dag", "Rådhuset")
    assert [(row.title, f"{row.starts:%H.%M}") for row in event.agenda] == [
        ("Om kommunen", "09.00"),
        ("Fika", "10.00"),
    ]
    assert event.agenda[0].speakers == ("Per Ek, chef",)
    assert [meal.id for meal in event.meals] == ["fika"]


def test_a_word_document_is_read_in_fields_changes_boxes_and_tables_inside_tables(
    tmp_path: Path,
) -> None:
    text = "<w:r><w:t>{}</w:t></w:r>"
    field = f"<w:sdt><w:sdtContent>{paragraph('Kulturens dag')}</w:sdtContent></w:sdt>"
    change = f"<w:p><w:ins>{text.format('Ny rad')}</w:ins></w:p>"
    inside = f"<w:txbxContent>{paragraph('I en ruta')}</w:txbxContent>"
    other = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    shape = f"<m:Choice>{inside}</m:Choice><m:Fallback>{inside}</m:Fallback>"
    box = (
        f'<w:p><w:r><m:AlternateContent xmlns:m="{other}">{shape}</m:AlternateContent></w:r></w:p>'
    )
    row = f"<w:tr><w:tc>{paragraph('9.00')}</w:tc><w:tc>{paragraph('Mat')}</w:tc></w:tr>"
    table = f"<w:tbl><w:tr><w:tc><w:tbl>{row}</w:tbl></w:tc></w:tr></w:tbl>"
    found = text_of(saved(tmp_path / "a.docx", as_docx(field + change + box + table)))
    for one in ("Kulturens dag", "Ny rad", "I en ruta", "Mat"):
        assert found.count(one) == 1, found
    (made, *_) = drafted(found).rows["agenda"]
    assert (made.values["starts"], made.values["title"]) == ("9.00", "Mat")


@pytest.mark.parametrize("calendar_of", [day_calendar, session_calendar])
def test_a_calendar_file_is_read_with_its_entries_or_its_description_as_rows(
    tmp_path: Path, calendar_of: Callable[..., bytes]
) -> None:
    calendar = calendar_of(EVENT, "sv", page="https://boras.se/dag", stamped_at=NOW)
    text = text_of(saved(tmp_path / "dag.ics", calendar))
    event = parse_event("new", read(text), SHARED)
    assert (event.title, event.date) == (EVENT.title, EVENT.date)
    assert [(row.title, row.starts_at, row.ends_at) for row in event.agenda] == [
        (row.title, row.starts_at, row.ends_at) for row in EVENT.agenda
    ]


def test_a_calendar_in_utc_is_read_in_swedish_time_with_places_and_texts(tmp_path: Path) -> None:
    entry = (
        "BEGIN:VEVENT\r\nUID:{0}\r\nSUMMARY:{1}\r\nDTSTART:20280531T{2}Z\r\n"
        "DTEND:20280531T{3}Z\r\nLOCATION:{4}\r\nDESCRIPTION:{5}\r\nEND:VEVENT\r\n"
    )
    entries = entry.format("a", "Soppor", "070000", "080000", "Stora salen", "Om fonder")
    entries += entry.format("b", "Grytor", "080000", "090000", "Lilla salen", "Om rotfrukter")
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{entries}END:VCALENDAR\r\n"
    text = text_of(saved(tmp_path / "a.ics", calendar.encode()))
    soups, stews = drafted(text).rows["agenda"][:2]
    assert (soups.values["starts"], soups.values["ends"]) == ("9.00", "10.00")
    assert [row.values["room"] for row in (soups, stews)] == ["Stora salen", "Lilla salen"]
    assert "Om rotfrukter" in str(stews.values)


def test_a_mail_is_read_with_its_subject_as_the_title(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Inbjudan till kulturens dag"
    mail.set_content("Datum: 31 maj 2028\nPlats: Rådhuset\n\n9.00 Om kommunen\n10.00 Fika\n")
    text = text_of(saved(tmp_path / "invitation.eml", mail.as_bytes()))
    event = parse_event("new", read(text), SHARED)
    assert (event.title, str(event.date)) == ("Kulturens dag", "2028-05-31")


PAGE = """<html><head><title>x</title><style>p{}</style></head><body><h1>Kulturens dag</h1>
<p>Datum: 31 maj\n2028<br>Plats: R&aring;dhuset</p><h2>Program</h2>
<table><tr><th>Tid</th><th>Punkt</th></tr><tr><td>9.00</td><td>Om kommunen</td><td>Per Ek, chef</td>
</tr><tr><td>10.00</td><td>Fika</td></tr></table><ul><li>Ta med penna</li></ul>
<script>document.write("8.00 Nej")</script></body></html>"""


@pytest.mark.parametrize("kind", ["html", "eml"])
def test_a_page_and_a_mail_in_html_are_read_as_people_see_them(tmp_path: Path, kind: str) -> None:
    data = PAGE.encode()
    if kind == "eml":
        mail = EmailMessage()
        mail["Subject"] = "Kulturens dag"
        mail.set_content(PAGE, subtype="html")
        data = mail.as_bytes()
    event = parse_event("new", read(text_of(saved(tmp_path / f"a.{kind}", data))), SHARED)
    assert (event.title, event.place, str(event.date)) == (
        "Kulturens dag",
        "Rådhuset",
        "2028-05-31",
    )
    assert [(row.title, row.speakers) for row in event.agenda] == [
        ("Om kommunen", ("Per Ek, chef",)),
        ("Fika", ()),
    ]


def test_a_page_whose_head_has_no_end_and_a_text_with_kept_line_breaks_are_read() -> None:
    page = "<head><title>x</title><body><h1>Kurs</h1><pre>9.00 Mat\n10.00 Te</pre><p>a\nb</p>"
    lines = [line for line in html_text(page).splitlines() if line]
    assert lines[:4] == ["Kurs", "9.00 Mat", "10.00 Te", "a b"]


def test_a_cell_over_several_rows_is_in_each_of_them_even_in_a_short_one() -> None:
    page = (
        "<table><tr><td>9.00</td><td>Soppor</td><td rowspan=3>Salen</td></tr>"
        "<tr><td>10.00</td></tr><tr><td>11.00</td><td>Grytor</td></tr>"
        "<tr><td>12.00</td><td>Te</td><td>Caféet</td></tr></table>"
    )
    lines = [line for line in html_text(page).splitlines() if line.strip()]
    assert "Salen" in lines[-2]
    assert "Salen" not in lines[-1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_in_each_usual_encoding(tmp_path: Path, encoding: str) -> None:
    name = saved(tmp_path / "invitation.txt", "Räksmörgås – kl. 9".encode(encoding))
    assert text_of(name) == "Räksmörgås – kl. 9"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.7 no", "a.pdf can't be read"),
        ("a.docx", b"no", "a.docx can't be read: BadZipFile"),
        ("a.docx", as_docx("<a>&b;</a>"), "a.docx can't be read: ParseError"),
        ("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "the calendar file has no event"),
        ("a.ics", b"no", "a.ics can't be read: ValueError"),
        ("a.eml", b"Content-Type: image/png\n\nx", "the mail has no text"),
        ("a.doc", b"\xd0\xcf\x11\xe0\0", "a.doc: this is no text; save it as PDF or Word document"),
        ("a.txt", b"{\\rtf1 Kurs}", "a.txt: this is no text; save it as PDF or Word document"),
        ("a.txt", b" \n", "a.txt has no text; a scanned page must be typed or pasted"),
        ("a.txt", b"x" * 100_001, "a.txt is longer than 100000 characters"),
        (".", b"", "Is a directory"),
    ],
)
def test_what_has_no_text_is_refused(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    if data:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        text_of(str(tmp_path / name))
    assert words in str(refused.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organisation.toml").write_text(SHARED, "utf-8")
    (tmp_path / "events").mkdir()
    (tmp_path / "events/dag.toml").write_bytes((FOLDER / "events/dag.toml").read_bytes())
    return tmp_path


def run(folder: Path, *options: str, typed: str = "") -> str:
    command = ["new-event", "--folder", str(folder), *options]
    result = CliRunner().invoke(manage, command, input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_invitation_of_boras_leaves_four_facts_to_fill_in(folder: Path) -> None:
    said = run(folder, "--from", str(INVITATIONS / "dag.txt"), "--no-ask")
    assert said.endswith("4 left to do. `make run` shows the page.\n")
    keys = [line.split(", ")[1].partition(":")[0] for line in said.splitlines()[1:-1]]
    assert keys == ["date", "last_day", "email", "email"]


def test_when_asked_it_reads_the_other_days_by_the_day_that_is_answered(folder: Path) -> None:
    typed = f"{EVENT.date}\nmelia@boras.se\nasa@boras.se\n"
    said = run(folder, "--from", str(INVITATIONS / "dag.txt"), "--ask", typed=typed)
    assert "0 left to do." in said
    event = Events(folder).find("saker-och-trygg-kommun-2027")
    assert event
    assert (event.date, event.last_day) == (EVENT.date, EVENT.last_day)
    assert [one.email for one in event.contacts] == ["melia@boras.se", "asa@boras.se"]


def test_pasted_text_and_an_earlier_event_give_what_each_has(folder: Path) -> None:
    said = run(folder, "--from", "-", "--like", "dag", "--date", "2028-05-31", typed=TEXT)
    assert "0 left to do." in said
    event = Events(folder).find("saker-och-trygg-kommun-2028")
    assert event
    assert [one.email for one in event.contacts] == [one.email for one in EVENT.contacts]
    assert len(event.agenda) == len(EVENT.agenda)
    assert str(event.last_day) == "2028-05-24"
