"""The registration list: filtering, searching, sorting and paging."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.desk.limits import REGISTRATIONS_ON_A_PAGE
from chalicelib.event.mail_address import typed_address
from chalicelib.registration.limits import NOTE_AT_MOST
from chalicelib.registration.registration import ListEntry
from chalicelib.texts.collation import swedish_order
from chalicelib.texts.folding import folded

_MINUTE = timedelta(minutes=1)
# Code points of a note that are searched: twice as many as its characters, for those with accents.
_SEARCHED_AT_MOST = 2 * NOTE_AT_MOST
# Within a word, only so long a part of one is found: "ek" is in half of all names.
_WITHIN_A_WORD = 3


@dataclass(frozen=True)
class ListFilter:
    """Which registrations to show, and how to sort these; by default all, by name.

    `since` and `until` limit the time of registering; both minutes are included. `search` is the
    key under which the searched `text` is stored.
    """

    meal: str = ""
    diet: str = ""
    allergen: str = ""
    severe: bool = False
    noted: bool = False
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""
    text: str = ""
    sort: str = "name"


# Whether a folded text has a word that is searched for.
Finder = Callable[[str], bool]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. `number` counts from 1; `total` is the number of rows on all pages."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


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
    """The entries that match the filter, sorted."""
    return sorted(filter(matcher(list_filter), entries), key=SORTS[list_filter.sort])


def matcher(list_filter: ListFilter) -> Callable[[ListEntry], bool]:
    """A function that tells whether an entry matches the filter."""
    wanted = [_finder(word) for word in _words(list_filter.text)]
    return lambda entry: _matches(entry, list_filter, wanted)


def page_of(
    rows: Sequence[Row], number: int, on_a_page: int = REGISTRATIONS_ON_A_PAGE
) -> Page[Row]:
    """Page `number`, or the nearest page that exists."""
    pages = max(1, -(-len(rows) // on_a_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * on_a_page
    return Page(rows[start : start + on_a_page], number, pages, len(rows))


def _matches(entry: ListEntry, list_filter: ListFilter, wanted: Sequence[Finder]) -> bool:
    if not _in_time_range(entry, list_filter) or (
        list_filter.text and not _contains(entry, wanted)
    ):
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


def _in_time_range(entry: ListEntry, list_filter: ListFilter) -> bool:
    at = entry.registered_at
    return (not list_filter.since or at >= list_filter.since) and (
        not list_filter.until or at - _MINUTE < list_filter.until
    )


def _words(text: str) -> list[str]:
    """The folded words of a search; what contains an @ is part of an address."""
    words = []
    for part in text.split():
        words += [typed_address(part).casefold()] if "@" in part else folded(part).split()
    return words or [text.strip()]


def _finder(word: str) -> Finder:
    """A function that finds a word in folded text: where a word begins, and a long one anywhere.

    A word may be written in two: "Annakarin" finds "Anna-Karin", and "O Brien" finds "O'Brien".
    """
    begins = re.compile(" " + " ?".join(map(re.escape, word))).search
    is_long = len(word) >= _WITHIN_A_WORD
    return lambda text: bool(begins(text)) or (is_long and word in text)


def _contains(entry: ListEntry, wanted: Sequence[Finder]) -> bool:
    """Whether each word is found: in the name, organisation, address or code, or in the note."""
    names = folded(entry.name), folded(entry.organisation)
    text = " ".join(("", *names, entry.email.casefold(), entry.code.casefold()))
    missing = [finds for finds in wanted if not finds(text)]
    if not missing or not entry.note:
        return not missing
    note = f" {folded(entry.note, _SEARCHED_AT_MOST)}"
    return all(finds(note) for finds in missing)
