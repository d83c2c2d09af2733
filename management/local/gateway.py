"""API Gateway on this machine: from an HTTP request to the event AWS sends, and back."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice
from chalice.local import LocalChalice, RouteMatcher

from chalicelib.bootstrap import Clock

_CATCH_ALL = "/{proxy+}"
_JSON = {"content-type": "application/json"}


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


@dataclass(frozen=True)
class Answer:
    """What comes back from the app; `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


class Gateway:
    """Calls the app with REST API events, stamped with the clock's time as AWS stamps them.

    With a domain of its own the stage is not in the path; `function` is called instead of the app.
    """

    def __init__(
        self,
        app: Chalice,
        clock: Clock,
        stage: str = "",
        *,
        own_domain: bool = False,
        function: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        if not isinstance(app, LocalChalice):  # as `chalice local` does: a request for each thread
            app.__class__ = type("LocalApp", (LocalChalice, type(app)), {})
        self._app = app
        self._function = function or (lambda event: app(event, None))
        self._clock = clock
        self._stage = stage
        self._prefix = f"/{stage}" if stage and not own_domain else ""
        self._routes = RouteMatcher([route for route in app.routes if route != _CATCH_ALL])

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        at: datetime | None = None,
    ) -> Answer:
        """One request through the app; `at` is when it reached the gateway, by default now."""
        event = self.event(method, target, headers or {}, body, at or self._clock())
        if method not in self._app.routes[event["resource"]]:
            return Answer(403, _JSON, b'{"message":"Missing Authentication Token"}')
        answer = self._function(event)
        content = answer["body"].encode("utf-8")
        if answer.get("isBase64Encoded"):
            content = base64.b64decode(content)
        sent = {name.lower(): value for name, value in answer["headers"].items()}
        return Answer(answer["statusCode"], sent, content)

    def event(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> dict[str, Any]:
        """The Lambda event of a REST API (proxy integration, payload format 1.0).

        The body comes encoded, since API Gateway is told that every type is binary.
        """
        path, _, text = target.partition("?")
        resource, parameters = self._match(path)
        query = parse_qs(text, keep_blank_values=True)
        return {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": dict(headers),
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": parameters or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": self._prefix + path,
                "stage": self._stage,
                "requestTimeEpoch": int(at.timestamp() * 1000),
                "domainName": _header(headers, "host") or "localhost",
                "identity": {"sourceIp": "127.0.0.1"},
            },
            "body": base64.b64encode(body).decode("ascii") if body else None,
            "isBase64Encoded": bool(body),
        }

    def _match(self, path: str) -> tuple[str, dict[str, str]]:
        try:
            match = self._routes.match_route(path)
        except ValueError:
            return _CATCH_ALL, {"proxy": path.lstrip("/")}
        return match.route, match.captured
