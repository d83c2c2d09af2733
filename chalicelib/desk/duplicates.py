"""Finding registrations that are likely of one person; these are shown, never merged."""

from collections.abc import Iterator, Sequence

from chalicelib.event.mail_address import ascii_address
from chalicelib.registration.registration import ListEntry
from chalicelib.texts.folding import folded


def likely_duplicates(people: Sequence[ListEntry]) -> list[tuple[ListEntry, ...]]:
    """Groups of two or more with the same normalised name and the same organisation or address.

    Two who both match a third are in one group. Groups and members are in the order of `people`.
    """
    groups: dict[int, list[ListEntry]] = {}
    parent = list(range(len(people)))
    first_with: dict[tuple[str, ...], int] = {}
    # Many people are of one organisation.
    organisations = {name: normalised(name) for name in {one.organisation for one in people}}
    for number, person in enumerate(people):
        for match_key in _match_keys(person, organisations[person.organisation]):
            _union(parent, first_with.setdefault(match_key, number), number)
    for number, person in enumerate(people):
        groups.setdefault(_root(parent, number), []).append(person)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _match_keys(person: ListEntry, organisation: str) -> Iterator[tuple[str, ...]]:
    words = _words_of_name(person)
    for name in {"".join(sorted(words)), "".join(words)}:  # the second: "Anna-Karin", "Annakarin"
        if person.email:
            yield "address", name, ascii_address(person.email).casefold()
        if person.organisation or not person.email:
            yield "organisation", name, organisation


def normalised_name(person: ListEntry) -> str:
    """The name's folded words in one order; the name itself if it has no letters or digits."""
    return "".join(sorted(_words_of_name(person)))


def normalised(text: str) -> str:
    """The folded text without spaces: `Kultur-förvaltningen` is `KULTUR FORVALTNINGEN`."""
    return "".join(folded(text).split())


def _words_of_name(person: ListEntry) -> list[str]:
    return folded(person.name).split() or [person.name]


def _root(parent: list[int], number: int) -> int:
    while parent[number] != number:
        number = parent[number]
    return number


def _union(parent: list[int], one: int, other: int) -> None:
    one, other = sorted((_root(parent, one), _root(parent, other)))
    parent[other] = one
