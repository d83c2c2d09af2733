"""An invitation's lines in the form that the rules expect, whatever program they come from."""

from __future__ import annotations

import re
import unicodedata
from textwrap import wrap

from chalicelib.texts.folding import as_seen

_LINE_AT_MOST = 2_000
_WIDE = re.compile(r"\s{20,}")
BULLET = re.compile(r"(?:[\uf0b7\uf0a7•●▪‣◦]\s*|(?:[·*–—-]|o(?=\s{2}))\s+)(?=\S)")
_INLINE = re.compile(r"[•●▪][^•●▪]*|[^•●▪]+")
_GAP = re.compile(r"(?<=[^\W\d]|[)”\"])(?: ?\t\s*|\s{3,})(?=[^\W\d])")
# After a small word no column ends.
_SLIP = re.compile(
    r"(?:(?<=\s[a-zåäö])|(?<=\s[a-zåäö]{2})|(?<=\s(?:och|för|med|ett|and|the|for))) {3,}"
)
_HYPHEN = re.compile("-?\u00ad?[\u2010\u2011]")
_LIGATURES = {ord(one): unicodedata.normalize("NFKC", one) for one in "ﬀﬁﬂﬃﬄ"}
_IN_BRACKETS = re.compile(r"^[\[(](?P<hours>(?:kl\.? ?)?\d{1,2}[.:]\d\d[^\])]{0,12})[\])]:?")
# Hours, but for years such as "2015–2030".
_WITHOUT_DOT = re.compile(
    r"^(?!20\d\d\s*[\s–-]\s*20\d\d)([012]\d)([0-5][05])\s*[\s–-]\s*([012]\d)([0-5][05])\b"
)
_WITHOUT_DOT_PM = re.compile(r"\b(\d{1,2})([0-5]\d)(?=\s?[ap]\.?m\b)", re.IGNORECASE)
_STARTS_PM = re.compile(r"\b(\d{1,2})([0-5]\d)(?=\s?[-–]\s?\d{1,2}\.\d\d\s?[ap]m)", re.IGNORECASE)
# A line of dashes, for which `cleaned` returns PART_ENDS.
_RULE = re.compile(r"[-–—_=*~]{5,}")
PART_ENDS = "***"
_QUESTION = re.compile(r"^(När|Var|Vem|Hur|Vad|When|Where|Who|What|How)\?\s+(?=\S)")
# A second label on the line of the first: "Room: Hall <tab> Chair: Anna Ek".
_NEXT_LABEL = re.compile(r"(?<=\S)(?:\s*\t\s*|\s{3,})(?=[A-ZÅÄÖ][a-zåäö]+:\s)")
# The rows of a programme in one line.
_ROW_BEGINS = re.compile(r"\s+(?=\d{1,2}[.:]\d\d\s?[-–]\s?\d{1,2}[.:]\d\d\b)")
_GLUED_AT_LEAST = 3
_SPACED = re.compile(r"(?:[^\W_] ){7,}[^\W_]")
_DAY_AND_ROW = re.compile(
    r"\s*(?P<day>(?:(?:tider|program) )?(?:mån|tis|ons|tors|fre|lör|sön)dag(?:en)?):\s+"
    r"(?=\d{1,2}[.:]\d\d)",
    re.IGNORECASE,
)
# Where a line break was lost: "welcome!When? 3 May", "anna.ek@boras.seProgram".
_GLUED = re.compile(
    r"(?<=[a-zåäö.!])(?=(?:När|Var|Vem|When|Where|Who)\?\s)|(?<=\.se|\.eu|.no|.fi|.dk)(?=[A-ZÅÄÖ][a-zåäö])"
)


def parts_of(line: str) -> list[str]:
    """A raw line; or its bullets or labels, or the parts of one that is longer than any paragraph.

    The rules would take long for it.
    """
    line = _WIDE.sub("\t", line)
    if day := _DAY_AND_ROW.match(line):
        return [day["day"], line[day.end() :]]
    bullets = _INLINE.findall(line)
    if len(bullets) > 1 + (not BULLET.match(line.strip())):
        return [one.strip() for one in bullets if one.strip()]
    if len(rows := _ROW_BEGINS.split(line)) >= _GLUED_AT_LEAST:
        return rows
    if len(line) <= _LINE_AT_MOST:
        return [part for one in _GLUED.split(line) for part in _NEXT_LABEL.split(one)]
    return wrap(line, _LINE_AT_MOST, break_on_hyphens=False)


def joined(above: str, line: str) -> str:
    """The text above with a line that goes on with it; a word that was parted is whole again."""
    if not re.search(r"[^\W\d][-\u00ad]$", above):
        return f"{above} {line}"
    if re.match(r"(?:och|eller|samt|till|and|or|to)\b", line):
        return f"{above} {line}"
    return (above[:-1] if line[:1].islower() else above) + line


def cleaned(line: str) -> str:
    """A line as people see it, without spaces around it; columns are parted by dashes."""
    line = _GAP.sub(" – ", _SLIP.sub(" ", _HYPHEN.sub("-", line.strip()).replace("\u00ad", "")))
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "So"} else c for c in line)
    line = " ".join(as_seen(visible.translate(_LIGATURES)).split())
    if _RULE.fullmatch(line.replace(" ", "")) or line == PART_ENDS:
        return PART_ENDS
    line = _STARTS_PM.sub(r"\1.\2", _WITHOUT_DOT_PM.sub(r"\1.\2", line))
    line = re.sub(r"^[*#]+(?=\w)", "", line)
    line = _IN_BRACKETS.sub(r"\g<hours> ", _WITHOUT_DOT.sub(r"\1.\2–\3.\4", line))
    line = _unspaced(line) if _SPACED.fullmatch(line) else line
    line = _QUESTION.sub(r"\1: ", line)
    if line.startswith("|"):
        return re.sub(r"\s*\|\s*", " ", line).strip()
    return "" if not any(map(str.isalnum, line)) else line.replace(" | ", " – ")


def _unspaced(line: str) -> str:
    """Letters that were spaced out: "4 J U N E 2 0 2 7" as "4 JUNE 2027"."""
    return " ".join(re.findall(r"\d+|[^\W\d]+", line.replace(" ", "")))
