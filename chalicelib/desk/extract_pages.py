"""One person's data, to hand out to that person: a page and a file."""

from chalice.app import Response

from chalicelib.audit import store as audit_log
from chalicelib.desk.extract import JSON, Extract, Stored, as_json, extract
from chalicelib.desk.request import Desk
from chalicelib.desk.sessions import Deed
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import Registration
from chalicelib.web.request import attachment, there


def show_extract(desk: Desk, key: str) -> Response:
    """Everything that is stored of it, to read and to print."""
    found, told = _extract(desk, key, Deed.SAW_EXTRACT)
    return desk.page("extract.html", key=key, code=found.plate_code, told=told)


def send_extract(desk: Desk, key: str) -> Response:
    """The same as a file, whose name is the plate code's."""
    found, told = _extract(desk, key, Deed.TOOK_EXTRACT)
    name = f"registerutdrag-{found.plate_code}.json"
    return attachment(as_json(told), f"{JSON}; charset=utf-8", name)


def _extract(desk: Desk, key: str, deed: Deed) -> tuple[Registration, Extract]:
    """The registration too. Logs first: the line stands in the extract."""
    table = desk.officer.table
    found = there(registrations.find(table, key))
    desk.officer.saw(deed, found.plate_code)
    stored = Stored(
        registration=found,
        waiting=outbox.waiting_receipts(table, key),
        receipts=mail_records.of_receipts(table, key),
        accesses=audit_log.about(table, found.plate_code, found.registered_at),
        is_blocked=desk.officer.is_blocked(found),
    )
    return found, extract(stored, desk.event, desk.visit.now)
