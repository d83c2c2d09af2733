"""What a private link opens: the receipt, changing it, cancelling it."""

from datetime import datetime

from chalice.app import Response

from chalicelib.deadline import is_open
from chalicelib.forms import Fields, InvalidForm, fields_of, read_answers, read_what_can_be
from chalicelib.registration import Registration, RegistrationClosed, StaleRevision
from chalicelib.services import registering
from chalicelib.table import StoreUnavailable
from chalicelib.views.registration import closed_page, form_page, late_first
from chalicelib.views.submission import first, submitted_fields, whole_number
from chalicelib.views.visit import (
    Visit,
    page,
    redirect,
    report_fault,
    the_event,
    there,
)


def show_cancelled(visit: Visit) -> Response:
    """Says that it is gone; the same for everybody."""
    return page(visit, "cancelled.html")


def show_receipt(visit: Visit, token: str) -> Response:
    """What is registered under a private link."""
    found = there(registering.find(visit.context, token))
    closes_at = registering.closing_time(visit.context)
    return page(
        visit,
        "receipt.html",
        registration=found,
        token=token,
        closes_at=closes_at,
        may_change=is_open(visit.now, closes_at),
    )


def show_edit(visit: Visit, token: str) -> Response:
    """The form as it was filled in."""
    found = _changeable(token, visit)
    if isinstance(found, Response):
        return found
    stored, closes_at = found
    fields = {**fields_of(stored.answers), "revision": [str(stored.revision)]}
    return form_page(visit, 200, fields, closes_at, changing=token)


def submit_edit(visit: Visit, token: str) -> Response:
    """Writes the change, or shows both versions if somebody else was first."""
    fields = submitted_fields(visit.request)
    try:
        return _change(token, fields, visit)
    except (InvalidForm, RegistrationClosed, StaleRevision, StoreUnavailable) as refusal:
        return _refuse_change(token, fields, visit, refusal)


def show_cancel(visit: Visit, token: str) -> Response:
    """Asks before it cancels."""
    found = _changeable(token, visit)
    if isinstance(found, Response):
        return found
    stored, _ = found
    return _cancel_page(visit, 200, token, stored.revision, stored)


def submit_cancel(visit: Visit, token: str) -> Response:
    """Removes the registration, or shows it again if it has changed since the page was made."""
    revision = _revision(submitted_fields(visit.request))
    try:
        registering.cancel(visit.context, token, revision)
    except RegistrationClosed as late:
        return closed_page(visit, 409, late.closes_at, None, refused="cancel", token=token)
    except StaleRevision as stale:
        stored = stale.stored
        return _cancel_page(visit, 409, token, stored.revision, stored, problem="changed")
    except StoreUnavailable as fault:
        report_fault(fault)
        return _cancel_page(visit, 503, token, revision, None, problem="fault")
    return redirect(visit.link("/registration/cancelled"))


def _changeable(token: str, visit: Visit) -> tuple[Registration, datetime] | Response:
    """The registration and until when it may be changed, or the page that says why it may not."""
    found = there(registering.find(visit.context, token))
    closes_at = registering.closing_time(visit.context)
    if is_open(visit.now, closes_at):
        return found, closes_at
    return closed_page(visit, 200, closes_at, None, refused="link", token=token)


def _change(token: str, fields: Fields, visit: Visit) -> Response:
    try:
        answers = read_answers(fields, the_event())
    except InvalidForm:
        there(registering.find(visit.context, token))
        raise
    there(registering.change(visit.context, token, answers, _revision(fields), visit.visitor))
    return redirect(visit.link(f"/registration/{token}"))


def _refuse_change(token: str, fields: Fields, visit: Visit, refusal: Exception) -> Response:
    outcome, closes_at = late_first(refusal, visit)
    match outcome:
        case InvalidForm(errors=errors):
            return form_page(visit, 422, fields, closes_at, errors, changing=token)
        case RegistrationClosed(closes_at=closed_at):
            typed = read_what_can_be(fields, the_event())
            return closed_page(visit, 409, closed_at, typed, refused="change", token=token)
        case StaleRevision(stored=stored):
            now_read = {**fields, "revision": [str(stored.revision)]}
            return form_page(visit, 409, now_read, closes_at, changing=token, stored=stored.answers)
    report_fault(refusal)
    return form_page(visit, 503, fields, closes_at, not_saved=True, changing=token)


def _cancel_page(
    visit: Visit,
    status: int,
    token: str,
    revision: int,
    registration: Registration | None,
    *,
    problem: str = "",
) -> Response:
    """Asks whether to cancel; `problem` says why it was not done: changed, or a fault."""
    return page(
        visit,
        "cancel.html",
        status,
        token=token,
        revision=revision,
        registration=registration,
        problem=problem,
    )


def _revision(fields: Fields) -> int:
    """The revision that the page was made from; 0, which is none, if it can't be read."""
    return whole_number(first(fields, "revision"))
