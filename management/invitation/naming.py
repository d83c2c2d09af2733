"""Ids and addresses made from names and titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_ID_AT_MOST = 50
_UNACCENTED = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ß": "ss"})
# Words that say less about a meal than others in its title.
_LESS = frozenset("och and med with i in at på the en ett a dags för to till vid av of".split())


def _ascii(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_UNACCENTED))
    return letters.encode("ascii", "ignore").decode()


def slug(text: str, joined_by: str = "-", at_most: int = _ID_AT_MOST) -> str:
    """The text's words in a-z and 0-9, joined; whole words, `at_most` characters."""
    words = re.findall(r"[a-z0-9]+", _ascii(text))
    while len(words) > 1 and len(joined_by.join(words)) > at_most:
        words.pop()
    return joined_by.join(words)[:at_most]


def event_id(title: str, year: int, taken: Collection[str]) -> str:
    """An id for an event of this title and year that no other event has."""
    words = re.sub(rf"(^|-){year}(-|$)", r"\2", slug(title)).strip("-")
    wanted = "-".join(filter(None, (words or "event", str(year))))
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def meal_id(title: str, taken: Collection[str]) -> str:
    """An id for a meal with this title that no other meal has."""
    words = [word for word in slug(title, " ", 30).split() if word not in _LESS]
    wanted = "_".join(words) or "meal"
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}_{number}"
    return found


def address_of(name: str) -> str:
    """The part before the @ of a person's placeholder address."""
    return slug(name, ".", 40) or "contact"
