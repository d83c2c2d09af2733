"""The pages that everybody sees: the agenda, and a page for addresses that don't exist."""

from hashlib import sha256

from chalice.app import Blueprint, Response

from chalicelib import bootstrap
from chalicelib.registration import is_open
from chalicelib.views.not_allowed import CONTENT_TYPES, METHODS
from chalicelib.views.visit import not_found, page, visit_of

public = Blueprint(__name__)

_FRESH_FOR_SECONDS = 60


@public.route("/", methods=["GET", "HEAD"])
def show_agenda() -> Response:
    """The agenda page; it stands though the table doesn't answer."""
    visit = visit_of(public.current_request)
    closes_at = bootstrap.composition().deadline_to_show(visit.now)
    still_open = is_open(visit.now, closes_at)
    answer = page(visit, "agenda.html", registration_is_open=still_open, closes_at=closes_at)
    answer.headers["ETag"] = f'"{sha256(answer.body.encode()).hexdigest()[:32]}"'
    if answer.headers["ETag"] in public.current_request.headers.get("if-none-match", ""):
        answer.status_code, answer.body = 304, ""
    answer.headers["Cache-Control"] = f"public, max-age={_FRESH_FOR_SECONDS}"
    answer.headers["Vary"] = "Accept-Language"
    return answer


@public.route("/{proxy+}", methods=METHODS, content_types=CONTENT_TYPES)
def show_not_found() -> Response:
    """Any other address; without this route API Gateway answers it with JSON of its own."""
    return not_found(visit_of(public.current_request))
