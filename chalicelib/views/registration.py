"""The form, and its submission."""

import json
from collections.abc import Mapping
from datetime import datetime

from chalice.app import Response

from chalicelib.deadline import is_open
from chalicelib.forms import Fields, InvalidForm, read_answers, read_what_can_be
from chalicelib.language import Message
from chalicelib.registration import Answers, RegistrationClosed
from chalicelib.routes import JSON
from chalicelib.services import registering
from chalicelib.table import StoreUnavailable
from chalicelib.views.submission import fresh_nonce, is_json, nonce_of, submitted_fields
from chalicelib.views.visit import (
    Problem,
    Visit,
    page,
    redirect,
    report_fault,
    the_event,
)

Outcome = registering.Receipt | Exception


def show_form(visit: Visit) -> Response:
    """The form, or after the deadline whom to ring."""
    closes_at = registering.closing_time(visit.context)
    if not is_open(visit.now, closes_at):
        return closed_page(visit, 200, closes_at, None)
    return form_page(visit, 200, {"nonce": [fresh_nonce()]}, closes_at)


def submit_form(visit: Visit) -> Response:
    """Stores a registration and sends on to its receipt, or says what is wrong."""
    request = visit.request
    fields: Fields = {}
    try:
        fields = submitted_fields(request)
        fields = {**fields, "nonce": [nonce_of(fields, request)]}
        outcome: Outcome = registering.register(
            visit.context, read_answers(fields, the_event()), fields["nonce"][0], visit.visitor
        )
    except (Problem, InvalidForm, RegistrationClosed, StoreUnavailable) as refusal:
        outcome = refusal
    outcome, closes_at = late_first(outcome, visit)
    if is_json(request):
        return _json_answer(visit, outcome)
    return _page_answer(visit, outcome, closes_at, fields)


def late_first(outcome: Outcome, visit: Visit) -> tuple[Outcome, datetime]:
    """An outcome with the effective deadline; whoever is late is not asked to mend a form."""
    closes_at = the_event().closes_at
    if not isinstance(outcome, InvalidForm):
        return outcome, closes_at
    try:
        closes_at = registering.closing_time(visit.context)
    except StoreUnavailable as fault:
        return fault, closes_at
    if is_open(visit.now, closes_at):
        return outcome, closes_at
    return RegistrationClosed(closes_at), closes_at


def _page_answer(visit: Visit, outcome: Outcome, closes_at: datetime, fields: Fields) -> Response:
    match outcome:
        case registering.Receipt(token=token):
            return redirect(visit.link(f"/registration/{token}"))
        case InvalidForm(errors=errors):
            return form_page(visit, 422, fields, closes_at, errors)
        case RegistrationClosed(closes_at=closed_at):
            typed = read_what_can_be(fields, the_event())
            return closed_page(visit, 409, closed_at, typed, refused="registration")
        case Problem(status=status, problem=problem):
            return page(visit, "problem.html", status, problem=problem)
    report_fault(outcome)
    return form_page(visit, 503, fields, closes_at, not_saved=True)


def _json_answer(visit: Visit, outcome: Outcome) -> Response:
    match outcome:
        case registering.Receipt(token=token, registration=registered):
            address = visit.link(f"/registration/{token}")
            body = {"receipt": address, "plate_code": registered.plate_code}
            return _json(201, body, {"Location": address})
        case InvalidForm(errors=errors):
            from chalicelib.rendering import say

            told = {field: say(error, visit.language) for field, error in errors.items()}
            return _json(422, {"errors": told})
        case RegistrationClosed(closes_at=closes_at):
            return _json(409, {"error": "closed", "closes_at": closes_at.isoformat()})
        case Problem(status=status, problem=problem):
            return _json(status, {"error": problem})
    report_fault(outcome)
    return _json(503, {"error": "not_saved"})


def _json(
    status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, {"Content-Type": JSON, **(headers or {})}, status)


def form_page(
    visit: Visit,
    status: int,
    fields: Fields,
    closes_at: datetime,
    errors: Mapping[str, Message] | None = None,
    *,
    not_saved: bool = False,
    changing: str = "",
    stored: Answers | None = None,
) -> Response:
    """The form with what was typed; `changing` is the token of the registration it changes.

    `stored` is what somebody else has written over the revision that this form was made from.
    """
    return page(
        visit,
        "form.html",
        status,
        fields=fields,
        closes_at=closes_at,
        errors=errors or {},
        not_saved=not_saved,
        changing=changing,
        stored=stored,
    )


def closed_page(
    visit: Visit,
    status: int,
    closes_at: datetime,
    answers: Answers | None,
    *,
    refused: str = "",
    token: str = "",
) -> Response:
    """Since when it is closed, whom to ring, and what was typed, to be read out on the phone.

    `refused` is what came too late: registration, change or cancel; `token` leads to what holds.
    """
    return page(
        visit,
        "closed.html",
        status,
        closes_at=closes_at,
        answers=answers,
        refused=refused,
        token=token,
    )
