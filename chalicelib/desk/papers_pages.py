"""What is taken away from the desk: spreadsheets, labels, the attendance sheet; and who took it."""

from chalice.app import Response

from chalicelib.audit import store as audit_log
from chalicelib.desk.registration_list import Choice, choose, sheet, swedish_order
from chalicelib.desk.request import Desk
from chalicelib.desk.sessions import Deed
from chalicelib.desk.spreadsheet import as_csv, as_xlsx
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration
from chalicelib.routes import CSV, XLSX
from chalicelib.web.request import attachment
from chalicelib.web.submission import whole_number

LABELS_ON_A_SHEET = 21
_LABELS_ON_A_PAGE = 10 * LABELS_ON_A_SHEET
_LINES_ON_A_PAGE = 500
_ACCESSES_ON_A_PAGE = 50
# Longer than that of any line; DynamoDB refuses what is very long.
_KEY_AT_MOST = 100


def show_papers(desk: Desk) -> Response:
    """What there is to print and to take away."""
    return desk.page("papers.html")


def send_xlsx(desk: Desk) -> Response:
    """The list as a workbook."""
    desk.officer.saw(Deed.TOOK_XLSX)
    content = as_xlsx(_everybody(desk), desk.event)
    return attachment(content, XLSX, f"specialkost-{desk.event.date}.xlsx")


def send_csv(desk: Desk) -> Response:
    """The list as CSV."""
    desk.officer.saw(Deed.TOOK_CSV)
    text = as_csv(_everybody(desk), desk.event).decode("utf-8")
    return attachment(text, f"{CSV}; charset=utf-8", f"specialkost-{desk.event.date}.csv")


def show_labels(desk: Desk) -> Response:
    """Labels for the plates of one meal, 21 on an A4; with names only if that was chosen."""
    meals = {meal.id: meal for meal in desk.event.meals}
    meal = meals.get(desk.query("meal"), desk.event.meals[0])
    named = desk.query("names") == "yes"
    choice = Choice(meal=meal.id, sort="code")
    found = choose(registrations.entries(desk.officer.table), choice)
    shown = sheet(found, whole_number(desk.query("part"), 1), _LABELS_ON_A_PAGE)
    told = f"{meal.title}, {'med' if named else 'utan'} namn, del {shown.number}"
    desk.officer.saw(Deed.PRINTED_LABELS, told)
    sheets = [
        shown.rows[start : start + LABELS_ON_A_SHEET]
        for start in range(0, len(shown.rows), LABELS_ON_A_SHEET)
    ]
    return desk.page("labels.html", sheets=sheets, sheet=shown, meal=meal, named=named)


def show_attendance(desk: Desk) -> Response:
    """Which code is whose, for the buffet."""
    found = choose(registrations.entries(desk.officer.table), Choice())
    shown = sheet(found, whole_number(desk.query("part"), 1), _LINES_ON_A_PAGE)
    desk.officer.saw(Deed.PRINTED_ATTENDANCE, f"del {shown.number}")
    return desk.page("attendance.html", sheet=shown)


def show_log(desk: Desk) -> Response:
    """Who has looked at or changed what, newest first."""
    before = desk.query("before")[:_KEY_AT_MOST]
    found = audit_log.latest(desk.officer.table, before, _ACCESSES_ON_A_PAGE)
    names = {contact.email: contact.name for contact in desk.event.contacts}
    older = found[-1].key if len(found) == _ACCESSES_ON_A_PAGE else ""
    return desk.page("log.html", accesses=found, names=names, older=older)


def _everybody(desk: Desk) -> list[Registration]:
    """All of them, by name."""
    everybody = registrations.everybody(desk.officer.table)
    return sorted(everybody, key=lambda one: (swedish_order(one.answers.name), one.plate_code))
