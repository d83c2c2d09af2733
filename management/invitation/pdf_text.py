"""The text of a PDF: cell by cell, with the lines that were only wrapped put together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from management.invitation.cleaning import PART_ENDS, joined
from management.invitation.days import days_in
from management.invitation.named_days import named_day
from management.invitation.people import people_in
from management.invitation.times import hours_in, time_at_start
from management.invitation.unreadable import Unreadable

# Headers and footers: in this part of a page's height, or among its first or last blocks.
_EDGE, _OUTER = 0.09, 2
# A title's size to that of the text.
_LARGE = 1.25
# The part of a page's width from which a column has whole paragraphs.
_WIDE = 0.6
_TIMES_AT_LEAST = 3
_SAME_COLUMN, _SAME_LINE, _BETWEEN_COLUMNS = 3, 2, 8  # points
_BEGINS = re.compile(r"[\uf0b7\uf0a7•●▪‣◦·*–—-]|\d+[.)]\s|[A-ZÅÄÖ][\w-]+:")
_URL = re.compile(r"://\S+$")


class _Line(NamedTuple):
    """A line of a block, with its place on the page in points."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float


_Block = list[_Line]


def pdf_text(data: bytes) -> str:
    """The text of a PDF, its blocks apart, in the order of the file, which goes cell by cell."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)  # type: ignore[no-untyped-call]  # noqa: FBT003
    with pymupdf.open(stream=data, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        if document.needs_pass:
            raise Unreadable("the PDF has a password")
        pages = [_blocks_of(page) for page in document]
        pages[0] = _title_first(pages[0])
        return "\n\n".join(_without_running_lines(pages, document[0].rect.height))


def _blocks_of(page: Any) -> list[_Block]:
    """The blocks of a page, apart where lines are much larger than those above them."""
    blocks: list[_Block] = []
    for block in page.get_text("dict")["blocks"]:
        lines = [_line(one) for one in block.get("lines", ()) if _text_of(one).strip()]
        for number, line in enumerate(lines):
            if number and 1 / _LARGE < line.size / lines[number - 1].size < _LARGE:
                blocks[-1].append(line)
            else:
                blocks.append([line])
    return _with_times(blocks)


def _with_times(blocks: list[_Block]) -> list[_Block]:
    """The blocks, with each time of a column of only times before the line beside it."""
    long = [block for block in blocks if len(block) >= _TIMES_AT_LEAST]
    columns = [block for block in long if all(map(_is_time, block))]
    times = sorted((line for block in columns for line in block), key=lambda line: line.top)
    found: list[_Block] = []
    for block in (one for one in blocks if one not in columns):
        found.append([])
        for line in block:
            beside = next((time for time in times if _are_beside(time, line)), None)
            if beside:
                times.remove(beside)
                found.append([beside])
            found[-1].append(line)
    return [block for block in [*found, *([time] for time in times)] if block]


def _are_beside(time: _Line, line: _Line) -> bool:
    is_same_row = time.top < (line.top + line.bottom) / 2 < time.bottom
    return is_same_row and time.right < line.left


def _is_time(line: _Line) -> bool:
    return time_at_start(line.text, whole=True) is not None


def _title_first(page: list[_Block]) -> list[_Block]:
    """The blocks of the first page; those above the title, if it is large, come last.

    The lines of the title are one.
    """
    sizes = sorted(line.size for block in page for line in block for _ in line.text)
    largest = sizes[-1] if sizes else 0
    if not sizes or largest < _LARGE * sizes[len(sizes) // 2]:
        return page
    is_title = [max(line.size for line in block) == largest for block in page]
    start = is_title.index(True)
    end = next((n for n in range(start, len(page)) if not is_title[n]), len(page))
    title = [line for block in page[start:end] for line in block]
    whole = title[0]._replace(text=" ".join(line.text.strip() for line in title))
    above = page[:start]
    if any(days_in(line.text) or hours_in(line.text) for block in above for line in block):
        return [*above, [whole], *page[end:]]
    end_of_text = whole._replace(text=PART_ENDS)
    return [[whole], *page[end:], *([[end_of_text], *above] if above else [])]


def _line(line: Any) -> _Line:
    left, top, right, bottom = line["bbox"]
    size = max(span["size"] for span in line["spans"])
    return _Line(_text_of(line), left, right, top, bottom, size)


def _text_of(line: Any) -> str:
    # Some programs write tabs for the spaces between words.
    return re.sub(r"\s*[\t\r]\s*", " ", "".join(span["text"] for span in line["spans"])).rstrip()


def _texts(page: list[_Block]) -> list[str]:
    """The texts of a page's blocks; a line that was only wrapped goes on."""
    lines = [line for block in page for line in block]
    return [_text(block, lines) for block in page]


def _text(block: _Block, lines: list[_Line]) -> str:
    text = block[0].text
    for above, line in pairwise(block):
        if abs(above.top - line.top) < _SAME_LINE:
            text += "\t" if line.left - above.right > _BETWEEN_COLUMNS else ""
            text += line.text
        else:
            goes_on = _goes_on(above, line, lines)
            text = joined(text.rstrip(), line.text.lstrip()) if goes_on else f"{text}\n{line.text}"
    return text


def _goes_on(above: _Line, line: _Line, lines: list[_Line]) -> bool:
    """Whether a line ended because its next word had no room in its column."""
    if abs(above.left - line.left) > _SAME_COLUMN or time_at_start(above.text, whole=True):
        return False
    if _BEGINS.match(line.text.strip()) or time_at_start(line.text) or _URL.search(above.text):
        return False
    is_parted = re.search(r"[a-zåäö][-\u00ad]$", above.text) and line.text.strip()[:1].islower()
    if is_parted or line.text.strip().startswith("("):
        return True
    if above.text.count("(") > above.text.count(")"):
        return True
    word = line.text.split()[0]
    needed = (line.right - line.left) * len(word) / len(line.text.strip())
    end = _end_of_column(above, line, lines)
    edges = [min(one.left for one in lines), max(one.right for one in lines)]
    is_wide = end - above.left > _WIDE * (edges[1] - edges[0])
    return above.right + needed > end and (is_wide or not people_in(line.text))


def _end_of_column(above: _Line, below: _Line, lines: list[_Line]) -> float:
    """How far the column of two lines goes: to the next column, or as its longest line."""
    longest = max(one.right for one in lines if abs(one.left - above.left) < _SAME_COLUMN)
    beside = [
        one.left - _BETWEEN_COLUMNS
        for one in lines
        if one.left > above.right and one.top < below.bottom and one.bottom > above.top
    ]
    return min([longest, *beside])


def _without_running_lines(pages: list[list[_Block]], height: float) -> Iterator[str]:
    """The texts of the pages' blocks; what stands at the edge of every page comes once, at the end.

    Page numbers are left out.
    """
    texts = [list(zip(_texts(page), _edges(page, height), strict=True)) for page in pages]
    edges = [{_but_for_numbers(text): text for text, at_edge in page if at_edge} for page in texts]
    is_shared = len(pages) > 1
    shared = [one for one in edges[0] if is_shared and all(one in edge for edge in edges)]
    each = {one: [edge[one] for edge in edges] for one in shared}
    running = {
        one: same[0] for one, same in each.items() if len(set(same)) == 1 and not _is_row(same[0])
    }
    left_out = {one for one in shared if one in running or _are_numbered(each[one])}
    for number, page in enumerate(texts, 1):
        for text, at_edge in page:
            is_number = text.strip() == str(number)
            if not (at_edge and (is_number or _but_for_numbers(text) in left_out)):
                yield text
    yield from [PART_ENDS, *running.values()] if running else []


def _are_numbered(texts: list[str]) -> bool:
    """Whether each text has the number of its page, and says no day and no time."""
    numbers = (re.findall(r"\d+", text) for text in texts)
    are_numbers = all(str(page) in found for page, found in enumerate(numbers, 1))
    return are_numbers and not any(_is_row(text) or days_in(text) for text in texts)


def _is_row(text: str) -> bool:
    """Whether a text begins with a time, or is the heading of a day."""
    return any(time_at_start(line) or named_day(line) for line in text.splitlines())


def _edges(page: list[_Block], height: float) -> list[bool]:
    """Whether each block of a page stands near its edge, or is one of the first or last."""
    order = sorted(range(len(page)), key=lambda place: page[place][0].top)
    outer = {*order[:_OUTER], *order[-_OUTER:]}
    return [place in outer or _is_at_edge(block, height) for place, block in enumerate(page)]


def _is_at_edge(block: _Block, height: float) -> bool:
    return block[-1].bottom < height * _EDGE or block[0].top > height * (1 - _EDGE)


def _but_for_numbers(text: str) -> str:
    return re.sub(r"\d+", "#", text.strip())
