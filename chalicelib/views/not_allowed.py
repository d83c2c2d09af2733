"""A page for methods that an address doesn't have; API Gateway would answer JSON of its own."""

from collections.abc import Callable
from typing import cast

from chalice.app import Chalice, Request, Response

from chalicelib.views.visit import page, visit_of

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "application/json",
    "application/xml",
    "multipart/form-data",
    "text/plain",
    "text/xml",
]


def refuse_other_methods(app: Chalice) -> None:
    """Declares every other method of every route, so that it is answered 405 with a page."""
    for path, declared in list(app.routes.items()):
        allowed = sorted(declared)
        others = [method for method in METHODS if method not in declared]
        if others:
            name = f"refuse_{path}"
            app.route(path, methods=others, content_types=CONTENT_TYPES, name=name)(
                _refuse(app, ", ".join(allowed))
            )


def _refuse(app: Chalice, allowed: str) -> Callable[..., Response]:
    def refuse(**_: str) -> Response:
        visit = visit_of(cast("Request", app.current_request))
        answer = page(visit, "problem.html", 405, problem="not_allowed")
        answer.headers["Allow"] = allowed
        return answer

    return refuse
