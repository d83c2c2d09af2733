"""From registrations to what the kitchen cooks: plates per meal, and whether two counts differ."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.event.event import Event, Meal
from chalicelib.registration.diet import ALLERGENS, DIETS
from chalicelib.registration.registration import Order, Plate

# Past this many plates a list of codes is no longer read by anybody, and a mail grows too large.
CODES_AT_MOST = 300
_FINGERPRINT_BITS = 128


@dataclass(frozen=True)
class Group:
    """How many people asked for one plate at the same meals; `codes` is empty past the limit."""

    count: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """All orders as they were at `taken_at`, counted. `groups` is keyed by the encoded order
    without its plate code.

    `fingerprint` is the same for the same orders in any sequence, and for no others.
    """

    taken_at: datetime
    registrations: int
    fingerprint: str
    groups: Mapping[str, Group]

    @property
    def key(self) -> str:
        """Where the table keeps it: the same moment and orders give the same tally."""
        return f"{self.taken_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.fingerprint}"

    def to_json(self) -> str:
        """The tally as the table keeps it."""
        groups = [(key, group.count, *group.codes) for key, group in sorted(self.groups.items())]
        kept = [self.taken_at.isoformat(), self.registrations, self.fingerprint, groups]
        return json.dumps(kept, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Tally":
        """The tally that `to_json` wrote."""
        taken_at, registrations, fingerprint, groups = json.loads(text)
        return cls(
            datetime.fromisoformat(taken_at),
            registrations,
            fingerprint,
            {key: Group(count, tuple(codes)) for key, count, *codes in groups},
        )


def tally(
    encoded_orders: Iterable[str], *, taken_at: datetime, codes_at_most: int = CODES_AT_MOST
) -> Tally:
    """Counts encoded orders in one pass; memory grows with the distinct plates, not the people.

    Up to `codes_at_most` registrations it keeps their codes.
    """
    counts: dict[str, int] = {}
    codes: dict[str, list[str]] = {}
    registrations = mark = 0
    for encoded in encoded_orders:
        code, _, key = encoded.partition("|")
        registrations += 1
        mark += int.from_bytes(hashlib.sha256(encoded.encode()).digest()[: _FINGERPRINT_BITS // 8])
        counts[key] = counts.get(key, 0) + 1
        if registrations <= codes_at_most:
            codes.setdefault(key, []).append(code)
        elif codes:
            codes.clear()
    groups = {key: Group(count, tuple(sorted(codes.get(key, ())))) for key, count in counts.items()}
    whole = f"{registrations} {mark % 2**_FINGERPRINT_BITS}"
    fingerprint = hashlib.sha256(whole.encode()).hexdigest()[: _FINGERPRINT_BITS // 4]
    return Tally(taken_at, registrations, fingerprint, groups)


@dataclass(frozen=True)
class PlateCount:
    """How many of one plate at one meal, and the codes that its labels carry."""

    plate: Plate
    count: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class MealPlates:
    """All special plates of one meal, severe allergies first; `unlisted` if they are too many."""

    meal: Meal
    plates: tuple[PlateCount, ...]
    unlisted: tuple[PlateCount, ...] = ()

    @property
    def all_plates(self) -> tuple[PlateCount, ...]:
        """The plates that are listed, and those for which there was no room."""
        return self.plates + self.unlisted

    @property
    def total(self) -> int:
        """The special plates of this meal; every person who eats at it is on exactly one."""
        return sum(plate.count for plate in self.all_plates)

    @property
    def severe_total(self) -> int:
        """The plates of this meal that can endanger somebody."""
        return sum(plate.count for plate in self.all_plates if plate.plate.severe)

    @property
    def unlisted_total(self) -> int:
        """The plates for which there was no room."""
        return sum(plate.count for plate in self.unlisted)

    @property
    def unlisted_severe(self) -> int:
        """Those of them that can endanger somebody."""
        return sum(plate.count for plate in self.unlisted if plate.plate.severe)


@dataclass(frozen=True)
class Attendance:
    """How many people eat at exactly these meals: the other way to count the plates."""

    meals: tuple[Meal, ...]
    people: int


@dataclass(frozen=True)
class CateringSummary:
    """What the caterer is told: per meal, the plates by exact combination, and explicit zeros."""

    version: int
    taken_at: datetime
    registrations: int
    fingerprint: str
    meals: tuple[MealPlates, ...]
    attendance: tuple[Attendance, ...]
    severe_people: int
    unasked_diets: tuple[str, ...]
    unasked_allergens: tuple[str, ...]

    @property
    def plates(self) -> int:
        """All special plates of the day; equal to what the attendance adds up to."""
        return sum(meal.total for meal in self.meals)

    @property
    def has_codes(self) -> bool:
        """Whether the plates carry codes: they do, up to the limit."""
        return 0 < self.registrations <= CODES_AT_MOST

    @property
    def largest_meal(self) -> int:
        """The special plates of the meal with the most of them."""
        return max((meal.total for meal in self.meals), default=0)

    @property
    def noted(self) -> bool:
        """Whether any plate depends on a note, which no mail carries."""
        return any(count.plate.noted for meal in self.meals for count in meal.all_plates)


def summarise(counted: Tally, event: Event, *, version: int) -> CateringSummary:
    """The summary of a tally; a meal that nobody asked anything for is there with no plates.

    A meal that was registered for and is no longer in the event file comes last, under its id.
    """
    orders = [(Order.decode(f"|{key}"), group) for key, group in counted.groups.items()]
    diets = {order.plate.diet for order, _ in orders}
    allergens = {code for order, _ in orders for code in order.plate.allergens}
    meals = (*event.meals, *_meals_no_longer_there(event, orders))
    return CateringSummary(
        version=version,
        taken_at=counted.taken_at,
        registrations=counted.registrations,
        fingerprint=counted.fingerprint,
        meals=tuple(MealPlates(meal, _plates(meal, orders)) for meal in meals),
        attendance=_attendance(meals, orders),
        severe_people=sum(group.count for order, group in orders if order.plate.severe),
        unasked_diets=tuple(code for code in DIETS if code not in diets),
        unasked_allergens=tuple(code for code in ALLERGENS if code not in allergens),
    )


def shortened(summary: CateringSummary, lines: int) -> CateringSummary:
    """The summary with at most so many lines a meal, severe first; the totals stay."""
    meals = (
        replace(meal, plates=meal.all_plates[:lines], unlisted=meal.all_plates[lines:])
        for meal in summary.meals
    )
    return replace(summary, meals=tuple(meals))


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
    for plate in sorted({**was, **now}, key=_severe_then_words):
        none = PlateCount(plate, 0, ())
        old, new = was.get(plate, none), now.get(plate, none)
        added, gone = set(new.codes) - set(old.codes), set(old.codes) - set(new.codes)
        if old.count != new.count or (with_codes and (added or gone)):
            codes = (sorted(added), sorted(gone)) if with_codes else ((), ())
            yield PlateChange(meal, plate, new.count - old.count, new.count, *map(tuple, codes))


def _by_plate(meal: MealPlates | None) -> dict[Plate, PlateCount]:
    return {counted.plate: counted for counted in meal.all_plates} if meal else {}


def _meals_no_longer_there(event: Event, orders: list[tuple[Order, Group]]) -> list[Meal]:
    known = {meal.id for meal in event.meals}
    asked = {meal_id for order, _ in orders for meal_id in order.meals}
    return [Meal(meal_id, meal_id, None) for meal_id in sorted(asked - known)]


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


def _plates(meal: Meal, orders: list[tuple[Order, Group]]) -> tuple[PlateCount, ...]:
    groups: dict[Plate, list[Group]] = {}
    for order, group in orders:
        if meal.id in order.meals:
            groups.setdefault(order.plate, []).append(group)
    return tuple(sorted(_counted(groups), key=_severe_then_many))


def _counted(groups: Mapping[Plate, list[Group]]) -> Iterator[PlateCount]:
    for plate, parts in groups.items():
        codes = sorted(code for part in parts for code in part.codes)
        yield PlateCount(plate, sum(part.count for part in parts), tuple(codes))


def _severe_then_many(counted: PlateCount) -> tuple[bool, int, str]:
    severe_first, words = _severe_then_words(counted.plate)
    return severe_first, -counted.count, words


def _severe_then_words(plate: Plate) -> tuple[bool, str]:
    return not plate.severe, Order("", (), plate).encode()
