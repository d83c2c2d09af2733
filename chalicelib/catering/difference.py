"""How two summaries differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.catering.limits import CODES_AT_MOST
from chalicelib.catering.summary import CateringSummary, MealPlates, PlateCount, severe_first
from chalicelib.event.event import Meal
from chalicelib.registration.answers import Plate


@dataclass(frozen=True)
class PlateChange:
    """How one plate at one meal differs between two summaries: `by` how many, and how many now."""

    meal: Meal
    plate: Plate
    by: int
    now: int
    codes_added: tuple[str, ...]
    codes_gone: tuple[str, ...]


def difference(before: CateringSummary, after: CateringSummary) -> tuple[PlateChange, ...]:
    """What changed, meal by meal, severe first; applied to `before` it gives `after`.

    Codes are told only if both summaries have them all.
    """
    known = {meal.meal.id: meal for meal in before.meals}
    later = {meal.meal.id: meal for meal in after.meals}
    with_codes = max(before.registrations, after.registrations) <= CODES_AT_MOST
    return tuple(
        change
        for key, meal in {**known, **later}.items()
        for change in _changes(meal.meal, known.get(key), later.get(key), with_codes=with_codes)
    )


def _changes(
    meal: Meal, before: MealPlates | None, after: MealPlates | None, *, with_codes: bool
) -> Iterator[PlateChange]:
    was, now = _by_plate(before), _by_plate(after)
    for plate in sorted({**was, **now}, key=severe_first):
        none = PlateCount(plate, 0, ())
        old, new = was.get(plate, none), now.get(plate, none)
        added, gone = set(new.codes) - set(old.codes), set(old.codes) - set(new.codes)
        if old.count != new.count or (with_codes and (added or gone)):
            codes = (sorted(added), sorted(gone)) if with_codes else ((), ())
            yield PlateChange(meal, plate, new.count - old.count, new.count, *map(tuple, codes))


def _by_plate(meal: MealPlates | None) -> dict[Plate, PlateCount]:
    return {counted.plate: counted for counted in meal.all_plates} if meal else {}
