"""What two registrations of one person amount to: the union of all that is not tolerated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.event.event import Event
from chalicelib.registration.answers import Answers
from chalicelib.registration.diet import ALLERGENS

# The diets that a plate of this diet suits too, whatever the kitchen makes of it. Only the vegan
# plate is surely without gelatine, as `no_pork` demands; none is surely halal or kosher.
_SUITS_TOO = {
    "vegan": {"lacto_vegetarian", "vegetarian", "pescatarian", "no_pork"},
    "lacto_vegetarian": {"vegetarian", "pescatarian"},
    "vegetarian": {"pescatarian"},
}
_BETWEEN_NOTES = " / "


@dataclass(frozen=True)
class Lost:
    """What a person does not tolerate according to one registration only, which is to go."""

    severe: bool
    allergens: tuple[str, ...]
    traces: tuple[str, ...]
    note: str

    def __bool__(self) -> bool:
        return bool(self.severe or self.allergens or self.traces or self.note)


def lost_with(gone: Answers, kept: Answers) -> Lost:
    """What would be lost if `gone` were removed and `kept` stayed as it is."""
    return Lost(
        severe=gone.severe and not kept.severe,
        allergens=tuple(code for code in gone.allergens if code not in kept.allergens),
        traces=tuple(code for code in gone.traces if code not in kept.traces),
        note=_BETWEEN_NOTES.join(_missing_notes(kept.note, gone.note)),
    )


def together(kept: Answers, gone: Answers, event: Event) -> Answers:
    """`kept` with all that `gone` does not tolerate; name, organisation and address stay.

    The stricter diet, or the kept one if neither `are_comparable`. The note may become longer
    than a form accepts: nothing is cut.
    """
    notes = [kept.note] * bool(kept.note) + _missing_notes(kept.note, gone.note)
    return replace(
        kept,
        meals=_ordered({*kept.meals, *gone.meals}, [meal.id for meal in event.meals]),
        diet=gone.diet if _is_stricter(gone.diet, kept.diet) else kept.diet,
        allergens=_ordered({*kept.allergens, *gone.allergens}, list(ALLERGENS)),
        traces=_ordered({*kept.traces, *gone.traces}, list(ALLERGENS)),
        severe=kept.severe or gone.severe,
        note=_BETWEEN_NOTES.join(notes),
    )


def are_comparable(one: str, other: str) -> bool:
    """Whether a plate of one of these diets suits both."""
    return one == other or _is_stricter(one, other) or _is_stricter(other, one)


def _is_stricter(diet: str, than: str) -> bool:
    return bool(diet) and (not than or than in _SUITS_TOO.get(diet, ()))


def _missing_notes(kept: str, gone: str) -> list[str]:
    """The parts of the note `gone` that `kept` does not have."""
    has = kept.split(_BETWEEN_NOTES)
    return [part for part in gone.split(_BETWEEN_NOTES) if part and part not in has]


def _ordered(codes: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    """The codes in this order; unknown ones, of an earlier event file or vocabulary, last."""
    known = {code: place for place, code in enumerate(order)}
    return tuple(sorted(codes, key=lambda code: (known.get(code, len(order)), code)))
