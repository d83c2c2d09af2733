"""A local API Gateway: passes an HTTP request to the app as a Lambda event."""

import base64
import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Chalice
from chalice.local import LocalChalice, RouteMatcher

from chalicelib.bootstrap import Clock
from chalicelib.routes import ELSEWHERE, ELSEWHERE_AT_DESK

_JSON = {"content-type": "application/json"}
_TYPED = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NON-BREAKING HYPHEN}": "-"})


# The content codings of API Gateway.
_CODINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def as_typed(text: str) -> str:
    """The text with plain spaces and hyphens in place of those that allow no line break."""
    return text.translate(_TYPED)


@dataclass(frozen=True)
class Answer:
    """The app's HTTP response; the names in `headers` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body, decoded as UTF-8, with spaces and hyphens as people type them."""
        return as_typed(self.body.decode("utf-8"))


class Gateway:
    """Calls the app, or `function` in its place, with REST API events; `clock` sets their time.

    The path in an event's `requestContext` begins with a slash and `stage`, as at API Gateway's own
    address, unless `own_domain` is set. Answers of `compresses_from` bytes or more are compressed
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html).
    """

    def __init__(
        self,
        app: Chalice,
        clock: Clock,
        stage: str = "",
        *,
        own_domain: bool = False,
        function: Callable[[dict[str, Any]], Any] | None = None,
        compresses_from: int | None = None,
    ) -> None:
        if not isinstance(app, LocalChalice):  # as in `chalice local`: a current request per thread
            app.__class__ = type("LocalApp", (LocalChalice, type(app)), {})
        self._app = app
        self._function = function or (lambda event: app(event, None))
        self._clock = clock
        self._compresses_from = compresses_from
        self._stage = stage
        self._prefix = f"/{stage}" if stage and not own_domain else ""
        self._routes = RouteMatcher(
            [route for route in app.routes if not route.endswith("{proxy+}")]
        )

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        at: datetime | None = None,
    ) -> Answer:
        """Send a request to the app; `at` is when the gateway received it, by default now."""
        event = self.event(method, target, headers or {}, body, at or self._clock())
        if method not in self._app.routes[event["resource"]]:
            return Answer(403, _JSON, b'{"message":"Missing Authentication Token"}')
        answer = self._function(event)
        content = answer["body"].encode("utf-8")
        if answer.get("isBase64Encoded"):
            content = base64.b64decode(content)
        sent = {name.lower(): value for name, value in answer["headers"].items()}
        coding = "" if "content-encoding" in sent else self._coding(headers or {}, content)
        if coding:
            content, sent["content-encoding"] = _CODINGS[coding](content), coding
        sent["content-length"] = str(len(content))
        return Answer(answer["statusCode"], sent, b"" if method == "HEAD" else content)

    def _coding(self, headers: Mapping[str, str], content: bytes) -> str:
        """The content coding for an answer: the one that the client likes best, if it is known."""
        if self._compresses_from is None or len(content) < self._compresses_from:
            return ""
        accepted = _header(headers, "accept-encoding").lower().split(",")
        best = max(accepted, key=lambda one: float(one.partition(";q=")[2] or 1))
        name = best.partition(";")[0].strip()
        return name if name in _CODINGS else ""

    def event(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> dict[str, Any]:
        """Return the Lambda event of a REST API (proxy integration, payload format 1.0).

        The body is base64-encoded, as the API is configured to treat every type as binary.
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
            return _elsewhere(path)
        # The matcher also returns what routes that it tried before have captured.
        names = re.findall(r"\{(\w+)\}", match.route)
        return match.route, {name: match.captured[name] for name in names}


def _elsewhere(path: str) -> tuple[str, dict[str, str]]:
    """The route of an unknown address: that of a page of the desk, or of another page."""
    first, _, rest = path.strip("/").partition("/")
    if first == "desk" and "/" in rest:
        event, _, proxy = rest.partition("/")
        return ELSEWHERE_AT_DESK, {"event": event, "proxy": proxy}
    return ELSEWHERE, {"event": first, "proxy": rest}
