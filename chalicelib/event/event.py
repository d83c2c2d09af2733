"""The event: its agenda, its meals, its contact persons, and when registration closes."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from chalicelib.event.checks import check_event
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.theme import Theme
from chalicelib.lifecycle.timing import EXPIRES_AFTER_DELETION
from chalicelib.texts.language import LANGUAGES, Translatable


@dataclass(frozen=True)
class AgendaRow:
    """One row of the agenda; times are local to the event. A row with a `meal_id` is a meal."""

    starts: dt.time
    ends: dt.time
    title: Translatable
    description: Translatable = ""
    bullets: tuple[Translatable, ...] = ()
    speakers: tuple[Translatable, ...] = ()
    meal_id: str = ""


@dataclass(frozen=True)
class Meal:
    """A meal, to whose `id` registrations refer; `starts` is None once it has left the agenda."""

    id: str
    title: str
    starts: dt.time | None


@dataclass(frozen=True)
class Contact:
    """A contact person: shown with phone numbers on the pages, and mailed the summary."""

    name: str
    office: Translatable
    phones: tuple[str, ...]
    email: str


@dataclass(frozen=True)
class WebLink:
    """A link of the invitation to another website."""

    title: Translatable
    url: str
    description: Translatable = ""


@dataclass(frozen=True)
class Event:
    """A one-day event, as in the event file; creation raises InvalidEvent for a wrong value."""

    id: str
    title: Translatable
    kind: Translatable
    organiser: str
    invited: Translatable
    welcome: Translatable
    place: Translatable
    date: dt.date
    starts: dt.time
    ends: dt.time
    timezone: ZoneInfo
    last_day: dt.date
    links: tuple[WebLink, ...]
    contacts: tuple[Contact, ...]
    operator: str
    agenda: tuple[AgendaRow, ...]
    theme: Theme
    privacy: Privacy
    accessibility: Accessibility | None
    revision: int = 0
    expected: int | None = None
    languages: tuple[str, ...] = LANGUAGES

    def __post_init__(self) -> None:
        check_event(self)

    @property
    def language(self) -> str:
        """The event's first language: that of the desk, and of mails to contacts and operator."""
        return self.languages[0]

    def spoken(self, language: str) -> str:
        """`language` if the event has it, otherwise the event's first."""
        return language if language in self.languages else self.language

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
        """The contact person with this mail address, upper or lower case, or None."""
        wanted = address.strip().casefold()
        return next((one for one in self.contacts if one.email.casefold() == wanted), None)

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """The mail domains of the contact persons and the operator: the organisation's own."""
        addresses = [self.operator, *(contact.email for contact in self.contacts)]
        return frozenset(address.rpartition("@")[2].casefold() for address in addresses)

    def deadline(self, stored: dt.datetime | None) -> dt.datetime:
        """The effective deadline: the one stored in the event state, or else `closes_at`.

        Never after the event's start, even if the event was moved to before the stored deadline.
        """
        return min(stored, self.starts_at) if stored else self.closes_at

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
        """The instant from which no personal data are shown, and the deletion begins.

        Local midnight at the end of the day `delete_after_days` after the event.
        """
        return _midnight_after(self.privacy.stored_through(self.date), self.timezone)

    @cached_property
    def expires_at(self) -> int:
        """When DynamoDB expires items that were not deleted, in seconds since 1970."""
        return int((self.deletes_at + EXPIRES_AFTER_DELETION).timestamp())

    def hides_personal_data(self, now: dt.datetime) -> bool:
        """Whether personal data are no longer shown, even if some are not yet deleted."""
        return now >= self.deletes_at


def _midnight_after(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone)
