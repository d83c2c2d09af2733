"""Security headers for every response, and pages instead of Chalice's own JSON errors."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.event.style import style_sources
from chalicelib.event.theme import Theme
from chalicelib.web.request import PageRequest, event_of, page_request, theme_of
from chalicelib.web.responses import page

CACHED_SECONDS = 60
_PROBLEMS = {
    400: "bad_request",
    404: "not_found",
    405: "not_allowed",
    415: "unsupported",
}


def finish_response(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: turn Chalice's errors into pages, and add the security headers."""
    if request.method in ("GET", "HEAD") and "content-type" in request.headers:
        request.headers = _with_headers(request, {"content-type": ""})  # there is no body
    if request.path.startswith("/desk/"):  # where files are: the copy takes time on other pages
        # Chalice would refuse a file that Accept does not name; RFC 9110, 12.5.1, lets us send it.
        request.headers = _with_headers(request, {"accept": "*/*"})
    response = get_response(request)
    if isinstance(response.body, dict):
        allow = response.headers.get("Allow")
        problem = _PROBLEMS.get(response.status_code, "failure")
        response = page(
            page_request(request), "problem.html", response.status_code, problem=problem
        )
        if allow:
            response.headers["Allow"] = allow
    for name, value in security_headers(theme_of(event_of(request))).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _with_headers(request: Request, others: dict[str, str]) -> CaseInsensitiveMapping:
    """The request's headers with these instead; without those that are empty."""
    headers = {**{name: request.headers[name] for name in request.headers}, **others}
    return CaseInsensitiveMapping({name: value for name, value in headers.items() if value})


def cacheable(request: PageRequest, response: Response) -> Response:
    """Let the response be cached for CACHED_SECONDS, with an ETag; 304 if the client has it.

    The tag is weak (RFC 9110, 8.8.1), since API Gateway sends the page compressed or not.
    """
    tag = f'"{sha256(response.body.encode()).hexdigest()[:32]}"'
    response.headers["ETag"] = f"W/{tag}"
    known = request.raw.headers.get("if-none-match", "")
    if {"*", tag} & {one.strip().removeprefix("W/") for one in known.split(",")}:
        response.status_code, response.body = 304, ""
    response.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    return response


@cache
def security_headers(theme: Theme) -> dict[str, str]:
    """The headers of every response; `theme` decides which style sheets are allowed."""
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
