"""Finding registrations that are likely of one person; these are shown, never merged."""

from collections.abc import Iterator, Sequence

from chalicelib.registration.registration import ListEntry
from chalicelib.texts.folding import decomposed


def likely_duplicates(people: Sequence[ListEntry]) -> list[tuple[ListEntry, ...]]:
    """Groups of two or more with the same normalised name and the same organisation or address.

    Two who both match a third are in one group. Groups and members are in the order of `people`.
    """
    groups: dict[int, list[ListEntry]] = {}
    parent = list(range(len(people)))
    first_with: dict[tuple[str, ...], int] = {}
    for number, person in enumerate(people):
        for match_key in _match_keys(person):
            _union(parent, first_with.setdefault(match_key, number), number)
    for number, person in enumerate(people):
        groups.setdefault(_root(parent, number), []).append(person)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _match_keys(person: ListEntry) -> Iterator[tuple[str, ...]]:
    name = normalised_name(person)
    if person.email:
        yield "address", name, person.email.casefold()
    if person.organisation or not person.email:
        yield "organisation", name, normalised(person.organisation)


def normalised_name(person: ListEntry) -> str:
    """The person's name as `normalised`; the name itself if it has no letters or digits."""
    return normalised(person.name) or person.name


def normalised(text: str) -> str:
    """The text without case, accents, punctuation and spaces: `Åsa-Ek` is the same as `ASA EK`."""
    return "".join(letter for letter in decomposed(text.casefold()) if letter.isalnum())


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        number = parent[number]
    return number


def _union(parent: list[int], one: int, other: int) -> None:
    one, other = sorted((_root(parent, one), _root(parent, other)))
    parent[other] = one
