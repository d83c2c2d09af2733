"""Which registrations a page of the desk is about, as an address or a form tells it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.dates import typed_moment
from chalicelib.roll import NEWEST, PERSON, READ_AT_MOST, Choice, Look, look, look_by_person
from chalicelib.store import Store
from chalicelib.views.desk_session import KEY

# What a field or a parameter says, by its name.
Told = Callable[[str], str]
# By themselves, days mean the whole of them.
_TIMES = {"since": "0.00", "until": "23.59"}
_PLACE = re.compile(rf"{KEY.pattern}\.[0-9]{{1,9}}")
_SORTS = ("name", "organisation", "code", NEWEST)


def choice_of(told: Told, zone: ZoneInfo) -> Choice:
    """What was chosen, but for the words searched for, which no address may tell."""
    return Choice(
        meal=told("meal"),
        diet=told("diet"),
        allergen=told("allergen"),
        severe=told("severe") == "yes",
        noted=told("noted") == "yes",
        since=_minute("since", told, zone),
        until=_minute("until", told, zone),
        sort=told("sort") if told("sort") in _SORTS else "name",
        after=after_of(told),
    )


def after_of(told: Told) -> str:
    """The place where the page before ended, if it says one."""
    return told("after") if _PLACE.fullmatch(told("after")) else ""


def look_through(store: Store, choice: Choice) -> Look:
    """As many as one page looks through of what is sorted so, the chosen ones and the others.

    From the beginning if the place after which to look isn't there any more, or nobody after it.
    """
    try:
        looked = _look(store, choice)
    except LookupError:
        looked = Look([], choice.after)
    if choice.after and not looked.entries:
        return replace(_look(store, replace(choice, after="")), is_anew=True)
    return looked


def from_where(looked: Look) -> str:
    """Which part of a longer list it is, for the log: by the code of the first in it."""
    return f" från {looked.entries[0].code}" if looked.after else ""


def _look(store: Store, choice: Choice) -> Look:
    after = choice.after
    if choice.sort == NEWEST:
        return look(store.newest(choice.since, choice.until, after, READ_AT_MOST), after)
    first = look_by_person if choice.sort == PERSON else look
    return first(store.entries(choice.sort, after, READ_AT_MOST), after)


def unreadable_times(told: Told, zone: ZoneInfo) -> dict[str, str]:
    """The times that can't be read, as they were typed."""
    return {
        name: told(name)
        for name in _TIMES
        if told(name).strip() and _minute(name, told, zone) is None
    }


def parameters_of(choice: Choice, zone: ZoneInfo) -> dict[str, str]:
    """The same for an address or a form; what was not chosen is not in it."""
    chosen = {
        "meal": choice.meal,
        "diet": choice.diet,
        "allergen": choice.allergen,
        "severe": "yes" if choice.severe else "",
        "noted": "yes" if choice.noted else "",
        "since": _typed(choice.since, zone),
        "until": _typed(choice.until, zone),
        "sort": "" if choice.sort == "name" else choice.sort,
        "after": choice.after,
    }
    return {name: value for name, value in chosen.items() if value}


def _minute(name: str, told: Told, zone: ZoneInfo) -> datetime | None:
    """`2027-05-20 10.00`, as typed or as `2027-05-20T10:00`."""
    day, _, at = told(name).strip().replace("T", " ").partition(" ")
    return typed_moment(day, at.strip() or _TIMES[name], zone)


def _typed(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H.%M}" if at else ""
