"""Hours of the event in words."""

from collections.abc import Callable
from datetime import datetime, time

from chalicelib.event.agenda import Hours
from chalicelib.texts.dates import format_time
from chalicelib.texts.language import ENGLISH, SWEDISH

_WORDS = {
    SWEDISH: ("från", "till", "cirka", "24.00", "nästa dag"),
    ENGLISH: ("from", "until", "about", "midnight", "the next day"),
}


def hours_in_words(
    hours: Hours, language: str, show: Callable[[datetime, str], str] = lambda _, words: words
) -> str:
    """`8.30–9.00`, `från 16.30`, `cirka 21.30`, `22.00–1.00 nästa dag`; empty without a time.

    `show` makes the text of an instant from what a clock shows.
    """
    since, until, about, midnight, next_day = _WORDS[language]

    def clock(at: datetime, *, is_about: bool, is_end: bool) -> str:
        is_midnight = is_end and at.time() == time.min
        text = show(at, midnight if is_midnight else format_time(at.time(), language))
        return f"{about} {text}" if is_about else text

    starts_at, ends_at = hours.starts_at, hours.ends_at
    start = starts_at and clock(starts_at, is_about=hours.starts_about, is_end=False)
    end = ends_at and clock(ends_at, is_about=hours.ends_about, is_end=True)
    if starts_at and ends_at:
        is_later = ends_at.date() > starts_at.date() and ends_at.time() != time.min
        return f"{start}–{end}" + (f" {next_day}" if is_later else "")
    if start:
        return start if hours.starts_about else f"{since} {start}"
    return f"{until} {end}" if end else ""
