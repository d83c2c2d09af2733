"""The pages behind a private link: the receipt, changing and cancelling the registration."""

from datetime import datetime, timedelta

from chalice.app import Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.lifecycle.deadline import is_open
from chalicelib.logs.json_lines import log_fault
from chalicelib.registration import private_link, registering
from chalicelib.registration.form import (
    COMMON_TO_COLLEAGUES,
    InvalidForm,
    fields_of,
)
from chalicelib.registration.form_pages import refuse_form, typed
from chalicelib.registration.registration import Registration, RegistrationClosed, StaleRevision
from chalicelib.web.error_pages import ErrorPage, found_or_404
from chalicelib.web.request import PageRequest
from chalicelib.web.responses import kept_for_back, page, redirect
from chalicelib.web.submission import fresh_nonce, revision_of, submitted_fields

# How long the page says that the form has arrived: long enough to reload it or to switch languages.
NEWS_LASTS = timedelta(minutes=10)


def show_cancelled(request: PageRequest) -> Response:
    """Confirm a cancellation; the page is the same for everybody."""
    return page(request, "cancelled.html")


def show_receipt(request: PageRequest, token: str) -> Response:
    """The receipt of the registration that the private link opens."""
    found, news = found_or_404(
        private_link.find_with_news(request.context, token), "no_registration"
    )
    closes_at = registering.closing_time(request.context)
    is_news = found.is_own_work and request.now - found.changed_at < NEWS_LASTS
    return page(
        request,
        "receipt.html",
        registration=found,
        news=news,
        is_news=is_news,
        token=token,
        closes_at=closes_at,
        may_change=is_open(request.now, closes_at),
    )


def show_edit(request: PageRequest, token: str) -> Response:
    """The form, filled in with the stored answers."""
    found, closes_at = _changeable(request, token)
    fields = {**fields_of(found.answers), "revision": [str(found.revision)]}
    form = page(request, "form.html", fields=fields, closes_at=closes_at, changing=token)
    return kept_for_back(form)


def show_another(request: PageRequest, token: str) -> Response:
    """An empty form but for what a colleague has in common with the person of the private link."""
    found, closes_at = _changeable(request, token)
    known = fields_of(found.answers)
    fields = {name: known[name] for name in COMMON_TO_COLLEAGUES} | {"nonce": [fresh_nonce()]}
    form = page(request, "form.html", fields=fields, closes_at=closes_at, is_another=True)
    return kept_for_back(form)


def submit_edit(request: PageRequest, token: str) -> Response:
    """Store the change, or show both versions if somebody else has changed the registration."""
    fields = submitted_fields(request.raw)
    try:
        answers, revision = typed(fields, request), revision_of(fields)
        found_or_404(
            private_link.change(request.context, token, answers, revision, request.language),
            "no_registration",
        )
    except (InvalidForm, RegistrationClosed, StaleRevision, StoreUnavailable) as refusal:
        return refuse_form(request, fields, refusal, token)
    return redirect(request.link(f"/registration/{token}"))


def show_cancel(request: PageRequest, token: str) -> Response:
    """Ask for confirmation before cancelling."""
    found, _ = _changeable(request, token)
    return page(request, "cancel.html", token=token, revision=found.revision, registration=found)


def submit_cancel(request: PageRequest, token: str) -> Response:
    """Remove the registration, or ask again if somebody has changed it since the page was shown."""
    revision = revision_of(submitted_fields(request.raw))
    try:
        private_link.cancel(request.context, token, revision)
    except RegistrationClosed as late:
        shown = {"closes_at": late.closes_at, "token": token}
        return page(request, "closed.html", 409, **shown, problem="cancel")
    except StaleRevision as stale:
        shown = {"revision": stale.stored.revision, "registration": stale.stored}
        return page(request, "cancel.html", 409, token=token, **shown, problem="changed")
    except StoreUnavailable as fault:
        log_fault(fault)
        return page(request, "cancel.html", 503, token=token, revision=revision, problem="fault")
    return redirect(request.link("/registration/cancelled"))


def _changeable(request: PageRequest, token: str) -> tuple[Registration, datetime]:
    """The registration and the deadline for changes; raises ErrorPage if it cannot be changed."""
    found = found_or_404(private_link.find(request.context, token), "no_registration")
    closes_at = registering.closing_time(request.context)
    if not is_open(request.now, closes_at):
        raise ErrorPage(200, "link", "closed.html", closes_at=closes_at, token=token)
    return found, closes_at
