"""The page with the notes, to print for the kitchen and to tick when the kitchen has been told."""

from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.desk.limits import NOTES_ON_A_PAGE
from chalicelib.desk.paper_reading import read_notes
from chalicelib.desk.passing_on import Tick, pass_on
from chalicelib.desk.request import KEY, Desk
from chalicelib.registration.form import YES
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, whole_number


def show_notes(desk: Desk) -> Response:
    """Show code, meals, plate and note of everybody with a note, without names."""
    shown, notes = read_notes(desk.work, whole_number(desk.query("part"), 1))
    return desk.page(
        "notes.html",
        part=shown,
        notes=notes,
        saved=desk.query("saved"),
        changed=whole_number(desk.query("changed")),
    )


def save_notes(desk: Desk) -> Response:
    """Record which notes the kitchen was told; a note that has changed since it was shown stays."""
    fields = desk.fields()
    told = set(fields.get("told", ()))
    items = [f"{item}::".split(":") for item in fields.get("item", ())[:NOTES_ON_A_PAGE]]
    ticks = {
        key: Tick(note_hash, shown == YES, key in told)
        for key, note_hash, shown, *_ in items
        if KEY.fullmatch(key) and note_hash
    }
    changed = pass_on(desk.work, ticks)
    answer = {"saved": "yes", "changed": changed, "part": first_value(fields, "part")}
    return redirect(f"{desk.request.link('/desk/notes')}?{urlencode(answer)}")
