"""Days and rows of an event: its first start and last end, midnight, DST, order, overlaps."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.event.agenda import AgendaRow, Hours, at, end_after, hours_of, in_order
from chalicelib.event.event import Event
from chalicelib.event.problems import InvalidEvent
from chalicelib.event.words import hours_in_words
from tests.event import programmes
from tests.event.programmes import event_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
ZONES = st.sampled_from(
    ("Europe/Stockholm", "Europe/Helsinki", "Atlantic/Azores", "America/Havana", "Asia/Beirut")
).map(ZoneInfo)


def row(starts: str = "", ends: str = "", **values: str) -> str:
    """A row of the agenda: a meal if it has an `id`."""
    values = {"title": "Rad", "starts": starts, "ends": ends} | values
    if "id" in values:
        values["kind"] = "meal"
    lines = (f'{key} = "{value}"' for key, value in values.items() if value and key != "date")
    date = f"date = {values['date']}" if "date" in values else ""
    return "\n".join(("[[agenda]]", date, *lines, ""))


LUNCH = row("12.00", "13.00", id="lunch", title="Lunch")


def titles(event: Event) -> list[list[list[str]]]:
    """The titles of the rows of each group of each day."""
    return [[[str(row.title) for row in group] for group in day.groups] for day in event.programme]


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


def test_an_event_lasts_from_its_first_start_to_its_last_end_after_midnight() -> None:
    event = event_of(programmes.CEREMONY, "2027-05-05")
    assert event.starts_at == utc("2027-05-05T12:00")
    assert event.ends_at == utc("2027-05-05T23:00")
    assert event.days == (dt.date(2027, 5, 5),)
    assert event.last_date == dt.date(2027, 5, 6)
    assert event.deletes_at == utc("2027-05-13T22:00")


def test_a_row_without_a_date_has_the_date_of_the_row_above() -> None:
    event = event_of(programmes.TWO_DAYS)
    assert event.days == (dt.date(2027, 9, 7), dt.date(2027, 9, 8))
    assert [len(day.rows) for day in event.programme] == [8, 2]
    assert (event.starts_at, event.ends_at) == (utc("2027-09-07T06:30"), utc("2027-09-08T12:00"))
    assert event.last_date == dt.date(2027, 9, 8)


def test_the_file_may_say_the_hours_itself() -> None:
    head = 'starts = "10.00"\nends = "16.00"'
    event = event_of(programmes.MEALS_ONLY, "2027-11-05", head=head)
    assert (event.starts_at, event.ends_at) == (utc("2027-11-05T09:00"), utc("2027-11-05T15:00"))
    over_midnight = event_of(LUNCH, head='starts = "10.00"\nends = "1.00"')
    assert over_midnight.ends_at == utc("2027-09-07T23:00")


def test_an_event_whose_last_row_has_no_end_is_over_at_the_end_of_that_day() -> None:
    event = event_of(programmes.SEMINARS, "2027-11-14")
    assert event.ends_at == utc("2027-11-14T23:00")
    assert event.last_date == dt.date(2027, 11, 14)
    assert event.programme[0].ends_at is None
    said = event_of(programmes.SEMINARS, "2027-11-14", head='ends = "18.00"')
    assert said.ends_at == utc("2027-11-14T17:00")


def test_a_last_day_without_times_lasts_to_its_midnight() -> None:
    excursion = row(date="2027-09-08", title="Utflykt")
    event = event_of(LUNCH + excursion)
    assert event.ends_at == utc("2027-09-08T22:00")
    assert hours_in_words(event.programme[1], "sv") == ""


def test_an_end_at_24_belongs_to_its_day() -> None:
    event = event_of(LUNCH + row("19.00", "24.00"))
    assert event.ends_at == utc("2027-09-07T22:00")
    assert event.last_date == dt.date(2027, 9, 7)


def test_meals_know_their_day_and_time_or_their_words() -> None:
    coffee, dinner, packed = event_of(programmes.TWO_DAYS).meals
    assert (coffee.id, coffee.date, coffee.starts) == (
        "coffee", dt.date(2027, 9, 7), dt.time(8, 30),
    )  # fmt: skip
    assert dinner.starts_at == dt.datetime(2027, 9, 7, 19, tzinfo=STOCKHOLM)
    assert (packed.date, packed.starts_at, packed.when) == (
        dt.date(2027, 9, 8), None, "under utflykten",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [
        ("Europe/Stockholm", "2027-03-27", 9),  # the clocks go forward in the night
        ("Europe/Stockholm", "2027-10-30", 11),  # back
        ("Europe/Stockholm", "2027-06-12", 10),
        ("Atlantic/Azores", "2027-03-27", 9),  # forward over midnight
        ("Atlantic/Azores", "2027-10-30", 11),  # midnight comes twice
        ("America/Havana", "2027-03-13", 9),
    ],
)
def test_a_night_has_its_real_length_when_the_clocks_change(
    zone: str, date: str, hours: int
) -> None:
    event = event_of(row("20.00", "6.00") + LUNCH, date, zone=zone)
    night = event.agenda[0]
    assert night.starts_at
    assert night.ends_at
    length = night.ends_at.astimezone(dt.UTC) - night.starts_at.astimezone(dt.UTC)
    assert length == dt.timedelta(hours=hours)
    assert event.ends_at == night.ends_at.astimezone(dt.UTC)


@pytest.mark.parametrize("zone", ["Atlantic/Azores", "America/Havana", "Asia/Beirut"])
@pytest.mark.parametrize("day", range(1, 366, 7))
def test_a_week_ends_at_one_instant_also_where_midnight_is_missing_or_comes_twice(
    zone: str, day: int
) -> None:
    last_day = dt.date(2027, 1, 1) + dt.timedelta(days=day)
    for offset in range(7):
        last = last_day + dt.timedelta(days=offset)
        event = event_of(LUNCH, "2029-01-15", zone=zone, last_day=str(last))
        just_before = event.closes_at - dt.timedelta(seconds=1)
        assert just_before.astimezone(event.timezone).date() == last
        assert event.closes_at.astimezone(event.timezone).date() > last
        assert event.closes_at == dt.datetime.fromtimestamp(event.closes_at.timestamp(), dt.UTC)


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(InvalidEvent, match=r"agenda\[1\].starts: .*02.30 on 2027-03-28"):
        event_of(row("2.30", "4.00") + LUNCH, "2027-03-28")
    with pytest.raises(InvalidEvent, match=r"event.ends: .*02.30 on 2027-03-28"):
        event_of(LUNCH, "2027-03-27", head='ends = "2.30"')


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    event = event_of(row("1.00", "2.30", id="snack"), "2027-10-31")
    assert event.ends_at == utc("2027-10-31T00:30")


@given(
    date=st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)), starts=TIMES, ends=TIMES, zone=ZONES
)
def test_an_end_is_never_before_its_start(
    date: dt.date, starts: dt.time, ends: dt.time, zone: ZoneInfo
) -> None:
    starts_at = at(date, starts, zone)
    ends_at = end_after(starts_at, ends)
    assert ends_at.time() == ends
    assert dt.timedelta() < ends_at - starts_at <= dt.timedelta(days=1)
    instants = [local.astimezone(dt.UTC) for local in (starts_at, ends_at)]
    if [instant.astimezone(zone).time() for instant in instants] == [starts, ends]:
        assert instants[0] < instants[1]


ROWS = st.lists(
    st.tuples(st.none() | st.integers(0, 20), st.none() | st.integers(1, 5), st.booleans()),
    max_size=12,
)


def some_rows(drawn: list[tuple[int | None, int | None, bool]]) -> list[AgendaRow]:
    midnight = dt.datetime(2027, 9, 7, tzinfo=STOCKHOLM)
    return [
        AgendaRow(
            title=str(number),
            date=midnight.date(),
            starts_at=midnight + dt.timedelta(hours=start) if start is not None else None,
            ends_at=midnight + dt.timedelta(hours=start + length)
            if start is not None and length
            else None,
            meal_id=f"meal{number}" if is_meal else "",
        )
        for number, (start, length, is_meal) in enumerate(drawn)
    ]


@given(ROWS)
def test_the_page_has_every_row_once_by_start_and_in_the_files_order(
    drawn: list[tuple[int | None, int | None, bool]],
) -> None:
    rows = some_rows(drawn)
    placed = in_order(rows)
    assert sorted(placed, key=rows.index) == rows
    timed = [(row.starts_at, rows.index(row)) for row in placed if row.starts_at]
    assert timed == sorted(timed)
    for above, below in pairwise(rows):
        if below.starts_at is None:
            assert placed.index(below) == placed.index(above) + 1


@given(ROWS)
def test_the_hours_of_rows_begin_with_the_first_and_end_with_the_last(
    drawn: list[tuple[int | None, int | None, bool]],
) -> None:
    rows = some_rows(drawn)
    hours = hours_of(rows)
    starts = [row.starts_at for row in rows if row.starts_at]
    known = [row.lasts_until for row in rows if row.lasts_until]
    assert hours.starts_at == min(starts, default=None)
    assert hours.ends_at in (None, max(known, default=None))


def test_sessions_that_overlap_stand_together_and_meals_by_themselves() -> None:
    assert [list(map(len, day)) for day in titles(event_of(programmes.SEMINARS))] == [
        [1, 5, 5, 1, 5, 1]
    ]
    assert [list(map(len, day)) for day in titles(event_of(programmes.TWO_DAYS))] == [
        [1, 1, 5, 1], [1, 1],
    ]  # fmt: skip
    assert {len(group) for group in titles(event_of(programmes.CEREMONY))[0]} == {1}
    main = row("10.00", "16.00", title="Huvudpass") + LUNCH
    assert titles(event_of(main)) == [[["Huvudpass"], ["Lunch"]]]


def test_sessions_that_follow_one_another_or_only_begin_before_another_are_not_parallel() -> None:
    follow = row("9.00", "10.00", title="A") + row("10.00", "11.00", title="B") + LUNCH
    assert titles(event_of(follow)) == [[["A"], ["B"], ["Lunch"]]]
    open_ended = row("9.00", title="A") + row("9.30", title="B") + row("9.30", title="C") + LUNCH
    assert titles(event_of(open_ended)) == [[["A"], ["B", "C"], ["Lunch"]]]


@pytest.mark.parametrize(
    ("agenda", "key", "words"),
    [
        (row("8.40", "8.30"), "agenda[1].ends", "at most 20 hours"),
        (row("8.40", "8.40"), "agenda[1].ends", "must end after it starts"),
        (row("", "9.00"), "agenda[1].starts", "has an end, but no start"),
        (row(id="tea"), "agenda[1].starts", 'needs a time, or when = "under dagen"'),
        (row("9.00", when="på morgonen"), "agenda[1].when", "leave this out"),
        (row("ungefär 9"), "agenda[1].starts", "not a time of day"),
        (row("9.00", date="2027-09-06"), "agenda[1].date", "before the first day"),
        (row("9.00", date="2028-09-07"), "agenda[1].date", "is 366 days after the first day"),
        (row("9.00", date="'8 september'"), "agenda[1].date", "not a date"),
        (row(when="under dagen", id="tea"), "event.starts", "say when the event starts"),
        (row("9.00", date="2027-09-08"), "event.starts", "a row of its first day, 2027-09-07"),
        ("[[days]]\ndate = 2027-09-09\n" + row("9.00"), "days[1].date", "no row of the agenda is"),
        ("[[days]]\ndate = 2027-09-07\nled = 'A'\n" + row("9.00"), "days[1].led", "is unknown"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_key_and_the_problem(
    agenda: str, key: str, words: str
) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        event_of(agenda + (LUNCH if "kind" not in agenda and "2027-09-08" not in agenda else ""))
    assert refusal.value.key == key
    assert words in refusal.value.problem


@pytest.mark.parametrize(
    ("head", "key", "words"),
    [
        ('starts = "12.30"', "agenda[1].starts", "outside the event's hours"),
        ('ends = "12.30"', "agenda[1].starts", "outside the event's hours"),
        ('starts = "8.30"\nends = "8.00"', "event.ends", "must end after it starts"),
        ('starts = "cirka 8.30"', "event.starts", "write the time alone"),
    ],
)
def test_hours_of_the_event_that_do_not_hold_its_rows_are_refused(
    head: str, key: str, words: str
) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        event_of(LUNCH, head=head)
    assert refusal.value.key == key
    assert words in refusal.value.problem


def test_registration_closes_by_the_first_start_of_all_days() -> None:
    assert event_of(programmes.TWO_DAYS, last_day="2027-09-06").closes_at == utc("2027-09-06T22:00")
    with pytest.raises(InvalidEvent, match=r"registration.last_day: .* is not before the event"):
        event_of(programmes.TWO_DAYS, last_day="2027-09-07")


@pytest.mark.parametrize(
    ("starts", "ends", "swedish", "english"),
    [
        ("8.30", "9.00", "8.30–9.00", "8:30–9:00"),
        ("16.30", "", "från 16.30", "from 16:30"),
        ("cirka 21.30", "", "cirka 21.30", "about 21:30"),
        ("17.45", "ca 21.30", "17.45–cirka 21.30", "17:45–about 21:30"),
        ("22.00", "1.00", "22.00–1.00 nästa dag", "22:00–1:00 the next day"),
        ("22.00", "0.00", "22.00–24.00", "22:00–midnight"),
        ("", "", "", ""),
    ],
)
def test_hours_are_said_in_words(starts: str, ends: str, swedish: str, english: str) -> None:
    one = event_of(row(starts, ends, title="En") + LUNCH).programme[0].rows
    hours = next(row for row in one if row.title == "En")
    assert hours_in_words(hours, "sv") == swedish
    assert hours_in_words(hours, "en") == english


def test_hours_with_an_end_alone_say_so() -> None:
    hours = Hours(ends_at=dt.datetime(2027, 9, 7, 14, tzinfo=STOCKHOLM))
    assert hours_in_words(hours, "sv") == "till 14.00"
