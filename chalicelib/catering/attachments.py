"""The whole list of a summary as files, for a mail that has no room for it."""

import csv
import io
from functools import partial

from chalicelib.catering.summary import CateringSummary
from chalicelib.event.words import meal_name, meal_time
from chalicelib.mail.letter import Attachment
from chalicelib.media_types import CSV
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.dates import format_time
from chalicelib.texts.language import N_, translated
from chalicelib.texts.wrapping import wrapped

_COLUMNS = (
    N_("Måltid"), N_("Tid"), N_("Antal"), N_("Allvarlig allergi"), N_("Portion"), N_("Koder"),
)  # fmt: skip


def whole_list(
    summary: CateringSummary, text: str, name: str, language: str
) -> tuple[Attachment, Attachment]:
    """The plates as CSV, and `text`, the same in words, to print; both called `name`."""
    return (
        Attachment(f"{name}.csv", CSV, as_csv(summary, language).encode("utf-8-sig")),
        Attachment(f"{name}.txt", "text/plain", wrapped(text).encode("utf-8-sig")),
    )


def as_csv(summary: CateringSummary, language: str) -> str:
    """A row for each plate of each meal, with semicolons, as Excel expects them in Sweden.

    No text that somebody has typed in the form is in it.
    """
    say = partial(translated, language=language)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(map(say, _COLUMNS))
    for meal in summary.meals:
        name, starts = meal_name(meal.meal, language), meal.meal.starts
        time = format_time(starts, language) if starts else meal_time(meal.meal, language)
        for one in meal.plates:
            words, severe = plate_in_words(one.plate, language), say(N_("ja"))
            codes = ", ".join(one.codes)
            severe = severe if one.plate.severe else ""
            writer.writerow((name, time, one.count, severe, words, codes))
        if meal.unlisted.kinds:
            words = say(N_("%(number)s slag till, som inte får plats"), number=meal.unlisted.kinds)
            severe = say(N_("varav %(number)s"), number=meal.unlisted.severe)
            severe = severe if meal.unlisted.severe else ""
            writer.writerow((name, time, meal.unlisted.portions, severe, words, ""))
    return out.getvalue()
