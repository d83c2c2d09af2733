"""One request as the pages need it: language, links, time; and the answers to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalice.app import Request, Response

from chalicelib import bootstrap, rendering
from chalicelib.language import LANGUAGES, preferred_language

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Visit:
    """Who asks: in which language, at which time of the gateway, under which stage's prefix."""

    language: str
    language_was_chosen: bool
    prefix: str
    path: str
    now: datetime

    def link(self, path: str, language: str | None = None) -> str:
        """The address of one of our pages, which keeps a chosen language."""
        chosen = language or (self.language if self.language_was_chosen else "")
        return f"{self.prefix}{path}" + (f"?lang={chosen}" if chosen else "")


def visit_of(request: Request) -> Visit:
    """The visit that a request is."""
    prefix, path = _split_path(request.context)
    chosen = request.query_params.get("lang", "") if request.query_params else ""
    accepted = request.headers.get("accept-language", "")
    return Visit(
        language=chosen if chosen in LANGUAGES else preferred_language(accepted),
        language_was_chosen=chosen in LANGUAGES,
        prefix=prefix,
        path=path,
        now=_arrived_at(request.context),
    )


def page(visit: Visit, template: str, status: int = 200, **values: object) -> Response:
    """A page of ours as the answer to a visit."""
    composition = bootstrap.composition()
    html = rendering.page(
        template,
        visit.language,
        event=composition.event,
        visit=visit,
        link=visit.link,
        languages=LANGUAGES,
        **values,
    )
    return Response(html, {"Content-Type": "text/html; charset=utf-8"}, status)


def redirect(address: str) -> Response:
    """Sends the browser on with a GET (RFC 9110, 15.4.4)."""
    return Response("", {"Location": address, "Content-Type": "text/plain; charset=utf-8"}, 303)


def _split_path(context: Mapping[str, object]) -> tuple[str, str]:
    """The stage's prefix, which is in the path on AWS's own address and not behind a domain."""
    path, stage = str(context.get("path") or "/"), f"/{context.get('stage') or ''}"
    if stage != "/" and (path == stage or path.startswith(f"{stage}/")):
        prefix, path = stage, path.removeprefix(stage)
    else:
        prefix = ""
    return prefix, "/" + path.lstrip("/")  # "//elsewhere/" in a link would leave for another host


def _arrived_at(context: Mapping[str, object]) -> datetime:
    milliseconds = context.get("requestTimeEpoch")
    if isinstance(milliseconds, int):
        return _EPOCH + timedelta(milliseconds=milliseconds)
    return bootstrap.composition().clock()
