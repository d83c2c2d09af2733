"""A meal's words in pages, mails and files: the same everywhere, and those of no other meal."""

from chalicelib.event.meals import Meal
from chalicelib.texts.dates import format_day, format_time
from chalicelib.texts.language import SWEDISH, localized

_GONE = {"sv": "(finns inte längre i programmet)", "en": "(no longer in the programme)"}
_UNTIMED = {"sv": "under dagen", "en": "during the day"}


def meal_name(meal: Meal, language: str) -> str:
    """The fewest words that tell the meal from the others: `Lunch`, `Fika kl. 10.15`."""
    return _joined(localized(meal.title, language), meal_distinction(meal, language))


def meal_distinction(meal: Meal, language: str) -> str:
    """What the meal's name says besides its title; empty if the title is enough."""
    return _joined(_day(meal, language), meal_time(meal, language) if meal.names_time else "")


def meal_with_time(meal: Meal, language: str) -> str:
    """The name and the time, even if the name can do without: `Lunch kl. 11.45`."""
    return _joined(localized(meal.title, language), meal_when(meal, language))


def meal_when(meal: Meal, language: str) -> str:
    """The day, if the event has several, and the time."""
    return _joined(_day(meal, language), meal_time(meal, language))


def meal_time(meal: Meal, language: str) -> str:
    """`kl. 11.45`, `at 11:45`, or the words of a meal without a time."""
    if not meal.date:
        return ""
    if not meal.starts:
        return localized(meal.when, language) or _UNTIMED[language]
    return f"{'kl.' if language == SWEDISH else 'at'} {format_time(meal.starts, language)}"


def _day(meal: Meal, language: str) -> str:
    if not meal.date:
        return _GONE[language]
    day = format_day(meal.date, language)
    return (day if language == SWEDISH else f"on {day}") if meal.names_day else ""


def _joined(*texts: str) -> str:
    return " ".join(filter(None, texts))
