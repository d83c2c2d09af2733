"""One request as the pages need it: event, language, links and time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from chalice.app import Request, Response

from chalicelib import bootstrap
from chalicelib.event.agenda_pages import path_of
from chalicelib.event.event import Event
from chalicelib.event.problems import InvalidEvent
from chalicelib.event.theme import Theme
from chalicelib.logs.json_lines import event_id
from chalicelib.texts.language import preferred_language

if TYPE_CHECKING:
    from chalicelib.event.context import Context

View = Callable[..., Response]
Found = TypeVar("Found")

# Characters of Accept-Language that are read; browsers send fewer than 100.
_ACCEPTED_AT_MOST = 300
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
_PRIVATE = ("/desk/", "/{event}/registration/")
# Pages of no single event.
_DOORS = frozenset({"/desk", "/desk/sent", "/desk/leave"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PageRequest:
    """A request: language, address, arrival time `now`, and the prefix of the stage in paths.

    `about` is the event that the page is about, if any. `path` is the address without the stage
    and the event: the same for every event.
    """

    about: Event | None
    language: str
    language_was_chosen: bool
    origin: str
    prefix: str
    path: str
    now: datetime
    raw: Request

    @cached_property
    def context(self) -> Context:
        """The context for use cases; the table stops when this request's time is up."""
        from chalicelib.event.context import Context

        return Context(self.now, self.event, bootstrap.composition().table(self.event))

    @property
    def event(self) -> Event:
        """The event of a page that is about one; raises LookupError for another page."""
        if self.about is None:
            raise LookupError("the page is about no event")
        return self.about

    @property
    def language_query(self) -> str:
        """The query string for links on this page: `?lang=` if a language was chosen."""
        return f"?lang={self.language}" if self.language_was_chosen else ""

    def link(self, path: str, language: str | None = None) -> str:
        """The address of another page of Dukat, with the chosen or the given language.

        `path` is that of a page of this event, or a door of all events such as `/desk`.
        """
        is_door = path in _DOORS or path.startswith("/desk/enter/")
        if self.about and not is_door:
            path = path_of(path, self.about)
        return f"{self.prefix}{path}" + (f"?lang={language}" if language else self.language_query)


def page_request(raw: Request) -> PageRequest:
    """The PageRequest of a Chalice request."""
    prefix, path = _split_path(raw)
    event = event_of(raw)
    if event:
        event_id.set(event.id)
        path = re.sub(rf"^(/desk)?/{event.id}(?=/|$)", r"\1", path) or "/"
    return PageRequest(
        about=event,
        language=language_of(raw),
        language_was_chosen=bool(_chosen_language(raw)),
        origin=_origin(raw),
        prefix=prefix,
        path=path,
        now=_arrived_at(raw.context),
        raw=raw,
    )


def language_of(raw: Request) -> str:
    """The language in the query, or the best of the event's that the browser accepts."""
    accepted = str(raw.headers.get("accept-language", ""))[:_ACCEPTED_AT_MOST]
    return _chosen_language(raw) or preferred_language(accepted, languages_of(event_of(raw)))


def event_of(raw: Request) -> Event | None:
    """The event in the address; without one, or if it is unknown, the only one that pages show.

    An event that is not published is unknown, but for its desk and its registrations' links.
    """
    parts = bootstrap.composition()
    wanted = (raw.uri_params or {}).get("event", "")
    with suppress(InvalidEvent):
        event = parts.events.find(wanted)
        if event and (parts.shows(event) or str(raw.path).startswith(_PRIVATE)):
            return event
    return parts.only_event()


def languages_of(event: Event | None) -> tuple[str, ...]:
    """The languages of a page about this event, or about none; the first is the desk's."""
    return (event or bootstrap.composition().events.organisation).languages


def theme_of(event: Event | None) -> Theme:
    """The look of a page about this event, or about none."""
    return event.theme if event else bootstrap.composition().events.organisation.theme


def _chosen_language(raw: Request) -> str:
    chosen = str(raw.query_params.get("lang", "")) if raw.query_params else ""
    return chosen if chosen in languages_of(event_of(raw)) else ""


def _split_path(raw: Request) -> tuple[str, str]:
    """The stage's prefix and the rest of the path. A custom domain has no prefix."""
    path, stage = str(raw.context.get("path") or "/"), f"/{raw.context.get('stage') or ''}"
    # An event may have the stage's name.
    event = (raw.uri_params or {}).get("event") if str(raw.path).startswith("/{event}") else ""
    first = stage * 2 if event == stage[1:] else stage
    is_in_path = stage != "/" and f"{path}/".startswith(f"{first}/")
    prefix = stage if is_in_path else ""
    # "//host" or "/\\host" in a link would lead to another host.
    return prefix, "/" + quote(path.removeprefix(prefix).lstrip("/"), safe="/%")


def _arrived_at(context: Mapping[str, object]) -> datetime:
    """When the request reached the gateway; without a gateway, now."""
    milliseconds = context.get("requestTimeEpoch")
    if isinstance(milliseconds, int):
        return _EPOCH + timedelta(milliseconds=milliseconds)
    return bootstrap.composition().clock()


def _origin(raw: Request) -> str:
    """The scheme and host from the gateway, or from the Host header if there is no gateway.

    Only this machine has http: no visitor's header may turn a mailed link into http.
    """
    host = str(raw.context.get("domainName") or raw.headers.get("host") or "localhost")
    is_here = host.partition(":")[0] in _THIS_MACHINE
    scheme = raw.headers.get("x-forwarded-proto") if is_here else "https"
    return f"{'http' if scheme == 'http' else 'https'}://{host}"
