"""libical reads a calendar as GNOME's and KDE's programs do."""

import ctypes
from contextlib import suppress

import pytest

from tests.browser.navigation import IN_CI

_LIBRARY = "libical.so.3"  # Debian: libical3


def _is_installed() -> bool:
    with suppress(OSError):
        return bool(ctypes.CDLL(_LIBRARY))
    return False


needs_libical = pytest.mark.skipif(
    not _is_installed() and not IN_CI, reason="libical is not installed"
)


class _LocalTime(ctypes.Structure):
    """The library's icaltimetype."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        *((name, ctypes.c_int) for name in ("is_date", "is_daylight")),
        ("zone", ctypes.c_void_p),
    ]


def read_by_libical(calendar: bytes) -> tuple[int, int]:
    """The start and end of the only entry, in seconds since 1970; fails if anything is refused."""
    library = ctypes.CDLL(_LIBRARY)
    for name, answer, *arguments in (
        ("icalparser_parse_string", ctypes.c_void_p, ctypes.c_char_p),
        ("icalrestriction_check", ctypes.c_int, ctypes.c_void_p),
        ("icalcomponent_count_errors", ctypes.c_int, ctypes.c_void_p),
        ("icalcomponent_get_dtstart", _LocalTime, ctypes.c_void_p),
        ("icalcomponent_get_dtend", _LocalTime, ctypes.c_void_p),
        ("icaltime_as_timet_with_zone", ctypes.c_long, _LocalTime, ctypes.c_void_p),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = answer, arguments
    read = library.icalparser_parse_string(calendar)
    assert library.icalrestriction_check(read), "libical refuses the calendar"
    assert library.icalcomponent_count_errors(read) == 0
    start, end = library.icalcomponent_get_dtstart(read), library.icalcomponent_get_dtend(read)
    seconds = library.icaltime_as_timet_with_zone
    return seconds(start, start.zone), seconds(end, end.zone)
