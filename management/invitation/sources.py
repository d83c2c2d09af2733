"""The text of an invitation: of a text file, a PDF, a Word document, a calendar, a mail, a page."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from management.invitation.html_text import html_text
from management.invitation.tables import table_lines, with_tables
from management.invitation.unreadable import Unreadable

STANDARD_INPUT = "-"
# Longer than any invitation; the bytes of a document that are unpacked.
_CHARACTERS_AT_MOST, _UNPACKED_AT_MOST = 100_000, 50_000_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def text_of(name: str) -> str:
    """The text of a file, or of the standard input; raises Unreadable."""
    try:
        data = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None
    read = _READERS.get(Path(name).suffix.lower(), _plain)
    try:
        text = with_tables(read(data))
    except Unreadable as reason:
        raise Unreadable(f"{name}: {reason}") from None
    except Exception as error:  # whatever a library raises for a broken file
        raise Unreadable(f"{name} can't be read: {type(error).__name__}") from error
    if not text.strip():
        raise Unreadable(f"{name} has no text; a scanned page must be typed or pasted")
    if len(text) > _CHARACTERS_AT_MOST:
        raise Unreadable(f"{name} is longer than {_CHARACTERS_AT_MOST} characters")
    return text


def _plain(data: bytes) -> str:
    """A text in UTF-8, or as older programs on Windows write it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\0" in data or data.startswith(b"{\\rtf"):
        raise Unreadable("this is no text; save it as PDF or Word document, or paste its text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _pdf(data: bytes) -> str:
    from management.invitation.pdf_text import pdf_text

    return pdf_text(data)


def _docx(data: bytes) -> str:
    """A Word document: a line for each paragraph, and for each row of a table."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if packed.getinfo("word/document.xml").file_size > _UNPACKED_AT_MOST:
            raise Unreadable("the document is too large")
        document = fromstring(packed.read("word/document.xml"))
    return "\n".join(_lines(document.find(f"{_W}body")))


def _lines(body: Any) -> Iterator[str]:
    for part in body:
        if part.tag == f"{_W}tbl":
            rows = [[*_within(row, "tc")] for row in _within(part, "tr")]
            yield from table_lines([["\n".join(_lines(cell)) for cell in row] for row in rows])
        elif part.tag == f"{_W}p":
            is_item = part.find(f".//{_W}numPr") is not None
            yield f"{'• ' if is_item else ''}{''.join(_texts(part))}"
        else:  # what only holds paragraphs: a field of a template, a change that is tracked
            yield from _lines(part)


def _within(element: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, but not those of tables inside."""
    for part in element:
        if part.tag == f"{_W}{tag}":
            yield part
        elif part.tag not in {f"{_W}tbl", f"{_W}tc", f"{_W}tr"}:
            yield from _within(part, tag)


def _texts(element: Any) -> Iterator[str]:
    """The texts of a paragraph; those of a text box are lines of their own, once."""
    marks = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
    for part in element:
        if part.tag == f"{_W}t":
            yield part.text or ""
        elif part.tag == f"{_W}txbxContent":
            yield from (f"\n{line}\n" for line in _lines(part))
        elif not part.tag.endswith("}Fallback"):
            yield marks.get(part.tag, "")
            yield from _texts(part)


def _ics(data: bytes) -> str:
    """A calendar file as the lines of an invitation: each entry inside the longest is a row."""
    from icalendar import Calendar

    calendar = Calendar.from_ical(data)
    entries = sorted(calendar.walk("VEVENT"), key=lambda one: str(_start(one)))
    if not entries:
        raise Unreadable("the calendar file has no event")
    whole = next((one for one in entries if _spans(one, entries)), None)
    if whole is None:
        head = [str(calendar.get("X-WR-CALNAME", ""))]
        return "\n".join([*head, *_days_of(entries)])
    rows = [one for one in entries if one is not whole]
    start, end = _start(whole), _end(whole)
    head = [str(whole.get("SUMMARY", "")), "", f"Datum: {start:%Y-%m-%d}"]
    head += [f"Tid: {start:%H.%M}–{end:%H.%M}"] if hasattr(start, "hour") and end else []
    head += [f"Plats: {whole['LOCATION']}"] if whole.get("LOCATION") else []
    return "\n".join([*head, "", *_days_of(rows), "", str(whole.get("DESCRIPTION", ""))])


def _start(entry: Any) -> Any:
    return _local(entry.decoded("DTSTART"))


def _local(time: Any) -> Any:
    """A time in UTC as the clocks of Sweden show it; a day, or a time of another zone, as it is."""
    is_utc = getattr(time, "tzinfo", None) is not None and time.utcoffset() == timedelta()
    return time.astimezone(ZoneInfo("Europe/Stockholm")) if is_utc else time


def _end(entry: Any) -> Any:
    if "DTEND" in entry:
        return _local(entry.decoded("DTEND"))
    return _start(entry) + entry.decoded("DURATION") if "DURATION" in entry else None


def _spans(entry: Any, entries: list[Any]) -> bool:
    """Whether an entry lasts as long as all others together."""
    ends = [str(_end(one) or _start(one)) for one in entries]
    starts = [str(_start(one)) for one in entries]
    return str(_start(entry)) == min(starts) and str(_end(entry)) == max(ends)


def _days_of(rows: list[Any]) -> Iterator[str]:
    """A line for each entry, below its day."""
    day = None
    for row in rows:
        start, end = _start(row), _end(row)
        if start.strftime("%Y-%m-%d") != day:
            day = start.strftime("%Y-%m-%d")
            yield from ["", day]
        until = f"–{end:%H.%M}" if end else ""
        hours = f"{start:%H.%M}{until} " if hasattr(start, "hour") else ""
        yield f"{hours}{row.get('SUMMARY', '')}"
        yield from [f"Lokal: {row['LOCATION']}"] if row.get("LOCATION") else []
        yield from [str(row["DESCRIPTION"])] if row.get("DESCRIPTION") else []


def _mail(data: bytes) -> str:
    message = message_from_bytes(data, policy=policy.default)
    body = message.get_body(("plain", "html"))
    if body is None:
        raise Unreadable("the mail has no text")
    text = body.get_content()
    if body.get_content_subtype() == "html":
        text = html_text(text)
    return f"{message['Subject'] or ''}\n\n{text}"


def _html(data: bytes) -> str:
    return html_text(_plain(data))


_READERS: dict[str, Callable[[bytes], str]] = {
    ".pdf": _pdf, ".docx": _docx, ".ics": _ics, ".eml": _mail,
    ".html": _html, ".htm": _html,
}  # fmt: skip
