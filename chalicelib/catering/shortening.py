"""Shortens a summary to what fits into a mail."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from heapq import nsmallest
from itertools import accumulate

from chalicelib.catering.limits import (
    ATTACHED_AT_MOST,
    ATTACHED_CHARACTERS_AT_MOST,
    COUNTED_CODES_AT_MOST,
    ROW_CHARACTERS,
)
from chalicelib.catering.summary import CateringSummary, MealPlates, Unlisted
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH


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
