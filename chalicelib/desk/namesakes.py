"""What tells people of the same name and organisation apart, on the list of codes and names."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from chalicelib.desk.duplicates import normalised, normalised_name
from chalicelib.registration.registration import ListEntry


class Distinction(StrEnum):
    """What differs between namesakes, the least personal first."""

    MEALS = "meals"
    TIME = "time"
    PLATE = "plate"


def distinctions(entries: Iterable[ListEntry]) -> dict[str, Distinction]:
    """For the key of each entry with a namesake: the least personal that tells them all apart.

    The plate if nothing does: namesakes of the same plate may take each other's.
    """
    groups: dict[tuple[str, str], list[ListEntry]] = {}
    for entry in entries:
        same = normalised_name(entry), normalised(entry.organisation)
        groups.setdefault(same, []).append(entry)
    return {
        entry.key: distinction
        for group in groups.values()
        if len(group) > 1
        for distinction in [_distinction(group)]
        for entry in group
    }


def _distinction(group: Sequence[ListEntry]) -> Distinction:
    if len({entry.order.meals for entry in group}) == len(group):
        return Distinction.MEALS
    # Pages show minutes.
    minutes = {entry.registered_at.replace(second=0, microsecond=0) for entry in group}
    return Distinction.TIME if len(minutes) == len(group) else Distinction.PLATE
