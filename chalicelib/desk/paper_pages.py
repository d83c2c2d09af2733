"""Files and printouts: spreadsheets, labels, and the list of codes and names."""

from collections.abc import Callable, Sequence

from chalice.app import Response

from chalicelib.audit.log import AuditAction
from chalicelib.desk.labels import label_text
from chalicelib.desk.limits import LABELS_ON_A_SHEET
from chalicelib.desk.paper_reading import read_codes, read_file, read_labels
from chalicelib.desk.request import Desk
from chalicelib.desk.spreadsheet import as_csv, as_xlsx
from chalicelib.event.event import Event
from chalicelib.media_types import CSV, XLSX
from chalicelib.registration.registration import Registration
from chalicelib.texts.language import N_
from chalicelib.web.responses import attachment
from chalicelib.web.submission import whole_number


def show_papers(desk: Desk) -> Response:
    """Show links to the files and printouts."""
    return desk.page("papers.html")


def send_xlsx(desk: Desk) -> Response:
    """Send the registration list, or a part of it, as an Excel workbook."""
    return _send_list(desk, AuditAction.TOOK_XLSX, as_xlsx, XLSX, "xlsx")


def send_csv(desk: Desk) -> Response:
    """Send the registration list, or a part of it, as CSV."""

    def as_csv_text(rows: Sequence[Registration], event: Event) -> str:
        return as_csv(rows, event).decode("utf-8")

    return _send_list(desk, AuditAction.TOOK_CSV, as_csv_text, f"{CSV}; charset=utf-8", "csv")


def show_labels(desk: Desk) -> Response:
    """Show labels for the plates of one meal, 21 on an A4 sheet; with names only if chosen."""
    meals = {meal.id: meal for meal in desk.event.meals}
    meal = meals.get(desk.query("meal"), desk.event.meals[0])
    named = desk.query("names") == "yes"
    shown = read_labels(desk.work, meal, whole_number(desk.query("part"), 1), named=named)
    sheets = [
        shown.rows[start : start + LABELS_ON_A_SHEET]
        for start in range(0, len(shown.rows), LABELS_ON_A_SHEET)
    ]
    return desk.page(
        "labels.html", sheets=sheets, part=shown, meal=meal, named=named, label_text=label_text
    )


def show_attendance(desk: Desk) -> Response:
    """Show codes and names, by name or by code, for the buffet; with the plates only if chosen."""
    by_code, with_plates = desk.query("sort") == "code", desk.query("plates") == "yes"
    number = whole_number(desk.query("part"), 1)
    shown, apart = read_codes(desk.work, number, by_code=by_code, with_plates=with_plates)
    return desk.page(
        "attendance.html", part=shown, apart=apart, by_code=by_code, with_plates=with_plates
    )


def _send_list(
    desk: Desk,
    action: AuditAction,
    write: Callable[[Sequence[Registration], Event], str | bytes],
    media_type: str,
    ending: str,
) -> Response:
    """Send the part that the query asks for, by default all; or offer parts that fit into files."""
    parts = max(whole_number(desk.query("parts"), 1), 1)
    number = min(max(whole_number(desk.query("part"), 1), 1), parts)
    file = read_file(desk.work, action, number, parts)
    if file.rows is None:
        return desk.page("file_parts.html", 422, file=file, ending=ending)
    words = N_("specialkost-%(day)s-del-%(number)s-av-%(parts)s")
    words = words if parts > 1 else N_("specialkost-%(day)s")
    name = desk.work.say(words, day=desk.event.date, number=number, parts=parts)
    return attachment(write(file.rows, desk.event), media_type, f"{name}.{ending}")
