"""A change of a plate's count, in words."""

from __future__ import annotations

from chalicelib.catering.difference import PlateChange
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH, in_sentence


def change_in_words(change: PlateChange) -> str:
    """One line of a change notice: `+1 glutenfri (celiaki) till lunch, nu 14 (ny kod: CDFH)`."""
    sign = {1: "+", -1: "−", 0: "±"}[(change.by > 0) - (change.by < 0)]
    severe = "ALLVARLIG ALLERGI, " if change.plate.severe else ""
    plate, meal = plate_in_words(change.plate, SWEDISH), in_sentence(change.meal.title)
    line = f"{sign}{abs(change.by)} {severe}{in_sentence(plate)} till {meal}, nu {change.now}"
    codes = [
        f"{word if len(codes) == 1 else words}: {', '.join(codes)}"
        for word, words, codes in (
            ("ny kod", "nya koder", change.codes_added),
            ("utgår", "utgår", change.codes_removed),
        )
        if codes
    ]
    return f"{line} ({'; '.join(codes)})" if codes else line
