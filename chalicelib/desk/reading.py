"""Reading registrations at the desk: an audit entry is written before anything is shown.

Desk pages show only registrations read or audited here, or by DeskWork (StaleRevision).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import EVERYBODY, AuditAction, concerning
from chalicelib.desk.duplicates import likely_duplicates
from chalicelib.desk.extract import Extract, StoredData, extract
from chalicelib.desk.limits import (
    CODES_ON_A_PAGE,
    DUPLICATES_ON_A_PAGE,
    LABELS_ON_A_PAGE,
    NOTES_ON_A_PAGE,
    SHOWN_OF_MANY,
    SHOWN_SIDE_BY_SIDE,
)
from chalicelib.desk.namesakes import Distinction, distinctions
from chalicelib.desk.registration_list import (
    SORTS,
    ListFilter,
    Page,
    matcher,
    page_of,
    select_entries,
)
from chalicelib.desk.spreadsheet import part_of, parts_needed
from chalicelib.desk.work import DeskWork
from chalicelib.event.agenda import Meal
from chalicelib.event.words import meal_name
from chalicelib.lifecycle.timing import REQUESTS_END_WITHIN
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import ListEntry, Registration
from chalicelib.texts.collation import swedish_order
from chalicelib.texts.language import N_

RegistrationsByKey = dict[str, Registration]


@dataclass(frozen=True)
class Sample:
    """Some of the registrations that a filter matches, and how many it matches in all.

    Unless `is_whole`, there was no time to read all registrations.
    """

    entries: Sequence[ListEntry] = ()
    total: int = 0
    is_whole: bool = True


@dataclass(frozen=True)
class Links:
    """How many mailed links open a registration, and when one was last used, if that is known."""

    mailed: int
    used_at: datetime | None


def read_one(work: DeskWork, key: str) -> Registration | None:
    """The registration with this key, or None."""
    found = registrations.find(work.table, key)
    if found:
        work.audit(AuditAction.SAW_ONE, found.plate_code)
    return found


def read_links(work: DeskWork, registration: Registration) -> Links:
    """The mailed links of a registration that has been read here."""
    found = link_store.opening(work.table, registration).values()
    return Links(len(found), max((one.used_at for one in found if one.used_at), default=None))


def read_list(
    work: DeskWork,
    list_filter: ListFilter,
    number: int,
    action: AuditAction,
    has_time: Callable[[], bool],
) -> tuple[Page[ListEntry], RegistrationsByKey, bool]:
    """Page `number`, from 1, of the registrations that match, and its registrations by key.

    Also whether there was time to read all registrations.
    """
    found, is_whole = _matching(work, list_filter, has_time)
    shown = page_of(sorted(found, key=SORTS[list_filter.sort]), number)
    work.audit(
        action,
        _codes_of(
            shown.rows,
            work.say(N_("sida %(number)s av %(pages)s"), number=shown.number, pages=shown.pages),
        ),
    )
    stored = registrations.find_all(work.table, [entry.key for entry in shown.rows])
    return shown, stored, is_whole


def read_duplicates(
    work: DeskWork, number: int
) -> tuple[Page[tuple[ListEntry, ...]], list[tuple[list[tuple[str, Registration]], int]]]:
    """Page `number`, from 1, of the groups of likely duplicates, and these groups in detail.

    Each group has its first registrations with their keys, and the number of further members.
    """
    found = likely_duplicates(select_entries(registrations.entries(work.table), ListFilter()))
    shown = page_of(found, number, DUPLICATES_ON_A_PAGE)
    listed = [entry for group in shown.rows for entry in group[:SHOWN_SIDE_BY_SIDE]]
    work.audit(AuditAction.SAW_DUPLICATES, _codes_of(listed))
    stored = registrations.find_all(work.table, [entry.key for entry in listed])
    groups = []
    for group in shown.rows:
        first_ones = [(entry.key, stored[entry.key]) for entry in group if entry.key in stored]
        if len(first_ones) > 1:
            groups.append((first_ones, len(group[SHOWN_SIDE_BY_SIDE:])))
    return shown, groups


def read_pair(work: DeskWork, key: str, other: str) -> tuple[Registration, Registration] | None:
    """Two likely duplicates by their keys; None unless both exist."""
    stored = registrations.find_all(work.table, [key, other])
    if len(stored) < 2:
        return None
    codes = stored[key].plate_code, stored[other].plate_code
    work.audit(AuditAction.SAW_DUPLICATES, concerning(codes))
    return stored[key], stored[other]


def only_one_of(work: DeskWork, key: str, other: str) -> str | None:
    """Which of two different registrations exists, if only one does; shows nothing of it."""
    found = list(registrations.find_all(work.table, [key, other]))
    return found[0] if len(found) == 1 and key != other else None


def read_chosen(work: DeskWork, keys: Sequence[str]) -> RegistrationsByKey:
    """The registrations with these keys that exist, by key, to be shown before a removal."""
    found = registrations.find_all(work.table, keys)
    if found:
        codes = concerning(one.plate_code for one in found.values())
        work.audit(AuditAction.SAW_SELECTION, codes)
    return found


def read_sample(
    work: DeskWork, list_filter: ListFilter, as_of: datetime, has_time: Callable[[], bool]
) -> Sample:
    """At most SHOWN_OF_MANY entries that match and were registered up to `as_of`: every n-th in
    order of registration.
    """
    matching, is_whole = _matching(work, list_filter, has_time)
    found = [entry for entry in matching if entry.registered_at <= as_of]
    step = max(1, -(-len(found) // SHOWN_OF_MANY))
    sample = sorted(found, key=lambda entry: entry.registered_at)[::step]
    if sample:
        work.audit(
            AuditAction.SAW_SELECTION,
            _codes_of(
                sample,
                work.say(N_("%(number)s av %(total)s"), number=len(sample), total=len(found)),
            ),
        )
    return Sample(sample, len(found), is_whole)


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
    work.audit(AuditAction.PRINTED_LABELS, _codes_of(shown.rows, about))
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
    work.audit(AuditAction.PRINTED_ATTENDANCE, _codes_of(shown.rows, about))
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
        work.audit(AuditAction.PRINTED_NOTES, _codes_of(shown.rows))
    stored = registrations.find_all(work.table, [entry.key for entry in shown.rows])
    return shown, list(stored.items())


def read_extract(
    work: DeskWork, key: str, action: AuditAction
) -> tuple[Registration, Extract] | None:
    """A registration and its extract, including this audit entry; None if the key is unknown."""
    table = work.table
    found = registrations.find(table, key)
    if found is None:
        return None
    work.audit(action, found.plate_code)
    content = StoredData(
        registration=found,
        waiting=outbox.about(table, key),
        mails=mail_records.about(table, key),
        # Requests of other visitors may have been stored after the desk's request had begun.
        entries=audit_log.about(table, found.plate_code, found.registered_at - REQUESTS_END_WITHIN),
        is_blocked=work.is_blocked(found),
        link_used_at=read_links(work, found).used_at,
    )
    return found, extract(content, work.event, work.now)


def _matching(
    work: DeskWork, list_filter: ListFilter, has_time: Callable[[], bool]
) -> tuple[list[ListEntry], bool]:
    """The matching entries of those that there is time to read, and whether these were all."""
    found, matches = list[ListEntry](), matcher(list_filter)
    for entry in registrations.entries(work.table, with_notes=bool(list_filter.text)):
        if not has_time():
            return found, False
        if matches(entry):
            found.append(entry)
    return found, True


def _codes_of(entries: Iterable[ListEntry], details: str = "") -> str:
    """What an audit entry says when these registrations are shown."""
    return concerning((entry.code for entry in entries), details)
