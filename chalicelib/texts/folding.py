"""Typed texts: measured before any work, stored as people see them, compared by what they say."""

import re
import unicodedata

# The most code points of one composed character, decomposed (Unicode Standard Annex #15, 9).
_DECOMPOSED = 4
# Normalising sorts the combining marks after a character, in time quadratic in their number. No
# text in use has more (UAX #15, 13, Stream-Safe Text Format).
_MARKS_AT_MOST = 30
# Code points that are compared; U+FDFA alone decomposes into 18.
_COMPARED_AT_MOST = 200

# Patterns are compiled at their first use: most texts need none.
# Joiners and variation selectors, which change how the letters or emoji beside them look.
_JOINER, _NON_JOINER, _VOWEL_SEPARATOR = "\u200d", "\u200c", "\u180e"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SHAPING = f"[{_JOINER}{_NON_JOINER}{_VOWEL_SEPARATOR}{_SELECTORS}]"
# Default_Ignorable_Code_Point (DerivedCoreProperties.txt of Unicode 16): soft hyphens, zero-width
# spaces, byte order marks, direction marks, tags and so on; with them, the marks of annotations.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_INVISIBLE = f"[{_IGNORABLE}]"
_INVISIBLE_ANYWHERE = f"(?!{_SHAPING})[{_IGNORABLE}]"
# Scripts whose letters join or stack: Arabic to Mandaic, Devanagari to Sinhala, Myanmar, Khmer,
# Mongolian, Tai Tham to Lepcha, Phags-pa to Meetei, Arabic forms, and the later ones.
_JOINING = (
    "[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u1a20-\u1c4f\ua840-\uaaff\uabc0-\uabff\ufb50-\ufdff"
    "\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
# Drawn as a space: the blank of Braille, and the Hangul fillers.
_BLANKS = str.maketrans(dict.fromkeys("\u2800\u3164\uffa0", " "))
_APOSTROPHES = "'’‘‛´`′ʹʼʻ＇"
_HYPHENS = "-‐‑‒–—―−"
# Letters without a decomposition, as people with a Swedish keyboard type them; signs for others.
_ALIKE = str.maketrans(
    {"æ": "a", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n"}
    | {"ŧ": "t", "þ": "th"}
    | dict.fromkeys(_APOSTROPHES)
    | dict.fromkeys(_HYPHENS, " ")
)
_TYPEWRITTEN = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))


def is_beyond(text: str, at_most: int) -> bool:
    """Whether the text has more code points than `at_most` characters, however they are typed."""
    return len(text) > _DECOMPOSED * at_most


def has_heaped_marks(text: str) -> bool:
    """Whether more combining marks follow one another than in any language."""
    run = 0
    for place in map(unicodedata.combining, text):
        run = run + 1 if place else 0
        if run > _MARKS_AT_MOST:
            return True
    return False


def as_seen(text: str) -> str:
    """The text in NFC without invisible characters, but with all that people see.

    Joiners and variation selectors stay where letters or emoji need them.
    """
    if _is_plain(text):
        return text
    text = re.sub(_INVISIBLE_ANYWHERE, "", text.translate(_BLANKS))
    text = unicodedata.normalize("NFC", text)
    if re.search(_SHAPING, text):
        text = unicodedata.normalize("NFC", _with_needed_shaping(text))
    return text


def typewritten(text: str) -> str:
    """The text in NFC without invisible characters, with plain apostrophes and hyphens."""
    text = _without_invisible(text)
    return unicodedata.normalize("NFC", text).translate(_TYPEWRITTEN)


def folded(text: str, at_most: int = _COMPARED_AT_MOST) -> str:
    """The text's words, to compare: without case, accents, apostrophes and what is invisible.

    Hyphens and other punctuation separate words, as spaces do; one space is between two words.
    """
    text = _without_invisible(text).replace("´", "'")
    letters = (one if one.isalnum() else _folded_sign(one) for one in decomposed(text, at_most))
    return " ".join("".join(letters).casefold().translate(_ALIKE).split())


def decomposed(text: str, at_most: int = _COMPARED_AT_MOST) -> str:
    """The text's compatibility decomposition (NFKD), cut off far beyond any name."""
    return unicodedata.normalize("NFKD", text)[:at_most]


def _without_invisible(text: str) -> str:
    return text if _is_plain(text) else re.sub(_INVISIBLE, "", text.translate(_BLANKS))


def _is_plain(text: str) -> bool:
    """Whether the text is all Latin without combining marks, as in Swedish: in NFC, and seen."""
    return max(text, default="") < "\u0300" and "\u00ad" not in text


def _folded_sign(character: str) -> str:
    """The vowel sign, symbol or apostrophe; empty for an accent, a space for all else."""
    if unicodedata.combining(character):
        return ""
    is_kept = unicodedata.category(character)[0] in "MS" or character in _APOSTROPHES
    return character if is_kept else " "


def _with_needed_shaping(text: str) -> str:
    kept, base = [], " "
    for place, character in enumerate(text):
        after = text[place + 1 : place + 2] or " "
        if re.match(_SHAPING, character) and not _is_needed(character, base, after):
            continue
        kept.append(character)
        if not unicodedata.combining(character):
            base = character
    return "".join(kept)


def _is_needed(mark: str, base: str, after: str) -> bool:
    """Whether the joiner or selector changes its `base`, the last character that is no accent."""
    before, behind = unicodedata.category(base), unicodedata.category(after)
    if mark not in (_JOINER, _NON_JOINER, _VOWEL_SEPARATOR):  # a variation of an ideograph or emoji
        return before == "Lo" or before[0] == "S"
    if re.match(_JOINING, base):
        return mark == _JOINER or behind[0] in "LM"
    is_emoji = before[0] == "S" or base == "\ufe0f"
    return mark == _JOINER and is_emoji and behind[0] == "S"
