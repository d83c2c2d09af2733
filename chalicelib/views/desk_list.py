"""The list of everybody registered, and the work on one of them."""

from dataclasses import replace
from functools import partial

from chalice.app import Blueprint, Response

from chalicelib.desk import Deed
from chalicelib.doubles import likely_doubles
from chalicelib.forms import Fields, InvalidForm, fields_of, read_answers
from chalicelib.registration import Registration, StaleRevision
from chalicelib.roll import PERSON, Choice, choose, in_order, sheet
from chalicelib.views.desk_choice import (
    Told,
    after_of,
    choice_of,
    from_where,
    look_through,
    parameters_of,
    unreadable_times,
)
from chalicelib.views.desk_session import Desk, for_officers
from chalicelib.views.submission import FORM, first, fresh_nonce, whole_number
from chalicelib.views.visit import not_found, redirect

desk_list = Blueprint(__name__)

_DOUBLES_ON_A_PAGE = 20


@desk_list.route("/desk/list", methods=["GET", "HEAD"])
@for_officers(desk_list)
def show_list(desk: Desk) -> Response:
    """Those that were chosen, fifty a page."""
    return _list_page(desk, desk.query, "", Deed.SAW_LIST)


@desk_list.route("/desk/list", methods=["POST"], content_types=[FORM])
@for_officers(desk_list)
def search_list(desk: Desk) -> Response:
    """Those whose name, organisation, address or code says it; names stay out of addresses."""
    told = partial(first, desk.fields())
    return _list_page(desk, told, told("text")[:100], Deed.SEARCHED)


@desk_list.route("/desk/registrations/{key}", methods=["GET", "HEAD"])
@for_officers(desk_list)
def show_one(desk: Desk, key: str) -> Response:
    """Everything about one registration."""
    found = desk.officer.look_at(key)
    if found is None:
        return not_found(desk.visit)
    return desk.page(
        "one.html",
        key=key,
        registration=found,
        saved=desk.query("saved"),
        blocked=desk.officer.is_blocked(found),
    )


@desk_list.route("/desk/new", methods=["GET", "HEAD"])
@for_officers(desk_list)
def show_new(desk: Desk) -> Response:
    """The form, whatever the deadline says."""
    return _form(desk, 200, {"nonce": [fresh_nonce()]})


@desk_list.route("/desk/new", methods=["POST"], content_types=[FORM])
@for_officers(desk_list)
def submit_new(desk: Desk) -> Response:
    """Registers somebody who rang."""
    fields = desk.fields()
    nonce = first(fields, "nonce") or fresh_nonce()
    fields = {**fields, "nonce": [nonce]}
    try:
        key, _ = desk.officer.add(read_answers(fields, desk.event), nonce)
    except InvalidForm as invalid:
        return _form(desk, 422, fields, invalid=invalid)
    return redirect(desk.visit.link(f"/desk/registrations/{key}") + "?saved=added")


@desk_list.route("/desk/registrations/{key}/edit", methods=["GET", "HEAD"])
@for_officers(desk_list)
def show_edit(desk: Desk, key: str) -> Response:
    """The form as it was filled in."""
    found = desk.officer.look_at(key)
    if found is None:
        return not_found(desk.visit)
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    return _form(desk, 200, fields, key=key)


@desk_list.route("/desk/registrations/{key}/edit", methods=["POST"], content_types=[FORM])
@for_officers(desk_list)
def submit_edit(desk: Desk, key: str) -> Response:
    """Writes the correction, or shows both versions if somebody else was first."""
    fields = desk.fields()
    try:
        answers = read_answers(fields, desk.event)
        corrected = desk.officer.correct(key, answers, whole_number(first(fields, "revision")))
    except InvalidForm as invalid:
        if desk.officer.store.registration(key) is None:
            return not_found(desk.visit)
        return _form(desk, 422, fields, key=key, invalid=invalid)
    except StaleRevision as stale:
        desk.officer.saw(Deed.SAW_ONE, stale.stored.plate_code)
        now_read = {**fields, "revision": [str(stale.stored.revision)]}
        return _form(desk, 409, now_read, key=key, stored=stale.stored)
    if corrected is None:
        return not_found(desk.visit)
    return redirect(desk.visit.link(f"/desk/registrations/{key}") + "?saved=corrected")


@desk_list.route("/desk/doubles", methods=["GET", "HEAD"])
@for_officers(desk_list)
def show_doubles(desk: Desk) -> Response:
    """Those that look like one person, side by side."""
    choice = Choice(sort=PERSON, after=after_of(desk.query))
    looked = look_through(desk.officer.store, choice)
    groups = likely_doubles(in_order(looked.entries, "name"))
    shown = sheet(groups, whole_number(desk.query("page"), 1), _DOUBLES_ON_A_PAGE)
    desk.officer.saw(Deed.SAW_DOUBLES, from_where(looked).strip())
    keys = [entry.key for group in shown.rows for entry in group]
    held = desk.officer.store.registrations(keys)
    whole = [
        [(entry.key, held[entry.key]) for entry in group if entry.key in held]
        for group in shown.rows
    ]
    still = [group for group in whole if len(group) > 1]
    removed = desk.query("removed")
    return desk.page("doubles.html", groups=still, sheet=shown, look=looked, removed=removed)


@desk_list.route("/desk/doubles/keep/{key}/{other}", methods=["GET", "HEAD"])
@for_officers(desk_list)
def ask_keep(desk: Desk, key: str, other: str) -> Response:
    """Asks before one of two is removed as the other's double."""
    held = desk.officer.store.registrations([key, other])
    if len(held) < 2:
        return not_found(desk.visit)
    return _keep_page(desk, key, other, held[key], held[other])


@desk_list.route("/desk/doubles/keep/{key}/{other}", methods=["POST"], content_types=[FORM])
@for_officers(desk_list)
def keep(desk: Desk, key: str, other: str) -> Response:
    """Removes the other as a double of the one that is kept."""
    held = desk.officer.store.registrations([key, other])
    if len(held) < 2:
        return not_found(desk.visit)
    fields = desk.fields()
    revision, kept_revision = (
        whole_number(first(fields, name)) for name in ("revision", "kept_revision")
    )
    if kept_revision != held[key].revision:
        return _keep_page(desk, key, other, held[key], held[other], changed=True)
    try:
        reason = f"dubblett av {held[key].plate_code}"
        removed = desk.officer.remove(other, revision, reason, double_of=key)
    except StaleRevision as stale:
        return _keep_page(desk, key, other, held[key], stale.stored, changed=True)
    if removed is None:
        return not_found(desk.visit)
    after = after_of(desk.query)
    part = f"&after={after}" if after else ""
    return redirect(f"{desk.visit.link('/desk/doubles')}?removed=yes{part}")


def _keep_page(
    desk: Desk,
    key: str,
    other: str,
    kept: Registration,
    gone: Registration,
    *,
    changed: bool = False,
) -> Response:
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
        after=after_of(desk.query),
    )


def _list_page(desk: Desk, told: Told, text: str, deed: Deed) -> Response:
    """What was chosen, as the address or the form tells it, and of that what says this text."""
    zone = desk.event.timezone
    choice = replace(choice_of(told, zone), text=text)
    wrong = unreadable_times(told, zone)
    looked = look_through(desk.officer.store, choice)
    choice = replace(choice, after=looked.after)
    shown = sheet(choose(looked.entries, choice), whole_number(told("page"), 1))
    desk.officer.saw(deed, f"sida {shown.number} av {shown.pages}{from_where(looked)}")
    held = desk.officer.store.registrations([entry.key for entry in shown.rows])
    rows = [(entry.key, held[entry.key]) for entry in shown.rows if entry.key in held]
    return desk.page(
        "list.html",
        422 if wrong else 200,
        rows=rows,
        sheet=shown,
        look=looked,
        choice=choice,
        chosen=parameters_of(choice, zone),
        from_start=parameters_of(replace(choice, after=""), zone),
        wrong=wrong,
        ticked=told("mark") == "all",
        removed=_removed(desk),
    )


def _removed(desk: Desk) -> str:
    """How many were just removed, or that the one was."""
    told = desk.query("removed")
    return told if told == "yes" else str(whole_number(told)) if told else ""


def _form(
    desk: Desk,
    status: int,
    fields: Fields,
    *,
    key: str = "",
    invalid: InvalidForm | None = None,
    stored: Registration | None = None,
) -> Response:
    return desk.page(
        "form.html",
        status,
        fields=fields,
        key=key,
        errors=invalid.errors if invalid else {},
        stored=stored,
    )
