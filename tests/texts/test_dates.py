"""Dates and times in words."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from chalicelib.texts import dates

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(("language", "words"), [("sv", "måndag 31 maj"), ("en", "Monday 31 May")])
def test_a_formatted_day_includes_the_weekday(language: str, words: str) -> None:
    assert dates.format_day(date(2027, 5, 31), language) == words


@pytest.mark.parametrize(
    ("days", "swedish", "english"),
    [
        (["2027-05-31"], "måndag 31 maj 2027", "Monday 31 May 2027"),
        (["2027-09-07", "2027-09-08"], "7–8 september 2027", "7–8 September 2027"),
        (["2027-09-07", "2027-09-08", "2027-09-09"], "7–9 september 2027", "7–9 September 2027"),
        (
            ["2027-09-30", "2027-10-01"],
            "30 september–1 oktober 2027",
            "30 September–1 October 2027",
        ),
        (
            ["2027-12-31", "2028-01-01"],
            "31 december 2027–1 januari 2028",
            "31 December 2027–1 January 2028",
        ),
    ],
)
def test_several_days_are_a_range_that_says_each_month_and_year_once(
    days: list[str], swedish: str, english: str
) -> None:
    dated = [date.fromisoformat(day) for day in days]
    assert dates.format_days(dated, "sv") == swedish
    assert dates.format_days(dated, "en") == english
    assert dates.format_full_days(dated, "sv") == swedish.removeprefix("måndag ")
    if dated[0].year == dated[-1].year:
        assert f"{dates.format_short_days(dated, 'sv')} 2027" == swedish.removeprefix("måndag ")
    assert dates.format_iso_days(dated) == "–".join(sorted({days[0], days[-1]}))


def test_short_days_over_a_new_year_have_both_months() -> None:
    days = [date(2027, 12, 31), date(2028, 1, 1)]
    assert dates.format_short_days(days, "sv") == "31 december–1 januari"


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "24 maj kl. 8.05"), ("en", "24 May at 8:05")]
)
def test_a_moment_in_a_table_has_no_weekday(language: str, words: str) -> None:
    at = datetime(2027, 5, 24, 6, 5, tzinfo=UTC)
    assert dates.format_moment(at, STOCKHOLM, language) == words


@pytest.mark.parametrize(("language", "words"), [("sv", "8.05"), ("en", "8:05")])
def test_each_language_has_its_own_separator_in_times(language: str, words: str) -> None:
    assert dates.format_time(time(8, 5), language) == words


@pytest.mark.parametrize(
    ("utc", "swedish", "english"),
    [
        ("2027-05-24T22:00", "måndag 24 maj kl. 24.00", "the end of Monday 24 May (23:59)"),
        ("2027-05-24T13:00", "måndag 24 maj kl. 15.00", "Monday 24 May at 15:00"),
        ("2027-01-10T23:00", "söndag 10 januari kl. 24.00", "the end of Sunday 10 January (23:59)"),
    ],
)
def test_a_midnight_deadline_is_shown_as_the_end_of_the_day_before(
    utc: str, swedish: str, english: str
) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert dates.format_deadline(at, STOCKHOLM, "sv") == swedish
    assert dates.format_deadline(at, STOCKHOLM, "en") == english


@pytest.mark.parametrize(
    ("utc", "swedish", "english"),
    [
        ("2027-05-24T22:00", "24 maj", "24 May"),
        ("2027-05-24T13:00", "24 maj kl. 15.00", "24 May at 15:00"),
    ],
)
def test_a_short_deadline_has_the_hour_only_if_it_is_not_midnight(
    utc: str, swedish: str, english: str
) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert dates.format_short_deadline(at, STOCKHOLM, "sv") == swedish
    assert dates.format_short_deadline(at, STOCKHOLM, "en") == english
