"""Error pages, and the functions that turn exceptions into error pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.logs.json_lines import log_fault
from chalicelib.routes import allowed
from chalicelib.web.request import Found, PageRequest, View, page_request
from chalicelib.web.responses import page, redirect

# First parts of the addresses of earlier versions, which knew one event.
_PAGES_WITHOUT_EVENT = frozenset({"registration", "agenda.ics", "privacy", "accessibility"})


class ErrorPage(Exception):
    """Raised to show an error page: HTTP status, and the `problem` that the page explains."""

    def __init__(
        self, status: int, problem: str, template: str = "problem.html", **values: object
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.template = template
        self.values = values


def found_or_404(found: Found | None, problem: str = "not_found") -> Found:
    """Return `found`; raises a 404 ErrorPage that explains `problem` if it is None."""
    if found is None:
        raise ErrorPage(404, problem)
    return found


def for_everybody(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """The guard of the public pages: everybody has access.

    An address without an event, as in mails of earlier versions, leads to that of the only event.
    """
    request = page_request(raw)
    if request.about and parameters.get("event") in _PAGES_WITHOUT_EVENT:
        return redirect(request.link(request.path), 308)

    def guarded(request: PageRequest) -> Response:
        return view(request, **without_event(request, parameters))

    return with_error_pages(request, guarded)


def without_event(request: PageRequest, parameters: Mapping[str, str]) -> dict[str, str]:
    """The other parameters of the address; raises a 404 ErrorPage if its event is unknown.

    Raises InvalidEvent if the event's file is wrong.
    """
    others = dict(parameters)
    wanted = others.pop("event", None)
    if wanted is not None and (request.about is None or request.about.id != wanted):
        bootstrap.composition().events.find(wanted)
        raise ErrorPage(404, "not_found")
    return others


def with_error_pages(request: PageRequest, view: Callable[[PageRequest], Response]) -> Response:
    """Return the view's response. Errors become a page, and a log line without personal data."""
    try:
        return view(request)
    except ErrorPage as known:
        values = {**known.values, "problem": known.problem}
        return page(request, known.template, known.status, **values)
    except Exception as fault:  # noqa: BLE001 - Chalice would log the text, maybe personal data
        log_fault(fault)
        status = 503 if isinstance(fault, StoreUnavailable) else 500
        return page(request, "problem.html", status, problem="failure")


def show_not_found(_: PageRequest, proxy: str = "") -> Response:  # noqa: ARG001
    """Raise the ErrorPage for an unknown address."""
    raise ErrorPage(404, "not_found")


def refuse_method(request: PageRequest, **_: str) -> Response:
    """The page for a method that the address does not have."""
    answer = page(request, "problem.html", 405, problem="not_allowed")
    answer.headers["Allow"] = allowed(str(request.raw.path))
    return answer
