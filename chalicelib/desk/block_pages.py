"""Blocked mail addresses, and lifting the block of one."""

from chalice.app import Response

from chalicelib.desk.request import Desk
from chalicelib.event.mail_address import ascii_address, is_mail_address, typed_address
from chalicelib.registration.limits import EMAIL_AT_MOST
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value


def show_blocks(desk: Desk) -> Response:
    """Show how many addresses are blocked; the table stores only their hashes."""
    count = desk.work.blocked_mailboxes()
    return desk.page("blocks.html", count=count, lifted=desk.query("lifted"))


def lift_block(desk: Desk) -> Response:
    """Lift the block of an address, or show that the address is not blocked."""
    typed = first_value(desk.fields(), "email").strip()
    address = ascii_address(typed_address(typed))
    wrong = ""
    if len(address) > EMAIL_AT_MOST or not is_mail_address(address):
        wrong = "Skriv en hel e-postadress, till exempel namn@boras.se."
    elif not desk.work.unblock(address):
        wrong = "Adressen är inte spärrad. Se efter att den är rätt skriven."
    if not wrong:
        return redirect(desk.request.link("/desk/blocks") + "?lifted=yes")
    count = desk.work.blocked_mailboxes()
    return desk.page("blocks.html", 422, count=count, lifted="", typed=typed, wrong=wrong)
