"""One request as the pages need it: language, links, time; and the answers to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.dynamo.table import StoreUnavailable
from chalicelib.event.event import Event
from chalicelib.logs.json_lines import log_fault
from chalicelib.texts.language import LANGUAGES, preferred_language

if TYPE_CHECKING:
    from chalicelib.event.context import Context
    from chalicelib.registration.registering import Visitor

View = Callable[..., Response]
Thing = TypeVar("Thing")

HTML = "text/html; charset=utf-8"
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
# What most pages don't say.
_NOTHING: Mapping[str, object] = {
    "errors": {},
    **dict.fromkeys(
        (
            "officer",
            "wrong",
            "typed",
            "changed",
            "reason",
            "block",
            "day",
            "clock",
            "saved",
            "stored",
            "moved",
            "key",
            "changing",
            "not_saved",
            "answers",
            "registration",
            "token",
            "problem",
        ),
        "",
    ),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Visit:
    """Who asks: in which language, at which time of the gateway, under which stage's prefix."""

    language: str
    language_was_chosen: bool
    origin: str
    prefix: str
    path: str
    now: datetime
    request: Request

    @property
    def visitor(self) -> Visitor:
        """Where a mail to this visitor leads back to."""
        from chalicelib.registration.registering import Visitor

        return Visitor(self.origin + self.prefix, self.language)

    @cached_property
    def context(self) -> Context:
        """What use cases work with; the table has the time that this visitor's request has left."""
        from chalicelib.event.context import Context

        return Context(self.now, the_event(), bootstrap.composition().table)

    @property
    def choice(self) -> str:
        """What ends the links of this visit's pages: the language, if it was chosen."""
        return f"?lang={self.language}" if self.language_was_chosen else ""

    def link(self, path: str, language: str | None = None) -> str:
        """The address of one of our pages, which keeps a chosen language."""
        return f"{self.prefix}{path}" + (f"?lang={language}" if language else self.choice)


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


def visit_of(request: Request) -> Visit:
    """The visit that a request is."""
    prefix, path = _split_path(request.context)
    return Visit(
        language=language_of(request),
        language_was_chosen=bool(_chosen_language(request)),
        origin=_origin(request),
        prefix=prefix,
        path=path,
        now=_arrived_at(request.context),
        request=request,
    )


def language_of(request: Request) -> str:
    """The chosen language, or the best of those that the browser accepts."""
    accepted = request.headers.get("accept-language", "")
    return _chosen_language(request) or preferred_language(accepted)


def page(visit: Visit, template: str, status: int = 200, **values: object) -> Response:
    """A page of ours as the answer to a visit."""
    from chalicelib.texts import rendering

    html = rendering.page(
        template,
        visit.language,
        event=the_event(),
        visit=visit,
        link=visit.link,
        languages=LANGUAGES,
        **{**_NOTHING, **values},
    )
    return Response(html, {"Content-Type": HTML}, status)


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
        report_fault(fault)
        status = 503 if isinstance(fault, StoreUnavailable) else 500
        return page(visit, "problem.html", status, problem="failure")


def report_fault(fault: Exception) -> None:
    """Logs what kind of fault it was and where; its text only if it is the store's own."""
    log_fault(fault, str(fault) if isinstance(fault, StoreUnavailable) else "")


def the_event() -> Event:
    """The event of this process."""
    return bootstrap.composition().event


def attachment(content: str | bytes, media_type: str, name: str) -> Response:
    """A file to keep under this name."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers)


def redirect(address: str) -> Response:
    """Sends the browser on with a GET (RFC 9110, 15.4.4)."""
    return Response("", {"Location": address, "Content-Type": "text/plain; charset=utf-8"}, 303)


def _chosen_language(request: Request) -> str:
    chosen = str(request.query_params.get("lang", "")) if request.query_params else ""
    return chosen if chosen in LANGUAGES else ""


def _split_path(context: Mapping[str, object]) -> tuple[str, str]:
    """The stage's prefix, which is in the path on AWS's own address and not behind a domain."""
    path, stage = str(context.get("path") or "/"), f"/{context.get('stage') or ''}"
    is_in_path = stage != "/" and f"{path}/".startswith(f"{stage}/")
    prefix = stage if is_in_path else ""
    # "//elsewhere" or "/\\elsewhere" in a link would leave for another host.
    return prefix, "/" + quote(path.removeprefix(prefix).lstrip("/"), safe="/%")


def _arrived_at(context: Mapping[str, object]) -> datetime:
    """When the request reached the gateway, whose clock decides; else now."""
    milliseconds = context.get("requestTimeEpoch")
    if isinstance(milliseconds, int):
        return _EPOCH + timedelta(milliseconds=milliseconds)
    return bootstrap.composition().clock()


def _origin(request: Request) -> str:
    """Scheme and host as the gateway saw them; the Host header only where there is no gateway.

    What is not encrypted is on this machine: no visitor's header may turn a mailed link into http.
    """
    host = str(request.context.get("domainName") or request.headers.get("host") or "localhost")
    is_here = host.partition(":")[0] in _THIS_MACHINE
    scheme = request.headers.get("x-forwarded-proto") if is_here else "https"
    return f"{'http' if scheme == 'http' else 'https'}://{host}"
