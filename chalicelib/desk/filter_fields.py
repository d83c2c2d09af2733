"""Which registrations a page of the desk is about, as an address or a form tells it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.desk.limits import SEARCH_AT_MOST
from chalicelib.desk.registration_list import SORTS, ListFilter
from chalicelib.texts.dates import parse_typed_time

# What a field or a parameter says, by its name.
Told = Callable[[str], str]
# By themselves, days mean the whole of them.
_TIMES = {"since": "0.00", "until": "23.59"}


def filter_of(told: Told, zone: ZoneInfo, text: str = "") -> ListFilter:
    """What was chosen; `text` are the words searched for, which no address may tell."""
    return ListFilter(
        meal=told("meal"),
        diet=told("diet"),
        allergen=told("allergen"),
        severe=told("severe") == "yes",
        noted=told("noted") == "yes",
        since=_minute("since", told, zone),
        until=_minute("until", told, zone),
        text=text[:SEARCH_AT_MOST],
        sort=told("sort") if told("sort") in SORTS else "name",
    )


def unreadable_times(told: Told, zone: ZoneInfo) -> dict[str, str]:
    """The times that can't be read, as they were typed."""
    return {
        name: told(name)
        for name in _TIMES
        if told(name).strip() and _minute(name, told, zone) is None
    }


def parameters_of(list_filter: ListFilter, zone: ZoneInfo) -> dict[str, str]:
    """The same for an address or a form; what was not chosen is not in it."""
    chosen = {
        "meal": list_filter.meal,
        "diet": list_filter.diet,
        "allergen": list_filter.allergen,
        "severe": "yes" if list_filter.severe else "",
        "noted": "yes" if list_filter.noted else "",
        "since": _typed(list_filter.since, zone),
        "until": _typed(list_filter.until, zone),
        "sort": "" if list_filter.sort == "name" else list_filter.sort,
    }
    return {name: value for name, value in chosen.items() if value}


def _minute(name: str, told: Told, zone: ZoneInfo) -> datetime | None:
    """`2027-05-20 10.00`, as typed or as `2027-05-20T10:00`."""
    day, _, at = told(name).strip().replace("T", " ").partition(" ")
    return parse_typed_time(day, at.strip() or _TIMES[name], zone)


def _typed(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H.%M}" if at else ""
