"""The form, its submission, and the receipt."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import cast
from urllib.parse import parse_qs

from chalice.app import Blueprint, Response

from chalicelib import bootstrap, services
from chalicelib.event import Event
from chalicelib.forms import Fields, InvalidForm, read_answers
from chalicelib.language import Message
from chalicelib.registration import RegistrationClosed, is_open
from chalicelib.store import Store, StoreUnavailable
from chalicelib.views.visit import Visit, page, redirect, visit_of

registration = Blueprint(__name__)

FORM = "application/x-www-form-urlencoded"
BODY_AT_MOST = 16 * 1024
_NONCE_BYTES = 16


@registration.route("/registration", methods=["GET", "HEAD"])
def show_form() -> Response:
    """The form, or after the deadline whom to ring."""
    visit = visit_of(registration.current_request)
    closes_at = services.closing_time(_event(), _store())
    if not is_open(visit.now, closes_at):
        return page(visit, "closed.html", closes_at=closes_at, answers=None, not_saved=False)
    return _form(visit, 200, {"nonce": [_fresh_nonce()]}, closes_at)


@registration.route("/registration", methods=["POST"], content_types=[FORM])
def submit_form() -> Response:
    """Stores a registration and sends on to its receipt, or says what is wrong."""
    visit = visit_of(registration.current_request)
    body = cast("bytes", registration.current_request.raw_body)
    if len(body) > BODY_AT_MOST:
        return page(visit, "problem.html", 413, problem="too_large")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    fields.setdefault("nonce", [_fresh_nonce()])
    try:
        return _submit(visit, fields)
    except StoreUnavailable:
        return _form(visit, 503, fields, _event().closes_at, not_saved=True)


@registration.route("/registration/{token}", methods=["GET", "HEAD"])
def show_receipt(token: str) -> Response:
    """What is registered under a private link."""
    visit = visit_of(registration.current_request)
    found = services.find(token, store=_store())
    if found is None:
        return page(visit, "problem.html", 404, problem="not_found")
    return page(visit, "receipt.html", registration=found)


def _submit(visit: Visit, fields: Fields) -> Response:
    answers = None
    try:
        answers = read_answers(fields, _event())
        nonce = fields["nonce"][0]
        receipt = services.register(answers, nonce, now=visit.now, event=_event(), store=_store())
    except InvalidForm as invalid:
        closes_at = services.closing_time(_event(), _store())
        if is_open(visit.now, closes_at):
            return _form(visit, 422, fields, closes_at, invalid.errors)
    except RegistrationClosed as refusal:
        closes_at = refusal.closes_at
    else:
        return redirect(visit.link(f"/registration/{receipt.token}"))
    return page(visit, "closed.html", 409, closes_at=closes_at, answers=answers, not_saved=True)


def _form(
    visit: Visit,
    status: int,
    fields: Fields,
    closes_at: datetime,
    errors: Mapping[str, Message] | None = None,
    *,
    not_saved: bool = False,
) -> Response:
    return page(
        visit,
        "form.html",
        status,
        fields=fields,
        closes_at=closes_at,
        errors=errors or {},
        not_saved=not_saved,
    )


def _fresh_nonce() -> str:
    return secrets.token_urlsafe(_NONCE_BYTES)


def _event() -> Event:
    return bootstrap.composition().event


def _store() -> Store:
    return bootstrap.composition().store
