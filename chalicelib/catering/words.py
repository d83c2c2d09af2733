"""The subject of a mail with numbers, and a change of a plate or a note, in words."""

from __future__ import annotations

from functools import partial

from chalicelib.catering.difference import NoteChange, PlateChange
from chalicelib.catering.limits import SUBJECT_AT_MOST, TITLE_AT_LEAST
from chalicelib.catering.summary import CateringSummary
from chalicelib.event.words import meal_name
from chalicelib.registration.words import plate_in_words
from chalicelib.texts.language import N_, in_sentence, translated


def subject(
    start: str, title: str, summary: CateringSummary, attached: CateringSummary, language: str
) -> str:
    """`start`, whether the list is an attachment, the event's title, and the numbers, severe first.

    At most SUBJECT_AT_MOST characters: the title is cut first, to TITLE_AT_LEAST; if that is not
    enough, one number stands for all meals.
    """
    if summary.is_shortened:
        where = N_("inte hela listan") if attached.is_shortened else N_("se bilagorna")
        start += f" ({translated(where, language)})"
    nobody = translated(N_("ingen har anmält specialkost"), language)
    numbers = ", ".join(_numbers(summary, language)) or nobody
    if len(f"{start}, : {numbers}") + min(len(title), TITLE_AT_LEAST) > SUBJECT_AT_MOST:
        numbers = ", ".join(_total(summary, language))
    room = SUBJECT_AT_MOST - len(f"{start}, : {numbers}")
    whole = f"{start}, {_cut(title, room)}: {numbers}" if room > 1 else f"{start}: {numbers}"
    return _cut(whole, SUBJECT_AT_MOST)


def change_in_words(
    change: PlateChange | NoteChange, language: str, what_to_do: str = N_("fråga kontaktpersonen")
) -> str:
    """One line of a change notice: `Lunch: 1 fler "glutenfri (celiaki)". Nu 14 (ny kod: CDFH)`.

    `what_to_do` is added to a changed note.
    """
    say = partial(translated, language=language)
    if isinstance(change, NoteChange):
        return f"{_changed_notes(change, language)}: {say(what_to_do)}"
    plate = in_sentence(plate_in_words(change.plate, language))
    severe = f"{say(N_('ALLVARLIG ALLERGI'))}, " if change.plate.severe else ""
    meal = f"{meal_name(change.meal, language)}: {severe}"
    gone, new = ", ".join(change.codes_removed), ", ".join(change.codes_added)
    if not change.by:
        same = N_("fortfarande %(now)s ”%(plate)s”. Ny kod %(new)s ersätter %(gone)s")
        if len(change.codes_added) != 1:
            same = N_("fortfarande %(now)s ”%(plate)s”. Nya koder %(new)s ersätter %(gone)s")
        return meal + say(same, now=change.now, plate=plate, new=new, gone=gone)
    moved = N_("%(by)s färre ”%(plate)s”. Nu %(now)s")
    if change.by > 0:
        moved = N_("%(by)s fler ”%(plate)s”. Nu %(now)s")
    line = meal + say(moved, by=abs(change.by), plate=plate, now=change.now)
    added = N_("ny kod: %(codes)s") if len(change.codes_added) == 1 else N_("nya koder: %(codes)s")
    removed = N_("utgår: %(codes)s")
    codes = [say(words, codes=codes) for words, codes in ((added, new), (removed, gone)) if codes]
    return f"{line} ({'; '.join(codes)})" if codes else line


def _changed_notes(change: NoteChange, language: str) -> str:
    say, codes = partial(translated, language=language), ", ".join(change.codes)
    severe = f" ({say(N_('ALLVARLIG ALLERGI'))})" if change.severe else ""
    if not codes and change.number == 1:
        return say(N_("1 anteckning%(severe)s är ny eller ändrad"), severe=severe)
    if not codes:
        many = N_("%(number)s anteckningar%(severe)s är nya eller ändrade")
        return say(many, number=change.number, severe=severe)
    if change.number == 1:
        one = N_("Anteckningen för kod %(codes)s%(severe)s är ändrad")
        return say(one, codes=codes, severe=severe)
    some = N_("Anteckningarna för koderna %(codes)s%(severe)s är ändrade")
    return say(some, codes=codes, severe=severe)


def _severe(summary: CateringSummary, language: str) -> list[str]:
    severe = summary.severe_people
    words = translated(N_("%(number)s med allvarlig allergi"), language, number=severe)
    return [words] if severe else []


def _total(summary: CateringSummary, language: str) -> list[str]:
    """The number of all portions, for a subject that has no room for each meal."""
    meals = sum(meal.total > 0 for meal in summary.meals)
    words = N_("%(number)s portioner till %(meals)s måltider")
    total = translated(words, language, number=summary.plates, meals=meals)
    return [*_severe(summary, language), total]


def _numbers(summary: CateringSummary, language: str) -> list[str]:
    """The numbers of each meal; only the first names the unit."""
    say, numbers = partial(translated, language=language), _severe(summary, language)
    is_first = True
    for meal in summary.meals:
        if meal.total:
            words = N_("%(number)s till %(meal)s")
            if is_first:
                words = N_("%(number)s portioner till %(meal)s")
                words = N_("%(number)s portion till %(meal)s") if meal.total == 1 else words
            name = in_sentence(meal_name(meal.meal, language))
            numbers.append(say(words, number=meal.total, meal=name))
            is_first = False
    return numbers


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1].rstrip()}…"
