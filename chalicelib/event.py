"""The event: its agenda, its meals, its contact persons, and when registration closes."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from chalicelib.language import ENGLISH, SWEDISH, said
from chalicelib.look import Look, is_colour, is_readable
from chalicelib.mail_address import is_mail_address
from chalicelib.notices import BASES, LOG_DAYS, STATUSES, Accessibility, Privacy

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
    title: str
    description: str = ""
    bullets: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
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
    office: str
    phones: tuple[str, ...]
    email: str


@dataclass(frozen=True)
class Link:
    """A page elsewhere that the invitation points to."""

    title: str
    url: str
    description: str


@dataclass(frozen=True)
class Event:
    """A one-day event as the organiser's file describes it, already validated."""

    id: str
    title: str
    kind: str
    organiser: str
    invited: str
    welcome: str
    place: str
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


def _check_names(event: Event) -> None:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.id):
        raise InvalidEvent("event.id", f'"{event.id}" may hold only a-z, 0-9 and hyphens')
    if not event.contacts:
        raise InvalidEvent("contacts", "there is no contact person; at least one is needed")
    if len(event.contacts) > _CONTACTS_AT_MOST:
        raise InvalidEvent("contacts", f"there are more than {_CONTACTS_AT_MOST}")
    _check_contacts(event)
    _check_address("operator.email", event.operator)
    for number, link in enumerate(event.links, 1):
        if not re.fullmatch(r"https?://\S+", link.url):
            raise InvalidEvent(f"links[{number}].url", f'"{link.url}" does not start with https://')


def _check_contacts(event: Event) -> None:
    addresses = [contact.email.casefold() for contact in event.contacts]
    for number, contact in enumerate(event.contacts, 1):
        key = f"contacts[{number}]"
        _check_address(f"{key}.email", contact.email)
        if contact.email.casefold() in addresses[: number - 1]:
            raise InvalidEvent(f"{key}.email", f'two contact persons have "{contact.email}"')
        if not contact.phones:
            raise InvalidEvent(f"{key}.phones", "give at least one phone number")
        for phone in contact.phones:
            if not re.fullmatch(r"\+?[\d /-]{5,}", phone):
                raise InvalidEvent(f"{key}.phones", f'"{phone}" is not a phone number')


def _check_address(key: str, address: str) -> None:
    if not is_mail_address(address):
        raise InvalidEvent(key, f'"{address}" is not a mail address')


def _check_agenda(event: Event) -> None:
    if event.ends <= event.starts:
        raise InvalidEvent("event.ends", "the event ends before it starts")
    if not event.agenda:
        raise InvalidEvent("agenda", "the agenda has no rows")
    for number, session in enumerate(event.agenda, 1):
        key = f"agenda[{number}]"
        if session.ends <= session.starts:
            raise InvalidEvent(f"{key}.ends", f'"{session.title}" ends before it starts')
        if session.starts < event.starts or session.ends > event.ends:
            raise InvalidEvent(f"{key}.starts", f'"{session.title}" is outside the event\'s hours')
    _check_order(event)


def _check_order(event: Event) -> None:
    for number, (before, after) in enumerate(pairwise(event.agenda), 2):
        key = f"agenda[{number}].starts"
        if after.starts < before.starts:
            raise InvalidEvent(
                key, f'"{after.title}" comes before "{before.title}"; order the rows'
            )
        if after.starts < before.ends:
            raise InvalidEvent(key, f'"{after.title}" overlaps "{before.title}"')


def _check_meals(event: Event) -> None:
    if not event.meals:
        raise InvalidEvent("agenda", 'no row is a meal; give one kind = "meal" and an id')
    seen: set[str] = set()
    for number, session in enumerate(event.agenda, 1):
        key = f"agenda[{number}].id"
        if not session.meal_id:
            continue
        if not re.fullmatch(r"[a-z0-9_]+", session.meal_id):
            raise InvalidEvent(key, f'"{session.meal_id}" may hold only a-z, 0-9 and _')
        if session.meal_id in seen:
            raise InvalidEvent(key, f'two meals have the id "{session.meal_id}"')
        seen.add(session.meal_id)


def _check_deadline(event: Event) -> None:
    if event.closes_at > event.starts_at:
        raise InvalidEvent(
            "registration.last_day",
            f"{event.last_day} is not before the event on {event.date}",
        )


def _check_look(look: Look) -> None:
    if not is_colour(look.accent):
        raise InvalidEvent("look.accent", f'"{look.accent}" is not a colour; write it "#0b5563"')
    if not is_readable(look.accent):
        raise InvalidEvent(
            "look.accent", f'"{look.accent}" is too light to read on white; choose a darker one'
        )


def _check_privacy(privacy: Privacy) -> None:
    _check_address("privacy.controller_email", privacy.controller_email)
    _check_address("privacy.officer_email", privacy.officer_email)
    if privacy.basis not in BASES:
        known = " nor ".join(f'"{basis}"' for basis in BASES)
        raise InvalidEvent("privacy.basis", f'"{privacy.basis}" is neither {known}')
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", privacy.region):
        raise InvalidEvent("privacy.region", f'"{privacy.region}" is not like "eu-north-1"')
    _check_says("privacy.legal_basis", privacy.legal_basis, privacy.basis)
    _check_says("privacy.storage", privacy.storage, privacy.region)
    if privacy.delete_after_days < 0:
        raise InvalidEvent("privacy.delete_after_days", "it is less than 0")
    if not 1 <= privacy.backup_days <= _BACKUP_DAYS_AT_MOST:
        raise InvalidEvent("privacy.backup_days", f"it is not 1 to {_BACKUP_DAYS_AT_MOST}")
    if privacy.log_days not in LOG_DAYS:
        known = ", ".join(map(str, LOG_DAYS))
        raise InvalidEvent("privacy.log_days", f"it is none of {known}")


def _check_says(key: str, text: str, told: str) -> None:
    """The text says it in both languages."""
    for where, language in ((key, SWEDISH), (f"{key}_en", ENGLISH)):
        if told not in said(text, language):
            raise InvalidEvent(where, f'it does not say "{told}"')


def _check_accessibility(statement: Accessibility) -> None:
    if statement.status not in STATUSES:
        known = ", ".join(f'"{status}"' for status in STATUSES)
        raise InvalidEvent("accessibility.status", f'"{statement.status}" is none of {known}')
    if statement.status == "helt" and statement.faults:
        raise InvalidEvent("accessibility.status", 'with known faults it can\'t be "helt"')
    if statement.status != "helt" and not statement.faults:
        raise InvalidEvent("accessibility.faults", f'"{statement.status}" needs the faults told')
    if not re.fullmatch(r"https://\S+", statement.supervisor_url):
        raise InvalidEvent("accessibility.supervisor_url", "it does not start with https://")
    _check_address("accessibility.contact", statement.contact)
