"""The page with the audit log."""

from chalice.app import Response

from chalicelib.desk.limits import AUDIT_ENTRIES_ON_A_PAGE, AUDIT_KEY_AT_MOST, CODES_IN_A_LINE
from chalicelib.desk.request import Desk


def show_log(desk: Desk) -> Response:
    """Show who has read or changed what, newest first."""
    entries = desk.work.audit_log(desk.query("before")[:AUDIT_KEY_AT_MOST])
    names = {contact.email: contact.name for contact in desk.event.mailboxes}
    older = entries[-1].key if len(entries) == AUDIT_ENTRIES_ON_A_PAGE else ""
    return desk.page(
        "log.html", entries=entries, names=names, older=older, shown_codes=CODES_IN_A_LINE
    )
