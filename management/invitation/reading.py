"""Reads an invitation: rules over its lines, which know what they do not understand."""

from __future__ import annotations

import datetime as dt
import re

from management.invitation.agenda_rows import put_rows
from management.invitation.completing import complete_first_day
from management.invitation.completing import first_day as known_first_day
from management.invitation.contacts import contacts_in
from management.invitation.days import FoundDay, days_in, year_of
from management.invitation.deadline import Deadline, deadline_in
from management.invitation.draft import Draft
from management.invitation.first_day import chosen, first_day_among, weekday_doubt
from management.invitation.head import head_in, read_below
from management.invitation.label_lines import with_values
from management.invitation.labels import Head
from management.invitation.layout import start_of
from management.invitation.lines import Block, blocks_of
from management.invitation.links import links_in
from management.invitation.named_days import NamedDay
from management.invitation.programme import programme_in
from management.invitation.rows import Programme
from management.invitation.zones import zone_of

_SWEDISH = frozenset(
    "och att i på till för med är av som den det kl en ett om från inledning avslutning"
    " registrering fika anmälan senast välkommen kaffe".split()
)
_ENGLISH = frozenset(
    "and the of to in for with is on at by from an will are you"
    " a our your please before wednesday october council"
    " opening closing registration session sessions welcome break coffee programme dinner".split()
)


# Lines above a mail's text; its sender may be a contact person.
_OF_MAIL = re.compile(r"(?:skickat|sent|till|to|kopia|cc):", re.IGNORECASE)


def _with_year(day: FoundDay, all_days: list[FoundDay]) -> FoundDay:
    """A day with the year that the text says of the same day elsewhere."""
    same = (one.year for one in all_days if (one.day, one.month) == (day.day, day.month))
    return day if day.year else day._replace(year=next(same, None))


def draft_of(text: str, today: dt.date, first_day: dt.date | None = None) -> Draft:
    """The draft of an event that an invitation's text is about, on `first_day` if it is given."""
    every = with_values(blocks_of(text))
    blocks = [one for one in every if not _OF_MAIL.match(one.text)]
    draft = Draft(language_of(text))
    deadline = deadline_in(blocks)
    used = _read_around(draft, blocks, deadline)
    start = start_of(blocks)
    above, below = blocks[:start], blocks[start:]
    head = head_in([one for one in above if one not in used], draft.language)
    programme = programme_in(below, used)
    rest = [one for one in below if one not in used and one not in programme.used]
    read_below(rest, head)
    draft.event = head.event
    draft.event.values |= {"date": first_day} if first_day else {}
    in_text = (day._replace(start=0, end=0) for one in blocks for day in days_in(one.text))
    with_years = list(dict.fromkeys(day for day in in_text if day.year))
    head.days = [_with_year(day, with_years) for day in head.days]
    _put_together(draft, head, programme, deadline, today)
    taken = [*used, *head.used, *programme.used]
    draft.left += [line for one in every if one not in taken for line in one.lines]
    return draft


def language_of(text: str) -> str:
    """The language of a text, by its small words."""
    words = re.findall(r"[a-zåäö]+", text.casefold())
    swedish, english = (sum(word in known for word in words) for known in (_SWEDISH, _ENGLISH))
    return "en" if english > swedish else "sv"


def _read_around(draft: Draft, blocks: list[Block], deadline: Deadline | None) -> list[Block]:
    """Put contact persons and links into the draft; the blocks that say them, and the deadline."""
    used: list[Block] = []
    if deadline:
        draft.registration.lines = list(deadline.block.lines)
        used.append(deadline.block)
    for name, found in (("contacts", contacts_in(blocks)), ("links", links_in(blocks))):
        for table, of in found:
            table.lines += [line for block in of if block not in used for line in block.lines]
            used += of
            if any(table is known for known in draft.rows[name]):
                continue
            if not table.values:
                draft.registration.lines += table.lines
                continue
            draft.rows[name].append(table)
    return used


def _put_together(
    draft: Draft, head: Head, programme: Programme, deadline: Deadline | None, today: dt.date
) -> None:
    draft.event.values["languages"] = [draft.language]
    if zone := zone_of(str(draft.event.values.get("place", ""))):
        draft.event.guess("timezone", zone[0], "is this the time zone?")
        draft.event.values.setdefault("country", zone[1])
    if programme.hours:
        draft.event.values.setdefault("starts", programme.hours.starts)
        draft.event.values.setdefault("ends", programme.hours.ends)
    if programme.ends:
        draft.event.values["ends"] = programme.ends
    draft.event.lines += programme.end_lines
    if "date" not in draft.event.values:
        _put_first_day(draft, head, programme, deadline, today)
    if deadline:
        _put_last_day(draft, deadline, today)
    put_rows(draft, head, programme)


def _put_first_day(
    draft: Draft, head: Head, programme: Programme, deadline: Deadline | None, today: dt.date
) -> None:
    """Put the day of a label or a line of its own, else one that a sentence mentions."""
    of_rows = (row.day for row in programme.rows)
    said = [*head.days, *(day for day in of_rows if isinstance(day, FoundDay))]
    days = said or head.mentioned
    if not days:
        _put_day_of_name(draft, programme, today)
        return
    first_said = chosen(days, is_labelled=head.is_day_labelled)
    others = [deadline.day] if deadline and deadline.day else []
    title = str(draft.event.values.get("title", ""))
    year = year_of([first_said, *days, *others], today, title)
    first = first_day_among(days, head.mentioned, year, is_labelled=head.is_day_labelled)
    if not first:
        return
    todo = first.todo or ("" if said else "is this the day of the event?")
    draft.event.values["date"] = first.day
    draft.event.todo |= {"date": todo} if todo else {}


def _put_day_of_name(draft: Draft, programme: Programme, today: dt.date) -> None:
    """Guess a first day on which the first heading such as "Tisdag" may be."""
    named = (row.day for row in programme.rows if isinstance(row.day, NamedDay))
    if first := next(named, None):
        complete_first_day(draft, today)
        guessed = known_first_day(draft)
        draft.event.values["date"] = first.after(guessed, guessed)


def _put_last_day(draft: Draft, deadline: Deadline, today: dt.date) -> None:
    """Put the deadline before the event, if its day is known."""
    first = draft.event.values.get("date")
    if deadline.time:
        draft.registration.values["last_time"] = deadline.time
    if not deadline.day:
        if isinstance(first, dt.date):
            draft.registration.values["last_day"] = first - dt.timedelta(days=1)
        return
    known = deadline.day._replace(weekday=None)
    year = first.year if isinstance(first, dt.date) else year_of([deadline.day], today)[0]
    dates = filter(None, (known.in_year(year), known.in_year(year - 1)))
    fitting = [one for one in dates if not isinstance(first, dt.date) or one <= first]
    for last in fitting[:1]:
        draft.registration.values["last_day"] = last
    if fitting and (not first or "date" in draft.event.todo) and not known.year:
        draft.registration.todo["last_day"] = "the text does not say the year."
    doubt = weekday_doubt([deadline.day], fitting[0].year) if fitting else ""
    draft.registration.todo |= {"last_day": doubt} if doubt else {}
