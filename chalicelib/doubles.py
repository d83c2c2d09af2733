"""Registrations that look like one person; shown side by side, never merged on a guess."""

from collections.abc import Iterator, Sequence

from chalicelib.roll import Entry, folded, folded_name


def likely_doubles(people: Sequence[Entry]) -> list[tuple[Entry, ...]]:
    """Groups of two or more with the same folded name and the same organisation or mail address.

    Who is linked through a third is in the same group; groups and members keep their sequence.
    """
    groups: dict[int, list[Entry]] = {}
    leader = list(range(len(people)))
    first_with: dict[tuple[str, ...], int] = {}
    for number, person in enumerate(people):
        for sign in _signs(person):
            _join(leader, first_with.setdefault(sign, number), number)
    for number, person in enumerate(people):
        groups.setdefault(_leader(leader, number), []).append(person)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _signs(person: Entry) -> Iterator[tuple[str, ...]]:
    name = folded_name(person.name)
    if person.email:
        yield "address", name, person.email.casefold()
    if person.organisation or not person.email:
        yield "organisation", name, folded(person.organisation)


def _leader(leader: list[int], number: int) -> int:
    while leader[number] != number:
        number = leader[number]
    return number


def _join(leader: list[int], one: int, other: int) -> None:
    one, other = sorted((_leader(leader, one), _leader(leader, other)))
    leader[other] = one
