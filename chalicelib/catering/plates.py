"""Plates with their counts: their order in a kitchen, and what to buy for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.registration.answers import Plate
from chalicelib.registration.diet import ALLERGENS, DIETS, Term

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


def purchases(plates: Sequence[PlateCount]) -> tuple[Purchase, ...]:
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


def kitchen_order(plate: Plate) -> tuple[object, ...]:
    """A sort key in the order of a kitchen: severe allergies first, then dish by dish.

    Diets in the order of the vocabulary, no diet last; the plain dish before its variants.
    """
    allergens = [_ALLERGEN_PLACES[code] for code in plate.allergens]
    return (
        not plate.severe, _DIET_PLACES[plate.diet], plate.noted and not allergens, allergens,
        plate.traces, plate.noted,
    )  # fmt: skip
