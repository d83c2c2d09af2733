"""The whole list of a summary as files, for a mail that has no room for it."""

import csv
import io

from chalicelib.catering.summary import CateringSummary
from chalicelib.event.words import meal_name, meal_time
from chalicelib.mail.letter import Attachment
from chalicelib.media_types import CSV
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.dates import format_time
from chalicelib.texts.language import SWEDISH

_COLUMNS = ("Måltid", "Tid", "Antal", "Allvarlig allergi", "Portion", "Koder")


def whole_list(summary: CateringSummary, text: str, name: str) -> tuple[Attachment, Attachment]:
    """The plates as CSV, and `text`, the same in words, to print; both called `name`."""
    return (
        Attachment(f"{name}.csv", CSV, as_csv(summary).encode("utf-8-sig")),
        Attachment(f"{name}.txt", "text/plain", text.encode("utf-8-sig")),
    )


def as_csv(summary: CateringSummary) -> str:
    """A row for each plate of each meal, with semicolons, as Excel expects them in Sweden.

    No text that somebody has typed in the form is in it.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_COLUMNS)
    for meal in summary.meals:
        name, starts = meal_name(meal.meal, SWEDISH), meal.meal.starts
        time = format_time(starts, SWEDISH) if starts else meal_time(meal.meal, SWEDISH)
        for one in meal.plates:
            words, severe = plate_in_words(one.plate, SWEDISH), "ja" if one.plate.severe else ""
            codes = ", ".join(one.codes)
            writer.writerow((name, time, one.count, severe, words, codes))
        if meal.unlisted:
            words = f"{len(meal.unlisted)} slag till, som inte får plats"
            severe = f"varav {meal.unlisted_severe}" if meal.unlisted_severe else ""
            writer.writerow((name, time, meal.unlisted_total, severe, words, ""))
    return out.getvalue()
