"""Rooms and places in titles and lines."""

from __future__ import annotations

import re

_ROOM = re.compile(
    r"foaj|hall(?:en)?\b|sal(?:en)?\b|\brum(?:met)?\b|våning|terrass|\b\w*bar(?:en)?\b|restaurang"
    r"|aula|lokal|\broom\b|foyer|lobby|bibliotek(?:et)?\b|kapell"
    r"|\bplan \d|møterom|\btr\b|auditorium",
    re.IGNORECASE,
)
_WORDS_AT_MOST = 5
# The label of a row's room, in small letters.
ROOM_LABEL = re.compile(r"room|sal|lokal|rum|plats|place|venue")


def is_room(text: str) -> bool:
    """Whether a short text names a room."""
    is_short = 0 < len(text.split()) <= _WORDS_AT_MOST and not text.endswith((".", "!", "?"))
    return is_short and text[0].isupper() and bool(_ROOM.search(text))
