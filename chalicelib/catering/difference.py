"""The differences between two catering summaries: plates, and notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.catering.limits import CODES_AT_MOST
from chalicelib.catering.plates import PlateCount, kitchen_order
from chalicelib.catering.summary import CateringSummary, MealPlates
from chalicelib.event.agenda import Meal
from chalicelib.registration.answers import Plate


@dataclass(frozen=True)
class PlateChange:
    """The change of one plate at one meal: the difference `by`, and the new count `now`."""

    meal: Meal
    plate: Plate
    by: int
    now: int
    codes_added: tuple[str, ...]
    codes_removed: tuple[str, ...]


@dataclass(frozen=True)
class NoteChange:
    """How many notes have another text than before. With `codes`, these are the people's codes;
    without, `number` includes new notes.
    """

    number: int
    codes: tuple[str, ...]
    severe: bool


def difference(before: CateringSummary, after: CateringSummary) -> tuple[PlateChange, ...]:
    """The changes from `before` to `after`, meal by meal, plates with severe allergies first.

    Plate codes are included only if both summaries have all their codes.
    """
    known = {meal.meal.id: meal for meal in before.meals}
    later = {meal.meal.id: meal for meal in after.meals}
    with_codes = _have_codes(before, after)
    return tuple(
        change
        for key, meal in {**known, **later}.items()
        for change in _changes(meal.meal, known.get(key), later.get(key), with_codes=with_codes)
    )


def changes(
    before: CateringSummary, after: CateringSummary
) -> tuple[PlateChange | NoteChange, ...]:
    """All changes from `before` to `after`: those of notes, then the `difference` in plates."""
    return (*note_changes(before, after), *difference(before, after))


def most_important(
    found: Sequence[PlateChange | NoteChange], at_most: int
) -> Sequence[PlateChange | NoteChange]:
    """At most so many of the changes, in the same order; plates without a severe allergy are the
    first to be left out.
    """

    def is_usual(place: int) -> bool:
        change = found[place]
        return isinstance(change, PlateChange) and not change.plate.severe

    kept = sorted(range(len(found)), key=is_usual)[:at_most]
    return [found[place] for place in sorted(kept)]


def note_changes(before: CateringSummary, after: CateringSummary) -> Iterator[NoteChange]:
    """The notes that are another text in `after`, those with severe allergies first."""
    with_codes = _have_codes(before, after)
    if with_codes:
        was = {note.code: note.note_hash for note in before.noted.notes}
        changed = [
            note
            for note in after.noted.notes
            if was.get(note.code, note.note_hash) != note.note_hash
        ]
    else:
        known = {note.note_hash for note in before.noted.notes}
        changed = [note for note in after.noted.notes if note.note_hash not in known]
    for severe in (True, False):
        notes = [note for note in changed if note.severe is severe]
        codes = tuple(note.code for note in notes) if with_codes else ()
        if notes:
            yield NoteChange(len(notes), codes, severe)


def _have_codes(before: CateringSummary, after: CateringSummary) -> bool:
    return max(before.counted, after.counted) <= CODES_AT_MOST


def _changes(
    meal: Meal, before: MealPlates | None, after: MealPlates | None, *, with_codes: bool
) -> Iterator[PlateChange]:
    was, now = _by_plate(before), _by_plate(after)
    for plate in sorted({**was, **now}, key=kitchen_order):
        none = PlateCount(plate, 0, ())
        old, new = was.get(plate, none), now.get(plate, none)
        added, removed = set(new.codes) - set(old.codes), set(old.codes) - set(new.codes)
        if old.count != new.count or (with_codes and (added or removed)):
            codes = (sorted(added), sorted(removed)) if with_codes else ((), ())
            yield PlateChange(meal, plate, new.count - old.count, new.count, *map(tuple, codes))


def _by_plate(meal: MealPlates | None) -> dict[Plate, PlateCount]:
    return {counted.plate: counted for counted in meal.plates} if meal else {}
