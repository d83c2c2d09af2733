"""The rules that a valid event meets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, time, timedelta
from itertools import permutations, starmap
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.event.legal_statements import BASES, LOG_DAYS, STATUSES, Accessibility, Privacy
from chalicelib.event.mail_address import is_mail_address
from chalicelib.event.phone import dialled
from chalicelib.event.theme import Theme, is_colour, is_readable
from chalicelib.texts.language import ENGLISH, LANGUAGES, SWEDISH, localized

if TYPE_CHECKING:
    from chalicelib.event.agenda import AgendaRow, Hours
    from chalicelib.event.event import Event

# The mails to all contact persons and receivers are queued in one transaction of limited size.
_CONTACTS_AT_MOST = 50
# Parts of addresses where an event's could stand, here and in `make run`.
_TAKEN = frozenset(
    {"desk", "registration", "privacy", "accessibility", "enter", "leave", "sent", "outbox"}
)
# DynamoDB's maximum for point-in-time recovery.
_BACKUP_DAYS_AT_MOST = 35
# An end before its start is the next day; but swapped and mistyped times last longer than this.
_LASTS_AT_MOST = timedelta(hours=20)
# A row later than this is a mistyped month or year.
_DAYS_AT_MOST = 31


class Problem(NamedTuple):
    """A wrong value: its key in the file, such as `agenda[3].starts`, and what is wrong.

    Of an unknown key, `missing` are the keys that its table could have and does not.
    """

    key: str
    words: str
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


class InvalidEvent(ValueError):
    """A file, inside chalicelib, is wrong: `problems` are all that were found.

    The text, `key` and `problem` are the first one's.
    """

    def __init__(self, *problems: Problem, file: str = "") -> None:
        super().__init__(*problems)
        self.problems = problems
        self.file = file

    @property
    def key(self) -> str:
        """The key of the first problem."""
        return self.problems[0].key

    @property
    def problem(self) -> str:
        """The words of the first problem."""
        return self.problems[0].words

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, str(self.problems[0]))))


class _Problems(list[Problem]):
    def require(self, holds: object, key: str, words: str) -> None:
        if not holds:
            self.append(Problem(key, words))


def check_event(event: Event) -> None:
    """Raise InvalidEvent with all values that are wrong.

    A part, or a row, that is None could not be read, and what depends on it is not checked.
    """
    found = _Problems()
    _check_names(found, event)
    if event.contacts is not None:
        _check_contacts(found, event)
    _check_receivers(found, event)
    if None not in (event.date, event.timezone, event.agenda):
        _check_schedule(found, event)
    if event.theme:
        _check_theme(found, event.theme)
    if event.privacy:
        _check_privacy(found, event.privacy)
    if event.accessibility:
        _check_accessibility(found, event.accessibility)
    if found:
        raise InvalidEvent(*found)


def _check_names(found: _Problems, event: Event) -> None:
    is_id = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.id)
    problem = "name the file with a-z, 0-9 and hyphens only, as it is part of addresses"
    found.require(is_id and event.id not in _TAKEN, "the file's name", problem)
    if event.operator is not None:
        _check_address(found, "operator.email", event.operator)
    is_number = event.expected is None or event.expected >= 1
    found.require(is_number, "event.expected", "must be 1 or more; leave it out if you don't know")
    for number, link in enumerate(event.links or (), 1):
        if link:
            is_url, problem = re.fullmatch(r"https?://\S+", link.url), "must start with https://"
            found.require(is_url, f"links[{number}].url", f'"{link.url}" {problem}')


def _check_contacts(found: _Problems, event: Event) -> None:
    found.require(event.contacts, "contacts", "there is no contact person; add at least one")
    is_few = len(event.contacts) + len(event.receivers or ()) <= _CONTACTS_AT_MOST
    problem = f"there are more than {_CONTACTS_AT_MOST} contact persons and receivers"
    found.require(is_few, "contacts", problem)
    country = event.country or ""
    is_country = re.fullmatch("[A-Z]{2}", country)
    found.require(is_country, "event.country", f'"{country}" is not a code like "SE" or "FI"')
    for number, contact in enumerate(event.contacts, 1):
        if not contact:
            continue
        key = f"contacts[{number}]"
        _check_address(found, f"{key}.email", contact.email)
        for phone in contact.phones if is_country else ():
            problem = f'"{phone}" is not a phone number of {country}'
            problem += "; write the area code, or + and the code of its country"
            found.require(dialled(phone, country), f"{key}.phones", problem)
    problem = "nobody can reach a contact person: add phones to one, or show_email = true"
    can_be_reached = any(not contact or contact.reached_at for contact in event.contacts)
    found.require(can_be_reached or not event.contacts, "contacts", problem)


def _check_receivers(found: _Problems, event: Event) -> None:
    contacts = {contact.email.casefold() for contact in event.contacts or () if contact}
    rows = event.agenda or (None,)
    known = [row.meal_id for row in rows if row and row.meal_id]
    taken: set[str] = set()
    for number, receiver in enumerate(event.receivers or (), 1):
        if not receiver:
            continue
        key, address = f"receivers[{number}]", receiver.email
        _check_address(found, f"{key}.email", address)
        problem = f'"{address}" is a contact person\'s address, which gets the numbers of all meals'
        found.require(address.casefold() not in contacts, f"{key}.email", problem)
        problem = f'two receivers have the address "{address}"; write one row with all its meals'
        found.require(address.casefold() not in taken, f"{key}.email", problem)
        taken.add(address.casefold())
        for meal in receiver.meals if None not in rows else ():
            problem = f'no meal has the id "{meal}"; the meals are {", ".join(map(_quoted, known))}'
            found.require(meal in known, f"{key}.meals", problem)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _check_address(found: _Problems, key: str, address: str) -> None:
    found.require(is_mail_address(address), key, f'"{address}" is not a mail address')


def _check_schedule(found: _Problems, event: Event) -> None:
    """Check days and rows; if they are right, the whole that they make."""
    if event.last_day:
        problem = f"{event.last_day} is not before the event on {event.date}"
        latest = event.date - timedelta(days=event.last_time == time.min)
        found.require(event.last_day <= latest, "registration.last_day", problem)
        _check_last_time(found, event)
    others = len(found)
    for number, row in enumerate(event.agenda, 1):
        if row:
            _check_row(found, event, f"agenda[{number}]", row)
    _check_meal_ids(found, event.agenda)
    if len(found) > others or event.leads is None or None in (*event.agenda, *event.leads):
        return
    _check_agenda(found, event)
    if len(found) == others:
        _check_meals(found, event)
        if event.last_day == event.date:
            problem = f"{event.last_time:%H.%M} is not before the event's start"
            is_before = event.closes_at <= event.starts_at
            found.require(is_before, "registration.last_time", problem)


def _check_last_time(found: _Problems, event: Event) -> None:
    local, wanted = event.closes_at.astimezone(event.timezone), event.last_time
    problem = f"the clocks go forward over {wanted:%H.%M} on {local:%Y-%m-%d}; write another time"
    is_shown = local.time() == wanted or wanted == time.min
    found.require(is_shown, "registration.last_time", problem)


def _check_agenda(found: _Problems, event: Event) -> None:
    others = len(found)
    found.require(event.agenda, "agenda", "the agenda has no rows")
    first, last = event.programme[0], event.programme[-1]
    problem = f"say when the event starts, or give a row of its first day, {event.date}, a time"
    found.require(first.starts_at, "event.starts", problem)
    _check_hours(found, "event", replace(first, ends_at=None), "the event")
    _check_hours(found, "event", last if event.ends else replace(last, ends_at=None), "the event")
    rows = enumerate(event.agenda if len(found) == others else (), 1)
    for number, row in rows:
        outside = f'"{row.title}" is outside the event\'s hours'
        if row.starts_at and row.lasts_until:
            is_inside = event.starts_at <= row.starts_at and row.lasts_until <= event.ends_at
            found.require(is_inside, f"agenda[{number}].starts", outside)
    for number, lead in enumerate(event.leads, 1):
        problem = f"no row of the agenda is on {lead.date}"
        found.require(lead.date in event.days, f"days[{number}].date", problem)


def _check_row(found: _Problems, event: Event, key: str, row: AgendaRow) -> None:
    days = (row.date - event.date).days
    found.require(days >= 0, f"{key}.date", f"{row.date} is before the first day, {event.date}")
    problem = f"{row.date} is {days} days after the first day, {event.date}"
    found.require(days <= _DAYS_AT_MOST, f"{key}.date", problem)
    has_start = row.starts_at or not row.ends_at
    found.require(has_start, f"{key}.starts", f'"{row.title}" has an end, but no start')
    is_said_once = not (row.starts_at and row.when)
    found.require(is_said_once, f"{key}.when", f'leave this out: "{row.title}" has a start')
    has_time = row.starts_at or row.when or not row.meal_id
    problem = f'the meal "{row.title}" needs a time, or when = "under dagen" in its place'
    found.require(has_time, f"{key}.starts", problem)
    _check_hours(found, key, row, f'"{row.title}"')


def _check_hours(found: _Problems, key: str, hours: Hours, what: str) -> None:
    """Require hours that the clock shows, and an end that no mistake has put on the next day."""
    for name, at in (("starts", hours.starts_at), ("ends", hours.ends_at)):
        if at and at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(
            tzinfo=None
        ):
            problem = f"the clocks go forward over {at:%H.%M} on {at:%Y-%m-%d}; write another time"
            found.append(Problem(f"{key}.{name}", problem))
    if hours.starts_at and hours.ends_at:
        is_short = hours.ends_at - hours.starts_at <= _LASTS_AT_MOST
        problem = f"{what} must end after it starts, at most 20 hours later"
        found.require(is_short, f"{key}.ends", problem)


def _check_meal_ids(found: _Problems, rows: Iterable[AgendaRow | None]) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        meal = row.meal_id if row else ""
        key = f"agenda[{number}].id"
        is_id = re.fullmatch(r"[a-z0-9_]*", meal)
        found.require(is_id, key, f'"{meal}" is not allowed; use only a-z, 0-9 and _')
        found.require(not meal or meal not in seen, key, f'two meals have the id "{meal}"')
        seen.add(meal)


def _check_meals(found: _Problems, event: Event) -> None:
    found.require(event.meals, "agenda", 'no row is a meal; add kind = "meal" and an id to a row')
    _check_meal_names(found, event)


def _check_meal_names(found: _Problems, event: Event) -> None:
    """Require that the names of two meals differ, in each language."""
    for language in LANGUAGES:
        titles = [localized(meal.title, language).casefold() for meal in event.meals]
        # Only then can two names be the same: most cold starts don't import the words.
        if any(starmap(str.startswith, permutations(titles, 2))):
            _check_different_names(found, event, language)


def _check_different_names(found: _Problems, event: Event, language: str) -> None:
    from chalicelib.event.words import meal_name

    numbers = {row.meal_id: number for number, row in enumerate(event.agenda, 1)}
    seen: set[str] = set()
    for meal in event.meals:
        name = meal_name(meal, language)
        key, problem = f"agenda[{numbers[meal.id]}].title", f'two meals are called "{name}"'
        found.require(name.casefold() not in seen, key, f"{problem}; change the title of one")
        seen.add(name.casefold())


def _check_theme(found: _Problems, theme: Theme) -> None:
    key, accent = "look.accent", theme.accent
    found.require(is_colour(accent), key, f'"{accent}" is not a colour; write one like "#0b5563"')
    can_be_read = not is_colour(accent) or is_readable(accent)
    found.require(
        can_be_read, key, f'"{accent}" is too light to read on white; choose a darker one'
    )


def _check_privacy(found: _Problems, privacy: Privacy) -> None:
    _check_address(found, "privacy.controller_email", privacy.controller_email)
    _check_address(found, "privacy.officer_email", privacy.dpo_email)
    known = ", ".join(f'"{basis}"' for basis in BASES)
    found.require(
        privacy.basis in BASES, "privacy.basis", f'"{privacy.basis}" is not one of {known}'
    )
    is_region = re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", privacy.region)
    found.require(
        is_region, "privacy.region", f'"{privacy.region}" is not a region like "eu-north-1"'
    )
    if privacy.basis in BASES:
        _check_contains(found, "privacy.legal_basis", privacy.legal_basis, privacy.basis)
    if is_region:
        _check_contains(found, "privacy.storage", privacy.storage, privacy.region)
    found.require(privacy.delete_after_days >= 0, "privacy.delete_after_days", "must be 0 or more")
    can_restore = 1 <= privacy.backup_days <= _BACKUP_DAYS_AT_MOST
    _check_web_address(found, "privacy.supervisor_url", privacy.supervisor_url)
    found.require(can_restore, "privacy.backup_days", f"must be 1 to {_BACKUP_DAYS_AT_MOST}")
    known = ", ".join(map(str, LOG_DAYS))
    found.require(privacy.log_days in LOG_DAYS, "privacy.log_days", f"must be one of {known}")


def _check_web_address(found: _Problems, key: str, address: str) -> None:
    found.require(re.fullmatch(r"https://\S+", address), key, "must start with https://")


def _check_contains(found: _Problems, key: str, text: str, part: str) -> None:
    """Require that the text contains `part` in both languages."""
    for where, language in ((key, SWEDISH), (f"{key}_en", ENGLISH)):
        found.require(part in localized(text, language), where, f'must contain "{part}"')


def _check_accessibility(found: _Problems, statement: Accessibility) -> None:
    status, faults = statement.status, statement.faults
    key, known = "accessibility.status", ", ".join(f'"{one}"' for one in STATUSES)
    found.require(status in STATUSES, key, f'"{status}" is not one of {known}')
    found.require(status != "helt" or not faults, key, 'must not be "helt" when there are faults')
    has_reason = status not in STATUSES or status == "helt" or faults
    found.require(has_reason, "accessibility.faults", f'the status "{status}" needs a fault')
    is_complete = bool(statement.law) == bool(statement.supervisor)
    found.require(is_complete, "accessibility.law", "a law and its supervisor belong together")
    if statement.supervisor:
        _check_web_address(found, "accessibility.supervisor_url", statement.supervisor_url)
    _check_address(found, "accessibility.contact", statement.contact)
