"""The registration list: filtering, searching, sorting and paging."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.desk.limits import REGISTRATIONS_ON_A_PAGE
from chalicelib.event.mail_address import typed_address
from chalicelib.registration.registration import ListEntry
from chalicelib.texts.folding import decomposed, folded

_MINUTE = timedelta(minutes=1)
# Swedish collation: å, ä and ö sort after z, in this order; æ sorts as ä, and ø as ö.
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


@dataclass(frozen=True)
class ListFilter:
    """Which registrations to show, and how to sort these; by default all, by name.

    `since` and `until` limit the time of registering; both minutes are included.
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
    """One page of rows. `number` counts from 1; `total` is the number of rows on all pages."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def swedish_order(name: str) -> str:
    """A sort key for Swedish alphabetical order: å, ä, ö last; case and accents are ignored."""
    letters = unicodedata.normalize("NFC", name.casefold()).translate(_LAST_LETTERS)
    return "".join(letter for letter in decomposed(letters) if not unicodedata.combining(letter))


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
    wanted = _words(list_filter.text)
    return lambda entry: _matches(entry, list_filter, wanted)


def page_of(
    rows: Sequence[Row], number: int, on_a_page: int = REGISTRATIONS_ON_A_PAGE
) -> Page[Row]:
    """Page `number`, or the nearest page that exists."""
    pages = max(1, -(-len(rows) // on_a_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * on_a_page
    return Page(rows[start : start + on_a_page], number, pages, len(rows))


def _matches(entry: ListEntry, list_filter: ListFilter, wanted: Sequence[str]) -> bool:
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


def _contains(entry: ListEntry, words: Sequence[str]) -> bool:
    """Whether the entry has the words one after another, or a word that begins with each of them.

    Looks at the name, the organisation, the address and the code.
    """
    names = folded(entry.name), folded(entry.organisation)
    text = " ".join(("", *names, entry.email.casefold(), entry.code.casefold()))
    return " ".join(words) in text or all(f" {word}" in text for word in words)
