"""The list of everybody registered: choosing, searching, sorting and paging, fifty at a time."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.desk.limits import REGISTRATIONS_ON_A_PAGE
from chalicelib.registration.registration import ListEntry

_MINUTE = timedelta(minutes=1)
# After z, in this order (Swedish collation); the letters of other languages as their nearest.
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


@dataclass(frozen=True)
class ListFilter:
    """Which of them to show, and sorted by what; empty is all, by name.

    Those registered from the minute `since` to the minute `until`, both included.
    """

    meal: str = ""
    diet: str = ""
    allergen: str = ""
    severe: bool = False
    noted: bool = False
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    sort: str = "name"


Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, counted from 1; `total` is how many there are on all pages."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def swedish_order(name: str) -> str:
    """A key that sorts as a Swedish register does: å, ä, ö last, case and accents apart."""
    letters = unicodedata.normalize("NFC", name.casefold()).translate(_LAST_LETTERS)
    plain = unicodedata.normalize("NFKD", letters)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


SORTS: dict[str, Callable[[ListEntry], Any]] = {
    "name": lambda entry: (swedish_order(entry.name), entry.code),
    "organisation": lambda entry: (
        swedish_order(entry.organisation),
        swedish_order(entry.name),
        entry.code,
    ),
    "code": lambda entry: entry.code,
    "newest": lambda entry: (-entry.registered_at.timestamp(), entry.code),
}


def select_entries(entries: Iterable[ListEntry], list_filter: ListFilter) -> list[ListEntry]:
    """Those that were chosen, sorted."""
    return sorted(
        (entry for entry in entries if _matches(entry, list_filter)), key=SORTS[list_filter.sort]
    )


def page_of(
    rows: Sequence[Row], number: int, on_a_page: int = REGISTRATIONS_ON_A_PAGE
) -> Page[Row]:
    """That page, or the nearest there is."""
    pages = max(1, -(-len(rows) // on_a_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * on_a_page
    return Page(rows[start : start + on_a_page], number, pages, len(rows))


def _matches(entry: ListEntry, list_filter: ListFilter) -> bool:
    if not _came(entry, list_filter) or (list_filter.text and not _says(entry, list_filter.text)):
        return False
    if not (
        list_filter.meal
        or list_filter.diet
        or list_filter.allergen
        or list_filter.severe
        or list_filter.noted
    ):
        return True
    order = entry.order
    plate = order.plate
    return (
        (not list_filter.meal or list_filter.meal in order.meals)
        and (not list_filter.diet or list_filter.diet == plate.diet)
        and (not list_filter.allergen or list_filter.allergen in plate.allergens)
        and (not list_filter.severe or plate.severe)
        and (not list_filter.noted or plate.noted)
    )


def _came(entry: ListEntry, list_filter: ListFilter) -> bool:
    """Whether it was registered at a time that was chosen."""
    at = entry.registered_at
    return (not list_filter.since or at >= list_filter.since) and (
        not list_filter.until or at - _MINUTE < list_filter.until
    )


def _says(entry: ListEntry, text: str) -> bool:
    wanted = swedish_order(text.strip())
    return any(
        wanted in swedish_order(told)
        for told in (entry.name, entry.organisation, entry.email, entry.code)
    )
