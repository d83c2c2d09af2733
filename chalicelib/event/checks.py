"""The rules that a valid event meets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import permutations, starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.event.legal_statements import BASES, LOG_DAYS, STATUSES, Accessibility, Privacy
from chalicelib.event.mail_address import is_mail_address
from chalicelib.event.theme import Theme, is_colour, is_readable
from chalicelib.texts.language import ENGLISH, LANGUAGES, SWEDISH, localized

if TYPE_CHECKING:
    from chalicelib.event.agenda import AgendaRow, Hours
    from chalicelib.event.event import Contact, Event, WebLink

    Problems = Iterator["Problem"]

# The mails to all contact persons are queued in one transaction, which has a maximum size.
_CONTACTS_AT_MOST = 50
# First parts of addresses that are not an event's.
_TAKEN = frozenset({"desk", "registration", "privacy", "accessibility"})
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


def check_event(event: Event) -> None:
    """Raise InvalidEvent with all values that are wrong.

    A part, or a row, that is None could not be read, and what depends on it is not checked.
    """
    problems = tuple(_problems(event))
    if problems:
        raise InvalidEvent(*problems)


def _problems(event: Event) -> Problems:
    is_id = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.id)
    if not is_id or event.id in _TAKEN:
        problem = "name the file with a-z, 0-9 and hyphens only, as it is part of addresses"
        yield Problem("the file's name", problem)
    if event.expected is not None and event.expected < 1:
        yield Problem("event.expected", "must be 1 or more; leave it out if you don't know")
    if event.operator is not None:
        yield from _of_address("operator.email", event.operator)
    parts: tuple[tuple[Callable[[Any], Problems], Any], ...] = (
        (_of_contacts, event.contacts),
        (_of_links, event.links),
        (_of_schedule, event),
        (_of_theme, event.theme),
        (_of_privacy, event.privacy),
        (_of_accessibility, event.accessibility),
    )
    for problems_of, part in parts:
        if part is not None:
            yield from problems_of(part)


def _of_links(links: Iterable[WebLink]) -> Problems:
    for number, link in enumerate(links, 1):
        if link and not re.fullmatch(r"https?://\S+", link.url):
            yield Problem(f"links[{number}].url", f'"{link.url}" must start with https://')


def _of_contacts(contacts: Sequence[Contact]) -> Problems:
    if not contacts:
        yield Problem("contacts", "there is no contact person; add at least one")
    if len(contacts) > _CONTACTS_AT_MOST:
        yield Problem("contacts", f"there are more than {_CONTACTS_AT_MOST} contact persons")
    seen = set()
    for number, contact in enumerate(contacts, 1):
        if not contact:
            continue
        key, email = f"contacts[{number}]", contact.email
        yield from _of_address(f"{key}.email", email)
        if email.casefold() in seen:
            yield Problem(f"{key}.email", f'two contact persons have the address "{email}"')
        seen.add(email.casefold())
        yield from _of_phones(f"{key}.phones", contact.phones)


def _of_phones(key: str, phones: Iterable[str]) -> Problems:
    if not phones:
        yield Problem(key, "add at least one phone number")
    for phone in phones:
        if not re.fullmatch(r"\+?[\d /-]{5,}", phone):
            yield Problem(key, f'"{phone}" is not a phone number')


def _of_address(key: str, address: str) -> Problems:
    if not is_mail_address(address):
        yield Problem(key, f'"{address}" is not a mail address')


def _of_schedule(event: Event) -> Problems:
    """What is wrong with days and rows; if nothing is, with the whole that the rows make."""
    if event.date is None or event.timezone is None or event.agenda is None:
        return
    if event.last_day and event.last_day >= event.date:
        problem = f"{event.last_day} is not before the event on {event.date}"
        yield Problem("registration.last_day", problem)
    rows = [row for one in enumerate(event.agenda, 1) if one[1] for row in _of_row(event, *one)]
    rows += _of_meal_ids(event.agenda)
    yield from rows
    if not rows and event.leads is not None and None not in (*event.agenda, *event.leads):
        yield from _of_hours_of_all(event)
        yield from _of_meals(event)


def _of_hours_of_all(event: Event) -> Problems:
    if not event.agenda:
        yield Problem("agenda", "the agenda has no rows")
    first, last = event.programme[0], event.programme[-1]
    if not first.starts_at:
        problem = f"say when the event starts, or give a row of its first day, {event.date}, a time"
        yield Problem("event.starts", problem)
    of_event = [
        *_of_hours("event", replace(first, ends_at=None), "the event"),
        *_of_hours("event", last if event.ends else replace(last, ends_at=None), "the event"),
    ]
    yield from of_event
    for number, row in enumerate(event.agenda, 1):
        if not of_event and row.starts_at and row.lasts_until:
            is_inside = event.starts_at <= row.starts_at and row.lasts_until <= event.ends_at
            if not is_inside:
                outside = f'"{row.title}" is outside the event\'s hours'
                yield Problem(f"agenda[{number}].starts", outside)
    for number, lead in enumerate(event.leads, 1):
        if lead.date not in event.days:
            yield Problem(f"days[{number}].date", f"no row of the agenda is on {lead.date}")


def _of_row(event: Event, number: int, row: AgendaRow) -> Problems:
    key, days = f"agenda[{number}]", (row.date - event.date).days
    if days < 0:
        yield Problem(f"{key}.date", f"{row.date} is before the first day, {event.date}")
    if days > _DAYS_AT_MOST:
        problem = f"{row.date} is {days} days after the first day, {event.date}"
        yield Problem(f"{key}.date", problem)
    if row.ends_at and not row.starts_at:
        yield Problem(f"{key}.starts", f'"{row.title}" has an end, but no start')
    if row.starts_at and row.when:
        yield Problem(f"{key}.when", f'leave this out: "{row.title}" has a start')
    if row.meal_id and not row.lasts_until and not row.when:
        problem = f'the meal "{row.title}" needs a time, or when = "under dagen" in its place'
        yield Problem(f"{key}.starts", problem)
    yield from _of_hours(key, row, f'"{row.title}"')


def _of_hours(key: str, hours: Hours, what: str) -> Problems:
    """Hours that the clock does not show, and an end that a mistake has put on the next day."""
    for name, at in (("starts", hours.starts_at), ("ends", hours.ends_at)):
        if at and at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(
            tzinfo=None
        ):
            problem = f"the clocks go forward over {at:%H.%M} on {at:%Y-%m-%d}; write another time"
            yield Problem(f"{key}.{name}", problem)
    if hours.starts_at and hours.ends_at and hours.ends_at - hours.starts_at > _LASTS_AT_MOST:
        yield Problem(f"{key}.ends", f"{what} must end after it starts, at most 20 hours later")


def _of_meal_ids(rows: Iterable[AgendaRow]) -> Problems:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if row and row.meal_id:
            key, meal = f"agenda[{number}].id", row.meal_id
            if not re.fullmatch(r"[a-z0-9_]*", meal):
                yield Problem(key, f'"{meal}" is not allowed; use only a-z, 0-9 and _')
            if meal in seen:
                yield Problem(key, f'two meals have the id "{meal}"')
            seen.add(meal)


def _of_meals(event: Event) -> Problems:
    """No meal, or two whose names are the same in some language."""
    if not event.meals:
        yield Problem("agenda", 'no row is a meal; add kind = "meal" and an id to a row')
    for language in LANGUAGES:
        titles = [localized(meal.title, language).casefold() for meal in event.meals]
        # Only then can two names be the same: most cold starts don't import the words.
        if any(starmap(str.startswith, permutations(titles, 2))):
            yield from _of_meal_names(event, language)


def _of_meal_names(event: Event, language: str) -> Problems:
    from chalicelib.event.words import meal_name

    numbers = {row.meal_id: number for number, row in enumerate(event.agenda, 1)}
    seen: set[str] = set()
    for meal in event.meals:
        name = meal_name(meal, language)
        if name.casefold() in seen:
            key, problem = f"agenda[{numbers[meal.id]}].title", f'two meals are called "{name}"'
            yield Problem(key, f"{problem}; change the title of one")
        seen.add(name.casefold())


def _of_theme(theme: Theme) -> Problems:
    key, accent = "look.accent", theme.accent
    if not is_colour(accent):
        yield Problem(key, f'"{accent}" is not a colour; write one like "#0b5563"')
    elif not is_readable(accent):
        yield Problem(key, f'"{accent}" is too light to read on white; choose a darker one')


def _of_privacy(privacy: Privacy) -> Problems:
    yield from _of_address("privacy.controller_email", privacy.controller_email)
    yield from _of_address("privacy.officer_email", privacy.dpo_email)
    if privacy.basis in BASES:
        yield from _of_part("privacy.legal_basis", privacy.legal_basis, privacy.basis)
    else:
        known = ", ".join(f'"{basis}"' for basis in BASES)
        yield Problem("privacy.basis", f'"{privacy.basis}" is not one of {known}')
    if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", privacy.region):
        yield from _of_part("privacy.storage", privacy.storage, privacy.region)
    else:
        problem = f'"{privacy.region}" is not a region like "eu-north-1"'
        yield Problem("privacy.region", problem)
    if privacy.delete_after_days < 0:
        yield Problem("privacy.delete_after_days", "must be 0 or more")
    yield from _of_web_address("privacy.supervisor_url", privacy.supervisor_url)
    if not 1 <= privacy.backup_days <= _BACKUP_DAYS_AT_MOST:
        yield Problem("privacy.backup_days", f"must be 1 to {_BACKUP_DAYS_AT_MOST}")
    if privacy.log_days not in LOG_DAYS:
        yield Problem("privacy.log_days", f"must be one of {', '.join(map(str, LOG_DAYS))}")


def _of_web_address(key: str, address: str) -> Problems:
    if not re.fullmatch(r"https://\S+", address):
        yield Problem(key, "must start with https://")


def _of_part(key: str, text: str, part: str) -> Problems:
    """A text that does not contain `part` in both languages."""
    if part not in localized(text, SWEDISH):
        yield Problem(key, f'must contain "{part}"')
    elif part not in localized(text, ENGLISH):
        yield Problem(f"{key}_en", f'must contain "{part}"')


def _of_accessibility(statement: Accessibility) -> Problems:
    status, faults = statement.status, statement.faults
    key, known = "accessibility.status", ", ".join(f'"{one}"' for one in STATUSES)
    if status not in STATUSES:
        yield Problem(key, f'"{status}" is not one of {known}')
    elif status == "helt" and faults:
        yield Problem(key, 'must not be "helt" when there are faults')
    elif status != "helt" and not faults:
        yield Problem("accessibility.faults", f'the status "{status}" needs a fault')
    if bool(statement.law) != bool(statement.supervisor):
        yield Problem("accessibility.law", "a law and its supervisor belong together")
    if statement.supervisor:
        yield from _of_web_address("accessibility.supervisor_url", statement.supervisor_url)
    yield from _of_address("accessibility.contact", statement.contact)
