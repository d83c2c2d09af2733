"""What every answer carries, and pages in place of Chalice's own JSON errors."""

from collections.abc import Callable
from functools import cache

from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.event.style import style_sources
from chalicelib.event.theme import Theme
from chalicelib.web.answers import page
from chalicelib.web.request import current_event, page_request

_PROBLEMS = {
    400: "bad_request",
    404: "not_found",
    405: "not_allowed",
    415: "unsupported",
}


def finish_answer(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Makes an error of the framework a page, and puts the security headers on every answer."""
    # Of what has no body Chalice would mind the type too.
    if request.method in ("GET", "HEAD") and "content-type" in request.headers:
        request.headers = CaseInsensitiveMapping(
            {name: request.headers[name] for name in request.headers if name != "content-type"}
        )
    response = get_response(request)
    if isinstance(response.body, dict):
        allow = response.headers.get("Allow")
        problem = _PROBLEMS.get(response.status_code, "failure")
        response = page(
            page_request(request), "problem.html", response.status_code, problem=problem
        )
        if allow:
            response.headers["Allow"] = allow
    for name, value in _security_headers(current_event().theme).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.method == "HEAD":
        response.body = response.body[:0]  # of its own type: a file's is bytes
    return response


@cache
def _security_headers(theme: Theme) -> dict[str, str]:
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {style_sources(theme)}; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
