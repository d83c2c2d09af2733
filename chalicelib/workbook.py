"""A workbook of one page, as Excel, LibreOffice and others open it (ECMA-376, SpreadsheetML)."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Cell = str | int | datetime

_PLAIN, _BOLD, _TIME = range(3)  # the cells' formats, as _STYLES numbers them
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's times have no zone
_DAY = 86_400
# What XML can't hold, and what a spreadsheet would take for that (ECMA-376, 22.9.2.19).
_CODED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MADE = (2026, 1, 1, 0, 0, 0)  # of the files within, so that the same list is the same workbook
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FIXED = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KINDS}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KINDS}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KINDS}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_LINKS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        "</cellStyleXfs>"
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        "</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def workbook(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]
) -> bytes:
    """The rows under their headings, which stay in sight with the first two columns and filter.

    A text is a text whatever it looks like: nothing is a formula, a link or a date by its looks.
    """
    file, texts, last = io.BytesIO(), _Texts(), 1
    with ZipFile(file, "w") as parts:
        with parts.open(_part("xl/worksheets/sheet1.xml"), "w") as page:
            page.write(_start_of_page(widths).encode())
            page.write(_row(1, headings, _BOLD, texts).encode())
            for last, cells in enumerate(rows, 2):
                page.write(_row(last, cells, _PLAIN, texts).encode())
            filtered = f"A1:{_column(len(headings) - 1)}{max(last, 2)}"
            page.write(f'</sheetData><autoFilter ref="{filtered}"/></worksheet>'.encode())
        others = {"xl/workbook.xml": _book(title, filtered), "xl/sharedStrings.xml": texts.part()}
        for name, text in {**_FIXED, **others}.items():
            parts.writestr(_part(name), _HEAD + text)
    return file.getvalue()


class _Texts:
    """The different texts of a workbook, which its cells refer to by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def part(self) -> str:
        texts = (_escaped(_coded(text)) for text in self._numbers)
        items = (f'<si><t xml:space="preserve">{text}</t></si>' for text in texts)
        return f'<sst xmlns="{_MAIN}">{"".join(items)}</sst>'


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, _MADE)
    part.compress_type = ZIP_DEFLATED
    return part


def _book(title: str, filtered: str) -> str:
    absolute = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", filtered)
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
        f'<sheets><sheet name="{_escaped(title)}" sheetId="1" r:id="rId1"/></sheets>'
        '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        f"'{_escaped(title)}'!{absolute}</definedName></definedNames></workbook>"
    )


def _start_of_page(widths: Sequence[int]) -> str:
    columns = (
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, 1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="2" ySplit="1" topLeftCell="C2" activePane="bottomRight" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{''.join(columns)}</cols><sheetData>"
    )


def _row(number: int, cells: Sequence[Cell], form: int, texts: _Texts) -> str:
    return f'<row r="{number}">{"".join(_cells(number, cells, form, texts))}</row>'


def _cells(row: int, cells: Sequence[Cell], form: int, texts: _Texts) -> Iterator[str]:
    for number, cell in enumerate(cells):
        place = f'<c r="{_column(number)}{row}"'
        if isinstance(cell, datetime):
            yield f'{place} s="{_TIME}"><v>{(cell - _EPOCH).total_seconds() / _DAY!r}</v></c>'
        elif isinstance(cell, int):
            yield f'{place} s="{form}"><v>{cell}</v></c>'
        elif cell:
            yield f'{place} s="{form}" t="s"><v>{texts.number(cell)}</v></c>'


def _coded(text: str) -> str:
    return _CODED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _column(number: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    higher, letter = divmod(number, 26)
    return (_column(higher - 1) if higher else "") + chr(ord("A") + letter)
