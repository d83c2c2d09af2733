"""The rules that a valid event meets."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, time, timedelta
from itertools import permutations, starmap
from typing import TYPE_CHECKING

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
# First parts of addresses that are not an event's.
_TAKEN = frozenset({"desk", "registration", "privacy", "accessibility"})
# DynamoDB's maximum for point-in-time recovery.
_BACKUP_DAYS_AT_MOST = 35
# An end before its start is the next day; but swapped and mistyped times last longer than this.
_LASTS_AT_MOST = timedelta(hours=20)
# A row later than this is a mistyped month or year.
_DAYS_AT_MOST = 31


class InvalidEvent(ValueError):
    """A value in a file is wrong: `key`, and `problem` in words for the organiser.

    `file` is the file, inside chalicelib.
    """

    def __init__(self, key: str, problem: str, file: str = "") -> None:
        super().__init__(key, problem)
        self.key = key
        self.problem = problem
        self.file = file

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.file, self.key, self.problem)))


def check_event(event: Event) -> None:
    """Raise InvalidEvent with the first key whose value is wrong."""
    _check_names(event)
    _check_agenda(event)
    _check_meals(event)
    _check_receivers(event)
    _check_deadline(event)
    _check_theme(event.theme)
    _check_privacy(event.privacy)
    if event.accessibility:
        _check_accessibility(event.accessibility)


def _require(holds: object, key: str, problem: str) -> None:
    if not holds:
        raise InvalidEvent(key, problem)


def _check_names(event: Event) -> None:
    is_id = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.id)
    problem = "name the file with a-z, 0-9 and hyphens only, as it is part of addresses"
    _require(is_id and event.id not in _TAKEN, "the file's name", problem)
    _require(event.contacts, "contacts", "there is no contact person; add at least one")
    is_few = len(event.contacts) + len(event.receivers) <= _CONTACTS_AT_MOST
    problem = f"there are more than {_CONTACTS_AT_MOST} contact persons and receivers"
    _require(is_few, "contacts", problem)
    _check_contacts(event)
    _check_address("operator.email", event.operator)
    is_number = event.expected is None or event.expected >= 1
    _require(is_number, "event.expected", "must be 1 or more; leave it out if you don't know")
    for number, link in enumerate(event.links, 1):
        is_url = re.fullmatch(r"https?://\S+", link.url)
        _require(is_url, f"links[{number}].url", f'"{link.url}" must start with https://')


def _check_contacts(event: Event) -> None:
    is_country = re.fullmatch("[A-Z]{2}", event.country)
    _require(is_country, "event.country", f'"{event.country}" is not a code like "SE" or "FI"')
    for number, contact in enumerate(event.contacts, 1):
        key = f"contacts[{number}]"
        _check_address(f"{key}.email", contact.email)
        for phone in contact.phones:
            problem = f'"{phone}" is not a phone number of {event.country}'
            problem += "; write the area code, or + and the code of its country"
            _require(dialled(phone, event.country), f"{key}.phones", problem)
    problem = "nobody can reach a contact person: add phones to one, or show_email = true"
    _require(any(contact.reached_at for contact in event.contacts), "contacts", problem)


def _check_address(key: str, address: str) -> None:
    _require(is_mail_address(address), key, f'"{address}" is not a mail address')


def _check_agenda(event: Event) -> None:
    _require(event.agenda, "agenda", "the agenda has no rows")
    for number, row in enumerate(event.agenda, 1):
        _check_row(event, f"agenda[{number}]", row)
    first, last = event.programme[0], event.programme[-1]
    problem = f"say when the event starts, or give a row of its first day, {event.date}, a time"
    _require(first.starts_at, "event.starts", problem)
    _check_hours("event", replace(first, ends_at=None), "the event")
    _check_hours("event", last if event.ends else replace(last, ends_at=None), "the event")
    for number, row in enumerate(event.agenda, 1):
        outside = f'"{row.title}" is outside the event\'s hours'
        if row.starts_at and row.lasts_until:
            is_inside = event.starts_at <= row.starts_at and row.lasts_until <= event.ends_at
            _require(is_inside, f"agenda[{number}].starts", outside)
    for number, lead in enumerate(event.leads, 1):
        problem = f"no row of the agenda is on {lead.date}"
        _require(lead.date in event.days, f"days[{number}].date", problem)


def _check_row(event: Event, key: str, row: AgendaRow) -> None:
    days = (row.date - event.date).days
    _require(days >= 0, f"{key}.date", f"{row.date} is before the first day, {event.date}")
    problem = f"{row.date} is {days} days after the first day, {event.date}"
    _require(days <= _DAYS_AT_MOST, f"{key}.date", problem)
    has_start = row.starts_at or not row.ends_at
    _require(has_start, f"{key}.starts", f'"{row.title}" has an end, but no start')
    is_said_once = not (row.starts_at and row.when)
    _require(is_said_once, f"{key}.when", f'leave this out: "{row.title}" has a start')
    has_time = row.starts_at or row.when or not row.meal_id
    problem = f'the meal "{row.title}" needs a time, or when = "under dagen" in its place'
    _require(has_time, f"{key}.starts", problem)
    _check_hours(key, row, f'"{row.title}"')


def _check_hours(key: str, hours: Hours, what: str) -> None:
    """Require hours that the clock shows, and an end that no mistake has put on the next day."""
    for name, at in (("starts", hours.starts_at), ("ends", hours.ends_at)):
        if at and at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(
            tzinfo=None
        ):
            problem = f"the clocks go forward over {at:%H.%M} on {at:%Y-%m-%d}; write another time"
            raise InvalidEvent(f"{key}.{name}", problem)
    if hours.starts_at and hours.ends_at:
        is_short = hours.ends_at - hours.starts_at <= _LASTS_AT_MOST
        problem = f"{what} must end after it starts, at most 20 hours later"
        _require(is_short, f"{key}.ends", problem)


def _check_meals(event: Event) -> None:
    _require(event.meals, "agenda", 'no row is a meal; add kind = "meal" and an id to a row')
    seen: set[str] = {""}
    for number, row in enumerate(event.agenda, 1):
        key, meal = f"agenda[{number}].id", row.meal_id
        is_id = re.fullmatch(r"[a-z0-9_]*", meal)
        _require(is_id, key, f'"{meal}" is not allowed; use only a-z, 0-9 and _')
        _require(not meal or meal not in seen, key, f'two meals have the id "{meal}"')
        seen.add(meal)
    _check_meal_names(event)


def _check_meal_names(event: Event) -> None:
    """Require that the names of two meals differ, in each language."""
    for language in LANGUAGES:
        titles = [localized(meal.title, language).casefold() for meal in event.meals]
        # Only then can two names be the same: most cold starts don't import the words.
        if any(starmap(str.startswith, permutations(titles, 2))):
            _require_different_names(event, language)


def _require_different_names(event: Event, language: str) -> None:
    from chalicelib.event.words import meal_name

    numbers = {row.meal_id: number for number, row in enumerate(event.agenda, 1)}
    seen: set[str] = set()
    for meal in event.meals:
        name = meal_name(meal, language)
        key, problem = f"agenda[{numbers[meal.id]}].title", f'two meals are called "{name}"'
        _require(name.casefold() not in seen, key, f"{problem}; change the title of one")
        seen.add(name.casefold())


def _check_receivers(event: Event) -> None:
    known = {meal.id: f'"{meal.id}"' for meal in event.meals}
    taken: set[str] = set()
    for number, receiver in enumerate(event.receivers, 1):
        key, address = f"receivers[{number}]", receiver.email
        _check_address(f"{key}.email", address)
        problem = f'"{address}" is a contact person\'s address, which gets the numbers of all meals'
        _require(not event.contact_at(address), f"{key}.email", problem)
        problem = f'two receivers have the address "{address}"; write one row with all its meals'
        _require(address.casefold() not in taken, f"{key}.email", problem)
        taken.add(address.casefold())
        for meal in receiver.meals:
            problem = f'no meal has the id "{meal}"; the meals are {", ".join(known.values())}'
            _require(meal in known, f"{key}.meals", problem)


def _check_deadline(event: Event) -> None:
    problem = f"{event.last_day} is not before the event on {event.date}"
    _require(event.closes_at <= event.starts_at, "registration.last_day", problem)
    local, wanted = event.closes_at.astimezone(event.timezone), event.last_time
    problem = f"the clocks go forward over {wanted:%H.%M} on {local:%Y-%m-%d}; write another time"
    is_shown = local.time() == wanted or wanted == time.min
    _require(is_shown, "registration.last_time", problem)


def _check_theme(theme: Theme) -> None:
    key, accent = "look.accent", theme.accent
    _require(is_colour(accent), key, f'"{accent}" is not a colour; write one like "#0b5563"')
    _require(
        is_readable(accent), key, f'"{accent}" is too light to read on white; choose a darker one'
    )


def _check_privacy(privacy: Privacy) -> None:
    _check_address("privacy.controller_email", privacy.controller_email)
    _check_address("privacy.officer_email", privacy.dpo_email)
    known = ", ".join(f'"{basis}"' for basis in BASES)
    _require(privacy.basis in BASES, "privacy.basis", f'"{privacy.basis}" is not one of {known}')
    is_region = re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", privacy.region)
    _require(is_region, "privacy.region", f'"{privacy.region}" is not a region like "eu-north-1"')
    _check_contains("privacy.legal_basis", privacy.legal_basis, privacy.basis)
    _check_contains("privacy.storage", privacy.storage, privacy.region)
    _require(privacy.delete_after_days >= 0, "privacy.delete_after_days", "must be 0 or more")
    can_restore = 1 <= privacy.backup_days <= _BACKUP_DAYS_AT_MOST
    _check_web_address("privacy.supervisor_url", privacy.supervisor_url)
    _require(can_restore, "privacy.backup_days", f"must be 1 to {_BACKUP_DAYS_AT_MOST}")
    known = ", ".join(map(str, LOG_DAYS))
    _require(privacy.log_days in LOG_DAYS, "privacy.log_days", f"must be one of {known}")


def _check_web_address(key: str, address: str) -> None:
    _require(re.fullmatch(r"https://\S+", address), key, "must start with https://")


def _check_contains(key: str, text: str, part: str) -> None:
    """Require that the text contains `part` in both languages."""
    for where, language in ((key, SWEDISH), (f"{key}_en", ENGLISH)):
        _require(part in localized(text, language), where, f'must contain "{part}"')


def _check_accessibility(statement: Accessibility) -> None:
    status, faults = statement.status, statement.faults
    key, known = "accessibility.status", ", ".join(f'"{one}"' for one in STATUSES)
    _require(status in STATUSES, key, f'"{status}" is not one of {known}')
    _require(status != "helt" or not faults, key, 'must not be "helt" when there are faults')
    has_reason = status == "helt" or faults
    _require(has_reason, "accessibility.faults", f'the status "{status}" needs a fault')
    is_complete = bool(statement.law) == bool(statement.supervisor)
    _require(is_complete, "accessibility.law", "a law and its supervisor belong together")
    if statement.supervisor:
        _check_web_address("accessibility.supervisor_url", statement.supervisor_url)
    _check_address("accessibility.contact", statement.contact)
