"""The list of everybody registered, and the work on one of them."""

from functools import partial

from chalice.app import Response

from chalicelib.audit.log import AuditAction
from chalicelib.desk.filter_fields import Told, filter_of, parameters_of, unreadable_times
from chalicelib.desk.reading import read_list, read_one
from chalicelib.desk.request import Desk
from chalicelib.registration.form import InvalidForm, fields_of, read_answers
from chalicelib.registration.registration import StaleRevision
from chalicelib.web.answers import redirect
from chalicelib.web.error_pages import there
from chalicelib.web.submission import first, fresh_nonce, revision_of, whole_number


def show_list(desk: Desk) -> Response:
    """Those that were chosen, fifty a page."""
    return _list_page(desk, desk.query, "", AuditAction.SAW_LIST)


def search_list(desk: Desk) -> Response:
    """Those whose name, organisation, address or code says it; names stay out of addresses."""
    told = partial(first, desk.fields())
    return _list_page(desk, told, told("text"), AuditAction.SEARCHED)


def show_one(desk: Desk, key: str) -> Response:
    """Everything about one registration."""
    found = there(read_one(desk.work, key))
    return desk.page(
        "one.html",
        key=key,
        registration=found,
        saved=desk.query("saved"),
        blocked=desk.work.is_blocked(found),
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
        key, _ = desk.work.add(read_answers(fields, desk.event), nonce)
    except InvalidForm as invalid:
        return desk.page("form.html", 422, fields=fields, errors=invalid.errors)
    return redirect(desk.request.link(f"/desk/registrations/{key}") + "?saved=added")


def show_edit(desk: Desk, key: str) -> Response:
    """The form as it was filled in."""
    found = there(read_one(desk.work, key))
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    return desk.page("form.html", fields=fields, key=key)


def submit_edit(desk: Desk, key: str) -> Response:
    """Writes the correction, or shows both versions if somebody else was first."""
    fields = desk.fields()
    try:
        answers = read_answers(fields, desk.event)
        there(desk.work.correct(key, answers, revision_of(fields)))
    except InvalidForm as invalid:
        there(desk.work.is_there(key) or None)
        return desk.page("form.html", 422, fields=fields, key=key, errors=invalid.errors)
    except StaleRevision as stale:
        now_read = {**fields, "revision": [str(stale.stored.revision)]}
        return desk.page("form.html", 409, fields=now_read, key=key, stored=stale.stored)
    return redirect(desk.request.link(f"/desk/registrations/{key}") + "?saved=corrected")


def _list_page(desk: Desk, told: Told, text: str, action: AuditAction) -> Response:
    """What was chosen, as the address or the form tells it, and of that what says this text."""
    zone = desk.event.timezone
    list_filter = filter_of(told, zone, text)
    wrong = unreadable_times(told, zone)
    shown, held = read_list(desk.work, list_filter, whole_number(told("page"), 1), action)
    return desk.page(
        "list.html",
        422 if wrong else 200,
        rows=held.items(),
        part=shown,
        list_filter=list_filter,
        chosen=parameters_of(list_filter, zone),
        wrong=wrong,
        ticked=told("mark") == "all",
        removed=_removed(desk),
    )


def _removed(desk: Desk) -> str:
    """How many were just removed, or that the one was."""
    told = desk.query("removed")
    return told if told == "yes" else str(whole_number(told)) if told else ""
