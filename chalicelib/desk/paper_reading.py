"""Reading registrations for files and paper: an audit entry is written before anything is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.audit.log import EVERYBODY, AuditAction, concerning
from chalicelib.desk.limits import CODES_ON_A_PAGE, LABELS_ON_A_PAGE, NOTES_ON_A_PAGE
from chalicelib.desk.namesakes import Distinction, distinctions
from chalicelib.desk.reading import codes_of
from chalicelib.desk.registration_list import ListFilter, Page, page_of, select_entries
from chalicelib.desk.spreadsheet import part_of, parts_needed
from chalicelib.desk.work import DeskWork
from chalicelib.event.agenda import Meal
from chalicelib.event.words import meal_name
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import ListEntry, Registration
from chalicelib.texts.collation import swedish_order
from chalicelib.texts.language import N_


@dataclass(frozen=True)
class ListFile:
    """The rows for a file: part `number` of `parts`. None if the list is too long for that: then
    `parts` is how many it needs. `total` is the number of registrations.
    """

    rows: Sequence[Registration] | None
    number: int
    parts: int
    total: int


def read_file(work: DeskWork, action: AuditAction, number: int, parts: int) -> ListFile:
    """Part `number` of `parts` of all registrations, sorted by name, for a file.

    Writes an audit entry, about everybody, only if the part fits into a file.
    """
    everybody = list(registrations.everybody(work.table))
    part = part_of(everybody, number, parts)
    needed = parts_needed(part, parts, work.event)
    if needed > parts:
        return ListFile(None, number, needed, len(everybody))
    about = work.say(N_("del %(number)s av %(parts)s"), number=number, parts=parts)
    work.audit(action, concerning([EVERYBODY], about if parts > 1 else ""))
    rows = sorted(part, key=lambda one: (swedish_order(one.answers.name), one.plate_code))
    return ListFile(rows, number, parts, len(everybody))


def read_labels(work: DeskWork, meal: Meal, number: int, *, named: bool) -> Page[ListEntry]:
    """Part `number`, from 1, of a meal's labels, by plate code; `named`: with names."""
    list_filter = ListFilter(meal=meal.id, sort="code")
    found = select_entries(registrations.entries(work.table), list_filter)
    shown = page_of(found, number, LABELS_ON_A_PAGE)
    with_names = N_("%(meal)s, med namn, del %(number)s")
    words = with_names if named else N_("%(meal)s, utan namn, del %(number)s")
    about = work.say(words, meal=meal_name(meal, work.event.language), number=shown.number)
    work.audit(AuditAction.PRINTED_LABELS, codes_of(shown.rows, about))
    return shown


def read_codes(
    work: DeskWork, number: int, *, by_code: bool, with_plates: bool
) -> tuple[Page[ListEntry], dict[str, Distinction]]:
    """Part `number`, from 1, of the codes and names, sorted by code or by name.

    Also what tells namesakes apart, by their keys.
    """
    list_filter = ListFilter(sort="code" if by_code else "name")
    found = select_entries(registrations.entries(work.table), list_filter)
    shown = page_of(found, number, CODES_ON_A_PAGE)
    apart = distinctions(found)
    plates = N_("med portioner") if with_plates else N_("utan portioner")
    if Distinction.PLATE in apart.values() and not with_plates:
        plates = N_("portioner bara där namnen är lika")
    order = N_("efter kod") if by_code else N_("efter namn")
    part = work.say(N_("del %(number)s"), number=shown.number)
    about = f"{work.say(order)}, {work.say(plates)}, {part}"
    work.audit(AuditAction.PRINTED_ATTENDANCE, codes_of(shown.rows, about))
    return shown, apart


def read_notes(
    work: DeskWork, number: int
) -> tuple[Page[ListEntry], list[tuple[str, Registration]]]:
    """Part `number`, from 1, of the registrations with a note, with their keys.

    Notes that the kitchen has not been told come first, then severe allergies, then by code.
    """
    found = select_entries(registrations.entries(work.table), ListFilter(noted=True, sort="code"))
    found.sort(key=lambda entry: (not entry.needs_passing_on, not entry.order.plate.severe))
    shown = page_of(found, number, NOTES_ON_A_PAGE)
    if shown.rows:
        work.audit(AuditAction.PRINTED_NOTES, codes_of(shown.rows))
    stored = registrations.find_all(work.table, [entry.key for entry in shown.rows])
    return shown, list(stored.items())
