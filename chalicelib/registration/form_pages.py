"""The registration form and its submission."""

import json
from collections.abc import Mapping
from datetime import datetime

from chalice.app import Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.lifecycle.deadline import is_open
from chalicelib.logs.json_lines import log_fault
from chalicelib.media_types import JSON
from chalicelib.registration import registering
from chalicelib.registration.answers import Answers
from chalicelib.registration.form import (
    ASKED,
    Fields,
    InvalidForm,
    as_typed,
    fields_of,
    read_answers,
    usual_meals,
)
from chalicelib.registration.limits import NAME_AT_MOST
from chalicelib.registration.registration import (
    KeyReused,
    RegisteredBefore,
    Registration,
    RegistrationClosed,
    RegistrationRemoved,
    StaleRevision,
)
from chalicelib.registration.tokens import token_of_form
from chalicelib.texts.folding import has_heaped_marks, is_beyond
from chalicelib.web.error_pages import ErrorPage, found_or_404
from chalicelib.web.request import PageRequest
from chalicelib.web.responses import kept_for_back, page, redirect
from chalicelib.web.submission import (
    SWITCHED,
    first_value,
    fresh_nonce,
    idempotency_key,
    is_json,
    nonce_of,
    submitted_fields,
)


def show_form(request: PageRequest) -> Response:
    """The form, or after the deadline the page that says whom to call."""
    closes_at = registering.closing_time(request.context)
    if not is_open(request.now, closes_at):
        return page(request, "closed.html", closes_at=closes_at)
    fields = {"nonce": [fresh_nonce()], "meal": usual_meals(request.event)}
    return kept_for_back(page(request, "form.html", fields=fields, closes_at=closes_at))


def submit_form(request: PageRequest) -> Response:
    """Store a registration and redirect to its receipt, or show the errors. Also answers JSON."""
    raw = request.raw
    fields: Fields = {}
    try:
        fields = submitted_fields(raw)
        key = idempotency_key(fields, raw)
        fields = {**fields, "nonce": [key or nonce_of(fields)]}
        answers = read_answers(fields, request.event) if is_json(raw) else typed(fields, request)
        stored = registering.register(
            request.context, answers, fields["nonce"][0], request.language, is_key=bool(key)
        )
    except (
        ErrorPage,
        InvalidForm,
        RegistrationClosed,
        RegistrationRemoved,
        RegisteredBefore,
        KeyReused,
        StoreUnavailable,
    ) as refusal:
        if is_json(raw):
            return _refuse_json(request, refusal)
        return refuse_form(request, fields, refusal)
    address = request.link(f"/registration/{stored.token}")
    if is_json(raw):
        code, is_mailed = stored.registration.plate_code, stored.is_mailed
        body = {"receipt": address, "plate_code": code, "receipt_mail": is_mailed}
        return _json(201, body, {"Location": address})
    return redirect(address)


def typed(fields: Fields, request: PageRequest) -> Answers:
    """A form's answers; raises InvalidForm, without errors if only the language is switched."""
    if SWITCHED in fields:
        raise InvalidForm({})
    return read_answers(fields, request.event, asking=True)


def refuse_form(
    request: PageRequest, fields: Fields, refusal: Exception, changing: str = ""
) -> Response:
    """The form with what was typed and any errors; after the deadline, whom to call instead.

    `changing` is the token of the registration that the form changes, if any. If somebody else has
    changed the registration since the form was shown, the stored answers are shown as well.
    """
    return kept_for_back(_refusal(request, fields, refusal, changing))


def _refusal(request: PageRequest, fields: Fields, refusal: Exception, changing: str) -> Response:
    refusal, closes_at = _late_first(request, refusal, changing, fields)
    form = {"fields": fields, "closes_at": closes_at, "changing": changing}
    match refusal:
        case InvalidForm(errors=errors):
            if not errors:  # switched: who has not sent the form has not answered its question
                form["fields"] = {**fields, ASKED: [""]}
            return page(request, "form.html", 422 if errors else 200, **form, errors=errors)
        case RegistrationClosed(closes_at=closed_at, before=before):
            answers = as_typed(fields, request.event)
            token = changing or (before.token if before else "")
            problem = "change" if changing or before else "registration"
            sent = {name: fields.get(name, ()) for name in ("nonce", "revision")}
            kept = {**fields_of(answers), **sent}
            shown = {"closes_at": closed_at, "answers": answers, "token": token, "fields": kept}
            return page(request, "closed.html", 409, **shown, problem=problem)
        case RegistrationRemoved():
            form["fields"] = {**fields, "nonce": [fresh_nonce()]}
            return page(request, "form.html", 409, **form, was_removed=True)
        case RegisteredBefore(token=token, stored=stored):
            return _ask_again(request, fields, token, stored)
        case StaleRevision(stored=stored):
            form["fields"] = {**fields, "revision": [str(stored.revision)]}
            return page(request, "form.html", 409, **form, stored=stored.answers)
        case ErrorPage():
            raise refusal
    log_fault(refusal)
    return page(request, "form.html", 503, **form, not_saved=True)


def _ask_again(request: PageRequest, fields: Fields, token: str, stored: Registration) -> Response:
    """Ask whether the form is to change what it registered before, or to register somebody else."""
    answers = as_typed(fields, request.event)
    shown = {"registration": stored, "token": token, "answers": answers}
    nonces = {"asked": fields["nonce"][0], "nonce": fresh_nonce()}
    return page(request, "again.html", 409, **shown, **nonces, fields=fields_of(answers))


def _refuse_json(request: PageRequest, refusal: Exception) -> Response:
    refusal, _ = _late_first(request, refusal)
    match refusal:
        case InvalidForm(errors=errors):
            from chalicelib.texts.language import translate

            texts = {field: translate(error, request.language) for field, error in errors.items()}
            return _json(422, {"errors": texts})
        case RegistrationClosed(closes_at=closes_at):
            return _json(409, {"error": "closed", "closes_at": closes_at.isoformat()})
        case RegistrationRemoved():
            return _json(409, {"error": "removed"})
        case KeyReused():
            return _json(422, {"error": "idempotency_key_reused"})
        case ErrorPage(status=status, problem=problem):
            return _json(status, {"error": problem})
    log_fault(refusal)
    return _json(503, {"error": "not_saved"})


def _late_first(
    request: PageRequest, refusal: Exception, changing: str = "", fields: Fields | None = None
) -> tuple[Exception, datetime]:
    """The refusal, and for an InvalidForm the effective deadline, otherwise the event file's.

    A passed deadline or a removed registration takes precedence over InvalidForm, so that nobody
    corrects a form that cannot be stored any more.
    """
    closes_at = request.event.closes_at
    if not isinstance(refusal, InvalidForm):
        return refusal, closes_at
    try:
        if changing:
            from chalicelib.registration import private_link

            found_or_404(private_link.find(request.context, changing), "no_registration")
        closes_at = registering.closing_time(request.context)
        if is_open(request.now, closes_at):
            return refusal, closes_at
        before = _registered_in_time(request, fields or {})
    except StoreUnavailable as fault:
        return fault, closes_at
    return RegistrationClosed(closes_at, before), closes_at


def _registered_in_time(request: PageRequest, fields: Fields) -> RegisteredBefore | None:
    """What a late form with errors, or in another language, had registered for its name."""
    name, nonce = as_typed(fields, request.event).name, first_value(fields, "nonce")
    if not nonce or is_beyond(name, NAME_AT_MOST) or has_heaped_marks(name):
        return None
    token = token_of_form(name, nonce)
    return registering.registered_in_time(request.context, token)


def _json(
    status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, {"Content-Type": JSON, **(headers or {})}, status)
