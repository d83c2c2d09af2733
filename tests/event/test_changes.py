"""Changes of the programme: stored as text, and laid over the event of the file."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.event.agenda import at
from chalicelib.event.calendar import session_calendar
from chalicelib.event.changes import (
    Changes,
    Notice,
    RowChange,
    changed_row,
    lines_for_file,
    row_key,
    shown,
    unknown_rows,
    with_changes,
)
from chalicelib.event.event import Event
from chalicelib.event.problems import InvalidEvent
from tests.examples import EVENT, NOW

FIRST, LUNCH = EVENT.agenda[0], next(row for row in EVENT.agenda if row.meal_id == "lunch")
LATER = RowChange(starts="08:35")
_times = st.times().map(lambda at: f"{at:%H:%M}")
_texts = st.none() | st.text(max_size=20)
_changes = st.builds(
    RowChange, starts=st.none() | _times, ends=st.none() | _times | st.just(""), title=_texts,
    translation=_texts, room=_texts,
    speakers=st.none() | st.lists(st.text(max_size=9), max_size=3).map(tuple),
)  # fmt: skip
_notices = st.builds(Notice, text=st.text(), until=st.datetimes(timezones=st.just(UTC)))


def changed(change: RowChange, row_of: Event = EVENT) -> Event:
    return with_changes(row_of, Changes().with_row(row_key(FIRST), change).to_json())


@given(notice=st.none() | _notices, changes=st.lists(st.tuples(st.text("ab"), _changes)))
def test_changes_survive_being_stored(
    notice: Notice | None, changes: list[tuple[str, RowChange]]
) -> None:
    made = Changes()
    for key, change in changes:
        made = made.with_row(key, change)
    made = made.with_notice(notice)
    assert Changes.from_json(made.to_json()) == made
    assert made.number == len(changes) + 1


@given(change=_changes)
def test_a_change_fits_or_is_refused_and_its_undoing_shows_the_file_again(
    change: RowChange,
) -> None:
    key = row_key(FIRST)
    made = Changes().with_row(key, change)
    try:
        event = with_changes(EVENT, made.to_json())
    except InvalidEvent:
        event = shown(EVENT, made.to_json())
        assert event.agenda == EVENT.agenda
    assert event.meals == EVENT.meals
    undone = with_changes(EVENT, made.with_row(key, RowChange()).to_json())
    assert undone.agenda == EVENT.agenda


def test_a_row_has_the_new_time_room_title_and_speakers() -> None:
    row = changed(RowChange("08:35", "08:50", "Välkomna", "Welcome", "Sal B", ("Eva Ek",))).agenda[
        0
    ]
    assert (f"{row.starts:%H:%M}", f"{row.ends:%H:%M}") == ("08:35", "08:50")
    assert (row.title, row.title.translation) == ("Välkomna", "Welcome")  # type: ignore[attr-defined]
    assert (row.room, row.speakers) == ("Sal B", ("Eva Ek",))
    assert replace(FIRST, title=row.title) != row


def test_what_is_not_changed_is_as_in_the_file() -> None:
    event = changed(LATER)
    assert event.agenda[0] == replace(FIRST, starts_at=event.agenda[0].starts_at)
    assert event.agenda[1:] == EVENT.agenda[1:]
    assert (event.closes_at, event.deletes_at) == (EVENT.closes_at, EVENT.deletes_at)


@pytest.mark.parametrize(("starts", "day"), [("00:30", 1), ("21:00", 0), ("23:59", 0)])
def test_a_delayed_row_may_start_after_midnight(starts: str, day: int) -> None:
    late = replace(FIRST, starts_at=at(FIRST.date, time(21, 30), EVENT.timezone), ends_at=None)
    moved = changed_row(late, RowChange(starts=starts), EVENT)
    assert moved.starts_at
    assert moved.starts_at.date() == FIRST.date + timedelta(days=day)


def test_a_row_that_the_file_has_changed_has_no_change_and_is_counted() -> None:
    changes = Changes().with_row(row_key(FIRST), LATER)
    for other in (replace(FIRST, ends_at=None), replace(FIRST, speakers=("Eva Ek",))):
        filed = replace(EVENT, agenda=(other, *EVENT.agenda[1:]))
        assert shown(filed, changes.to_json()).agenda == filed.agenda
        assert unknown_rows(filed, changes) == 1
    assert unknown_rows(EVENT, changes) == 0


def test_a_row_may_move_out_of_the_events_own_hours() -> None:
    event = changed(RowChange(starts="07:45"))
    assert f"{event.programme[0].starts:%H:%M}" == "07:45"


@pytest.mark.parametrize("change", [RowChange(ends="08:20"), RowChange(starts="08:40")])
def test_an_end_before_the_start_is_refused(change: RowChange) -> None:
    with pytest.raises(InvalidEvent):
        changed(change)


def test_a_change_of_a_row_that_the_file_has_changed_is_not_shown_and_the_sequence_stays() -> None:
    text = Changes().with_row(row_key(FIRST), LATER).to_json()
    rows = (replace(FIRST, title="Start"), *EVENT.agenda[1:])
    filed = replace(EVENT, agenda=rows, revision=EVENT.revision + 1)
    event = shown(filed, text)
    assert event.agenda == filed.agenda
    assert event.revision == EVENT.revision + 2


def test_calendars_see_a_higher_sequence_and_the_same_uid_also_of_a_new_title() -> None:
    before, after = (
        icalendar.Calendar.from_ical(
            session_calendar(event, "sv", page="https://x.example/", stamped_at=NOW)
        ).walk("VEVENT")
        for event in (EVENT, changed(RowChange(title="Välkomna")))
    )
    assert [one["uid"] for one in after] == [one["uid"] for one in before]
    assert {one["sequence"] for one in after} == {EVENT.revision + 1}
    assert after[0]["summary"] == "Välkomna"


def test_a_notice_is_shown_until_its_time() -> None:
    until = datetime(2027, 5, 31, 12, tzinfo=UTC)
    changes = Changes().with_notice(Notice("Sal B", until))
    assert changes.shown_at(until - timedelta(microseconds=1)).notice
    assert changes.shown_at(until).notice is None
    assert changes.shown_at(until).number == 1


def test_the_file_needs_the_lines_that_differ() -> None:
    changes = Changes().with_row(
        row_key(LUNCH), RowChange("12:00", "", "Lunch", "Lunch!", speakers=("Å “Ö”",))
    )
    changes = changes.with_row(row_key(FIRST), RowChange(room=str(FIRST.room)))
    ((row, lines),) = lines_for_file(EVENT, changes)
    assert row == LUNCH
    assert lines == [
        'starts = "12.00"',
        "# ends: remove this line",
        'title = "Lunch"',
        'title_en = "Lunch!"',
        'speakers = ["Å “Ö”"]',
    ]
