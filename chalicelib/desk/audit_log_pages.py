"""The audit log, as the contact persons read it."""

from chalice.app import Response

from chalicelib.desk.limits import AUDIT_ENTRIES_ON_A_PAGE, AUDIT_KEY_AT_MOST
from chalicelib.desk.request import Desk


def show_log(desk: Desk) -> Response:
    """Who has looked at or changed what, newest first."""
    found = desk.work.audit_log(desk.query("before")[:AUDIT_KEY_AT_MOST])
    names = {contact.email: contact.name for contact in desk.event.contacts}
    older = found[-1].key if len(found) == AUDIT_ENTRIES_ON_A_PAGE else ""
    return desk.page("log.html", entries=found, names=names, older=older)
