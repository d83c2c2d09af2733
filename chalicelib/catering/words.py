"""The subject of a mail with numbers, and a change of a plate or a note, in Swedish words."""

from __future__ import annotations

from chalicelib.catering.difference import NoteChange, PlateChange
from chalicelib.catering.limits import SUBJECT_AT_MOST, TITLE_AT_LEAST
from chalicelib.catering.summary import CateringSummary
from chalicelib.event.words import meal_name
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import SWEDISH, in_sentence


def subject(start: str, title: str, summary: CateringSummary) -> str:
    """`start`, whether the list is an attachment, the event's title, and the numbers, severe first.

    At most SUBJECT_AT_MOST characters: the title is cut first, to TITLE_AT_LEAST; if that is not
    enough, one number stands for all meals.
    """
    if summary.is_shortened:
        start += " (se bilagorna)"
    numbers = ", ".join(_numbers(summary)) or "ingen har anmält specialkost"
    if len(f"{start}, : {numbers}") + min(len(title), TITLE_AT_LEAST) > SUBJECT_AT_MOST:
        numbers = ", ".join(_total(summary))
    room = SUBJECT_AT_MOST - len(f"{start}, : {numbers}")
    whole = f"{start}, {_cut(title, room)}: {numbers}" if room > 1 else f"{start}: {numbers}"
    return _cut(whole, SUBJECT_AT_MOST)


def change_in_words(
    change: PlateChange | NoteChange, what_to_do: str = "ring kontaktpersonen"
) -> str:
    """One line of a change notice: `Lunch: 1 fler "glutenfri (celiaki)". Nu 14 (ny kod: CDFH)`.

    `what_to_do` is added to a changed note.
    """
    if isinstance(change, NoteChange):
        return f"{_changed_notes(change)}: {what_to_do}"
    plate = in_sentence(plate_in_words(change.plate, SWEDISH))
    severe = "ALLVARLIG ALLERGI, " if change.plate.severe else ""
    meal = f"{meal_name(change.meal, SWEDISH)}: {severe}"
    if not change.by:
        gone, new = ", ".join(change.codes_removed), ", ".join(change.codes_added)
        codes_are = "Ny kod" if len(change.codes_added) == 1 else "Nya koder"
        return f"{meal}fortfarande {change.now} ”{plate}”. {codes_are} {new} ersätter {gone}"
    direction = "fler" if change.by > 0 else "färre"
    line = f"{meal}{abs(change.by)} {direction} ”{plate}”. Nu {change.now}"
    codes = [
        f"{word if len(codes) == 1 else words}: {', '.join(codes)}"
        for word, words, codes in (
            ("ny kod", "nya koder", change.codes_added),
            ("utgår", "utgår", change.codes_removed),
        )
        if codes
    ]
    return f"{line} ({'; '.join(codes)})" if codes else line


def _changed_notes(change: NoteChange) -> str:
    severe = " (ALLVARLIG ALLERGI)" if change.severe else ""
    if not change.codes and change.number == 1:
        return f"1 anteckning{severe} är ny eller ändrad"
    if not change.codes:
        return f"{change.number} anteckningar{severe} är nya eller ändrade"
    if change.number == 1:
        return f"Anteckningen för kod {change.codes[0]}{severe} är ändrad"
    return f"Anteckningarna för koderna {', '.join(change.codes)}{severe} är ändrade"


def _severe(summary: CateringSummary) -> list[str]:
    severe = summary.severe_people
    return [f"{severe} med allvarlig allergi"] if severe else []


def _total(summary: CateringSummary) -> list[str]:
    """The number of all portions, for a subject that has no room for each meal."""
    meals = sum(meal.total > 0 for meal in summary.meals)
    return [*_severe(summary), f"{summary.plates} portioner till {meals} måltider"]


def _numbers(summary: CateringSummary) -> list[str]:
    numbers = _severe(summary)
    unit = " portion"
    for meal in summary.meals:
        if meal.total:
            ending = "er" if unit and meal.total != 1 else ""
            numbers.append(
                f"{meal.total}{unit}{ending} till {in_sentence(meal_name(meal.meal, SWEDISH))}"
            )
            unit = ""
    return numbers


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1].rstrip()}…"
