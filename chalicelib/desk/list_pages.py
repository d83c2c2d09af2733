"""The registration list, and showing, adding and correcting one registration."""

from functools import partial
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.audit.log import AuditAction
from chalicelib.desk import changing
from chalicelib.desk.filter_fields import filter_of, parameters_of, unreadable_times
from chalicelib.desk.reading import read_links, read_list, read_one
from chalicelib.desk.request import Desk, has_time_to_read
from chalicelib.registration.form import Fields, InvalidForm, as_typed, fields_of, read_answers
from chalicelib.registration.receipt import receipt_mail
from chalicelib.registration.registration import (
    RegisteredBefore,
    Registration,
    RegistrationRemoved,
    StaleRevision,
)
from chalicelib.registration.tokens import hash_token, token_of_form
from chalicelib.web.error_pages import found_or_404
from chalicelib.web.responses import redirect
from chalicelib.web.submission import first_value, fresh_nonce, revision_of, whole_number


def show_list(desk: Desk) -> Response:
    """Show one page of the registrations that match the filter, and a search if there is one."""
    field = desk.query
    list_filter = filter_of(field, desk.event, desk.searched_text(field("search")))
    wrong = unreadable_times(field, desk.event)
    number, has_time = whole_number(field("page"), 1), has_time_to_read()
    action = AuditAction.SEARCHED if list_filter.text else AuditAction.SAW_LIST
    shown, found, is_whole = read_list(desk.work, list_filter, number, action, has_time)
    return desk.page(
        "list.html",
        422 if wrong else 200,
        rows=found.items(),
        part=shown,
        is_whole=is_whole,
        list_filter=list_filter,
        chosen=parameters_of(list_filter, desk.event),
        wrong=wrong,
        ticked=field("mark") == "all",
        removed=_removed(desk),
    )


def search_list(desk: Desk) -> Response:
    """Store what is searched for, and lead to the list: no address has it, and Back works."""
    field = partial(first_value, desk.fields())
    chosen = parameters_of(filter_of(field, desk.event), desk.event)
    if text := field("text").strip():
        chosen["search"] = desk.work.save_search(text)
    address = desk.request.link("/desk/list")
    return redirect(f"{address}?{urlencode(chosen)}" if chosen else address)


def show_one(desk: Desk, key: str) -> Response:
    """Show one registration."""
    return _one_page(desk, key, found_or_404(read_one(desk.work, key)))


def end_links(desk: Desk, key: str) -> Response:
    """End the links to a registration, or show it again if it has changed since it was shown."""
    try:
        found_or_404(changing.end_links(desk.work, key, revision_of(desk.fields())))
    except StaleRevision as stale:
        return _one_page(desk, key, stale.stored, changed=True)
    return redirect(desk.request.link(f"/desk/registrations/{key}") + "?saved=ended")


def send_receipt(desk: Desk, key: str) -> Response:
    """Mail a registration's receipt again, and tell what comes of it."""
    desk.fields()  # refuses what is not a form
    outcome = found_or_404(changing.send_receipt(desk.work, key))
    return redirect(desk.request.link(f"/desk/registrations/{key}") + f"?receipt={outcome}")


def show_new(desk: Desk) -> Response:
    """Show an empty form, also after the deadline."""
    return desk.form("form.html", fields={"nonce": [fresh_nonce()]})


def submit_new(desk: Desk) -> Response:
    """Add a registration, for example for somebody who called."""
    fields = desk.fields()
    nonce = first_value(fields, "nonce") or fresh_nonce()
    fields = {**fields, "nonce": [nonce]}
    try:
        key, _ = changing.add(desk.work, read_answers(fields, desk.event, asking=True), nonce)
    except InvalidForm as invalid:
        return desk.form("form.html", 422, fields=fields, errors=invalid.errors)
    except RegisteredBefore as before:
        return _ask_again(desk, fields, before.stored)
    except RegistrationRemoved:
        fields["nonce"] = [fresh_nonce()]
        return desk.form("form.html", 409, fields=fields, was_removed=True)
    return redirect(desk.request.link(f"/desk/registrations/{key}") + "?saved=added")


def show_edit(desk: Desk, key: str) -> Response:
    """Show the form with the stored answers."""
    found = found_or_404(read_one(desk.work, key))
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    mailed = desk.work.is_mailed(found)
    return desk.form("form.html", fields=fields, key=key, mailed=mailed)


def submit_edit(desk: Desk, key: str) -> Response:
    """Store the correction, or show both versions if somebody else made a change first."""
    fields = desk.fields()
    try:
        answers = read_answers(fields, desk.event, asking=True)
        found_or_404(changing.correct(desk.work, key, answers, revision_of(fields)))
    except InvalidForm as invalid:
        mailed = found_or_404(desk.work.gets_mail(key))
        shown = {"fields": fields, "key": key, "mailed": mailed}
        return desk.form("form.html", 422, **shown, errors=invalid.errors)
    except StaleRevision as stale:
        now_read = {**fields, "revision": [str(stale.stored.revision)]}
        shown = {"fields": now_read, "key": key, "mailed": desk.work.is_mailed(stale.stored)}
        return desk.form("form.html", 409, **shown, stored=stale.stored)
    return redirect(desk.request.link(f"/desk/registrations/{key}") + "?saved=corrected")


def _ask_again(desk: Desk, fields: Fields, stored: Registration) -> Response:
    """Ask whether the form is to change what it added before, or to add somebody else."""
    answers = as_typed(fields, desk.event)
    key = hash_token(token_of_form(answers.name, fields["nonce"][0]))
    shown = {"registration": stored, "key": key, "answers": answers, "nonce": fresh_nonce()}
    return desk.form("again.html", 409, **shown, fields=fields_of(answers))


def _one_page(desk: Desk, key: str, found: Registration, *, changed: bool = False) -> Response:
    page = desk.form if changed else desk.page
    return page(
        "one.html",
        409 if changed else 200,
        key=key,
        registration=found,
        saved=desk.query("saved"),
        blocked=desk.work.is_blocked(found),
        links=read_links(desk.work, found),
        receipt=receipt_mail(desk.work, key, found),
        sent=desk.query("receipt"),
        changed=changed,
    )


def _removed(desk: Desk) -> str:
    """How many registrations were just removed, `yes` for one removed by itself, or empty."""
    value = desk.query("removed")
    return value if value == "yes" else str(whole_number(value)) if value else ""
