"""What an invitation says above its programme: title, kind, place, day, hours, who is invited."""

from __future__ import annotations

import re

from management.invitation.days import beside_time, days_in
from management.invitation.deadline import is_limit
from management.invitation.inviting import (
    KIND,
    addressed_in,
    arranger_in,
    invites,
    kind_and_title,
    letterhead,
    without_lead,
)
from management.invitation.labels import Head, labelled, put_place, put_time
from management.invitation.lines import Block, sentences
from management.invitation.meals import served_meals
from management.invitation.places import (
    IS_PLACE,
    place_after_day,
    put_address,
    put_mentioned_place,
    put_online,
    put_place_after_day,
)
from management.invitation.times import hours_in

_IN = re.compile(r"(?P<before>.*?)\b(?:i|in|på|at) (?P<place>[A-ZÅÄÖ][^.]+)$")
_BUILDING = re.compile(
    r"(?:skolan?|huset|hus|slott(?:et)?|gård(?:en)?|kongress|hotell|arena|museet|museum|biblioteket?"
    r"|rådhus(?:et)?|campus)$",
    re.IGNORECASE,
)
_THIS_YEARS = re.compile(
    r"^(?:vårens|höstens|årets|vår|höst|en|ett|an?|this year's) ", re.IGNORECASE
)
_OTHER = re.compile(r"(?:om|about) ", re.IGNORECASE)
# What stands above a mail's text.
_NO_TITLE = re.compile(
    r"(?:hej|dear|kära|bästa|hello|hi)\b|(?:från|till|from|to|cc|kopia|skickat|sent):"
    r"|(?:inbjudan|invitation|välkommen|välkomna|welcome)[!.]?$"
    r"|(?:hem|home|start(?:sida)?|meny|menu|sök|search|om oss|about(?: us)?|kontakt|logga in|login"
    r"|toggle navigation|hoppa till \w+|skip to \w+(?: \w+)?|print|skriv ut|dela|share)$",
    re.IGNORECASE,
)
_FEW, _SHORT, _LONG, _TITLE_AT_MOST = 4, 7, 12, 25
_IS_TITLE, _IS_KIND = "is this the title?", "is this the kind of event?"
_IS_ORGANISER = "is this the organiser?"
_IS_WELCOME = "is this the text above the programme?"


def head_in(blocks: list[Block], language: str) -> Head:
    """What the blocks above the programme say."""
    found = Head(language)
    found.used += [block for block in blocks if labelled(found, block)]
    put_address(found, blocks)
    for place, block in enumerate(blocks):
        before = blocks[place - 1] if place else None
        if block not in found.used and _is_understood(found, block, before):
            found.used.append(block)
    _finish(found, blocks)
    of_meals = [line for meal in found.meals for line in meal.lines]
    said = [line for block in found.used for line in block.lines]
    found.event.lines = [line for line in said if line not in of_meals]
    return found


def read_below(blocks: list[Block], head: Head) -> None:
    """Add what is said below the programme: labels such as "Plats:", and meals."""
    for block in blocks:
        if labelled(head, block):
            head.event.lines += block.lines
            head.used.append(block)
        elif _serving(head, block):
            head.used.append(block)
        else:
            head.put("organiser", arranger_in(block.text), _IS_ORGANISER)


def _is_understood(found: Head, block: Block, before: Block | None) -> bool:
    rules = (_serving, _dated, _inviting, _named)
    return any(rule(found, block) for rule in rules) or (
        _placed(found, block, before) or _told(found, block)
    )


def _dated(found: Head, block: Block) -> bool:
    """A line that says the day, perhaps with the hours, the place or the kind."""
    first, *others = sentences(block.text)
    is_about_limit = any(is_limit(first, day) for day in days_in(first))
    says_when = days_in(first) or (hours_in(first) and len(first.split()) <= _SHORT)
    rest = beside_time(first)
    is_told = len(rest.split()) > _LONG or _tells(first, rest) or invites(first)
    if not says_when or is_about_limit or is_told:
        return False
    if _BUILDING.search(rest) and len(rest.split()) <= _FEW and not KIND.search(rest):
        put_time(found, first)
        return put_place(found, rest, IS_PLACE)
    if "title" not in found.event.values:
        if others or first[-1] in ".!?":  # a sentence is no title
            return False
        found.titled = block
    put_time(found, first)
    put_place_after_day(found, first)
    _put_beside_day(found, rest)
    if others:
        found.put("invited", addressed_in(block.text))
        _put_welcome(found, " ".join(others), _IS_WELCOME)
    return True


def _tells(sentence: str, rest: str) -> bool:
    """Whether a sentence tells something on a day, rather than when and where the event is."""
    is_long = sentence[-1] in ".!?" and len(rest.split()) > _SHORT and not hours_in(sentence)
    return is_long and not KIND.search(rest) and not place_after_day(sentence)


def _put_beside_day(found: Head, rest: str) -> None:
    """Set the title, the kind or the place that a line says beside the day."""
    rest = rest.strip(" /|")
    kind, _, where = rest.partition(", ")
    place = _IN.fullmatch(rest)
    if KIND.fullmatch(kind):
        found.put("kind", kind)
        found.put("place", where, IS_PLACE)
    elif "title" not in found.event.values:
        title, _, kind = rest.replace(" - ", " – ").partition(" – ")
        named = without_lead(title)
        found.put("title", named, _IS_TITLE if named == title else "")
        is_kind = KIND.search(kind)
        found.put("kind" if is_kind else "place", kind, _IS_KIND if is_kind else IS_PLACE)
    elif KIND.search(rest):
        kind = without_lead(place["before"] if place else rest)
        found.put("kind", _THIS_YEARS.sub("", kind), _IS_KIND)
        found.put("place", place["place"] if place else "", IS_PLACE)
    elif len(rest.split()) <= _SHORT:
        where = place["place"] if place and not place["before"].strip() else rest
        put_place(found, where, IS_PLACE)


def _put_welcome(found: Head, text: str, todo: str = "") -> bool:
    """Set the text above the programme, unless the text only says that something follows."""
    whole = text if text[-1] in ".!?" else f"{text}."
    return text[-1] != ":" and found.put_text("welcome", whole, todo)


def _inviting(found: Head, block: Block) -> bool:
    """A paragraph that says who invites whom."""
    said = invites(block.text)
    known = found.event.values.keys() - found.event.todo.keys()
    if not said or known >= {"invited", "welcome"}:
        return False
    found.put("invited", said.invited or addressed_in(block.text))
    found.put("organiser", said.who)
    put_time(found, sentences(block.text)[0])
    _put_welcome(found, block.text)
    put_place_after_day(found, sentences(block.text)[0])
    return True


def _serving(found: Head, block: Block) -> bool:
    """A paragraph that says what is served."""
    meals = [meal for one in sentences(block.text) for meal in served_meals(one, found.language)]
    for meal in meals[:1]:
        meal.lines = list(block.lines)
    found.meals += meals
    return bool(meals)


def _named(found: Head, block: Block) -> bool:
    """A heading: who invites, the kind of event, or its title."""
    text = without_lead(block.text)
    is_one = len(sentences(text)) == 1 and len(text.split()) <= _TITLE_AT_MOST
    is_one = is_one and not block.is_heading and not block.is_bullet
    if _NO_TITLE.match(text):
        return False
    if "title" in found.event.values or not is_one:
        return False
    found.titled = block
    if KIND.fullmatch(text):
        return found.put("kind", text.capitalize() if text.isupper() else text)
    if organiser := letterhead(text):
        return found.put("organiser", organiser)
    todo = _IS_TITLE if text == block.text else ""
    return found.put("title", text.capitalize() if text.isupper() else text, todo)


def _placed(found: Head, block: Block, before: Block | None) -> bool:
    """A short line: the place below the day, or the kind below the title."""
    is_below_day = bool(before and days_in(before.text) and not beside_time(before.text))
    at_most = _LONG if is_below_day and not block.after_blank else _SHORT
    is_short = len(block.text.split()) <= at_most and block.text[-1] not in ".!?:"
    if not is_short or before not in found.used or block.is_heading or block.is_bullet:
        return False
    is_near = not block.after_blank or len(block.text.split()) <= _FEW
    is_near = is_near or not beside_time(before.text)
    if days_in(before.text) and KIND.fullmatch(block.text):
        return found.put("kind", block.text)
    if days_in(before.text) and is_near and before is not found.titled:
        return found.put("place", block.text, IS_PLACE)
    is_kind = before is found.titled and not _OTHER.match(block.text)
    todo = "" if KIND.fullmatch(block.text) else _IS_KIND
    return is_kind and block.text != before.text and found.put("kind", block.text, todo)


def _told(found: Head, block: Block) -> bool:
    """A paragraph: the text above the programme, if there is none yet."""
    is_paragraph = len(block.text.split()) > _SHORT and not block.is_bullet
    if is_paragraph:
        found.put("invited", addressed_in(block.text))
    return is_paragraph and _put_welcome(found, block.text, _IS_WELCOME)


def _finish(found: Head, blocks: list[Block]) -> None:
    """Read title, kind and day from sentences, if nothing else says them."""
    values = found.event.values
    said = [kind_and_title(one.what) for one in (invites(block.text) for block in blocks) if one]
    for kind, title in filter(None, said):
        if "title" not in values:
            found.put("title", title)
            found.put("kind", kind)
    words = " ".join([str(values.get("title", "")), *(block.text for block in blocks)])
    words = re.sub(r"(?<=\w{3}dag)en\b", "", words)
    if "kind" not in values and (kind_word := KIND.search(words)):
        found.event.guess("kind", kind_word[0].capitalize(), _IS_KIND)
    if "kind" in values and "kind" not in found.event.todo:
        found.put("title", str(values["kind"]), _IS_TITLE)
    for block in blocks:
        put_mentioned_place(found, block.text)
        found.put("organiser", arranger_in(block.text), _IS_ORGANISER)
        put_online(found, block.text)
        found.mentioned += [one for one in days_in(block.text) if not is_limit(block.text, one)]
