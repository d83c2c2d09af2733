"""Pages that say why there is no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.logs.json_lines import log_fault
from chalicelib.routes import allowed
from chalicelib.web.answers import page
from chalicelib.web.request import PageRequest, Thing, View, page_request


class ErrorPage(Exception):
    """Why there is another page than the one asked for: its HTTP status, and what it explains."""

    def __init__(
        self, status: int, problem: str, template: str = "problem.html", **values: object
    ) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.template = template
        self.values = values


def there(found: Thing | None) -> Thing:
    """What was found; raises Problem for what doesn't exist, whether it never did or is gone."""
    if found is None:
        raise ErrorPage(404, "not_found")
    return found


def for_everybody(raw: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets anybody in."""
    return answered(page_request(raw), lambda request: view(request, **parameters))


def answered(request: PageRequest, view: Callable[[PageRequest], Response]) -> Response:
    """What the view answers; its fault is a page that says so, and a log line without any value
    in it.
    """
    try:
        return view(request)
    except ErrorPage as known:
        told = {**known.values, "problem": known.problem}
        return page(request, known.template, known.status, **told)
    except Exception as fault:  # noqa: BLE001 - Chalice would log its text: maybe private
        log_fault(fault)
        status = 503 if isinstance(fault, StoreUnavailable) else 500
        return page(request, "problem.html", status, problem="failure")


def show_not_found(_: PageRequest, proxy: str = "") -> Response:  # noqa: ARG001
    """Any other address."""
    raise ErrorPage(404, "not_found")


def refuse_method(request: PageRequest, **_: str) -> Response:
    """Any other method of an address."""
    answer = page(request, "problem.html", 405, problem="not_allowed")
    answer.headers["Allow"] = allowed(str(request.raw.path))
    return answer
