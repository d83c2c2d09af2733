"""Counting everybody for the desk: at once, or by the schedule when they are very many."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from chalicelib.store import StoreUnavailable
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.count import Count, count
from chalicelib.event import Event
from chalicelib.instants import instant
from chalicelib.outbox import Kind, OutboxMail
from chalicelib.roll import LOOKED_THROUGH
from chalicelib.services import count_for_desk
from chalicelib.services.tending import CountFailed
from chalicelib.summary import CODES_AT_MOST, tally
from tests.driving import MINUTE, minutes_from, tend_at
from tests.examples import NOW, VEGAN_WITHOUT_NUTS, any_answers, registered
from tests.fakes import InMemoryStore, RecordingMailer


def fill(store: InMemoryStore, numbers: Iterable[int]) -> None:
    for n in numbers:
        answers = replace(VEGAN_WITHOUT_NUTS, severe=n % 3 == 0)
        held = replace(registered(answers, f"C{n}"), registered_at=NOW + n * MINUTE)
        store.add(f"hash{n}", held)


def counted(
    store: InMemoryStore, event: Event, now: datetime = NOW, codes_at_most: int = CODES_AT_MOST
) -> Count | None:
    control = store.control()
    return count_for_desk(control, now=now, event=event, store=store, codes_at_most=codes_at_most)


def tick(store: InMemoryStore, event: Event, now: datetime) -> list[str]:
    return tend_at([now], event, store, RecordingMailer())


@pytest.mark.parametrize("how_many", [0, 1, LOOKED_THROUGH])
def test_those_whom_one_page_looks_through_are_counted_at_once(
    event: Event, store: InMemoryStore, how_many: int
) -> None:
    fill(store, range(how_many))
    found = counted(store, event)
    assert found
    assert found.tally == tally(store.encoded_orders(), taken_at=NOW)
    assert sum(found.days.values()) == how_many
    assert not store.standing(NOW).is_count_wanted


def test_codes_are_counted_along_as_far_as_was_asked(event: Event, store: InMemoryStore) -> None:
    fill(store, range(CODES_AT_MOST + 1))
    for at_most, has_codes in ((CODES_AT_MOST, False), (LOOKED_THROUGH, True)):
        found = counted(store, event, codes_at_most=at_most)
        assert found
        assert any(group.codes for group in found.tally.groups.values()) is has_codes


def test_of_more_nothing_is_told_until_the_schedule_has_counted_them(
    event: Event, store: InMemoryStore
) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    tick(store, event, NOW)
    assert counted(store, event) is None
    assert tick(store, event, NOW + MINUTE) == ["counted for the desk"]
    found = counted(store, event, NOW + MINUTE)
    assert found
    assert found.tally == tally(store.encoded_orders(), taken_at=NOW + MINUTE)
    assert found.days == {NOW.date(): sum(n < 14 * 60 for n in range(LOOKED_THROUGH + 1)),
                          NOW.date() + timedelta(days=1): LOOKED_THROUGH + 1 - 14 * 60}  # fmt: skip


def test_a_count_is_told_with_its_time_and_made_anew_while_somebody_looks(
    event: Event, store: InMemoryStore
) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    assert counted(store, event) is None
    tick(store, event, NOW)
    fill(store, [LOOKED_THROUGH + 1])
    for later in (timedelta(0), MINUTE):
        found = counted(store, event, NOW + later)
        assert found
        assert (found.tally.taken_at, found.tally.registrations) == (NOW, LOOKED_THROUGH + 1)
    assert tick(store, event, NOW + MINUTE) == [], "a minute is fresh"
    second = timedelta(seconds=1)
    counted(store, event, NOW + MINUTE + second)
    assert tick(store, event, NOW + 2 * MINUTE) == ["counted for the desk"]
    found = counted(store, event, NOW + 2 * MINUTE)
    assert found
    assert found.tally.registrations == LOOKED_THROUGH + 2


def test_when_nobody_looks_nobody_counts(event: Event, store: InMemoryStore) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    counted(store, event)
    tick(store, event, NOW)
    assert [tick(store, event, NOW + n * MINUTE) for n in range(1, 5)] == [[]] * 4


def test_what_has_shrunk_is_counted_at_once_again(event: Event, store: InMemoryStore) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    counted(store, event)
    tick(store, event, NOW)
    removed = store.registration("hash1")
    assert removed
    store.remove("hash1", removed)
    found = counted(store, event, NOW + MINUTE)
    assert found
    assert (found.tally.taken_at, found.tally.registrations) == (NOW + MINUTE, LOOKED_THROUGH)


def test_a_count_of_before_the_summary_is_not_compared_with_it(
    event: Event, store: InMemoryStore
) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    counted(store, event)
    tick(store, event, NOW)
    fill(store, range(LOOKED_THROUGH + 1, LOOKED_THROUGH + 9))
    tend_at(minutes_from(event.closes_at, 5), event, store, RecordingMailer())
    later = event.closes_at + 5 * MINUTE
    assert counted(store, event, later) is None
    assert "counted for the desk" in tick(store, event, later)
    found = counted(store, event, later)
    assert found
    assert store.control().told.endswith(found.tally.fingerprint)


@pytest.mark.parametrize("seconds", [0, 14, 15])
def test_a_count_of_before_a_change_has_landed_tells_nothing(
    event: Event, store: InMemoryStore, seconds: int
) -> None:
    """A write is told of when it was asked for, and may land 10 s later."""
    fill(store, range(LOOKED_THROUGH + 1))
    control = replace(store.control(), changed_at=NOW)
    store.save_control(control)
    at = NOW + timedelta(seconds=seconds)
    counted(store, event, at)
    tick(store, event, at)
    assert store.kept_count()
    assert (counted(store, event, at) is None) is (seconds < 15)
    assert store.standing(at).is_count_wanted is False or seconds < 15


def test_a_run_that_has_counted_once_does_not_count_for_the_desk_too(
    event: Event, store: InMemoryStore
) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    counted(store, event, event.closes_at)
    steps = [
        tend_at([now], event, store, RecordingMailer())
        for now in minutes_from(event.closes_at + 2 * MINUTE, 3)
    ]
    assert [sum("counted for the desk" in step for step in some) for some in steps] == [0, 0, 1]


def test_what_is_forgotten_is_not_counted(event: Event, store: InMemoryStore) -> None:
    fill(store, range(LOOKED_THROUGH + 1))
    counted(store, event, event.deletes_at - MINUTE)
    assert "counted for the desk" not in tick(store, event, event.deletes_at)
    assert store.kept_count() is None


class Uncountable(InMemoryStore):
    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self._fault = fault

    def arrivals(self, at_most: int | None = None) -> Iterator[tuple[str, str]]:
        yield from super().arrivals(at_most)
        if at_most is None:
            raise self._fault


@pytest.mark.parametrize(
    ("fault", "raised"),
    [(StoreUnavailable("gone"), StoreUnavailable), (ValueError("Åsa"), CountFailed)],
)
def test_a_count_that_fails_holds_up_no_mail_and_is_told_without_what_it_read(
    event: Event, fault: Exception, raised: type[Exception]
) -> None:
    store, mailer = Uncountable(fault), RecordingMailer()
    fill(store, range(LOOKED_THROUGH + 1))
    assert counted(store, event) is None
    to = event.contacts[0].email
    told_of = tally([], taken_at=NOW)
    store.save_tally(told_of)
    store.queue([OutboxMail("reminder-1", Kind.REMINDER, to, NOW, about=told_of.key)])
    with pytest.raises(raised) as failed:
        tend_at([NOW], event, store, mailer)
    assert "Åsa" not in str(failed.value)
    assert [recipient for recipient, _ in mailer.letters] == [to]


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2027-05-20T21:59:59.999999", date(2027, 5, 20)),
        ("2027-05-20T22:00:00", date(2027, 5, 21)),
        ("2027-01-20T22:59", date(2027, 1, 20)),
        ("2027-01-20T23:00", date(2027, 1, 21)),
    ],
)
def test_people_are_counted_on_the_local_day_they_came(event: Event, utc: str, day: date) -> None:
    came = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    order = registered(VEGAN_WITHOUT_NUTS).order.encode()
    assert count([(order, instant(came))], event.timezone, taken_at=NOW).days == {day: 1}


@given(
    st.lists(
        st.tuples(any_answers(), st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31))),  # noqa: DTZ001
        max_size=30,
    )
)
def test_a_count_has_everybody_once_and_comes_back_as_it_was_kept(
    event: Event, people: list[tuple[object, datetime]]
) -> None:
    arrivals = [
        (registered(answers, f"C{n}").order.encode(), instant(came.replace(tzinfo=UTC)))  # type: ignore[arg-type]
        for n, (answers, came) in enumerate(people)
    ]
    made = count(arrivals, event.timezone, taken_at=NOW)
    assert made.tally == tally((order for order, _ in arrivals), taken_at=NOW)
    days = [came.replace(tzinfo=UTC).astimezone(event.timezone).date() for _, came in people]
    assert dict(made.days) == {day: days.count(day) for day in days}
    assert Count.from_json(made.to_json()) == made
