"""Contact persons of an invitation, with office, phones and mail address."""

from __future__ import annotations

import re
from itertools import takewhile

from management.invitation.days import days_in
from management.invitation.draft import Table
from management.invitation.lines import Block
from management.invitation.people import names_in
from management.invitation.times import time_at_start

MAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+(?:[a-zåäö]{2,24}|[A-Z]{2,24})")
_PHONE = re.compile(r"(?<![\w./:=-])(?:\+\d|0)[\d ()/–-]{5,20}\d(?![\w:])")
_OF_NAME = re.compile(
    r"(?P<first>[a-z]{2,}(?:-[a-z]+)?)\.(?:[a-z]\.)?(?P<last>[a-z]{2,}(?:-[a-z]+)?)@"
)
_HEADING = re.compile(
    r"(?:kontakt(?:person(?:er)?)?|contacts?|frågor|questions?"
    r"|(?:med )?(?:vänliga? )?hälsning(?:ar)?|(?:with )?(?:kind|best) regards|mvh)[\s:,]*",
    re.IGNORECASE,
)
_NO_OFFICE = re.compile(
    r"\b(?:tel|tfn|telefon|mobil|phone|e-?post|e-?mail|mejl|mail|at|på|per|via|eller|or)\b\.?:?",
    re.IGNORECASE,
)
_IS_CONTACT, _REACHED = "is this a contact person?", ("email", "phones", "name")
# What says that somebody is a contact person; and of what else one turns to somebody.
_TURN_TO = re.compile(
    r"kontakt|contact|fråg|question|upplys|information|anmäl|regist|o\.?s\.?a|rsvp|arrangör|organi[sz]er"
    r"|hälsning|regards|mvh|från:|from:|ansvarig|projektledare|samordnare|coordinator",
    re.IGNORECASE,
)
_OTHER_MATTER = re.compile(
    r"faktur|invoice|hotell?\b|\bbok(?:a|as|ning)\b|book(?:ing)?\b|^(?:till|to|kopia|cc):"
    r"|föreläsare är",
    re.IGNORECASE | re.MULTILINE,
)
# A name may begin with what the person is: "Projektledare Anna Ek".
_ROLE = re.compile(
    r"(\w*(?:ledare|ansvarig|samordnare|sekreterare|chef|handläggare|strateg|utvecklare|konsulent"
    r"|intendent|administratör)) (?=\w+ \w)",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"kontakt|contact|frågor|questions", re.IGNORECASE)
_BOOKING = re.compile(r"(?:reserv|res\.|booking|bokning|reception@)", re.IGNORECASE)
_DIGITS_AT_LEAST, _SHORT = 7, 6


def contacts_in(blocks: list[Block]) -> list[tuple[Table, list[Block]]]:
    """The contact persons, each with the blocks that name them."""
    found: list[tuple[Table, list[Block]]] = []
    for group in _groups(blocks):
        is_named = _is_named(group, blocks)
        for person in _people(", ".join(block.text for block in group)):
            _mark_office(person, group)
            known = (one for one, _ in found if one.values["name"] == person.values["name"])
            if same := next(known, None):
                same.values = {**person.values, **same.values}
            if not is_named:
                person.todo[next(key for key in _REACHED if key in person.values)] = _IS_CONTACT
            found.append((same or person, group))
    found.sort(key=lambda one: _IS_CONTACT in one[0].todo.values())
    return found or _of_addresses(blocks)


def _is_named(group: list[Block], blocks: list[Block]) -> bool:
    """Whether the text says that one turns to the persons of a group: in it, or above it."""
    place = blocks.index(group[0])
    above = blocks[max(place - 1, 0) : place]
    is_other = _OTHER_MATTER.search(" ".join(block.text for block in group))
    return not is_other and any(_TURN_TO.search(block.text) for block in [*above, *group])


def _mark_office(person: Table, group: list[Block]) -> None:
    """Mark an office that stands on another line than the name."""
    values = [str(person.values.get(key, "")).casefold() for key in ("name", "office")]
    if values[1] and not any(
        all(one in block.text.casefold() for one in values) for block in group
    ):
        person.todo["office"] = "is this the office?"


def _of_addresses(blocks: list[Block]) -> list[tuple[Table, list[Block]]]:
    """A contact person by an address alone, the first below "Kontakt", else the first of all.

    The name is made of it if it is one: "anna.ek@boras.se".
    """
    for block in sorted(blocks, key=lambda block: not _CONTACT.match(block.text)):
        if mail := MAIL.search(block.text):
            person = Table({"email": mail[0]})
            person.values |= {"phones": phones} if (phones := _phones(block.text)) else {}
            if named := _OF_NAME.match(mail[0]):
                name = f"{named['first'].capitalize()} {named['last'].capitalize()}"
                person.guess("name", name, "made of the address.")
            if not named or not _is_named([block], blocks):
                person.todo["email"] = "is this the contact person's address?"
            return [(person, [block])]
    return []


def _groups(blocks: list[Block]) -> list[list[Block]]:
    """The blocks that name contact persons, together if they stand below a heading."""
    groups: list[list[Block]] = []
    title = blocks[0].text if blocks else ""
    for place, block in enumerate(blocks):
        rest = blocks[place + 1 :]
        if any(block in group for group in groups):
            continue
        if _HEADING.fullmatch(block.text):
            below = [one for one in takewhile(_is_about_person, rest) if one.text != title]
            groups += [below] if any(names_in(one.text) for one in below) else []
        elif names_in(block.text) and not time_at_start(block.text):
            group = [block, *takewhile(_only_reaches, rest)]
            groups += [group] if any(_reached(one.text) for one in group) else []
    return groups


def _is_about_person(block: Block) -> bool:
    """Whether a block below the heading is a name, an office, a phone or an address."""
    is_short = len(block.text.split()) <= _SHORT and not time_at_start(block.text)
    return not block.is_heading and (is_short or _reached(block.text))


def _only_reaches(block: Block) -> bool:
    """Whether a line below a name has only a phone or an address."""
    return not block.after_blank and not names_in(block.text) and _reached(block.text)


def _reached(text: str) -> bool:
    return bool(MAIL.search(text) or _phones(text))


def _phones(text: str) -> list[str]:
    found = (" ".join(one[0].split()).strip(" -–(") for one in _PHONE.finditer(text))
    return [one for one in found if sum(map(str.isdecimal, one)) >= _DIGITS_AT_LEAST]


def _people(text: str) -> list[Table]:
    names = names_in(text)
    ends = [name.start() for name in names[1:]] + [len(text)]
    people = []
    for name, end in zip(names, ends, strict=True):
        said = _first_sentence(text[name.end() : end])
        role, whole = _ROLE.match(name[0]), name[0]
        person = Table({"name": whole[role.end() :] if role else whole})
        office = _office(said) or (role[1] if role else _before(text[: name.start()]))
        person.values |= {"office": office} if office else {}
        person.values |= {"phones": phones} if (phones := _phones(said)) else {}
        person.values |= {"email": mail[0]} if (mail := MAIL.search(said)) else {}
        if len(person.values) > 1 and not _BOOKING.match(str(person.values.get("email", ""))):
            people.append(person)
    return _sharing_mailbox(people, text)


def _first_sentence(text: str) -> str:
    """The text up to a new sentence, which says something else."""
    return re.split(r"(?<=[\w)])\.\s+(?=[A-ZÅÄÖ])", text)[0]


def _office(said: str) -> str:
    """The first part of what follows a name that is no phone and no address."""
    plain = _PHONE.sub("", MAIL.sub("", said)).strip(" ,")
    for piece in re.split(
        r",\s*|\s+(?:eller|or)\b|\s[–-]\s|[()]|;|\s(?=(?:tel|tfn|telefon|mobil|phone)\b)", plain
    ):
        words = _NO_OFFICE.sub("", piece).strip(" .,:–-<>")
        words = re.sub(r"^(?:och|and)$|\s+(?:och|and)$", "", words)
        if words and not days_in(words) and (words[0].isupper() or piece == plain[: len(piece)]):
            words = words[0].upper() + words[1:]
            parts = plain[plain.index(piece) :]
            return words if "," not in parts else _with_next(words, parts)
    return ""


def _with_next(office: str, rest: str) -> str:
    """The office with a second part: "Nordregio, Communications"."""
    following = rest.partition(",")[2].strip()
    second = re.match(r"[A-ZÅÄÖ][\w -]+", following)
    is_plain = second and not _NO_OFFICE.match(second[0])
    return f"{office}, {second[0].strip()}" if second and is_plain else office


def _before(text: str) -> str:
    """The office in small letters before a name: "klubbmästare Gunnel Fagerström"."""
    word = re.search(r"(?:till|to|kontakta|är)\s+([a-zåäö]{5,30})\s+$", text)
    return word[1].capitalize() if word else ""


def _sharing_mailbox(people: list[Table], text: str) -> list[Table]:
    """Give people without phones the only address of the text, if it is nobody's own."""
    mails = MAIL.findall(text)
    has_phones = any("phones" in person.values for person in people)
    if len(mails) == 1 and not has_phones and not _is_of(mails[0], people):
        for person in people:
            person.values["email"] = mails[0]
    return people


def _is_of(mail: str, people: list[Table]) -> bool:
    names = " ".join(str(person.values["name"]).casefold() for person in people).split()
    return any(name[:4] in mail.casefold() for name in names)
