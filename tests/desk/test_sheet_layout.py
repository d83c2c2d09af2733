"""The Excel workbook as people see it: its layout, and what LibreOffice draws of it on paper."""

import io
import os
import shutil
import subprocess
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from xlsxwriter.utility import xl_pixel_width

from chalicelib.desk.sheet_layout import column_width, row_height
from chalicelib.desk.spreadsheet import as_text, as_xlsx, columns, row
from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.registration.form import read_answers
from chalicelib.registration.limits import EMAIL_AT_MOST, NAME_AT_MOST, NOTE_AT_MOST
from chalicelib.registration.registration import Registration
from management.local.guests import invented_guests
from tests.examples import MEALS, VEGAN_WITHOUT_NUTS, registered

A4_LANDSCAPE = (842, 595)  # points
SOFFICE = shutil.which("soffice")
needs_soffice = pytest.mark.skipif(
    not SOFFICE and not os.environ.get("CI"), reason="LibreOffice is not installed"
)
_SENTENCE = "Reagerar på mycket små mängder; ring köksmästaren om överkänslighetsreaktioner. "
EVERYTHING = Answers(
    name="Anna-Karin Löwenstierna-Bergström",
    organisation="Individ- och familjeomsorgsförvaltningen, Samhällsbyggnadsförvaltningen",
    email="a" * (EMAIL_AT_MOST - 14) + "@boras.example",
    meals=MEALS,
    diet="lacto_vegetarian",
    allergens=tuple(ALLERGENS),
    traces=tuple(ALLERGENS),
    severe=True,
    note=(_SENTENCE * 7)[: NOTE_AT_MOST - 1] + "Z",
)
HARD = [
    EVERYTHING,
    replace(EVERYTHING, name="W" * NAME_AT_MOST, organisation="W" * NAME_AT_MOST),
    replace(VEGAN_WITHOUT_NUTS, note=(_SENTENCE.upper() * 7)[:NOTE_AT_MOST].strip()),
    replace(VEGAN_WITHOUT_NUTS, note="W" * NOTE_AT_MOST),
    replace(VEGAN_WITHOUT_NUTS, note="Inte:\n- kiwi\n\n- mango\n" + "- persika\n" * 20 + "Tack!"),
]


def guests(how_many: int, event: Event) -> list[Registration]:
    invented = invented_guests(how_many, event, Random(24))
    return [
        registered(read_answers(guest.fields, event), f"K{number:03}")
        for number, guest in enumerate(invented)
    ]


def between_others(event: Event) -> list[Registration]:
    hard = [registered(answers, f"H{number:03}") for number, answers in enumerate(HARD)]
    others = guests(len(hard) + 1, event)
    return [*chain.from_iterable(zip(others[1:], hard, strict=True)), others[0]]


def sheet(people: Sequence[Registration], event: Event) -> Any:
    return load_workbook(io.BytesIO(as_xlsx(people, event))).active


# The layout


def test_every_text_is_wrapped_and_every_cell_starts_at_the_top(event: Event) -> None:
    page = sheet([registered(EVERYTHING)], event)
    for cell in chain.from_iterable(page.iter_rows()):
        assert cell.alignment.vertical == "top"
        assert cell.alignment.wrap_text or cell.data_type != "s"


def test_it_is_printed_on_landscape_a4_one_page_wide_with_headings(event: Event) -> None:
    page = sheet([registered(EVERYTHING)], event)
    setup = page.page_setup
    assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$1:$1"
    assert page.print_options.gridLines


def test_the_header_has_the_events_title_and_the_page_number(event: Event) -> None:
    xml = sheet([], replace(event, title="Mat & hälsa"))
    assert xml.oddHeader.left.text == "Mat && hälsa, 2027-05-31"
    assert xml.oddHeader.right.text == "Sida &P av &N"


def test_the_longest_words_of_the_kitchen_fit_in_their_columns() -> None:
    for heading, terms in {
        "Kost": DIETS, "Tål inte": ALLERGENS, "Inte ens spår av": ALLERGENS,
    }.items():  # fmt: skip
        words = " ".join(f"{term.name}," for term in terms.values()).split()
        assert max(map(xl_pixel_width, words)) <= column_width(heading, "sv") * 6.3


def test_the_column_of_a_meal_has_room_for_its_title_and_the_filter_button() -> None:
    assert column_width("Lunch", "sv") == 8
    assert column_width("Kaffe på eftermiddagen", "sv") == 16


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1), ("Inte kiwi.", 1), ("ett två tre fyra fem", 2), ("a\nb\n\nc", 4), ("a" * 40, 5),
        ("W" * 10, 3), ("魚" * 8, 3), ("a\n" * 26, 27),
    ],
)  # fmt: skip
def test_a_row_is_as_high_as_its_longest_wrapped_text(text: str, lines: int) -> None:
    assert row_height(["kort", text, 1], [10, 10, 1]) == lines * 15


def test_no_row_is_higher_than_excel_allows() -> None:
    assert row_height(["a\n" * 60], [10]) == 409


def test_only_rows_of_several_lines_have_a_height(event: Event) -> None:
    page = sheet([registered(VEGAN_WITHOUT_NUTS), registered(EVERYTHING)], event)
    assert page.row_dimensions[2].height is None
    assert page.row_dimensions[3].height > 150


# What LibreOffice draws


def draw(files: dict[str, bytes], folder: Path) -> None:
    """Export each workbook to PDF in the folder."""
    for name, content in files.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [SOFFICE or "soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run(
        [*command, folder, *(folder / f"{name}.xlsx" for name in files)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip


def apart(places: Iterable[float]) -> list[float]:
    """The places in order, without those that are next to another: a line has two edges."""
    ordered = sorted(places)
    return ordered[:1] + [place for before, place in pairwise(ordered) if place - before > 2]


def drawn_cells(page: Any) -> list[list[str]]:
    """The text that lies within each cell of the page's grid, without spaces, row by row."""
    lines = [drawing["rect"] for drawing in page.get_drawings()]
    across = apart(chain.from_iterable((line.x0, line.x1) for line in lines))
    down = apart(chain.from_iterable((line.y0, line.y1) for line in lines))
    cells = [["" for _ in across[1:]] for _ in down[1:]]
    for block in page.get_text("rawdict")["blocks"]:
        for span in chain.from_iterable(line["spans"] for line in block.get("lines", ())):
            for char in span["chars"]:
                left, _, right, _ = char["bbox"]
                column = bisect(across, (left + right) / 2) - 1
                line = bisect(down, char["origin"][1]) - 1
                if 0 <= column < len(across) - 1 and 0 <= line < len(down) - 1:
                    cells[line][column] += char["c"].strip()
    return cells


def without_spaces(cells: Sequence[object]) -> list[str]:
    return ["".join(str(cell).split()) for cell in cells]


@pytest.mark.soak
@needs_soffice
def test_libreoffice_draws_every_text_whole_in_its_cell_on_landscape_a4(
    event: Event, tmp_path: Path
) -> None:
    import pymupdf  # slow to import, as in the browser tests

    files = {str(many): guests(many, event) for many in (1, 27, 146)}
    files["alone"] = [registered(EVERYTHING)]
    files["hard"] = between_others(event)
    draw({name: as_xlsx(people, event) for name, people in files.items()}, tmp_path)
    for name, people in files.items():
        headings = without_spaces(columns(event))
        drawn: list[list[str]] = []
        with pymupdf.open(tmp_path / f"{name}.pdf") as paper:  # type: ignore[no-untyped-call]
            for number, page in enumerate(paper, 1):
                assert (round(page.rect.width), round(page.rect.height)) == A4_LANDSCAPE
                assert f"{event.title}, {event.date}" in page.get_text()
                assert f"Sida {number} av {len(paper)}" in page.get_text()
                heading, *rows = drawn_cells(page)
                assert heading == headings
                drawn += rows
        expected = [[as_text(cell) for cell in row(one, event)] for one in people]
        assert drawn == [without_spaces(cells) for cells in expected], name
