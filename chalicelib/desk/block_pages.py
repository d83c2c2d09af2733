"""Blocked mail addresses, and lifting the block of one or those of a time."""

from chalice.app import Response

from chalicelib.desk import unblocking
from chalicelib.desk.filter_fields import instant_of
from chalicelib.desk.request import Desk, address_of, has_time_to_read
from chalicelib.texts.language import N_
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, whole_number


def show_blocks(desk: Desk) -> Response:
    """Show how many addresses were blocked when, and by whom; the table stores only hashes."""
    lifted = desk.query("lifted")
    return _blocks_page(desk, lifted=lifted if lifted == "yes" else str(whole_number(lifted) or ""))


def lift_block(desk: Desk) -> Response:
    """Lift the block of an address, or show that the address is not blocked."""
    typed = first_value(desk.fields(), "email").strip()
    address = address_of(typed)
    wrong = ""
    if not address:
        wrong = desk.work.say(N_("Skriv en hel e-postadress, till exempel namn@exempel.se."))
    elif not unblocking.unblock(desk.work, address):
        wrong = desk.work.say(N_("Adressen är inte spärrad. Se efter att den är rätt skriven."))
    if not wrong:
        return redirect(desk.request.link("/desk/blocks") + "?lifted=yes")
    return _blocks_page(desk, 422, typed=typed, wrong=wrong)


def lift_group(desk: Desk) -> Response:
    """Lift, while there is time, the blocks that a contact person made between two times."""
    has_time, fields = has_time_to_read(), desk.fields()
    first, last = (
        found_or_404(instant_of(first_value(fields, name))) for name in ("first", "last")
    )
    made_by, of_junk = first_value(fields, "by"), first_value(fields, "junk") == "yes"
    lifted = unblocking.unblock_group(
        desk.work, made_by, first, last, of_junk=of_junk, has_time=has_time
    )
    return redirect(f"{desk.request.link('/desk/blocks')}?lifted={lifted}")


def _blocks_page(desk: Desk, status: int = 200, **values: str) -> Response:
    return desk.form(
        "blocks.html",
        status,
        groups=unblocking.blocked(desk.work),
        names={contact.email: contact.name for contact in desk.event.mailboxes},
        **{"lifted": "", **values},
    )
