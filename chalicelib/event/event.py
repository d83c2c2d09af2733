"""The event: its agenda, its meals, its contact persons, and when registration closes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from chalicelib.event.agenda import (
    AgendaRow,
    Day,
    DayLead,
    Meal,
    at,
    end_after,
    hours_of,
    in_order,
    meals_among,
)
from chalicelib.event.checks import check_event
from chalicelib.event.legal_statements import Accessibility, Privacy
from chalicelib.event.theme import Theme
from chalicelib.lifecycle.timing import EXPIRES_AFTER_DELETION
from chalicelib.texts.language import LANGUAGES, Translatable


@dataclass(frozen=True)
class Contact:
    """A contact person: shown with phone numbers on the pages, and mailed the summary.

    The mail address is shown only if `show_email`.
    """

    name: str
    office: Translatable
    email: str
    phones: tuple[str, ...] = ()
    show_email: bool = False

    @property
    def reached_at(self) -> tuple[str, ...]:
        """The phone numbers, and the mail address if it is shown."""
        return (*self.phones, self.email) if self.show_email else self.phones


@dataclass(frozen=True)
class Receiver:
    """An address that is mailed the summary and change notices, such as the caterer's.

    `meals` are the ids of the meals whose numbers it gets; all meals if empty. `name` and `office`
    are for readers of the file; nothing shows them.
    """

    email: str
    name: Translatable = ""
    office: Translatable = ""
    meals: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebLink:
    """A link of the invitation to another website."""

    title: Translatable
    url: str
    description: Translatable = ""


@dataclass(frozen=True)
class Event:
    """An event, as in the event file; creation raises InvalidEvent for a wrong value.

    `date` is its first day. `starts` (on the first day) and `ends` (on the last) are None if the
    agenda's rows say them. `last_time` is midnight for the end of `last_day`. `country`
    (ISO 3166-1) is that of phone numbers without a country code.
    """

    id: str
    title: Translatable
    kind: Translatable
    organiser: str
    invited: Translatable
    welcome: Translatable
    place: Translatable
    date: dt.date
    timezone: ZoneInfo
    last_day: dt.date
    links: tuple[WebLink, ...]
    contacts: tuple[Contact, ...]
    operator: str
    agenda: tuple[AgendaRow, ...]
    theme: Theme
    privacy: Privacy
    accessibility: Accessibility | None
    starts: dt.time | None = None
    ends: dt.time | None = None
    last_time: dt.time = dt.time.min
    leads: tuple[DayLead, ...] = ()
    revision: int = 0
    expected: int | None = None
    published: bool = True
    languages: tuple[str, ...] = LANGUAGES
    room: Translatable = ""
    country: str = "SE"
    receivers: tuple[Receiver, ...] = ()

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
        """The agenda's meals, in the order of the page."""
        rows = (row for day in self.programme for row in day.rows)
        return meals_among(rows, names_day=len(self.days) > 1)

    def meals_of(self, ids: Iterable[str]) -> tuple[Meal, ...]:
        """The meals with these ids in the order of the page; last, those no longer in the file."""
        wanted = set(ids)
        gone = wanted - {meal.id for meal in self.meals}
        return (
            *(meal for meal in self.meals if meal.id in wanted),
            *(Meal(meal_id, meal_id) for meal_id in sorted(gone)),
        )

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """The days of the event, in order."""
        return tuple(sorted({self.date, *(row.date for row in self.agenda)}))

    @cached_property
    def programme(self) -> tuple[Day, ...]:
        """The agenda by days."""
        return tuple(map(self._day, self.days))

    @property
    def has_timed_rows(self) -> bool:
        """Whether any row of the agenda has a time."""
        return any(row.starts_at for row in self.agenda)

    def _day(self, date: dt.date) -> Day:
        rows = in_order(row for row in self.agenda if row.date == date)
        hours = hours_of(rows)
        if self.starts and date == self.date:
            hours = replace(
                hours, starts_at=at(date, self.starts, self.timezone), starts_about=False
            )
        if self.ends and date == self.days[-1]:
            start = hours.starts_at or at(date, dt.time.min, self.timezone)
            hours = replace(hours, ends_at=end_after(start, self.ends), ends_about=False)
        lead = next((lead for lead in self.leads if lead.date == date), DayLead(date))
        return Day(date=date, rows=rows, lead=lead, **vars(hours))

    @cached_property
    def mailboxes(self) -> tuple[Contact, ...]:
        """The contact persons by mail address: those who share one are one, with all names."""
        found: dict[str, Contact] = {}
        for one in self.contacts:
            first = found.setdefault(one.email.casefold(), one)
            if first is not one:
                name = f"{first.name}, {one.name}"
                found[one.email.casefold()] = replace(first, name=name)
        return tuple(found.values())

    def contact_at(self, address: str) -> Contact | None:
        """The contact persons with this mail address, upper or lower case, as one; or None."""
        wanted = address.strip().casefold()
        return next((one for one in self.mailboxes if one.email.casefold() == wanted), None)

    def receiver_at(self, address: str) -> Receiver | None:
        """The receiver of numbers with this mail address, upper or lower case, or None."""
        wanted = address.strip().casefold()
        return next((one for one in self.receivers if one.email.casefold() == wanted), None)

    @cached_property
    def has_phones(self) -> bool:
        """Whether a contact person can be rung."""
        return any(contact.phones for contact in self.contacts)

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
        start = self.programme[0].starts_at
        return (start or at(self.date, dt.time.min, self.timezone)).astimezone(dt.UTC)

    @cached_property
    def ends_at(self) -> dt.datetime:
        """The instant at which the event ends: the end of its last day if nothing says an end."""
        hours = hours_of(self.programme)
        if hours.ends_at and self.programme[-1].lasts_until:
            return hours.ends_at.astimezone(dt.UTC)
        return _midnight_after(self.days[-1], self.timezone)

    @cached_property
    def last_date(self) -> dt.date:
        """The local day on which the event ends; midnight belongs to the day before."""
        return (self.ends_at - dt.timedelta(microseconds=1)).astimezone(self.timezone).date()

    @cached_property
    def closes_at(self) -> dt.datetime:
        """The first instant at which registration is closed: `last_time` of the last day."""
        start = at(self.last_day, dt.time.min, self.timezone)
        return end_after(start, self.last_time).astimezone(dt.UTC)

    @cached_property
    def deletes_at(self) -> dt.datetime:
        """The instant from which no personal data are shown, and the deletion begins.

        Local midnight at the end of the day `delete_after_days` after `last_date`.
        """
        return _midnight_after(self.privacy.stored_through(self.last_date), self.timezone)

    @cached_property
    def expires_at(self) -> int:
        """When DynamoDB expires items that were not deleted, in seconds since 1970."""
        return int((self.deletes_at + EXPIRES_AFTER_DELETION).timestamp())

    def hides_personal_data(self, now: dt.datetime) -> bool:
        """Whether personal data are no longer shown, even if some are not yet deleted."""
        return now >= self.deletes_at


def _midnight_after(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return at(day + dt.timedelta(days=1), dt.time.min, zone).astimezone(dt.UTC)
