"""What is found of an event, and lines with labels such as "Plats:" and "När:"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.days import FoundDay, beside_time, days_in, without_days
from management.invitation.deadline import is_limit
from management.invitation.draft import Table
from management.invitation.inviting import addressed_in, without_lead
from management.invitation.lines import Block, label_of, sentences
from management.invitation.people import named_people
from management.invitation.rooms import is_room
from management.invitation.times import hours_in

_PLACE = re.compile(r"plats|var|place|venue|where|location|adress|address|plats och lokal")
_WHEN = re.compile(
    r"(?:tid|time|datum|date|när|when|dag|day|tidpunkt)"
    r"(?: (?:och|and) (?:tid|time|datum|date|(?P<where>plats|place|var|venue|where)))?"
)
_SPEAKERS = re.compile(r"medverkande|talare|föreläsare|speakers?")
_LABELS = {
    "room": re.compile(r"lokal|sal|rum|room"),
    "title": re.compile(r"titel|title|rubrik|ämne|subject"),
    "invited": re.compile(r"målgrupp|för vem|vem|inbjudna|audience|target group|who"),
    "organiser": re.compile(r"arrangör(?:er)?|organi[sz]ers?|värd(?:ar)?|hosts?"),
}


@dataclass
class Head:
    """What was found: the event's table, the days, meals without a time, and who leads the days.

    `titled` is the block with the title; `mentioned` are days in sentences about something else;
    `speakers` are those of which no row is said.
    """

    language: str
    event: Table = field(default_factory=Table)
    days: list[FoundDay] = field(default_factory=list)
    is_day_labelled: bool = False
    mentioned: list[FoundDay] = field(default_factory=list)
    meals: list[Table] = field(default_factory=list)
    moderator: str = ""
    speakers: list[str] = field(default_factory=list)
    titled: Block | None = None
    used: list[Block] = field(default_factory=list)

    def put(self, key: str, value: str, todo: str = "") -> bool:
        """Set a value that is not known yet, or only guessed; whether it was set.

        `todo` says what to check of a guess.
        """
        value = value.strip(" ,.:–-")
        is_text = any(map(str.isalpha, value))
        return is_text and self.put_text(key, value[0].upper() + value[1:], todo)

    def put_text(self, key: str, value: str, todo: str = "") -> bool:
        """Set a value as it is."""
        event = self.event
        if key in event.values and (todo or key not in event.todo):
            return False
        event.values[key] = value
        event.todo.pop(key, None)
        event.todo |= {key: todo} if todo else {}
        return True


def labelled(found: Head, block: Block) -> bool:
    """A line with a label that is known."""
    label, said = label_of(block.text)
    if not said:
        return False
    if label.startswith("moderator") and not found.moderator:
        found.moderator = said.rstrip(".")
        return True
    if _SPEAKERS.fullmatch(label):
        found.speakers += named_people(said)
        return True
    if when := _WHEN.fullmatch(label):
        is_placed = bool(when["where"]) and put_place(found, beside_time(said))
        is_timed = put_time(found, said)
        found.is_day_labelled |= is_timed and bool(found.days)
        return is_timed or is_placed
    if _PLACE.fullmatch(label):
        return put_place(found, said)
    key = next((key for key, known in _LABELS.items() if known.fullmatch(label)), "")
    if key == "title":
        found.titled = block
        return found.put(key, without_lead(beside_time(said)))
    said = {"invited": addressed_in(said) or said, "organiser": sentences(said)[0]}.get(key, said)
    return bool(key) and found.put(key, said)


def put_place(found: Head, said: str, todo: str = "") -> bool:
    """Set the place, and the room if it stands last; whether the place was set."""
    place, comma, room = said.rpartition(", ")
    if comma and is_room(room):
        found.put("room", room)
        return found.put("place", place, todo)
    return found.put("place", said, todo)


def put_time(found: Head, text: str) -> bool:
    """Set the days and hours of a text; whether it has any."""
    days = [day for day in days_in(text) if not is_limit(text, day)]
    hours = hours_in(without_days(text))
    found.days += days
    for key, time in (("starts", hours.starts), ("ends", hours.ends)) if hours else ():
        if time and not time.startswith("cirka"):
            found.event.values.setdefault(key, time)
    return bool(days or hours)
