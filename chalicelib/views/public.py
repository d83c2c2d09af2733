"""The pages that everybody sees: the agenda, and a page for addresses that don't exist."""

from chalice.app import Blueprint, Response

from chalicelib import bootstrap
from chalicelib.registration import is_open
from chalicelib.views.visit import page, visit_of

public = Blueprint(__name__)

_FRESH_FOR_SECONDS = 60
_ANY = ["application/json", "application/x-www-form-urlencoded"]


@public.route("/", methods=["GET", "HEAD"])
def show_agenda() -> Response:
    """The agenda page, from the event file alone."""
    visit = visit_of(public.current_request)
    event = bootstrap.composition().event
    answer = page(visit, "agenda.html", registration_is_open=is_open(visit.now, event.closes_at))
    answer.headers["Cache-Control"] = f"public, max-age={_FRESH_FOR_SECONDS}"
    answer.headers["Vary"] = "Accept-Language"
    return answer


@public.route("/{proxy+}", methods=["GET", "HEAD", "POST"], content_types=_ANY)
def show_not_found() -> Response:
    """Any other address; without this route API Gateway answers it with JSON of its own."""
    return page(visit_of(public.current_request), "problem.html", 404, problem="not_found")
