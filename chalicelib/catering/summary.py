"""The catering summary: plates per meal, computed from a tally."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.catering.limits import (
    ATTENDANCE_AT_MOST,
    CODES_AT_MOST,
    MEALS_NAMED_AT_MOST,
)
from chalicelib.catering.plates import PlateCount, Purchase, kitchen_order, purchases
from chalicelib.catering.tally import Group, Tally
from chalicelib.event.agenda import Meal
from chalicelib.event.event import Event
from chalicelib.registration.answers import Order, Plate
from chalicelib.registration.diet import ALLERGENS, DIETS


class Unlisted(NamedTuple):
    """How many kinds of plates are not listed, and how many portions, some for severe allergies."""

    kinds: int = 0
    portions: int = 0
    severe: int = 0


_ALL_LISTED = Unlisted()


@dataclass(frozen=True)
class MealPlates:
    """The special plates of one meal, severe allergies first, and their totals.

    `total` has one plate for each registered person who eats the meal. `unlisted` are the plates
    for which a mail has no room; all other fields but `plates` include these.
    """

    meal: Meal
    plates: tuple[PlateCount, ...]
    total: int
    severe_total: int
    noted_total: int
    purchases: tuple[Purchase, ...]
    unlisted: Unlisted = _ALL_LISTED


@dataclass(frozen=True)
class Attendance:
    """How many people eat exactly these meals: a second way to count, as a check."""

    meals: tuple[Meal, ...]
    people: int


class Note(NamedTuple):
    """One person's note without its text; `code` is empty if the tally has no plate codes."""

    code: str
    note_hash: str
    severe: bool


@dataclass(frozen=True)
class Noted:
    """The notes that the kitchen must be told by telephone, since no mail has them; by code."""

    notes: tuple[Note, ...] = ()

    @property
    def people(self) -> int:
        """The number of people with a note."""
        return len(self.notes)

    @property
    def severe(self) -> int:
        """The number of people with a note and a severe allergy."""
        return sum(note.severe for note in self.notes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The plate codes of the people with a note, if the tally has codes."""
        return tuple(note.code for note in self.notes if note.code)


@dataclass(frozen=True)
class CateringSummary:
    """The numbers for the caterer: plates per meal by exact combination, and what nobody chose.

    `counted` is the number of all registrations, also of people who eat at none of these meals.
    With more than `codes_at_most` of them, the plate codes are not to be shown.
    """

    version: int
    taken_at: datetime
    registrations: int
    counted: int
    fingerprint: str
    meals: tuple[MealPlates, ...]
    attendance: tuple[Attendance, ...]
    severe_people: int
    noted: Noted
    unasked_diets: tuple[str, ...]
    unasked_allergens: tuple[str, ...]
    codes_at_most: int = CODES_AT_MOST

    @property
    def plates(self) -> int:
        """The special plates of all meals: as many as people times meals in `attendance`."""
        return sum(meal.total for meal in self.meals)

    @property
    def people_by_meals(self) -> Mapping[int, int]:
        """How many people eat at how many meals, if `attendance` is too long to be read."""
        is_short = all(len(one.meals) <= MEALS_NAMED_AT_MOST for one in self.attendance)
        if is_short and len(self.attendance) <= ATTENDANCE_AT_MOST:
            return {}
        people: Counter[int] = Counter()
        for one in self.attendance:
            people[len(one.meals)] += one.people
        return people

    @property
    def has_codes(self) -> bool:
        """Whether to show the plate codes: only for at most `codes_at_most` registrations."""
        return self.registrations > 0 and self.counted <= self.codes_at_most

    @property
    def is_shortened(self) -> bool:
        """Whether some plates, or all plate codes, are left out, as a mail has no room for all."""
        return any(meal.unlisted.kinds for meal in self.meals) or self.counted > self.codes_at_most

    @property
    def largest_meal(self) -> int:
        """The number of special plates of the meal that has the most."""
        return max((meal.total for meal in self.meals), default=0)


def summarise(
    counted: Tally, event: Event, *, version: int, only: Collection[str] = ()
) -> CateringSummary:
    """Summarise a tally, or the part of it about the meals with the ids in `only`, if any.

    A meal without registrations is included, with no plates. A meal with registrations that is no
    longer in the event file is listed last.
    """
    everybody = counted.registrations
    counted = counted.of_meals(only) if only else counted
    orders = [(Order.decode(f"|{key}"), group) for key, group in counted.groups.items()]
    diets = {order.plate.diet for order, _ in orders}
    allergens = {code for order, _ in orders for code in order.plate.allergens}
    asked = {meal_id for order, _ in orders for meal_id in order.meals}
    meals = event.meals_of(only or asked.union(meal.id for meal in event.meals))
    return CateringSummary(
        version=version,
        taken_at=counted.taken_at,
        registrations=counted.registrations,
        counted=everybody,
        fingerprint=counted.fingerprint,
        meals=tuple(_meal_plates(meal, orders) for meal in meals),
        attendance=_attendance(meals, orders),
        severe_people=sum(group.count for order, group in orders if order.plate.severe),
        noted=_noted(orders),
        unasked_diets=tuple(code for code in DIETS if code not in diets),
        unasked_allergens=tuple(code for code in ALLERGENS if code not in allergens),
    )


def _noted(orders: list[tuple[Order, Group]]) -> Noted:
    notes = (
        Note(code, order.note_hash, order.plate.severe)
        for order, group in orders
        if order.plate.noted
        for code in group.codes or [""] * group.count
    )
    return Noted(tuple(sorted(notes)))


def _attendance(
    meals: tuple[Meal, ...], orders: list[tuple[Order, Group]]
) -> tuple[Attendance, ...]:
    people: dict[frozenset[str], int] = {}
    for order, group in orders:
        eaten = frozenset(order.meals)
        people[eaten] = people.get(eaten, 0) + group.count
    found = [
        Attendance(tuple(meal for meal in meals if meal.id in eaten), count)
        for eaten, count in people.items()
    ]
    return tuple(
        sorted(found, key=lambda one: (-len(one.meals), list(map(meals.index, one.meals))))
    )


def _meal_plates(meal: Meal, orders: list[tuple[Order, Group]]) -> MealPlates:
    groups: dict[Plate, list[Group]] = {}
    for order, group in orders:
        if meal.id in order.meals:
            groups.setdefault(order.plate, []).append(group)
    plates = tuple(sorted(_counted(groups), key=lambda counted: kitchen_order(counted.plate)))
    return MealPlates(
        meal,
        plates,
        total=sum(one.count for one in plates),
        severe_total=sum(one.count for one in plates if one.plate.severe),
        noted_total=sum(one.count for one in plates if one.plate.noted),
        purchases=purchases(plates),
    )


def _counted(groups: Mapping[Plate, list[Group]]) -> Iterator[PlateCount]:
    for plate, parts in groups.items():
        codes = sorted(code for part in parts for code in part.codes)
        yield PlateCount(plate, sum(part.count for part in parts), tuple(codes))
