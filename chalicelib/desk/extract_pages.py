"""One person's data, to hand out to that person: a page and a file."""

from chalice.app import Response

from chalicelib.audit.log import AuditAction
from chalicelib.desk.extract import as_json
from chalicelib.desk.reading import read_extract
from chalicelib.desk.request import Desk
from chalicelib.media_types import JSON
from chalicelib.web.answers import attachment
from chalicelib.web.error_pages import there


def show_extract(desk: Desk, key: str) -> Response:
    """Everything that is stored of a registration, to read and to print."""
    found, extract = there(read_extract(desk.work, key, AuditAction.SAW_EXTRACT))
    return desk.page("extract.html", key=key, code=found.plate_code, extract=extract)


def send_extract(desk: Desk, key: str) -> Response:
    """The same as a file, whose name is the plate code's."""
    found, extract = there(read_extract(desk.work, key, AuditAction.TOOK_EXTRACT))
    name = f"registerutdrag-{found.plate_code}.json"
    return attachment(as_json(extract), f"{JSON}; charset=utf-8", name)
