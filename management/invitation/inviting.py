"""The sentences that say who invites whom to what, and the words for kinds of events."""

from __future__ import annotations

import re
from typing import NamedTuple

from management.invitation.lines import sentences

KIND = re.compile(
    r"\b(?!(?:riks|mån|tis|ons|tors|fre|lör|sön)dag|\w*middag|\w*(?:anmälnings|svars|var|helg)dag)"
    r"\w*(?:konferens|seminari(?:um|e)(?:serie)?|kongress|möte|högtid|workshop(?:serie)?|utbildning|kurs|konvent|mässa"
    r"|träff|stämma|forum|dagar|(?<=\w{3})dag|(?<=\w{3})kväll|conference|seminar|congress|meeting|symposium|webinar"
    r"|briefing|invigning|bankett|föreläsning)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:varmt |hjärtligt )?(?:(?:press)?inbjudan(?: till)?|välkom(?:men|na) (?:till|på)"
    r"|program för|programme for|invitation(?: to)?|welcome to|save the date)[: ]+"
    r"(?:ett |en |an? |the )?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?<=\w{3})\s*[-–:,]?\s*(?:preliminary |draft |preliminärt |detaljerat )?"
    r"(?:agenda|program(?:me)?|schedule)$",
    re.IGNORECASE,
)
_INVITE = (
    r"(?:bjuder in|inbjuder|inviterar|välkomnar|invites?|welcomes?"
    r"|hälsar(?: dig| er| alla)?(?: varmt)? välkom(?:men|na))"
)
_WELCOME = (
    r"(?:hälsas (?:hjärtligt |varmt )?välkomna|inbjuds|bjuds in|är (?:hjärtligt |varmt )?välkomna"
    r"|är inbjudna|are (?:warmly )?(?:invited|welcome))"
)
_TO = r"(?:till|to) (?P<what>.+)"
_PATTERNS = [
    re.compile(rf"(?P<who>[A-ZÅÄÖ].{{1,150}}?) {_INVITE} (?P<invited>(?!till |to ).+?) {_TO}"),
    re.compile(rf"(?P<who>[A-ZÅÄÖ].{{1,80}}?) {_INVITE} {_TO}"),
    re.compile(rf"(?P<invited>.{{3,200}}?) {_WELCOME} {_TO}"),
    re.compile(rf"(?:Till|To) (?P<what>.{{3,80}}?) {_WELCOME} (?P<invited>.{{3,200}}?)[.:]?$"),
]
_ADDRESSED = re.compile(
    r"(?:(?:riktar|vänder) sig (?:främst |i första hand )?till|målgrupp(?:en)? (?:för \w+ )?är"
    r"|is (?:aimed at|intended for|open to|for)) (?P<invited>[^.]{3,200})",
    re.IGNORECASE,
)
_ARRANGED = re.compile(
    r"(?:arrangeras|anordnas|organiseras|(?:is|are|jointly) (?:organi[sz]ed|hosted|arranged))"
    r" (?:av|by) (?:the )?(?P<who>[A-ZÅÄÖ][^.()]{2,120}?)"
    r"(?= (?:i samarbete|tillsammans|in (?:co-?operation|collaboration|partnership)|and will)\b"
    r"|[.(]|$)"
)
# The subject of a sentence that tells more than who invites.
_IT_IS = re.compile(r"(?:det|här|nu|i år|it|this)\b", re.IGNORECASE)
_ON = re.compile(
    r"(?:en |ett |an? |the )?(?P<kind>.+?) (?:om|på temat?|kring|on|about) (?P<title>.+)"
)
_LETTERHEAD = re.compile(
    r"(?:region|länsstyrelsen(?: i)?|högskolan(?: i)?) \w+(?: län)?"
    r"|\w+ (?:stad|kommun|universitet|högskola|university)",
    re.IGNORECASE,
)
_GLADLY = re.compile(r" (?:is|are) (?:pleased|happy|delighted) to$| (?:vill|har nöjet att) .*$")
_SALUTATION = re.compile(r"^(?:hej|hello|hi|dear \w+)(?: alla)?[,!]\s+", re.IGNORECASE)
_PARTNER = re.compile(r"(?:tillsammans med|i samarbete med|together with|in co-?operation with)\b")
_YOU = frozenset({"you", "dig", "er", "alla", "everybody"})
_NAME_AT_MOST = 100


class Invites(NamedTuple):
    """Who invites, whom, and to what; empty where a sentence does not say it."""

    who: str
    invited: str
    what: str


def invites(text: str) -> Invites | None:
    """Who invites whom to what, by the first sentence of a text; None if it does not say it."""
    first = _SALUTATION.sub("", sentences(text)[0])
    for pattern in _PATTERNS:
        if found := pattern.match(first):
            said = found.groupdict(default="")
            who = _GLADLY.sub("", said.get("who", ""))
            invited = "" if said.get("invited", "").casefold() in _YOU else said.get("invited", "")
            if len(who) <= _NAME_AT_MOST and not _IT_IS.match(who):
                is_us = who.casefold() in {"vi", "we"}
                if _PARTNER.match(invited):
                    who, invited = f"{who} {invited}", ""
                return Invites("" if is_us else who, invited, said["what"])
    return None


def arranger_in(text: str) -> str:
    """Who, as a text says, arranges the event, or empty."""
    found = _ARRANGED.search(text)
    return found["who"].strip() if found else ""


def addressed_in(text: str) -> str:
    """To whom a text says that the event is addressed, or empty."""
    found = _ADDRESSED.search(text)
    return found["invited"] if found else ""


def without_lead(text: str) -> str:
    """A heading without "Inbjudan till" or "Welcome to" before it, or "- agenda" after it."""
    return _TAIL.sub("", _LEAD.sub("", text) if _LEAD.match(text) else text)


def kind_and_title(what: str) -> tuple[str, str] | None:
    """ "en utvecklingsdag om trygghet" as its kind and its title."""
    found = _ON.match(what.rstrip("."))
    return (found["kind"], found["title"]) if found and KIND.search(found["kind"]) else None


def letterhead(text: str) -> str:
    """The organiser whose name a line is, or empty: "HÖGSKOLAN I BORÅS"."""
    if not _LETTERHEAD.fullmatch(text):
        return ""
    small = text.lower() if text.isupper() else text
    return re.sub(r"\b(?!i\b|och\b)\w", lambda one: one[0].upper(), small)
