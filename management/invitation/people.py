"""Speakers: persons with their titles, and who presents something in a sentence."""

from __future__ import annotations

import re
from itertools import pairwise

_UPPER = "A-ZÅÄÖÉÜÆØÁÓÍÚÐÞČŠŽŁ"
_WORD = rf"[{_UPPER}][\w’'´.-]*\w|[{_UPPER}]\."
_PARTICLE = r"(?:af|von|van|de|da|del|der|den|di|el|al|bin|la|le|ter)"
NAME = rf"(?:{_WORD})(?: (?:{_PARTICLE} )?(?:{_WORD}|[{_UPPER}](?= ))){{1,3}}"
_NAME = re.compile(NAME)
_HONORIFIC = re.compile(r"^(?:(?:Dr|Prof(?:essor)?|Mr|Mrs|Ms|Herr|Fru)\.? )+")
# A person with the organisation in brackets.
PERSON_OF = rf"(?:(?:Dr|Prof(?:essor)?|Mr|Mrs|Ms)\.? )?{NAME} \([^()]{{2,80}}\)"
# A name with one of these is an organisation's, or an office.
_ORGANISATION = re.compile(
    r"universitet|university|college|högskol|skolan?\b|kommun(?!alråd)|\bstad\b|region|län(?:et)?\b"
    r"|institut|förvaltning|nämnd|styrelse|kansli|myndighet|verket\b|verk\b|förbund|förening|råd(?:et)?\b"
    r"|council|agency|authority|association|commission|committee|ministry|foundation|network\b|union\b"
    r"|\bservices?\b|\bboard\b|\bgroup\b|\balliance|technolog|research\b|scien[ct]|\blabs?\b|\bsystems\b|\bsolutions\b"
    r"|consulting|international|national|svensk|swedish|nordisk|nordic|\beurop|sverige|\bsweden|stiftelse"
    r"|\btrust\b|hospital|sjukhus|school|domstol|\bcourt\b|\bgmbh|\bltd|\bpartnership|observatory|programme|\bproject|parliament"
    r"|department|office|center|centre|centrum|\bab\b|polis|räddningstjänst|kyrka"
    r"|bostäder|enhet|avdelning|section|company|bolag|klubb|forum|akademin?\b|academy|\binst\.|manager|officer|coordinator|adviser|researcher|secretary|museum|bibliotek|theatre|hotel"
    r"|stra(?:ss|ß)e\b|platz\b|gata[n]?\b|väg(?:en)?\b|torg(?:et)?\b|\ballé\b|\bstreet|\broad\b|\bavenue|\bsquare\b"
    r"|\bhall\b|kongress|conference|area\b|område",
    re.IGNORECASE,
)
# Words of titles in capitals, "Open Data", that no person's name has.
_NO_NAME_WORDS = frozenset(
    "access action agenda analysis annual artificial award awards best big break breakout"
    " british building capacity case ceremony change cities citizen city climate closing"
    " coffee conclusions conference control cyber data debate deep demo design development"
    " digital dinner director discussion economy education energy environment ethics europe"
    " evaluation evening event exercise exhibition final food forum framework future general"
    " global governance green group head health history information innovation intelligence"
    " interactions international introduction keynote knowledge leader learning lecture"
    " lessons local lunch machine management meeting methods model models monitoring morning"
    " networking next open opening overview panel paper part partners perspectives planning"
    " plenary policy political poster practice practices presentation presentations"
    " president press professor programme project projects public quality questions"
    " reception regional registration report research resources results review risk round"
    " safety science sector security session sessions sharing smart social society software"
    " speech standards state steps strategy summary support sustainability sustainable"
    " system talk talks technology time tools tour training transport tutorial update urban"
    " views visit water welcome work working workshop workshops world".split()
)
_ROLE = re.compile(
    r"\b\w*(?:direktör|hövding|landsråd|regionråd|chef|ordförande|rektor|promotor|minister|director"
    r"|governor|mayor|president|chancellor|sekreterare)\w*",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    "kontakta kontakt contact contacts frågor questions ring mejla maila mail mejl anmälan anmäl"
    " please rsvp osa tel phone telefon upplysningar information läs read se see call email the"
    " dear kära välkommen välkomna welcome moderator moderatorer chair ordförande talare"
    " speakers speaker foto photo".split()
)
_BETWEEN = re.compile(r"(\s*;\s*|,?\s+(?:och|samt|and|og|&)\s+|,\s+|/\s*)")
_PRESENTS = re.compile(
    r"(?:presenterar|redogör|redovisar|berättar|informerar|föreläser|talar|inleder|beskriver|leder"
    r"|visar|reflekterar|diskuterar|samtalar|medverkar|inledningstalar|hälsar|öppnar|avslutar"
    r"|reder ut|resonerar|intervjuar|guidar|presents?|talks?|speaks?|introduces?|reports?"
    r"|discuss(?:es)?)\b"
)
_TELLS = re.compile(
    r"\b(?:redogör|berättar|informerar|presenterar|föreläser|diskuterar|inleder|samtalar|resonerar"
    r"|intervjuar|reder ut|presents|talks)\b"
)
_NOT_PRESENTING = re.compile(
    r"(?:vi|de|du|hon|han|den|det|detta|denna|dessa|här|där|vad|hur|we|they|he|she|it|this|that|these|the|main"
    r"|\w+(?:boken|porten|draget|nariet|jektet|dien|ningen|grammet|turen|gången|listan|planen|passet|dagen))\b",
    re.IGNORECASE,
)
_OCCUPATION = re.compile(
    r"\b(?:professor|docent|forskare|projektledare|utredare|handläggare|strateg|rådgivare|jurist"
    r"|författare|journalist|konsult|expert|specialist|researcher|lecturer|analyst|advisor|engineer"
    r"|PhD|doktor(?:and)?)\b",
    re.IGNORECASE,
)
_IN_COUNTRY = re.compile(
    r", (?:Sweden|Norway|Denmark|Finland|Iceland|Germany|France|Italy|Spain|Netherlands|Belgium|UK"
    r"|United Kingdom|USA|United States|Austria|Switzerland|Poland|Estonia|Latvia|Lithuania)$"
)
_FROM = re.compile(
    r"(?:föredragande|talare|medverkande|representanter|speakers?)\s+(?:från|from)\s",
    re.IGNORECASE,
)
# Not after an initial, Dr or Prof.
_SENTENCE_ENDS = re.compile(r"(?<=[a-zåäö)]{3})(?<!Prof)[.!?]\s+(?=[A-ZÅÄÖ])")
_OF = re.compile(r"\b(?:for|of|för|vid|in|the)\s$")
_TITLED = re.compile(
    r"(?P<title>(?:[\w(),&-]+ ){0,5}\w*(?i:iker|olog|chef|direktör|lektor|professor|forskare|ledare"
    r"|strateg|rektor|författare|journalist|hövding|föreläsare|råd|minister|director|president|ceo"
    r"|researcher|analyst|engineer|investigator|officer|manager|lecturer|advisor|\(CTO\))),?"
    r" (?P<name>.+)"
)
_DURATION = re.compile(r"\s*\(tbc\)|\s*[(\[]\d+(?:\s?\+\s?\d+)?\s?min(?:uter|utes|\.)?[)\]]")
_SUBJECT_AT_MOST, _WORDS_AT_MOST, _LIST_AT_MOST = 240, 12, 1_000


def is_name(text: str) -> bool:
    """Whether a text is a person's name."""
    text = re.sub(r"\s\([^()]*\)$", "", text)
    text = _HONORIFIC.sub("", text)
    found = _NAME.fullmatch(text)
    first = text.partition(" ")[0].strip(".").casefold()
    return (
        bool(found)
        and not text.isupper()
        and not _ORGANISATION.search(text)
        and first not in _NO_NAME
        and not re.match(r"[A-Z][a-z]{5,}ing\b", text)
        and _NO_NAME_WORDS.isdisjoint(re.split(r"[\s-]+", text.casefold()))
    )


def is_affiliation(text: str, person: str) -> bool:
    """Whether a line below a person is the person's title, organisation or country."""
    is_short = len(text.split()) <= _WORDS_AT_MOST and text[-1:] not in {".", "!", "?", ":"}
    is_known = _ORGANISATION.search(text) or _ROLE.search(text) or _OCCUPATION.search(text)
    is_known = is_known or re.fullmatch(r"[A-ZÅÄÖ]{2,10}", text)
    _, _, title = person.partition(", ")
    lacks = title[0].islower() if title else "(" not in person
    lacks = lacks and not _ORGANISATION.search(title)
    return is_short and bool(_IN_COUNTRY.search(text) or (is_known and lacks))


def people_in(text: str) -> list[str]:
    """The persons of a text that is a list of them, each with the title; otherwise none."""
    if len(text) > _LIST_AT_MOST:
        return []
    text = _DURATION.sub("", text).strip().rstrip(".")
    if _FROM.match(text):
        return [text]
    whole = _TITLED.fullmatch(text)
    if whole and is_name(whole["name"]):
        return [_name_first(text)]
    is_sentence = _SENTENCE_ENDS.search(text) or _TELLS.search(text)
    pieces = [] if is_sentence else _split(text)
    tokens, betweens = pieces[::2], ["", *pieces[1::2]]
    is_quoted = any(token[:1] in {"'", '"', "“", "”"} for token in tokens)
    if not tokens or not all(tokens) or is_quoted or not _begins_person(tokens[0]):
        return []
    people: list[str] = []
    for between, token in zip(betweens, tokens, strict=True):
        if not people or ";" in between or _begins_person(token):
            people.append(_name_first(token))
        elif len(token.split()) > _WORDS_AT_MOST:
            return []
        else:
            people[-1] += f"{between}{token}"
    return people


def _name_first(person: str) -> str:
    """A person with the title after the name: "Konsthistoriker Ebba Nordlund"."""
    found = _TITLED.fullmatch(person)
    if not found or not is_name(found["name"]):
        return person
    return f"{found['name']}, {found['title'][0].lower()}{found['title'][1:]}"


def _split(text: str) -> list[str]:
    """The parts of a list of persons with what is between them, but for what is in brackets."""
    masked = re.sub(r"\([^()]*\)", lambda one: "(" + "x" * (len(one[0]) - 2) + ")", text)
    ends = [0, *(end for found in _BETWEEN.finditer(masked) for end in found.span()), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    return [one.strip() if place % 2 == 0 else one for place, one in enumerate(pieces)]


def named_people(text: str) -> list[str]:
    """The persons of a text after a label such as "Medverkande:", with or without names."""
    if ";" in text or not people_in(text):
        by = _BETWEEN if ";" not in text else re.compile(r"(\s*;\s*)")
        parts = _split(text) if by is _BETWEEN else by.split(text)
        return [one.strip().rstrip(".") for one in parts[::2] if one.strip()]
    return people_in(text)


def _begins_person(token: str) -> bool:
    is_office = token[0].isupper() and len(token.split()) <= 4 and _ROLE.search(token)
    titled = _TITLED.fullmatch(token)
    is_titled = bool(titled and token[0].islower() and is_name(titled["name"]))
    return is_name(token) or is_titled or bool(is_office and not _has_title_only(token))


def _has_title_only(token: str) -> bool:
    """Whether this is a title as after a name, "VD", rather than who holds an office."""
    return not re.search(r"(?:en|et|s \w+|of \w+)\b", token)


def presenters_in(sentence: str) -> list[str]:
    """Who presents something in a sentence: "Anton Spetz och Mikael Andersson presenterar"."""
    found = _PRESENTS.search(sentence)
    subject = sentence[: found.start()].strip() if found else ""
    if not subject or len(subject) > _SUBJECT_AT_MOST or _NOT_PRESENTING.match(subject):
        return []
    tokens = _BETWEEN.split(subject)[::2]
    if all(map(_is_proper, tokens)):
        people = [token for token in tokens if is_name(token)]
        subjects = people if people and is_name(tokens[0]) else tokens
        return [_name_first(one) for one in subjects]
    return people_in(subject.rstrip(","))


def _is_proper(token: str) -> bool:
    """Whether each word of a token is a name's, but for small words between them."""
    small = r"(?:i|på|för|av|vid|från|hos|och|of|for|from|the|in|at)"
    return bool(re.fullmatch(rf"(?:{_WORD})(?: (?:{small} )?(?:{_WORD}))*", token))


def names_in(text: str) -> list[re.Match[str]]:
    """Where a text has persons' names."""
    lead = "|".join(sorted(_NO_NAME))
    masked = re.sub(rf"\b(?:{lead})\b", lambda one: one[0].lower(), text, flags=re.IGNORECASE)
    return [
        one
        for one in _NAME.finditer(masked)
        if is_name(one[0]) and not _OF.search(masked[: one.start()])
    ]
