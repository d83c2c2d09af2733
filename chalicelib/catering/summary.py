"""The catering summary: plates per meal, computed from a tally."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest
from itertools import accumulate
from typing import NamedTuple

from chalicelib.catering.limits import (
    ATTACHED_AT_MOST,
    ATTACHED_CHARACTERS_AT_MOST,
    ATTENDANCE_AT_MOST,
    CODES_AT_MOST,
    COUNTED_CODES_AT_MOST,
    MEALS_NAMED_AT_MOST,
    ROW_CHARACTERS,
)
from chalicelib.catering.tally import Group, Tally
from chalicelib.event.agenda import Meal
from chalicelib.event.event import Event
from chalicelib.registration.answers import Order, Plate
from chalicelib.registration.diet import ALLERGENS, DIETS, Term
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH

_DIET_PLACES = {code: place for place, code in enumerate([*DIETS, ""])}
_ALLERGEN_PLACES = {code: place for place, code in enumerate(ALLERGENS)}


@dataclass(frozen=True)
class PlateCount:
    """How many portions of one plate one meal needs, and the plate codes for their labels."""

    plate: Plate
    count: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Purchase:
    """How many portions of one meal have one diet or allergen, and how many not even its traces."""

    term: Term
    count: int
    without_traces: int


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


def shortener(summary: CateringSummary) -> Callable[[int], CateringSummary]:
    """A function that shortens the summary to a number of plates in all meals together, at most
    ATTACHED_AT_MOST and as fit into a mail.

    Totals stay. Severe allergies are the last to be left out; of equals, the plate with the
    longest words is the first. How many people have a plate does not matter.
    """
    words = {
        one.plate: len(plate_in_words(one.plate, SWEDISH))
        for meal in summary.meals
        for one in meal.plates
    }
    places = (
        (not one.plate.severe, words[one.plate], number, place)
        for number, meal in enumerate(summary.meals)
        for place, one in enumerate(meal.plates)
    )
    ranked = nsmallest(ATTACHED_AT_MOST, places)
    sizes = accumulate(2 * (length + ROW_CHARACTERS) for _, length, _, _ in ranked)
    ranked = ranked[: bisect_right(list(sizes), ATTACHED_CHARACTERS_AT_MOST)]

    def shortened(plates: int) -> CateringSummary:
        kept: dict[int, list[int]] = defaultdict(list)
        for _, _, number, place in ranked[:plates]:
            kept[number].append(place)
        meals = (_listing(meal, sorted(kept[n])) for n, meal in enumerate(summary.meals))
        return replace(summary, meals=tuple(meals))

    return shortened


def with_all_codes(summary: CateringSummary) -> CateringSummary:
    """The summary with as many plate codes as a tally has at most."""
    return replace(summary, codes_at_most=COUNTED_CODES_AT_MOST)


def _listing(meal: MealPlates, places: Sequence[int]) -> MealPlates:
    """The meal with only the plates at these places listed."""
    listed = tuple(meal.plates[place] for place in places)
    unlisted = Unlisted(
        len(meal.plates) - len(listed),
        meal.total - sum(one.count for one in listed),
        meal.severe_total - sum(one.count for one in listed if one.plate.severe),
    )
    return replace(meal, plates=listed, unlisted=unlisted)


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
        purchases=_purchases(plates),
    )


def _purchases(plates: Sequence[PlateCount]) -> tuple[Purchase, ...]:
    """The diets and allergens across plates, exactly as chosen: a portion counts in several.

    Empty if none is on two plates, since each number is then already a plate's count.
    """
    rows: Counter[str] = Counter()
    portions: Counter[str] = Counter()
    without_traces: Counter[str] = Counter()
    for one in plates:
        for code in filter(None, (one.plate.diet, *one.plate.allergens)):
            rows[code] += 1
            portions[code] += one.count
        for code in one.plate.traces:
            without_traces[code] += one.count
    if max(rows.values(), default=0) < 2:
        return ()
    terms = (*DIETS.values(), *ALLERGENS.values())
    return tuple(
        Purchase(term, portions[term.code], without_traces[term.code])
        for term in terms
        if term.code in rows
    )


def _counted(groups: Mapping[Plate, list[Group]]) -> Iterator[PlateCount]:
    for plate, parts in groups.items():
        codes = sorted(code for part in parts for code in part.codes)
        yield PlateCount(plate, sum(part.count for part in parts), tuple(codes))


def kitchen_order(plate: Plate) -> tuple[object, ...]:
    """A sort key in the order of a kitchen: severe allergies first, then dish by dish.

    Diets in the order of the vocabulary, no diet last; the plain dish before its variants.
    """
    allergens = [_ALLERGEN_PLACES[code] for code in plate.allergens]
    return (
        not plate.severe, _DIET_PLACES[plate.diet], plate.noted and not allergens, allergens,
        plate.traces, plate.noted,
    )  # fmt: skip
