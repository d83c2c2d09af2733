"""Widths, row heights and print settings of the Excel workbook, so that nothing is cut off.

Excel fits a row without a height to its wrapped text, but LibreOffice gives such a row one line
(seen in 7.4). So rows of several lines have a height, which both use as it is.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import east_asian_width

from chalicelib.texts.language import N_, translated

# In digits of Excel's font. The longest usual words fit; longer texts wrap.
_WIDTHS = {
    N_("Kod"): 8,
    N_("Namn"): 22,
    N_("Organisation"): 30,
    N_("E-post"): 26,
    N_("Kost"): 18,
    N_("Tål inte"): 21,
    N_("Inte ens spår av"): 21,
    N_("Allvarlig reaktion"): 12,
    N_("Anteckning"): 38,
    N_("Anmäld"): 16,
    N_("Ändrad"): 16,
}
_FILTER_BUTTON = 3
# A digit is 7 pixels wide. A tenth is kept free, because LibreOffice's fonts are often wider.
_PIXELS = 6.3
_WIDE = 8  # pixels more than the width that xlsxwriter assumes for a character that it has not
_LINE = 15  # points
_HIGHEST = 409  # points; Excel has no higher rows
_A4 = 9


def column_width(heading: str, language: str) -> int:
    """The column's width in digits; that of a meal has room for the longest word of its title."""
    usual = {translated(name, language): width for name, width in _WIDTHS.items()}
    return usual.get(heading) or max(map(len, heading.split())) + _FILTER_BUTTON


def row_height(cells: Iterable[object], widths: Sequence[int]) -> int:
    """The height in points at which the cells' texts, wrapped in columns of `widths`, are whole.

    A text of more than 27 lines ends below the highest row that Excel has.
    """
    lines = [
        _lines(cell, width * _PIXELS)
        for cell, width in zip(cells, widths, strict=True)
        if isinstance(cell, str)
    ]
    return min(max(lines) * _LINE, _HIGHEST)


def set_up_print(page: Any, title: str, language: str) -> None:
    """Print `page` on landscape A4, one page wide, with `title` and the headings on each sheet."""
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.4)  # inches
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.hide_gridlines(0)
    # An ampersand starts a code; two of them print one.
    numbers = translated(N_("Sida %(number)s av %(pages)s"), language, number="&P", pages="&N")
    page.set_header(f"&L{title.replace('&', '&&')}&R{numbers}")


def _lines(text: str, width: float) -> int:
    """How many lines the text needs at most; it breaks at spaces and, in long words, anywhere."""
    return sum(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: float) -> int:
    count, used, space = 1, 0.0, _pixels(" ")
    for word in line.split(" "):
        length = _pixels(word)
        if used and used + space + length > width:
            count, used = count + 1, 0
        used += length + (space if used else 0)
        count, used = count + int(used // width), used % width
    return count


def _pixels(text: str) -> int:
    from xlsxwriter.utility import xl_pixel_width

    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    return int(xl_pixel_width(text)) + wide * _WIDE
