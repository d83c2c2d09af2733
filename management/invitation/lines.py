"""An invitation's lines, put together to paragraphs where a line was only wrapped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from math import inf
from textwrap import wrap

from chalicelib.texts.folding import as_seen
from management.invitation.people import people_in
from management.invitation.times import time_at_start

# A shorter line, or one shorter than this part of the longest, was not wrapped.
_WRAPPED, _FULL, _FULL_AT_LEAST = 60, 0.85, 4
_LINE_AT_MOST = 2_000
_BULLET = re.compile(r"(?:[\uf0b7\uf0a7•●▪‣◦]\s*|(?:[·*–—-]|o(?=\s{2}))\s+)(?=\S)")
_INLINE = re.compile(r"[•●▪][^•●▪]*|[^•●▪]+")
_GAP = re.compile(r"(?<=[^\W\d])(?:\t+|\s{3,})(?=[^\W\d])")
# After a small word no column ends.
_SLIP = re.compile(
    r"(?:(?<=\s[a-zåäö])|(?<=\s[a-zåäö]{2})|(?<=\s(?:och|för|med|ett|and|the|for))) {3,}"
)
_LIGATURES = {ord(one): unicodedata.normalize("NFKC", one) for one in "ﬀﬁﬂﬃﬄ"}
_LABEL = re.compile(
    r"[A-ZÅÄÖ][\w.-]{1,20}(?: (?:[a-zåäö][\w.-]*|[A-ZÅÄÖ]+|[\d–-]+)){0,2}:(?!//)\s*"
)
_IS = re.compile(r"(?P<label>Moderator|Chair|Ordförande|Samtalsledare) (?:är|is) (?=[A-ZÅÄÖ])")
PROGRAMME = re.compile(
    r"(?:(?:preliminärt|detaljerat|översiktligt|dagens) )?(?:program(?:met|punkter)?|programme"
    r"|(?:program|agenda|plan) för (?:dagen|dagarna|kvällen)|agenda|schedule|på programmet"
    r"|dagordning|schema|hållpunkter)"
    r"(?:,? (?:dag|day) \d| \([^()]*\))?\s*:?",
    re.IGNORECASE,
)
_OTHER_HEADING = re.compile(
    r"(?:anmälan|registration|kontakt(?:person(?:er)?)?|contacts?|praktisk information|frågor"
    r"|questions?|tider|kostnad|pris|deltagaravgift|avgift|boende|logi|resa|hitta hit|syfte"
    r"|(?:med )?(?:vänlig(?:a)? )?hälsning(?:ar)?|(?:with )?(?:kind|best) regards|mvh"
    r"|bakgrund|övrigt|practical information|fees?|travel)[\s:,]*"
    r"|(?:(?:tid|programpunkt|aktivitet|talare|föreläsare|time|activity|session|speakers?)\W*){2,}",
    re.IGNORECASE,
)
# A start whose end is on the next line, as in a narrow column.
_OPEN_TIME = re.compile(r"(?:kl\.? ?)?\d{1,2}[.:]\d\d ?[-–—]")
# One of several parallel sessions.
_PART = re.compile(r"[A-H][.):]\s")
_ENDS = (".", "!", "?", ":", ";")


@dataclass(eq=False)
class Block:
    """A paragraph or an item: its text, the lines that it is from, and whether it is a bullet.

    A bullet without a sign `is_inferred` from the colon above its list.
    """

    text: str
    lines: list[str] = field(default_factory=list)
    is_bullet: bool = False
    is_inferred: bool = False
    after_blank: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether this is only the name of a part, such as "Program"."""
        return is_heading(self.text)

    @property
    def is_open(self) -> bool:
        """Whether the text may go on in another paragraph."""
        return not self.text.endswith(_ENDS) and not time_at_start(self.text, whole=True)


def is_heading(text: str) -> bool:
    """Whether a text is only the name of a part, such as "Program" or "Kontakt"."""
    return bool(PROGRAMME.fullmatch(text) or _OTHER_HEADING.fullmatch(text))


def cleaned(line: str) -> str:
    """A line as people see it, without spaces around it; columns are parted by dashes."""
    line = _GAP.sub(" – ", _SLIP.sub(" ", line.strip()))
    visible = "".join(" " if unicodedata.category(c) == "Cc" else c for c in line)
    line = " ".join(as_seen(visible.translate(_LIGATURES)).split())
    if line.startswith("|"):
        return re.sub(r"\s*\|\s*", " ", line).strip()
    return line.replace(" | ", " – ")


def blocks_of(text: str) -> list[Block]:
    """The paragraphs and items of a text, in order."""
    lines = [part for line in text.splitlines() for part in _parts(line)]
    width = _width(lines)
    found = [Block("", after_blank=True)]
    after_blank = True
    for raw in lines:
        line = cleaned(raw)
        if line and _continues(found[-1], line, width, after_blank=after_blank):
            found[-1].text += line if _is_url(found[-1].text) else f" {line}"
            found[-1].lines.append(line)
        elif line:
            block = _begun(line, found[-1], is_indented=raw[0].isspace())
            block.after_blank = after_blank
            found.append(block)
        after_blank = not line
    return found[1:]


def _parts(line: str) -> list[str]:
    """A line; or its bullets, or the parts of one that is longer than any paragraph.

    The rules would take long for it.
    """
    bullets = _INLINE.findall(line)
    if len(bullets) > 1 + (not _BULLET.match(line.strip())):
        return [one.strip() for one in bullets if one.strip()]
    if len(line) <= _LINE_AT_MOST:
        return [line]
    return wrap(line, _LINE_AT_MOST, break_long_words=False, break_on_hyphens=False)


def _width(lines: list[str]) -> float:
    """The width at which the lines of a text were wrapped; infinite if they were not."""
    lengths = [len(cleaned(line)) for line in lines]
    width = max(lengths, default=0)
    full = sum(length > _FULL * width for length in lengths)
    return width if full >= _FULL_AT_LEAST else inf


def _begun(line: str, above: Block, *, is_indented: bool) -> Block:
    """A new block; below a colon, lines in small letters or indented are bullets without signs."""
    if bullet := _BULLET.match(line):
        return Block(line[bullet.end() :], [line], is_bullet=True)
    below_colon = above.text.endswith(":") and (line[0].islower() or is_indented)
    in_list = above.is_inferred and not line.endswith(_ENDS) and not people_in(line)
    is_item = (below_colon or in_list) and not _starts_anew(line)
    return Block(line, [line], is_item, is_item)


def _continues(block: Block, line: str, width: float, *, after_blank: bool) -> bool:
    """Whether a line goes on with the text of a block."""
    if _is_url(block.text):
        return not after_blank and block.text[-1] in "/-?=&" and not re.search(r"\s|://", line)
    if _OPEN_TIME.fullmatch(block.text) and time_at_start(line):
        return not after_blank
    if not block.lines or _starts_anew(line) or block.is_heading:
        return False
    goes_on = block.text.endswith((" och", " samt", " and", " &", ","))
    is_wrapped = not after_blank and (goes_on or _is_wrapped(block.lines[-1], line, width))
    if line[0].islower():
        is_list = block.is_inferred or (block.is_bullet and after_blank)
        return is_wrapped or (block.is_open and not is_list)
    return is_wrapped and (goes_on or not people_in(sentences(line)[0]))


def _is_wrapped(above: str, line: str, width: float) -> bool:
    """Whether a line ended because its next word had no room."""
    needed = len(above) + 1 + len(line.partition(" ")[0])
    return len(above) >= _WRAPPED and needed > _FULL * width


def _is_url(text: str) -> bool:
    return bool(re.fullmatch(r"\S+://\S+", text))


def _starts_anew(line: str) -> bool:
    is_item = any(pattern.match(line) for pattern in (_BULLET, _PART, _LABEL))
    is_item = is_item or is_heading(line)
    return bool(is_item or time_at_start(line) or re.match(r"https?://|www\.|[\w.+-]+@\S+$", line))


def label_of(text: str) -> tuple[str, str]:
    """A label and what follows it: ("plats", "Borås Kongress"); empty without one."""
    if named := _IS.match(text):
        return named["label"].casefold(), text[named.end() :].strip()
    found = _LABEL.match(text)
    if not found:
        return "", text
    return found[0].strip().rstrip(":").casefold(), text[found.end() :].strip()


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    return re.split(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ”“\"])", text) if text else []
