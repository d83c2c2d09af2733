"""Reading registrations at the desk: an audit entry is written before anything is shown.

Desk pages show only registrations read or audited here, or by DeskWork (StaleRevision).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.audit import store as audit_log
from chalicelib.audit.log import AuditAction, concerning
from chalicelib.desk.duplicates import likely_duplicates
from chalicelib.desk.extract import Extract, StoredData, extract
from chalicelib.desk.limits import (
    DUPLICATES_ON_A_PAGE,
    SHOWN_OF_MANY,
    SHOWN_SIDE_BY_SIDE,
)
from chalicelib.desk.registration_list import (
    SORTS,
    ListFilter,
    Page,
    matcher,
    page_of,
    select_entries,
)
from chalicelib.desk.work import DeskWork
from chalicelib.lifecycle.timing import REQUESTS_END_WITHIN
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.records import MailRecord
from chalicelib.registration import link_store
from chalicelib.registration import store as registrations
from chalicelib.registration.registration import ListEntry, Registration
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


def _link_mails(work: DeskWork, registration: Registration) -> Iterator[MailRecord]:
    """The mails with links to the registration that somebody asked for by its address."""
    for link in link_store.opening(work.table, registration).values():
        if link.mail.startswith(MailKind.LINK):
            record = mail_records.find(work.table, MailKind.LINK, link.mail)
            if record:
                yield record


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
        codes_of(
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
    work.audit(AuditAction.SAW_DUPLICATES, codes_of(listed))
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
            codes_of(
                sample,
                work.say(N_("%(number)s av %(total)s"), number=len(sample), total=len(found)),
            ),
        )
    return Sample(sample, len(found), is_whole)


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
        mails=[*mail_records.about(table, key), *_link_mails(work, found)],
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


def codes_of(entries: Iterable[ListEntry], details: str = "") -> str:
    """What an audit entry says when these registrations are shown."""
    return concerning((entry.code for entry in entries), details)
