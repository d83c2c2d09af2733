"""What a private link opens: the receipt, changing it, cancelling it."""

from datetime import datetime

from chalice.app import Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.lifecycle.deadline import is_open
from chalicelib.logs.json_lines import log_fault
from chalicelib.registration import registering
from chalicelib.registration.form import InvalidForm, fields_of, read_answers
from chalicelib.registration.form_pages import refuse_form
from chalicelib.registration.registration import Registration, RegistrationClosed, StaleRevision
from chalicelib.web.answers import page, redirect
from chalicelib.web.error_pages import Problem, there
from chalicelib.web.request import Visit, the_event
from chalicelib.web.submission import revision_of, submitted_fields


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
    found, closes_at = _changeable(visit, token)
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    return page(visit, "form.html", fields=fields, closes_at=closes_at, changing=token)


def submit_edit(visit: Visit, token: str) -> Response:
    """Writes the change, or shows both versions if somebody else was first."""
    fields = submitted_fields(visit.request)
    try:
        answers, revision = read_answers(fields, the_event()), revision_of(fields)
        there(registering.change(visit.context, token, answers, revision, visit.link_target))
    except (InvalidForm, RegistrationClosed, StaleRevision, StoreUnavailable) as refusal:
        return refuse_form(visit, fields, refusal, token)
    return redirect(visit.link(f"/registration/{token}"))


def show_cancel(visit: Visit, token: str) -> Response:
    """Asks before it cancels."""
    found, _ = _changeable(visit, token)
    return page(visit, "cancel.html", token=token, revision=found.revision, registration=found)


def submit_cancel(visit: Visit, token: str) -> Response:
    """Removes the registration, or shows it again if it has changed since the page was made."""
    revision = revision_of(submitted_fields(visit.request))
    try:
        registering.cancel(visit.context, token, revision)
    except RegistrationClosed as late:
        told = {"closes_at": late.closes_at, "token": token}
        return page(visit, "closed.html", 409, **told, problem="cancel")
    except StaleRevision as stale:
        shown = {"revision": stale.stored.revision, "registration": stale.stored}
        return page(visit, "cancel.html", 409, token=token, **shown, problem="changed")
    except StoreUnavailable as fault:
        log_fault(fault)
        return page(visit, "cancel.html", 503, token=token, revision=revision, problem="fault")
    return redirect(visit.link("/registration/cancelled"))


def _changeable(visit: Visit, token: str) -> tuple[Registration, datetime]:
    """The registration and until when it may be changed; raises Problem if it may not."""
    found = there(registering.find(visit.context, token))
    closes_at = registering.closing_time(visit.context)
    if not is_open(visit.now, closes_at):
        raise Problem(200, "link", "closed.html", closes_at=closes_at, token=token)
    return found, closes_at
