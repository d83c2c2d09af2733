"""What an invitation says above its programme: title, kind, place, day, hours, who is invited."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from management.invitation.days import FoundDay, days_in, without_days
from management.invitation.draft import Table
from management.invitation.lines import Block, label_of, sentences
from management.invitation.meals import served_meals
from management.invitation.rooms import is_room
from management.invitation.times import hours_in, without_hours

_PLACE = re.compile(r"plats|var|place|venue|where|location|adress|address")
_ROOM = re.compile(r"lokal|sal|rum|room")
_TIME = re.compile(r"tid|time|datum|date|när|when|dag|day")
_TITLE = re.compile(r"titel|title|rubrik")
_INVITED = re.compile(r"målgrupp|för vem|vem|audience|target group|who")
_ORGANISER = re.compile(r"arrangör(?:er)?|organi[sz]ers?|värd(?:ar)?|hosts?")
_KIND = re.compile(
    r"\w*(?:konferens|seminari(?:um|e)|kongress|möte|högtid|workshop|utbildning|kurs|konvent|mässa"
    r"|dagar|dag|kväll|conference|seminar|congress|meeting|symposium|webinar|invigning|bankett"
    r"|föreläsning)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:varmt |hjärtligt )?(?:inbjudan(?: till)?|välkommen till|välkomna till|invitation(?: to)?"
    r"|welcome to)[: ]+(?:ett |en |an? |the )?",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"(?P<who>[A-ZÅÄÖ].{1,150}?) (?:bjuder in|inbjuder|välkomnar|invites?|welcomes?)"
    r" (?P<invited>.+?) (?:till|to) (?P<what>.+)"
)
_ARE_INVITED = re.compile(
    r"(?P<invited>.{3,200}?) (?:hälsas (?:hjärtligt |varmt )?välkomna|inbjuds|bjuds in"
    r"|är (?:hjärtligt |varmt )?välkomna|är inbjudna|are (?:warmly )?(?:invited|welcome))"
    r" (?:till|to) (?P<what>.+)"
)
_ON = re.compile(
    r"(?:en |ett |an? |the )?(?P<kind>.+?) (?:om|på temat|kring|on|about) (?P<title>.+)"
)
_IN = re.compile(r"(?P<before>.*?)\b(?:i|in|på|at) (?P<place>[A-ZÅÄÖ][^.]+)$")
_LETTERHEAD = re.compile(
    r"(?:region|länsstyrelsen(?: i)?|högskolan(?: i)?) \w+(?: län)?"
    r"|\w+ (?:stad|kommun|universitet|högskola|university)",
    re.IGNORECASE,
)
_SHORT, _LONG = 7, 12


@dataclass
class Head:
    """What was found: the event's table, the days, meals without a time, and who leads the days."""

    language: str
    event: Table = field(default_factory=Table)
    days: list[FoundDay] = field(default_factory=list)
    meals: list[Table] = field(default_factory=list)
    moderator: str = ""
    used: list[Block] = field(default_factory=list)


def head_in(blocks: list[Block], language: str) -> Head:
    """What the blocks above the programme say."""
    found = Head(language)
    found.used += [block for block in blocks if _labelled(found, block)]
    for place, block in enumerate(blocks):
        if block in found.used:
            continue
        before = blocks[place - 1] if place else None
        is_used = any(
            read(found, block, before)
            for read in (_dated, _inviting, _serving, _named, _placed, _told)
        )
        found.used += [block] if is_used else []
    _finish(found, blocks)
    found.event.lines = [
        line for block in found.used for line in block.lines if block not in _of_meals(found)
    ]
    return found


def read_below(blocks: list[Block], head: Head) -> None:
    """Add what is said below the programme: labels such as "Plats:", and meals."""
    for block in blocks:
        if _labelled(head, block):
            head.event.lines += block.lines
            head.used.append(block)
        elif _serving(head, block):
            head.used.append(block)


def _of_meals(found: Head) -> list[Block]:
    lines = [line for meal in found.meals for line in meal.lines]
    return [block for block in found.used if block.lines and block.lines[0] in lines]


def _put(found: Head, key: str, value: str) -> bool:
    """Set a value that is not known yet."""
    value = value.strip(" ,.:–-")
    if not value or key in found.event.values:
        return False
    found.event.values[key] = value[0].upper() + value[1:]
    return True


def _labelled(found: Head, block: Block) -> bool:
    label, said = label_of(block.text)
    if not said:
        return False
    if label.startswith("moderator") and not found.moderator:
        found.moderator = said.rstrip(".")
        return True
    if _TIME.fullmatch(label):
        return _put_time(found, said)
    if _PLACE.fullmatch(label):
        return _put_place(found, said)
    for wanted, key in ((_ROOM, "room"), (_TITLE, "title"), (_INVITED, "invited"),
                        (_ORGANISER, "organiser")):  # fmt: skip
        if wanted.fullmatch(label):
            return _put(found, key, said)
    return False


def _put_place(found: Head, said: str) -> bool:
    place, comma, room = said.rpartition(", ")
    if comma and is_room(room):
        _put(found, "room", room)
        return _put(found, "place", place)
    return _put(found, "place", said)


def _put_time(found: Head, text: str) -> bool:
    """Set the days and hours of a text; whether it has any."""
    days, hours = days_in(text), hours_in(text)
    found.days += days
    if hours:
        for key, time in (("starts", hours.starts), ("ends", hours.ends)):
            if time and not time.startswith("cirka"):
                found.event.values.setdefault(key, time)
    return bool(days or hours)


def _dated(found: Head, block: Block, _: Block | None) -> bool:
    """A line that says the day, perhaps with the hours, the place or the kind."""
    if not days_in(block.text) and not (hours_in(block.text) and len(block.text.split()) <= _SHORT):
        return False
    rest = re.sub(r"\b(?:den|kl(?:ockan)?|the)\b\.?", "", without_days(without_hours(block.text)))
    rest = " ".join(rest.split()).strip(" ,.:–-|")
    if (
        len(rest.split()) > _LONG
        or len(sentences(block.text)) > 1
        or _ARE_INVITED.match(block.text)
    ):
        return False
    if _INVITES.match(block.text):
        return False
    _put_time(found, block.text)
    _put_rest(found, rest)
    return True


def _put_rest(found: Head, rest: str) -> None:
    """What a line says beside the day: a title and kind, a kind, or a place."""
    title, dash, kind = rest.partition(" – ") if " – " in rest else rest.partition(" - ")
    if "title" not in found.event.values and title:
        _put(found, "title", _LEAD.sub("", title))
        _put(found, "kind", kind if dash and _KIND.search(kind) else "")
        return
    place = _IN.fullmatch(rest)
    if _KIND.search(rest):
        _put(found, "kind", place["before"] if place else rest)
        found.event.values.setdefault("place", place["place"]) if place else None
    else:
        _put(found, "place", place["place"] if place and not place["before"].strip() else rest)


def _inviting(found: Head, block: Block, _: Block | None) -> bool:
    """A sentence that says who invites whom."""
    match = _INVITES.match(block.text) or _ARE_INVITED.match(block.text)
    if not match or "invited" in found.event.values:
        return False
    said = match.groupdict()
    _put(found, "invited", said["invited"])
    if said.get("who", "vi").casefold() not in {"vi", "we"}:
        _put(found, "organiser", said["who"])
    _put_time(found, block.text)
    _put(found, "welcome", block.text)
    found.event.values["welcome"] = f"{str(found.event.values['welcome']).rstrip('.')}."
    place = re.search(r"\b(?:på|at) ([A-ZÅÄÖ][^.]{3,60})$", block.text)
    if place and days_in(block.text):
        _put_place(found, place[1])
    return True


def _serving(found: Head, block: Block, _: Block | None = None) -> bool:
    """A paragraph that says what is served."""
    meals = [meal for one in sentences(block.text) for meal in served_meals(one, found.language)]
    for meal in meals[:1]:
        meal.lines = list(block.lines)
    found.meals += meals
    return bool(meals)


def _named(found: Head, block: Block, _: Block | None) -> bool:
    """A heading: who invites, the kind of event, or its title."""
    text = _LEAD.sub("", block.text) if _LEAD.match(block.text) else block.text
    if "title" in found.event.values or len(sentences(block.text)) > 1 or block.is_heading:
        return False
    text = text.capitalize() if text.isupper() else text
    if _KIND.fullmatch(text):
        return _put(found, "kind", text)
    if _LETTERHEAD.fullmatch(text):
        name = re.sub(r"\b(?!i\b|och\b)\w", lambda one: one[0].upper(), text)
        return _put(found, "organiser", name if block.text.isupper() else text)
    return _put(found, "title", text)


def _placed(found: Head, block: Block, before: Block | None) -> bool:
    """A short line below the day or the title: the place, or the kind."""
    is_short = len(block.text.split()) <= _SHORT and not block.text.endswith((".", "!", "?"))
    if not is_short or block.is_heading or block.is_bullet:
        return False
    if before and before in found.used and days_in(before.text) and not block.after_blank:
        return _put(found, "place", block.text)
    return _put(found, "kind", block.text)


def _told(found: Head, block: Block, _: Block | None) -> bool:
    """A paragraph: the text above the programme, if there is none yet."""
    is_paragraph = len(block.text.split()) > _SHORT and not block.is_bullet
    return is_paragraph and _put(found, "welcome", block.text)


def _finish(found: Head, blocks: list[Block]) -> None:
    """Read title and kind from the sentence that invites, if nothing else says them."""
    values = found.event.values
    for block in blocks:
        match = _ARE_INVITED.match(block.text) or _INVITES.match(block.text)
        what = _ON.match(match["what"]) if match else None
        if what and "title" not in values and _KIND.search(what["kind"]):
            _put(found, "title", what["title"])
            _put(found, "kind", what["kind"])
    if "kind" not in values:
        kind = _KIND.search(" ".join([str(values.get("title", "")), *(b.text for b in blocks)]))
        if kind:
            found.event.guess("kind", kind[0].capitalize(), "is this the kind of event?")
