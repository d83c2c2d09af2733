"""What a private link opens: the receipt, changing it, cancelling it."""

from chalice.app import Blueprint, Response

from chalicelib import services
from chalicelib.forms import Fields, InvalidForm, fields_of, read_answers, read_what_can_be
from chalicelib.registration import RegistrationClosed, StaleRevision, is_open
from chalicelib.store import StoreUnavailable
from chalicelib.views.registration import closed_page, form_page
from chalicelib.views.submission import FORM, Unreadable, submitted_fields
from chalicelib.views.visit import (
    Visit,
    honest,
    not_found,
    page,
    redirect,
    report_fault,
    the_event,
    the_store,
    visit_of,
)

receipt = Blueprint(__name__)


@receipt.route("/registration/cancelled", methods=["GET", "HEAD"])
@honest(receipt)
def show_cancelled() -> Response:
    """Says that it is gone; the same for everybody."""
    return page(visit_of(receipt.current_request), "cancelled.html")


@receipt.route("/registration/{token}", methods=["GET", "HEAD"])
@honest(receipt)
def show_receipt(token: str) -> Response:
    """What is registered under a private link."""
    visit = visit_of(receipt.current_request)
    found = services.find(token, store=the_store())
    if found is None:
        return not_found(visit)
    closes_at = services.closing_time(the_event(), the_store())
    return page(
        visit,
        "receipt.html",
        registration=found,
        token=token,
        closes_at=closes_at,
        may_change=is_open(visit.now, closes_at),
    )


@receipt.route("/registration/{token}/edit", methods=["GET", "HEAD"])
@honest(receipt)
def show_edit(token: str) -> Response:
    """The form as it was filled in."""
    visit = visit_of(receipt.current_request)
    found = services.find(token, store=the_store())
    if found is None:
        return not_found(visit)
    closes_at = services.closing_time(the_event(), the_store())
    if not is_open(visit.now, closes_at):
        return closed_page(visit, 200, closes_at, None)
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    return form_page(visit, 200, fields, closes_at, changing=token)


@receipt.route("/registration/{token}/edit", methods=["POST"], content_types=[FORM])
@honest(receipt)
def submit_edit(token: str) -> Response:
    """Writes the change, or shows both versions if somebody else was first."""
    visit = visit_of(receipt.current_request)
    try:
        fields = submitted_fields(receipt.current_request)
    except Unreadable as unreadable:
        return page(visit, "problem.html", unreadable.status, problem=unreadable.problem)
    try:
        return _change(token, fields, visit)
    except InvalidForm as invalid:
        return _invalid(token, fields, visit, invalid)
    except RegistrationClosed as refusal:
        typed = read_what_can_be(fields, the_event())
        return closed_page(visit, 409, refusal.closes_at, typed, not_saved=True)
    except StaleRevision as stale:
        current = {**fields, "revision": [str(stale.stored.revision)]}
        return form_page(
            visit,
            409,
            current,
            the_event().closes_at,
            changing=token,
            stored=stale.stored.answers,
        )
    except StoreUnavailable as fault:
        report_fault(fault)
        return form_page(visit, 503, fields, the_event().closes_at, not_saved=True, changing=token)


@receipt.route("/registration/{token}/cancel", methods=["GET", "HEAD"])
@honest(receipt)
def show_cancel(token: str) -> Response:
    """Asks before it cancels."""
    visit = visit_of(receipt.current_request)
    found = services.find(token, store=the_store())
    if found is None:
        return not_found(visit)
    closes_at = services.closing_time(the_event(), the_store())
    if not is_open(visit.now, closes_at):
        return closed_page(visit, 200, closes_at, None)
    return page(visit, "cancel.html", registration=found, token=token, has_changed=False)


@receipt.route("/registration/{token}/cancel", methods=["POST"], content_types=[FORM])
@honest(receipt)
def submit_cancel(token: str) -> Response:
    """Removes the registration, or shows it again if it has changed since the page was made."""
    visit = visit_of(receipt.current_request)
    try:
        fields = submitted_fields(receipt.current_request)
    except Unreadable as unreadable:
        return page(visit, "problem.html", unreadable.status, problem=unreadable.problem)
    try:
        services.cancel(
            token, _revision(fields), now=visit.now, event=the_event(), store=the_store()
        )
    except RegistrationClosed as refusal:
        return closed_page(visit, 409, refusal.closes_at, None, not_saved=True)
    except StaleRevision as stale:
        return page(
            visit,
            "cancel.html",
            409,
            registration=stale.stored,
            token=token,
            has_changed=True,
        )
    return redirect(visit.link("/registration/cancelled"))


def _change(token: str, fields: Fields, visit: Visit) -> Response:
    changed = services.change(
        token,
        read_answers(fields, the_event()),
        _revision(fields),
        now=visit.now,
        event=the_event(),
        store=the_store(),
        visitor=visit.visitor,
    )
    if changed is None:
        return not_found(visit)
    return redirect(visit.link(f"/registration/{token}"))


def _invalid(token: str, fields: Fields, visit: Visit, invalid: InvalidForm) -> Response:
    if services.find(token, store=the_store()) is None:
        return not_found(visit)
    closes_at = services.closing_time(the_event(), the_store())
    if not is_open(visit.now, closes_at):
        typed = read_what_can_be(fields, the_event())
        return closed_page(visit, 409, closes_at, typed, not_saved=True)
    return form_page(visit, 422, fields, closes_at, invalid.errors, changing=token)


def _revision(fields: Fields) -> int:
    """The revision that the page was made from; 0, which is none, if it can't be read."""
    given = next(iter(fields.get("revision", ())), "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0
