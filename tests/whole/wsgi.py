"""The app behind its gateway as a WSGI application, which Schemathesis can call."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from management.local.gateway import Gateway


class Wsgi:
    """Passes each request to the gateway that `gateway()` returns for that request."""

    def __init__(self, gateway: Callable[[], Gateway]) -> None:
        self._gateway = gateway

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        target = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        answer = self._gateway().request(environ["REQUEST_METHOD"], target, headers, body)
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, list(answer.headers.items()))
        return [answer.body]
