"""Times of day in Swedish and English: "8.30 – 9.00", "kl. 9", "from 4:30 p.m."."""

from __future__ import annotations

import re
from typing import NamedTuple

_ABOUT = r"(?:ca\.?|cirka|c:a|omkring|runt|about|around|approx\.?)\s+"
_OCLOCK = r"(?:kl(?:\.|ockan?)?|at)\s*"
_ONE = (
    r"(?P<about{n}>{about})?(?P<oclock{n}>{oclock})?(?P<about2{n}>{about})?"
    r"(?P<hour{n}>\d{{1,2}})(?:[{sign}](?P<minute{n}>\d{{2}})(?!\d))?(?!\d|[.:]\d|/)(?P<french{n}>(?<!24)h(?!\w))?"
    r"(?:\s?(?P<half{n}>[ap])\.?\s?m\b\.?)?"
)
_DASH = r"\s*(?:[-–—−]|till|to|until)\s*"


def _one(number: str) -> str:
    sign = ".:h" if number == "1" else ".:h-"  # "13.00-14-00" is a slip of the hand
    return _ONE.format(n=number, about=_ABOUT, oclock=_OCLOCK, sign=sign)


_RANGE = (
    rf"(?:(?:från|from|fr\.?o\.?m\.?)\s+)?{_one('1')}(?:{_DASH}{_one('2')})?(?P<open>{_DASH}(?=$))?"
)
# In a narrow column the dash may be missing: "09.00 12.00".
_NO_DASH = r"\s+(?=\d{1,2}[.:]\d\d\b)"
_START = _RANGE.replace(_DASH, f"(?:{_DASH}|{_NO_DASH})", 1)
_AT_START = re.compile(rf"{_START}(?P<after>[\s:,.|–-]+|$)", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<![\w./:–-]){_RANGE}(?![\w/])", re.IGNORECASE)
_MONTHS = re.compile(
    r"\s*(?:jan|feb|mar|apr|ma[jy]|jun|jul|aug|sep|o[kc]t|nov|dec|st\b|nd\b|rd\b|th\b|:e\b)",
    re.IGNORECASE,
)
_NOON, _DAY = 12, 24


class Hours(NamedTuple):
    """A start and an end as the file writes them, "cirka 21.30"; empty if there is none."""

    starts: str
    ends: str = ""


def time_at_start(text: str, *, whole: bool = False) -> tuple[Hours, str] | None:
    """The hours at the start of a text, and the rest; `whole` wants no rest."""
    found = _AT_START.match(text)
    hours = _hours(found, text) if found else None
    if not found or not hours:
        return None
    end = found.end()
    if _is_no_end(found, hours):
        end, hours = found.start("hour2"), Hours(hours.starts)
    rest = text[end:].strip()
    return None if whole and rest else (hours, rest)


def _is_no_end(found: re.Match[str], hours: Hours) -> bool:
    """Whether the end is a number of the title: "14.40 - 10 years since"."""
    is_bare = found["hour2"] and found["minute1"] and not (found["minute2"] or found["half2"])
    return bool(is_bare) and minutes_of(hours.ends) <= minutes_of(hours.starts)


def hours_in(text: str) -> Hours | None:
    """The first hours in a text."""
    found = (_hours(one, text) for one in _ANYWHERE.finditer(text))
    return next(filter(None, found), None)


def end_of_hours(text: str) -> int:
    """Where the last hours of a text end; 0 without any."""
    return max((one.end() for one in _ANYWHERE.finditer(text) if _hours(one, text)), default=0)


def without_hours(text: str) -> str:
    """The text without its hours."""
    return _ANYWHERE.sub(lambda one: "" if _hours(one, text) else one[0], text)


def _hours(found: re.Match[str], text: str) -> Hours | None:
    """The hours of a match; None for numbers that are none."""
    says_time = any(
        found[f"{part}{n}"] for part in ("minute", "oclock", "half", "french") for n in "12"
    )
    is_date = _MONTHS.match(text[found.end("hour2" if found["hour2"] else "hour1") :])
    if is_date or (not says_time and not found["hour2"]):
        return None
    starts, ends = _minutes(found, "1"), _minutes(found, "2")
    if starts is None or (found["hour2"] and ends is None):
        return None
    if not says_time and not (ends is not None and starts < ends):
        return None
    starts, ends = _with_halves(found, starts, ends)
    return Hours(_written(found, "1", starts), _written(found, "2", ends))


def _minutes(found: re.Match[str], number: str) -> int | None:
    """The minutes of the day, without its half; None if there is no such time."""
    if not found[f"hour{number}"]:
        return None
    hour, minute = int(found[f"hour{number}"]), int(found[f"minute{number}"] or 0)
    is_midnight = (hour, minute) == (_DAY, 0)
    return hour * 60 + minute if is_midnight or (hour < _DAY and minute < 60) else None


def _with_halves(found: re.Match[str], starts: int, ends: int | None) -> tuple[int, int | None]:
    """The same with a.m. and p.m.; a start without takes those of the end."""
    last = found["half2"]
    if ends is not None:
        ends = _in_half(ends, last)
        halves = f"{found['half1']}{last}".casefold()
        ends = 0 if ends == _NOON * 60 and halves == "pa" else ends  # "8 pm – 12 am"
    if found["half1"]:
        return _in_half(starts, found["half1"]), ends
    as_end = _in_half(starts, last)
    return (as_end if ends is None or as_end < ends else starts), ends


def _in_half(minutes: int, half: str | None) -> int:
    if not half or minutes >= (_NOON + 1) * 60:
        return minutes
    if half.casefold() == "a" and minutes // 60 == _NOON:  # "12.30 a.m." is written of noon
        return minutes
    return minutes % (_NOON * 60) + (_NOON * 60 if half.casefold() == "p" else 0)


def _written(found: re.Match[str], number: str, minutes: int | None) -> str:
    if minutes is None:
        return ""
    is_about = found[f"about{number}"] or found[f"about2{number}"]
    return f"{'cirka ' if is_about else ''}{minutes // 60}.{minutes % 60:02}"


def minutes_of(time: str) -> int:
    """The minutes of the day of a time as the file writes it; 0 without one."""
    hour, _, minute = time.removeprefix("cirka ").partition(".")
    return int(hour or 0) * 60 + int(minute or 0)


def after_noon(hours: Hours, above: str) -> Hours:
    """The hours; 12 hours later if so they are after those above, and without it before."""
    starts, ends, half_day = minutes_of(hours.starts), minutes_of(hours.ends), _NOON * 60
    if not starts < minutes_of(above) <= starts + half_day:
        return hours
    later = (f"{(one + half_day) // 60}.{one % 60:02}" for one in (starts, ends))
    return Hours(next(later), next(later) if hours.ends else "")
