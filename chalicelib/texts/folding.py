"""Typed texts: their length before any work, since the time of that work grows with them."""

import unicodedata

# The most code points of one composed character, decomposed (Unicode Standard Annex #15, 9).
_DECOMPOSED = 4
# Normalising sorts the combining marks after a character, in time quadratic in their number. No
# text in use has more (UAX #15, 13, Stream-Safe Text Format).
_MARKS_AT_MOST = 30
# Code points that are compared; U+FDFA alone decomposes into 18.
_COMPARED_AT_MOST = 200


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


def decomposed(text: str) -> str:
    """The text's compatibility decomposition (NFKD), cut off far beyond any name."""
    return unicodedata.normalize("NFKD", text)[:_COMPARED_AT_MOST]
