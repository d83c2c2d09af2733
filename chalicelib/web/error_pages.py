"""Pages that say why there is no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.logs.json_lines import log_fault
from chalicelib.routes import allowed
from chalicelib.web.answers import page
from chalicelib.web.request import Thing, View, Visit, visit_of


class Problem(Exception):
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
        raise Problem(404, "not_found")
    return found


def for_visitors(request: Request, view: View, parameters: Mapping[str, str]) -> Response:
    """Lets anybody in."""
    return answered(visit_of(request), lambda visit: view(visit, **parameters))


def answered(visit: Visit, view: Callable[[Visit], Response]) -> Response:
    """What the view answers; its fault is a page that says so, and a log line without any value
    in it.
    """
    try:
        return view(visit)
    except Problem as known:
        told = {**known.values, "problem": known.problem}
        return page(visit, known.template, known.status, **told)
    except Exception as fault:  # noqa: BLE001 - Chalice would log its text: maybe private
        log_fault(fault)
        status = 503 if isinstance(fault, StoreUnavailable) else 500
        return page(visit, "problem.html", status, problem="failure")


def show_not_found(_: Visit, proxy: str = "") -> Response:  # noqa: ARG001
    """Any other address."""
    raise Problem(404, "not_found")


def refuse_method(visit: Visit, **_: str) -> Response:
    """Any other method of an address."""
    answer = page(visit, "problem.html", 405, problem="not_allowed")
    answer.headers["Allow"] = allowed(str(visit.request.path))
    return answer
