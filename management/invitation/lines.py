"""An invitation's lines, put together to paragraphs where a line was only wrapped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf

from management.invitation.cleaning import BULLET, PART_ENDS, cleaned, joined, parts_of
from management.invitation.named_days import named_day
from management.invitation.people import is_name, people_in
from management.invitation.times import time_at_start

# A shorter line, or one shorter than this part of the longest, was not wrapped.
_WRAPPED, _FULL, _FULL_AT_LEAST = 60, 0.85, 4
# Longer than any paragraph of an invitation.
_BLOCK_AT_MOST = 3_000
_LABEL = re.compile(
    r"(?:Chairs? of the \w+(?: session)?:"
    r"|[A-ZÅÄÖ][\w.-]{1,20}(?: (?:[a-zåäö][\w.-]*|[A-ZÅÄÖ]+|[\d–-]+)){0,2}:(?!//))\s*"
)
_IS = re.compile(r"(?P<label>Moderator|Chair|Ordförande|Samtalsledare) (?:är|is) (?=[A-ZÅÄÖ])")
PROGRAMME = re.compile(
    r"(?:(?:preliminärt|detaljerat|översiktligt|dagens) )?(?:program(?:met|punkter)?|programme"
    r"|(?:program|agenda|plan) för (?:dagen|dagarna|kvällen)|agenda|schedule|på programmet"
    r"|dagordning|schema|hållpunkter)"
    r"(?:,? (?:dag|day) \d| \([^()]*\))?\s*:?",
    re.IGNORECASE,
)
_COLUMN = (
    r"(?:tid|programpunkt|punkt|aktivitet|innehåll|beskrivning|talare|föreläsare|ämne|titel|lokal|sal"
    r"|vem|vad|när|var|time|activity|session|description|topic|title|room|venue|presenters?|speakers?"
    r"|who|what|when|where|occasion|event|location|place|plats|theme|tema|lecturers?|chair|moderator"
    r"|medverkande|presentatör)"
)
# The name of a column of a programme.
COLUMN = re.compile(_COLUMN, re.IGNORECASE)
_OTHER_HEADING = re.compile(
    r"(?:anmälan|registration|kontakt(?:person(?:er)?)?|contacts?|praktisk information|frågor"
    r"|questions?|tider|kostnad|pris|deltagaravgift|avgift|boende|logi|resa|hitta hit|syfte"
    r"|(?:med )?(?:vänlig(?:a)? )?hälsning(?:ar)?|(?:with )?(?:kind|best) regards|mvh"
    r"|bakgrund|övrigt|practical information|fees?|travel|(?:morning|afternoon)(?: session)?"
    r"|evening|förmiddag|eftermiddag|kväll)[\s:,]*"
    rf"|(?:{_COLUMN}\W*){{2,}}",
    re.IGNORECASE,
)
# A start whose end is on the next line, as in a narrow column.
_OPEN_TIME = re.compile(r"(?:kl\.? ?)?\d{1,2}[.:]\d\d ?[-–—]")
# One of several parallel sessions.
_PART = re.compile(r"[A-H][.):]\s")
_ENDS = (".", "!", "?", ":", ";")
# No line that ends so is whole.
_OPEN_END = re.compile(r"\s(?:of|for|the|an|with|from|to|för|av|till|med|om|ett|samt)$")
_LIST_BEGINS = re.compile(
    r"\b(?:medverkande|talare|(?:panel)?deltagare|panelister|speakers|panelists|moderator):$",
    re.IGNORECASE,
)


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
    is_named = PROGRAMME.fullmatch(text) or _OTHER_HEADING.fullmatch(text)
    return bool(is_named) or text == PART_ENDS


def blocks_of(text: str) -> list[Block]:
    """The paragraphs and items of a text, in order."""
    lines = [part for line in text.splitlines() for part in parts_of(line)]
    width = _width(lines)
    found = [Block("", after_blank=True)]
    after_blank = True
    for raw in lines:
        line = cleaned(raw)
        is_whole = len(found[-1].text) > _BLOCK_AT_MOST
        if line and not is_whole and _continues(found[-1], line, width, after_blank=after_blank):
            found[-1].text = _with(found[-1].text, line)
            found[-1].lines.append(line)
        elif line:
            block = _begun(line, found[-1], is_indented=raw[0].isspace())
            block.after_blank = after_blank
            found.append(block)
        after_blank = not line
    return found[1:]


def _with(above: str, line: str) -> str:
    """The text of a block and the line that goes on with it."""
    if _is_url(above):
        return above + line
    return f"{above}, {line}" if is_name(above) else joined(above, line)


def _width(lines: list[str]) -> float:
    """The width at which the lines of a text were wrapped; infinite if they were not."""
    lengths = [len(cleaned(line)) for line in lines]
    width = max(lengths, default=0)
    full = sum(length > _FULL * width for length in lengths)
    return width if full >= _FULL_AT_LEAST else inf


def _begun(line: str, above: Block, *, is_indented: bool) -> Block:
    """A new block; below a colon, lines in small letters or indented are bullets without signs."""
    if bullet := BULLET.match(line):
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
    if not after_blank and block.text.endswith((" och", " and", " &")) and line[0].isalpha():
        return True
    if not block.lines or _starts_anew(line) or block.is_heading:
        return False
    if _LIST_BEGINS.search(block.text) or re.search(r"[a-zåäö]-$", block.text):
        return not after_blank
    if _OPEN_END.search(block.text) and not people_in(line):
        return True
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
    is_item = any(pattern.match(line) for pattern in (BULLET, _PART, _LABEL))
    is_item = is_item or is_heading(line) or named_day(line) is not None
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
