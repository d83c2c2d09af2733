"""The event: its agenda, its meals, its contact persons, and when registration closes."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.event.legal_statements import BASES, LOG_DAYS, STATUSES, Accessibility, Privacy
from chalicelib.event.mail_address import is_mail_address
from chalicelib.event.theme import Look, is_colour, is_readable
from chalicelib.texts.language import ENGLISH, SWEDISH, Said, said

# All their mails are queued in one transaction of the table.
_CONTACTS_AT_MOST = 50

# As far back as DynamoDB can restore a table.
_BACKUP_DAYS_AT_MOST = 35
# How long after the day of deletion the table forgets by itself what is still there.
_BACKSTOP = dt.timedelta(days=30)


class InvalidEvent(ValueError):
    """The event file is wrong: which key, and what about it, in words for the organiser."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.problem = problem


@dataclass(frozen=True)
class Session:
    """One row of the agenda; times are local to the event. A row with a `meal_id` is a meal."""

    starts: dt.time
    ends: dt.time
    title: Said
    description: Said = ""
    bullets: tuple[Said, ...] = ()
    speakers: tuple[Said, ...] = ()
    meal_id: str = ""


@dataclass(frozen=True)
class Meal:
    """A row of the agenda at which people eat; registrations refer to its id."""

    id: str
    title: str
    starts: dt.time | None


@dataclass(frozen=True)
class Contact:
    """A contact person: shown with phone numbers on the pages, and mailed the summary."""

    name: str
    office: Said
    phones: tuple[str, ...]
    email: str


@dataclass(frozen=True)
class Link:
    """A page elsewhere that the invitation points to."""

    title: Said
    url: str
    description: Said = ""


@dataclass(frozen=True)
class Event:
    """A one-day event as the organiser's file describes it, already validated."""

    id: str
    title: Said
    kind: Said
    organiser: str
    invited: Said
    welcome: Said
    place: Said
    date: dt.date
    starts: dt.time
    ends: dt.time
    timezone: ZoneInfo
    last_day: dt.date
    links: tuple[Link, ...]
    contacts: tuple[Contact, ...]
    operator: str
    agenda: tuple[Session, ...]
    look: Look
    privacy: Privacy
    accessibility: Accessibility
    revision: int = 0

    def __post_init__(self) -> None:
        _check_names(self)
        _check_agenda(self)
        _check_meals(self)
        _check_deadline(self)
        _check_look(self.look)
        _check_privacy(self.privacy)
        _check_accessibility(self.accessibility)

    @cached_property
    def meals(self) -> tuple[Meal, ...]:
        """The agenda's meals, in order."""
        return tuple(
            Meal(session.meal_id, session.title, session.starts)
            for session in self.agenda
            if session.meal_id
        )

    def at(self, local: dt.time) -> dt.datetime:
        """The instant of a local time on the event's day."""
        return dt.datetime.combine(self.date, local, self.timezone)

    def contact_at(self, address: str) -> Contact | None:
        """The contact person with this mail address, however its letters are written."""
        wanted = address.strip().casefold()
        return next((one for one in self.contacts if one.email.casefold() == wanted), None)

    def deadline(self, own: dt.datetime | None) -> dt.datetime:
        """The effective deadline: an own one if it was set, otherwise the announced one.

        Never after the start, even if the event was moved ahead of an own deadline.
        """
        return min(own, self.starts_at) if own else self.closes_at

    def is_over(self, now: dt.datetime) -> bool:
        """Whether the event has ended."""
        return now >= self.ends_at

    @cached_property
    def starts_at(self) -> dt.datetime:
        """The instant at which the event starts."""
        return self.at(self.starts)

    @cached_property
    def ends_at(self) -> dt.datetime:
        """The instant at which the event ends."""
        return self.at(self.ends)

    @cached_property
    def closes_at(self) -> dt.datetime:
        """The first instant at which registration is closed: local midnight after the last day."""
        return _midnight_after(self.last_day, self.timezone)

    @cached_property
    def deletes_at(self) -> dt.datetime:
        """The instant from which nothing personal is shown: the local midnight that ends the day
        `delete_after_days` after the event.
        """
        return _midnight_after(self.privacy.kept_through(self.date), self.timezone)

    @cached_property
    def expires_at(self) -> int:
        """When the table forgets by itself what nobody deleted, in seconds since 1970."""
        return int((self.deletes_at + _BACKSTOP).timestamp())

    def is_forgotten(self, now: dt.datetime) -> bool:
        """Whether personal data are no longer shown, though some may still be there."""
        return now >= self.deletes_at


def _midnight_after(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone)


def _check(holds: object, key: str, problem: str) -> None:
    if not holds:
        raise InvalidEvent(key, problem)


def _check_names(event: Event) -> None:
    is_id = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.id)
    _check(is_id, "event.id", f'"{event.id}" may hold only a-z, 0-9 and hyphens')
    _check(event.contacts, "contacts", "there is no contact person; at least one is needed")
    is_few = len(event.contacts) <= _CONTACTS_AT_MOST
    _check(is_few, "contacts", f"there are more than {_CONTACTS_AT_MOST}")
    _check_contacts(event)
    _check_address("operator.email", event.operator)
    for number, link in enumerate(event.links, 1):
        is_url = re.fullmatch(r"https?://\S+", link.url)
        _check(is_url, f"links[{number}].url", f'"{link.url}" does not start with https://')


def _check_contacts(event: Event) -> None:
    addresses = [contact.email.casefold() for contact in event.contacts]
    for number, contact in enumerate(event.contacts, 1):
        key, email = f"contacts[{number}]", contact.email
        _check_address(f"{key}.email", email)
        is_new = email.casefold() not in addresses[: number - 1]
        _check(is_new, f"{key}.email", f'two contact persons have "{email}"')
        _check(contact.phones, f"{key}.phones", "give at least one phone number")
        for phone in contact.phones:
            is_number = re.fullmatch(r"\+?[\d /-]{5,}", phone)
            _check(is_number, f"{key}.phones", f'"{phone}" is not a phone number')


def _check_address(key: str, address: str) -> None:
    _check(is_mail_address(address), key, f'"{address}" is not a mail address')


def _check_agenda(event: Event) -> None:
    _check(event.ends > event.starts, "event.ends", "the event ends before it starts")
    _check(event.agenda, "agenda", "the agenda has no rows")
    for number, row in enumerate(event.agenda, 1):
        key = f"agenda[{number}]"
        _check(row.ends > row.starts, f"{key}.ends", f'"{row.title}" ends before it starts')
        is_inside = event.starts <= row.starts and row.ends <= event.ends
        _check(is_inside, f"{key}.starts", f'"{row.title}" is outside the event\'s hours')
    for number, (before, after) in enumerate(pairwise(event.agenda), 2):
        key, first, second = f"agenda[{number}].starts", before.title, after.title
        is_later = after.starts >= before.starts
        _check(is_later, key, f'"{second}" comes before "{first}"; order the rows')
        _check(after.starts >= before.ends, key, f'"{second}" overlaps "{first}"')


def _check_meals(event: Event) -> None:
    _check(event.meals, "agenda", 'no row is a meal; give one kind = "meal" and an id')
    seen: set[str] = {""}
    for number, row in enumerate(event.agenda, 1):
        key, meal = f"agenda[{number}].id", row.meal_id
        is_id = re.fullmatch(r"[a-z0-9_]*", meal)
        _check(is_id, key, f'"{meal}" may hold only a-z, 0-9 and _')
        _check(not meal or meal not in seen, key, f'two meals have the id "{meal}"')
        seen.add(meal)


def _check_deadline(event: Event) -> None:
    problem = f"{event.last_day} is not before the event on {event.date}"
    _check(event.closes_at <= event.starts_at, "registration.last_day", problem)


def _check_look(look: Look) -> None:
    key, accent = "look.accent", look.accent
    _check(is_colour(accent), key, f'"{accent}" is not a colour; write it "#0b5563"')
    _check(
        is_readable(accent), key, f'"{accent}" is too light to read on white; choose a darker one'
    )


def _check_privacy(privacy: Privacy) -> None:
    _check_address("privacy.controller_email", privacy.controller_email)
    _check_address("privacy.officer_email", privacy.officer_email)
    known = " nor ".join(f'"{basis}"' for basis in BASES)
    _check(privacy.basis in BASES, "privacy.basis", f'"{privacy.basis}" is neither {known}')
    is_region = re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", privacy.region)
    _check(is_region, "privacy.region", f'"{privacy.region}" is not like "eu-north-1"')
    _check_says("privacy.legal_basis", privacy.legal_basis, privacy.basis)
    _check_says("privacy.storage", privacy.storage, privacy.region)
    _check(privacy.delete_after_days >= 0, "privacy.delete_after_days", "it is less than 0")
    can_restore = 1 <= privacy.backup_days <= _BACKUP_DAYS_AT_MOST
    _check(can_restore, "privacy.backup_days", f"it is not 1 to {_BACKUP_DAYS_AT_MOST}")
    known = ", ".join(map(str, LOG_DAYS))
    _check(privacy.log_days in LOG_DAYS, "privacy.log_days", f"it is none of {known}")


def _check_says(key: str, text: str, told: str) -> None:
    """The text says it in both languages."""
    for where, language in ((key, SWEDISH), (f"{key}_en", ENGLISH)):
        _check(told in said(text, language), where, f'it does not say "{told}"')


def _check_accessibility(statement: Accessibility) -> None:
    status, faults = statement.status, statement.faults
    key, known = "accessibility.status", ", ".join(f'"{one}"' for one in STATUSES)
    _check(status in STATUSES, key, f'"{status}" is none of {known}')
    _check(status != "helt" or not faults, key, 'with known faults it can\'t be "helt"')
    is_told = status == "helt" or faults
    _check(is_told, "accessibility.faults", f'"{status}" needs the faults told')
    is_url = re.fullmatch(r"https://\S+", statement.supervisor_url)
    _check(is_url, "accessibility.supervisor_url", "it does not start with https://")
    _check_address("accessibility.contact", statement.contact)
