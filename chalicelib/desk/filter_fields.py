"""The filter of a desk page, read from URL parameters or form fields, and written to them."""

import re
from collections.abc import Callable
from datetime import datetime

from chalicelib.desk.registration_list import SORTS, ListFilter
from chalicelib.event.event import Event
from chalicelib.texts.language import SWEDISH
from chalicelib.texts.typed_times import parse_typed_time

# Returns the value of a field or parameter by its name; empty if it is missing.
FieldReader = Callable[[str], str]
# The time of day if only a day is given, so that the filter includes that whole day.
_DEFAULT_TIMES = {"since": "0.00", "until": "23.59"}


def filter_of(field: FieldReader, event: Event, text: str = "") -> ListFilter:
    """The filter in the fields. `text` is what the search in the field `search` looks for."""
    return ListFilter(
        meal=field("meal"),
        diet=field("diet"),
        allergen=field("allergen"),
        severe=field("severe") == "yes",
        noted=field("noted") == "yes",
        since=_minute("since", field, event),
        until=_minute("until", field, event),
        search=field("search") if text else "",
        text=text,
        sort=field("sort") if field("sort") in SORTS else "name",
    )


def unreadable_times(field: FieldReader, event: Event) -> dict[str, str]:
    """The values of `since` and `until` that can't be parsed, as typed."""
    return {
        name: field(name)
        for name in _DEFAULT_TIMES
        if field(name).strip() and _minute(name, field, event) is None
    }


def parameters_of(list_filter: ListFilter, event: Event) -> dict[str, str]:
    """The filter as URL parameters or form fields, without default values.

    The key of a search stands for its text, which must not be in a URL.
    """
    chosen = {
        "meal": list_filter.meal,
        "diet": list_filter.diet,
        "allergen": list_filter.allergen,
        "severe": "yes" if list_filter.severe else "",
        "noted": "yes" if list_filter.noted else "",
        "since": _typed(list_filter.since, event),
        "until": _typed(list_filter.until, event),
        "search": list_filter.search,
        "sort": "" if list_filter.sort == "name" else list_filter.sort,
    }
    return {name: value for name, value in chosen.items() if value}


def instant_of(text: str) -> datetime | None:
    """The instant in a form field, or None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _minute(name: str, field: FieldReader, event: Event) -> datetime | None:
    """Parse `2027-05-20 10.00`, `20 maj kl. 10.00`, or only a day, in local time."""
    typed = field(name).strip()
    found = re.fullmatch(r"(.+?)[ T]+(?:kl\.? *)?(\d\d?[.:]\d\d)", typed, re.IGNORECASE)
    day, at = found.groups() if found else (typed, _DEFAULT_TIMES[name])
    return parse_typed_time(day, at, event.timezone, event.last_date)


def _typed(at: datetime | None, event: Event) -> str:
    mark = "." if event.language == SWEDISH else ":"
    return f"{at.astimezone(event.timezone):%Y-%m-%d %H{mark}%M}" if at else ""
