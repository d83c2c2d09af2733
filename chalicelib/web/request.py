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
from chalicelib.event.event import Event
from chalicelib.texts.language import LANGUAGES, preferred_language

if TYPE_CHECKING:
    from chalicelib.event.context import Context, LinkTarget

View = Callable[..., Response]
Thing = TypeVar("Thing")

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PageRequest:
    """Who asks: in which language, at which time of the gateway, under which stage's prefix."""

    language: str
    language_was_chosen: bool
    origin: str
    prefix: str
    path: str
    now: datetime
    raw: Request

    @property
    def link_target(self) -> LinkTarget:
        """Where the links of a mail to this visitor lead."""
        from chalicelib.event.context import LinkTarget

        return LinkTarget(self.origin + self.prefix, self.language)

    @cached_property
    def context(self) -> Context:
        """What use cases work with; the table has the time that this visitor's request has left."""
        from chalicelib.event.context import Context

        return Context(self.now, current_event(), bootstrap.composition().table)

    @property
    def language_query(self) -> str:
        """What ends the links of this visit's pages: the language, if it was chosen."""
        return f"?lang={self.language}" if self.language_was_chosen else ""

    def link(self, path: str, language: str | None = None) -> str:
        """The address of one of our pages, which keeps a chosen language."""
        return f"{self.prefix}{path}" + (f"?lang={language}" if language else self.language_query)


def page_request(raw: Request) -> PageRequest:
    """The visit that a request is."""
    prefix, path = _split_path(raw.context)
    return PageRequest(
        language=language_of(raw),
        language_was_chosen=bool(_chosen_language(raw)),
        origin=_origin(raw),
        prefix=prefix,
        path=path,
        now=_arrived_at(raw.context),
        raw=raw,
    )


def language_of(raw: Request) -> str:
    """The chosen language, or the best of those that the browser accepts."""
    accepted = raw.headers.get("accept-language", "")
    return _chosen_language(raw) or preferred_language(accepted)


def current_event() -> Event:
    """The event of this process."""
    return bootstrap.composition().event


def _chosen_language(raw: Request) -> str:
    chosen = str(raw.query_params.get("lang", "")) if raw.query_params else ""
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


def _origin(raw: Request) -> str:
    """Scheme and host as the gateway saw them; the Host header only where there is no gateway.

    What is not encrypted is on this machine: no visitor's header may turn a mailed link into http.
    """
    host = str(raw.context.get("domainName") or raw.headers.get("host") or "localhost")
    is_here = host.partition(":")[0] in _THIS_MACHINE
    scheme = raw.headers.get("x-forwarded-proto") if is_here else "https"
    return f"{'http' if scheme == 'http' else 'https'}://{host}"
