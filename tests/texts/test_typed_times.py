"""Days and times of day as people type them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from chalicelib.texts.dates import MONTHS, format_day, format_full_date
from chalicelib.texts.typed_times import parse_typed_day, parse_typed_time

STOCKHOLM = ZoneInfo("Europe/Stockholm")
BY = date(2027, 5, 31)


@pytest.mark.parametrize(
    "typed",
    [
        "2027-05-24", "2027-5-24", "24/5", "24.5", "24/05", "24/5 2027", "24.5.2027", "24/5-2027",
        "24 maj", "24 MAJ", " 24  maj ", "24 maj 2027", "måndag 24 maj", "mån 24 maj", "24. maj",
        "24 May", "Monday 24 May", "May 24", "May 24, 2027", "24 May, 2027",
    ],
)  # fmt: skip
def test_a_day_is_read_however_people_write_it(typed: str) -> None:
    assert parse_typed_day(typed, BY) == date(2027, 5, 24)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("31 maj", date(2027, 5, 31)),
        ("1 juni", date(2026, 6, 1)),
        ("24 dec", date(2026, 12, 24)),
        ("24 juni 2027", date(2027, 6, 24)),
        ("29/2", None),
        ("29/2 2028", date(2028, 2, 29)),
    ],
)
def test_a_day_without_a_year_is_the_last_one_up_to_a_day(typed: str, day: date | None) -> None:
    assert parse_typed_day(typed, BY) == day


@pytest.mark.parametrize("language", MONTHS)
@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_read_in_both_languages(language: str, month: int) -> None:
    day = date(2027, month, 9)
    assert parse_typed_day(format_full_date(day, language), BY) == day
    assert parse_typed_day(format_day(day, language), date(2027, 12, 31)) == day


@pytest.mark.parametrize(
    "typed", ["", "i morgon", "32/5", "24/13", "24 mja", "24", "5", "maj", "2027-05", "24/5/5/5"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert parse_typed_day(typed, BY) is None


@pytest.mark.parametrize(
    ("day", "at", "read"),
    [
        ("2027-05-26", "12.00", "2027-05-26T12:00"),
        ("2027-05-26", "kl. 9:05", "2027-05-26T09:05"),
        ("2027-05-26", "24.00", "2027-05-27T00:00"),
        ("2027-05-26", "12", "2027-05-26T12:00"),
        ("2027-05-26", "24.01", None),
        ("2027-05-26", "12.60", None),
        ("2027-05-26", "12.00.00", None),
        ("2027-05-26", "-1.00", None),
        ("2027-02-30", "12.00", None),
        ("2027-05-26", "", None),
        ("", "12.00", None),
        ("i morgon", "12.00", None),
        ("9999-12-31", "24.00", None),
    ],
)
def test_a_typed_day_and_time_are_parsed(day: str, at: str, read: str | None) -> None:
    wanted = datetime.fromisoformat(read).replace(tzinfo=STOCKHOLM) if read else None
    assert parse_typed_time(day, at, STOCKHOLM) == wanted
