"""The list of everybody registered, and the work on one of them."""

from functools import partial

from chalice.app import Response

from chalicelib.desk.duplicates import likely_doubles
from chalicelib.desk.filter_fields import Told, choice_of, parameters_of, unreadable_times
from chalicelib.desk.registration_list import Choice, choose, sheet
from chalicelib.desk.request import Desk
from chalicelib.desk.sessions import Deed
from chalicelib.registration import store as registrations
from chalicelib.registration.form import InvalidForm, fields_of, read_answers
from chalicelib.registration.registration import StaleRevision
from chalicelib.web.request import Problem, redirect, there
from chalicelib.web.submission import first, fresh_nonce, revision_of, whole_number

_DOUBLES_ON_A_PAGE = 20
_SIDE_BY_SIDE = 6  # of those that look like one person


def show_list(desk: Desk) -> Response:
    """Those that were chosen, fifty a page."""
    return _list_page(desk, desk.query, "", Deed.SAW_LIST)


def search_list(desk: Desk) -> Response:
    """Those whose name, organisation, address or code says it; names stay out of addresses."""
    told = partial(first, desk.fields())
    return _list_page(desk, told, told("text"), Deed.SEARCHED)


def show_one(desk: Desk, key: str) -> Response:
    """Everything about one registration."""
    found = there(desk.officer.look_at(key))
    return desk.page(
        "one.html",
        key=key,
        registration=found,
        saved=desk.query("saved"),
        blocked=desk.officer.is_blocked(found),
    )


def show_new(desk: Desk) -> Response:
    """The form, whatever the deadline says."""
    return desk.page("form.html", fields={"nonce": [fresh_nonce()]})


def submit_new(desk: Desk) -> Response:
    """Registers somebody who rang."""
    fields = desk.fields()
    nonce = first(fields, "nonce") or fresh_nonce()
    fields = {**fields, "nonce": [nonce]}
    try:
        key, _ = desk.officer.add(read_answers(fields, desk.event), nonce)
    except InvalidForm as invalid:
        return desk.page("form.html", 422, fields=fields, errors=invalid.errors)
    return redirect(desk.visit.link(f"/desk/registrations/{key}") + "?saved=added")


def show_edit(desk: Desk, key: str) -> Response:
    """The form as it was filled in."""
    found = there(desk.officer.look_at(key))
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    return desk.page("form.html", fields=fields, key=key)


def submit_edit(desk: Desk, key: str) -> Response:
    """Writes the correction, or shows both versions if somebody else was first."""
    fields = desk.fields()
    try:
        answers = read_answers(fields, desk.event)
        there(desk.officer.correct(key, answers, revision_of(fields)))
    except InvalidForm as invalid:
        there(registrations.find(desk.officer.table, key))
        return desk.page("form.html", 422, fields=fields, key=key, errors=invalid.errors)
    except StaleRevision as stale:
        desk.officer.saw(Deed.SAW_ONE, stale.stored.plate_code)
        now_read = {**fields, "revision": [str(stale.stored.revision)]}
        return desk.page("form.html", 409, fields=now_read, key=key, stored=stale.stored)
    return redirect(desk.visit.link(f"/desk/registrations/{key}") + "?saved=corrected")


def show_doubles(desk: Desk) -> Response:
    """Those that look like one person, side by side."""
    found = likely_doubles(choose(registrations.entries(desk.officer.table), Choice()))
    shown = sheet(found, whole_number(desk.query("page"), 1), _DOUBLES_ON_A_PAGE)
    desk.officer.saw(Deed.SAW_DOUBLES)
    keys = [entry.key for group in shown.rows for entry in group[:_SIDE_BY_SIDE]]
    held = registrations.find_all(desk.officer.table, keys)
    groups = []
    for group in shown.rows:
        first_ones = [(entry.key, held[entry.key]) for entry in group if entry.key in held]
        if len(first_ones) > 1:
            groups.append((first_ones, len(group[_SIDE_BY_SIDE:])))
    removed = desk.query("removed")
    return desk.page("doubles.html", groups=groups, sheet=shown, removed=removed)


def ask_keep(desk: Desk, key: str, other: str) -> Response:
    """Asks before one of two is removed as the other's double."""
    return _keep_page(desk, key, other)


def keep(desk: Desk, key: str, other: str) -> Response:
    """Removes the other as a double of the one that is kept."""
    fields = desk.fields()
    revision, kept_revision = (
        whole_number(first(fields, name)) for name in ("revision", "kept_revision")
    )
    try:
        removed = desk.officer.remove_duplicate(other, revision, key, kept_revision)
    except StaleRevision:
        return _keep_page(desk, key, other, changed=True)
    if not removed:
        raise Problem(404, "not_found")
    return redirect(f"{desk.visit.link('/desk/doubles')}?removed=yes")


def _keep_page(desk: Desk, key: str, other: str, *, changed: bool = False) -> Response:
    held = registrations.find_all(desk.officer.table, [key, other])
    if len(held) < 2:
        raise Problem(404, "not_found")
    kept, gone = held[key], held[other]
    desk.officer.saw(Deed.SAW_DOUBLES, f"{kept.plate_code}, {gone.plate_code}")
    status = 409 if changed else 200
    return desk.page(
        "keep.html",
        status,
        key=key,
        other=other,
        kept=kept,
        gone=gone,
        changed=changed,
    )


def _list_page(desk: Desk, told: Told, text: str, deed: Deed) -> Response:
    """What was chosen, as the address or the form tells it, and of that what says this text."""
    zone = desk.event.timezone
    choice = choice_of(told, zone, text)
    wrong = unreadable_times(told, zone)
    found = choose(registrations.entries(desk.officer.table), choice)
    shown = sheet(found, whole_number(told("page"), 1))
    desk.officer.saw(deed, f"sida {shown.number} av {shown.pages}")
    held = registrations.find_all(desk.officer.table, [entry.key for entry in shown.rows])
    return desk.page(
        "list.html",
        422 if wrong else 200,
        rows=held.items(),
        sheet=shown,
        choice=choice,
        chosen=parameters_of(choice, zone),
        wrong=wrong,
        ticked=told("mark") == "all",
        removed=_removed(desk),
    )


def _removed(desk: Desk) -> str:
    """How many were just removed, or that the one was."""
    told = desk.query("removed")
    return told if told == "yes" else str(whole_number(told)) if told else ""
