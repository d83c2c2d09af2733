"""The extract of one person's data, to give to that person: a page and a file."""

from chalice.app import Response

from chalicelib.audit.log import AuditAction
from chalicelib.desk.extract import as_json
from chalicelib.desk.reading import read_extract
from chalicelib.desk.request import Desk
from chalicelib.media_types import JSON
from chalicelib.texts.language import N_
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import attachment


def show_extract(desk: Desk, key: str) -> Response:
    """Show everything that is stored about a registration, to read and to print."""
    found, extract = found_or_404(read_extract(desk.work, key, AuditAction.SAW_EXTRACT))
    return desk.page("extract.html", key=key, code=found.plate_code, extract=extract)


def send_extract(desk: Desk, key: str) -> Response:
    """Send the extract as a JSON file, with the plate code in its name."""
    found, extract = found_or_404(read_extract(desk.work, key, AuditAction.TOOK_EXTRACT))
    name = desk.work.say(N_("registerutdrag-%(code)s"), code=found.plate_code)
    return attachment(as_json(extract), f"{JSON}; charset=utf-8", f"{name}.json")
