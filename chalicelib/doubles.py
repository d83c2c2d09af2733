"""Registrations that look like one person; shown side by side, never merged on a guess."""

import unicodedata
from collections.abc import Iterator, Sequence

from chalicelib.registration import Answers, Registration


def likely_doubles(registrations: Sequence[Registration]) -> list[tuple[Registration, ...]]:
    """Groups of two or more with the same folded name and the same organisation or mail address.

    Who is linked through a third is in the same group; groups and members keep their sequence.
    """
    groups: dict[int, list[Registration]] = {}
    leader = list(range(len(registrations)))
    first_with: dict[tuple[str, ...], int] = {}
    for number, registration in enumerate(registrations):
        for sign in _signs(registration.answers):
            _join(leader, first_with.setdefault(sign, number), number)
    for number, registration in enumerate(registrations):
        groups.setdefault(_leader(leader, number), []).append(registration)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _signs(answers: Answers) -> Iterator[tuple[str, ...]]:
    name = _folded(answers.name) or answers.name
    if answers.email:
        yield "address", name, answers.email.casefold()
    if answers.organisation or not answers.email:
        yield "organisation", name, _folded(answers.organisation)


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
