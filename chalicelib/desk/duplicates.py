"""Registrations that look like one person; shown side by side, never merged on a guess."""

import unicodedata
from collections.abc import Iterator, Sequence

from chalicelib.registration.registration import ListEntry


def likely_duplicates(people: Sequence[ListEntry]) -> list[tuple[ListEntry, ...]]:
    """Groups of two or more with the same folded name and the same organisation or mail address.

    Who is linked through a third is in the same group; groups and members keep their sequence.
    """
    groups: dict[int, list[ListEntry]] = {}
    leader = list(range(len(people)))
    first_with: dict[tuple[str, ...], int] = {}
    for number, person in enumerate(people):
        for sign in _signs(person):
            _join(leader, first_with.setdefault(sign, number), number)
    for number, person in enumerate(people):
        groups.setdefault(_leader(leader, number), []).append(person)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _signs(person: ListEntry) -> Iterator[tuple[str, ...]]:
    name = _folded(person.name) or person.name
    if person.email:
        yield "address", name, person.email.casefold()
    if person.organisation or not person.email:
        yield "organisation", name, _folded(person.organisation)


def _folded(text: str) -> str:
    """Without case, marks, punctuation and spaces: Åsa Öström-Ek and ASA OSTROM EK are alike."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _leader(leader: list[int], number: int) -> int:
    while leader[number] != number:
        number = leader[number]
    return number


def _join(leader: list[int], one: int, other: int) -> None:
    one, other = sorted((_leader(leader, one), _leader(leader, other)))
    leader[other] = one
