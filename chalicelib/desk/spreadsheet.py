"""The registration list as XLSX and CSV, with no cell that a program takes for a formula."""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from zlib import crc32

from chalicelib.desk.limits import BYTES_IN_A_FILE, ROWS_IN_A_FILE
from chalicelib.desk.sheet_layout import column_width, row_height, set_up_print
from chalicelib.event.event import Event
from chalicelib.event.words import meal_name
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.registration.registration import Registration
from chalicelib.texts.dates import format_iso_days
from chalicelib.texts.language import N_, translated

# The characters that can start a formula in a cell (OWASP, CSV injection).
_FORMULA_STARTS = frozenset("=+-@＝＋－＠")
_TIMES = 2  # the last columns, but for that of meals that have left the file
_BREAKS = ("\t", "\r", "\n")
GONE_MEALS = N_("Måltider som inte längre finns i programmet")

Cell = str | int | datetime


def columns(event: Event) -> list[str]:
    """The column headings, with one for each meal."""
    say = partial(translated, language=event.language)
    person = (N_("Kod"), N_("Namn"), N_("Organisation"), N_("E-post"))
    plate = (
        N_("Kost"), N_("Tål inte"), N_("Inte ens spår av"), N_("Allvarlig reaktion"),
        N_("Anteckning"), N_("Anmäld"), N_("Ändrad"),
    )  # fmt: skip
    meals = [meal_name(meal, event.language) for meal in event.meals]
    return [*map(say, person), *meals, *map(say, plate)]


def row(registration: Registration, event: Event) -> list[Cell]:
    """One registration's cells: 1 or 0 for a meal, to be summed; times in the event's time zone."""
    answers, zone = registration.answers, event.timezone
    say = partial(translated, language=event.language)

    def names(codes: Iterable[str]) -> str:
        return ", ".join(say(ALLERGENS[code].name) for code in codes)

    return [
        registration.plate_code,
        answers.name,
        answers.organisation,
        answers.email,
        *(int(meal.id in answers.meals) for meal in event.meals),
        say(DIETS[answers.diet].name) if answers.diet else "",
        names(answers.allergens),
        names(answers.traces),
        say(N_("ja")) if answers.severe else "",
        answers.note,
        registration.registered_at.astimezone(zone).replace(tzinfo=None, microsecond=0),
        registration.changed_at.astimezone(zone).replace(tzinfo=None, microsecond=0),
    ]


def gone_meals(registration: Registration, event: Event) -> str:
    """The ids of the person's meals that are no longer in the event file."""
    meals = event.meals_of(registration.answers.meals)
    return ", ".join(meal.id for meal in meals if meal.date is None)


def as_csv(registrations: Sequence[Registration], event: Event) -> bytes:
    """The list as CSV for Excel: UTF-8 with a byte order mark, semicolons, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows(map(_plain, cells) for cells in _rows(registrations, event))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(registrations: Sequence[Registration], event: Event) -> bytes:
    """The list as an Excel workbook without formulas, which shows all text on screen and paper."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    rows = _rows(registrations, event)
    headings = list(map(str, rows[0]))
    times = range(len(columns(event)))[-_TIMES:]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as workbook:
        page = workbook.add_worksheet(translated(N_("Anmälda"), event.language))
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        text = workbook.add_format({"text_wrap": True, "valign": "top"})
        time = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"})
        widths = [column_width(heading, event.language) for heading in headings]
        for number, width in enumerate(widths):
            page.set_column(number, number, width, time if number in times else text)
        for line, cells in enumerate(rows):
            page.set_row(line, row_height(cells, widths))
            page.write_row(line, 0, cells, None if line else bold)
        page.freeze_panes(1, 2)
        page.autofilter(0, 0, max(len(rows) - 1, 1), len(headings) - 1)
        set_up_print(page, f"{event.title}, {format_iso_days(event.days)}", event.language)
    return file.getvalue()


def part_of(
    registrations: Sequence[Registration], number: int, parts: int
) -> Sequence[Registration]:
    """Part `number`, from 1, of the list, in its order.

    A registration is in the same part whoever else comes or goes, so that files which are sent one
    after the other have everybody, and once.
    """
    return [one for one in registrations if crc32(one.plate_code.encode()) % parts == number - 1]


def parts_needed(part: Sequence[Registration], parts: int, event: Event) -> int:
    """How many parts the list must have: `parts` if this one of them fits into an answer."""
    rows = len(part) / ROWS_IN_A_FILE
    share = max(rows, rows <= 1 and _bytes_in_answer(as_csv(part, event)) / BYTES_IN_A_FILE)
    return parts if share <= 1 else int(parts * share) + 2


def _bytes_in_answer(csv_file: bytes) -> int:
    """The size of the file in Lambda's answer, which is ASCII up to Python 3.11."""
    return len(json.dumps(csv_file.decode("utf-8")))


def as_text(cell: Cell) -> str:
    """The cell as text."""
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell)


def _rows(registrations: Sequence[Registration], event: Event) -> list[list[Cell]]:
    """The headings and the rows; a last column if somebody eats a meal that has left the file."""
    rows: list[list[Cell]] = [[*columns(event)]]
    rows += (row(registration, event) for registration in registrations)
    gone = [gone_meals(registration, event) for registration in registrations]
    if any(gone):
        heading = translated(GONE_MEALS, event.language)
        for cells, meals in zip(rows, [heading, *gone], strict=True):
            cells.append(meals)
    return rows


def _plain(cell: Cell) -> str:
    """The cell as text, with an apostrophe first if it could be taken for a formula."""
    text = as_text(cell)
    return f"'{text}" if _may_be_formula(text) else text


def _may_be_formula(text: str) -> bool:
    """Whether the first visible character can start a formula: some programs skip the rest."""
    shown = (letter for letter in text if unicodedata.category(letter)[0] not in "CMZ")
    return text.startswith(_BREAKS) or next(shown, "") in _FORMULA_STARTS
