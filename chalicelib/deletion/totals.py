"""The anonymous totals that stay after the deletion: plate counts that identify nobody."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.catering.summary import CateringSummary, MealPlates
from chalicelib.deletion.limits import SMALLEST_GROUP_SHOWN
from chalicelib.event.words import meal_name
from chalicelib.registration.answers import Order, Plate


@dataclass(frozen=True)
class MealTotals:
    """The plates of one meal.

    Plates of fewer than SMALLEST_GROUP_SHOWN people are not listed. `folded` counts these people,
    and `traits` each single trait that at least SMALLEST_GROUP_SHOWN of them share.
    """

    title: str
    plates: tuple[tuple[Plate, int], ...]
    folded: int
    traits: Mapping[str, int]

    @property
    def total(self) -> int:
        """The number of special plates of this meal."""
        return sum(count for _, count in self.plates) + self.folded


@dataclass(frozen=True)
class Totals:
    """The anonymous counts of an event at `taken_at`."""

    taken_at: datetime
    registrations: int
    meals: tuple[MealTotals, ...]

    def to_json(self) -> str:
        """The totals as JSON, as they are stored."""
        meals = [
            (meal.title, [(_text(p), n) for p, n in meal.plates], meal.folded, dict(meal.traits))
            for meal in self.meals
        ]
        values = (self.taken_at.isoformat(), self.registrations, meals)
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Totals":
        """The totals that `to_json` wrote."""
        taken_at, registrations, meals = json.loads(text)
        read = (
            MealTotals(title, tuple((_plate(p), n) for p, n in plates), folded, traits)
            for title, plates, folded, traits in meals
        )
        return cls(datetime.fromisoformat(taken_at), registrations, tuple(read))


def totals(summary: CateringSummary, language: str) -> Totals:
    """The part of a summary that may stay after the deletion; the meals' names in `language`."""
    meals = tuple(_meal_totals(meal, language) for meal in summary.meals)
    return Totals(summary.taken_at, summary.registrations, meals)


def _meal_totals(meal: MealPlates, language: str) -> MealTotals:
    listed = tuple(
        (one.plate, one.count) for one in meal.plates if one.count >= SMALLEST_GROUP_SHOWN
    )
    small = [one for one in meal.plates if one.count < SMALLEST_GROUP_SHOWN]
    folded = sum(one.count for one in small)
    traits: Counter[str] = Counter()
    for one in small:
        for trait in _traits(one.plate):
            traits[trait] += one.count
    common = {
        trait: count for trait, count in traits.most_common() if count >= SMALLEST_GROUP_SHOWN
    }
    return MealTotals(meal_name(meal.meal, language), listed, folded, common)


def _traits(plate: Plate) -> Iterator[str]:
    """Codes of diet and allergens (with `~` if not even traces); `!` if severe, `n` if noted."""
    yield from filter(None, [plate.diet])
    for code in plate.allergens:
        yield code + "~" * (code in plate.traces)
    if plate.severe:
        yield "!"
    if plate.noted:
        yield "n"


def _text(plate: Plate) -> str:
    return Order("", (), plate).encode()


def _plate(text: str) -> Plate:
    return Order.decode(text).plate
