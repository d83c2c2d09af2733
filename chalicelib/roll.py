"""The list of everybody registered: choosing, searching, sorting and paging, fifty at a time."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar

from chalicelib.instants import instant
from chalicelib.registration import Order

ON_A_PAGE = 50
# So many registrations a page looks through; then it says so, and where it goes on.
LOOKED_THROUGH = 1000
# One more tells that there are more.
READ_AT_MOST = LOOKED_THROUGH + 1
_MINUTE = timedelta(minutes=1)
# A key of an index has at most 1024 bytes, and one of ours two names.
_LETTERS_OF_A_KEY = 80
# Before whatever a name may have in it: a name sorts before the longer ones that begin with it.
_BETWEEN = "\n"
# After z, in this order (Swedish collation); the letters of other languages as their nearest.
_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A registration as the list needs it, without its note; `key` is the hash of its token."""

    key: str
    name: str
    organisation: str
    email: str
    encoded_order: str
    registered_at: datetime
    revision: int = 1

    @property
    def place(self) -> str:
        """Where a page ends: it names nobody, and holds until somebody changes the answers."""
        return f"{self.key}.{self.revision}"

    @property
    def order(self) -> Order:
        """What is to be put on the table."""
        return Order.decode(self.encoded_order)

    @property
    def code(self) -> str:
        """The plate code."""
        return self.encoded_order.partition("|")[0]


@dataclass(frozen=True)
class Choice:
    """Which of them to show, and sorted by what; empty is all, by name.

    Those registered from the minute `since` to the minute `until`, both included. `after` is the
    place of the one after which to look, if it isn't from the beginning.
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
    after: str = ""


Row = TypeVar("Row")


@dataclass(frozen=True)
class Sheet(Generic[Row]):
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


def folded(text: str) -> str:
    """Without case, marks, punctuation and spaces: Åsa Öström-Ek and ASA OSTROM EK are alike."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def name_key(name: str, code: str) -> str:
    """Where the list sorted by name has somebody; codes tell people of one name apart."""
    return _BETWEEN.join((swedish_order(name)[:_LETTERS_OF_A_KEY], code))


def organisation_key(organisation: str, name: str, code: str) -> str:
    """Where the list sorted by organisation has somebody; those without one come first."""
    return _BETWEEN.join((swedish_order(organisation)[:_LETTERS_OF_A_KEY], name_key(name, code)))


def folded_name(name: str) -> str:
    """A name folded, or as it is if nothing is left of it."""
    return folded(name) or name


def person(name: str) -> str:
    """The same for whoever may be one person."""
    return folded_name(name)[:_LETTERS_OF_A_KEY]


def person_key(name: str, code: str) -> str:
    """Where likely doubles are neighbours."""
    return _BETWEEN.join((person(name), code))


def time_key(registered_at: datetime, code: str) -> str:
    """Where the list sorted by time has somebody, from its end."""
    return f"{instant(registered_at)}#{code}"


PERSON, NEWEST = "person", "newest"
# What the table's indexes sort by. No two registrations have the same place.
SORTS: dict[str, Callable[[Entry], str]] = {
    "name": lambda entry: name_key(entry.name, entry.code),
    "organisation": lambda entry: organisation_key(entry.organisation, entry.name, entry.code),
    "code": lambda entry: entry.code,
    PERSON: lambda entry: person_key(entry.name, entry.code),
    NEWEST: lambda entry: time_key(entry.registered_at, entry.code),
}


def in_order(entries: Iterable[Entry], sort: str) -> list[Entry]:
    """Sorted as the table's index has them."""
    return sorted(entries, key=SORTS[sort], reverse=sort == NEWEST)


@dataclass(frozen=True)
class Look:
    """As many of the list as one page looks through, after the one at the place `after`.

    If there are more, they come after `last`. `is_anew` if it begins from the beginning again,
    since the list has changed where the page should have gone on.
    """

    entries: Sequence[Entry]
    after: str = ""
    last: str = ""
    is_anew: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the list."""
        return not self.after and not self.last


def look(entries: Iterator[Entry], after: str = "") -> Look:
    """The first of them."""
    some = list(islice(entries, READ_AT_MOST))
    return _first(some, some[:LOOKED_THROUGH], after)


def look_by_person(entries: Iterator[Entry], after: str = "") -> Look:
    """The first of those sorted by person; whoever has the name of the one after them waits too.

    Unless all have that one name.
    """
    some = list(islice(entries, READ_AT_MOST))
    following = person(some[-1].name) if len(some) == READ_AT_MOST else ""
    whole = [entry for entry in some[:LOOKED_THROUGH] if person(entry.name) != following]
    return _first(some, whole or some[:LOOKED_THROUGH], after)


def _first(read: Sequence[Entry], entries: Sequence[Entry], after: str) -> Look:
    is_cut = len(read) == READ_AT_MOST
    return Look(entries, after, entries[-1].place if is_cut else "")


def choose(entries: Iterable[Entry], choice: Choice) -> list[Entry]:
    """Those that were chosen, in their sequence."""
    return [entry for entry in entries if _matches(entry, choice)]


def sheet(rows: Sequence[Row], number: int, on_a_page: int = ON_A_PAGE) -> Sheet[Row]:
    """That page, or the nearest there is."""
    pages = max(1, -(-len(rows) // on_a_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * on_a_page
    return Sheet(rows[start : start + on_a_page], number, pages, len(rows))


def _matches(entry: Entry, choice: Choice) -> bool:
    if not _came(entry, choice) or (choice.text and not _says(entry, choice.text)):
        return False
    if not (choice.meal or choice.diet or choice.allergen or choice.severe or choice.noted):
        return True
    order = entry.order
    plate = order.plate
    return (
        (not choice.meal or choice.meal in order.meals)
        and (not choice.diet or choice.diet == plate.diet)
        and (not choice.allergen or choice.allergen in plate.allergens)
        and (not choice.severe or plate.severe)
        and (not choice.noted or plate.noted)
    )


def _came(entry: Entry, choice: Choice) -> bool:
    """Whether it was registered at a time that was chosen."""
    at = entry.registered_at
    return (not choice.since or at >= choice.since) and (
        not choice.until or at - _MINUTE < choice.until
    )


def _says(entry: Entry, text: str) -> bool:
    wanted = swedish_order(text.strip())
    return any(
        wanted in swedish_order(told)
        for told in (entry.name, entry.organisation, entry.email, entry.code)
    )
