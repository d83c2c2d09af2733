"""The rules that a valid event meets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.event.legal_statements import BASES, LOG_DAYS, STATUSES, Accessibility, Privacy
from chalicelib.event.mail_address import is_mail_address
from chalicelib.event.phone import dialled
from chalicelib.event.problems import InvalidEvent, Problems
from chalicelib.event.schedule_checks import check_schedule
from chalicelib.event.theme import Theme, is_colour, is_readable
from chalicelib.texts.language import ENGLISH, SWEDISH, localized

if TYPE_CHECKING:
    from chalicelib.event.event import Event

# The mails to all contact persons and receivers are queued in one transaction of limited size.
_CONTACTS_AT_MOST = 50
# Parts of addresses where an event's could stand, here and in `make run`.
_TAKEN = frozenset(
    {"desk", "registration", "privacy", "accessibility", "enter", "leave", "sent", "outbox"}
)
# DynamoDB's maximum for point-in-time recovery.
_BACKUP_DAYS_AT_MOST = 35


def check_event(event: Event) -> None:
    """Raise InvalidEvent with all values that are wrong.

    A part, or a row, that is None could not be read, and what depends on it is not checked.
    """
    found = Problems()
    _check_names(found, event)
    if event.contacts is not None:
        _check_contacts(found, event)
    _check_receivers(found, event)
    if None not in (event.date, event.timezone, event.agenda):
        check_schedule(found, event)
    if event.theme:
        _check_theme(found, event.theme)
    if event.privacy:
        _check_privacy(found, event.privacy)
    if event.accessibility:
        _check_accessibility(found, event.accessibility)
    if found:
        raise InvalidEvent(*found)


def _check_names(found: Problems, event: Event) -> None:
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


def _check_contacts(found: Problems, event: Event) -> None:
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


def _check_receivers(found: Problems, event: Event) -> None:
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


def _check_address(found: Problems, key: str, address: str) -> None:
    found.require(is_mail_address(address), key, f'"{address}" is not a mail address')


def _check_theme(found: Problems, theme: Theme) -> None:
    key, accent = "look.accent", theme.accent
    found.require(is_colour(accent), key, f'"{accent}" is not a colour; write one like "#0b5563"')
    can_be_read = not is_colour(accent) or is_readable(accent)
    found.require(
        can_be_read, key, f'"{accent}" is too light to read on white; choose a darker one'
    )


def _check_privacy(found: Problems, privacy: Privacy) -> None:
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


def _check_web_address(found: Problems, key: str, address: str) -> None:
    found.require(re.fullmatch(r"https://\S+", address), key, "must start with https://")


def _check_contains(found: Problems, key: str, text: str, part: str) -> None:
    """Require that the text contains `part` in both languages."""
    for where, language in ((key, SWEDISH), (f"{key}_en", ENGLISH)):
        found.require(part in localized(text, language), where, f'must contain "{part}"')


def _check_accessibility(found: Problems, statement: Accessibility) -> None:
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
