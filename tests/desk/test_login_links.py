"""Login links by mail: however often anybody asks, every ask is soon followed by a link."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.closing.tick import run_due_steps
from chalicelib.desk import login
from chalicelib.desk.limits import LINK_LASTS
from chalicelib.desk.login import Door, valid_address
from chalicelib.desk.sessions import TokenKind
from chalicelib.dynamo.table import Table
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.event.event import Event
from chalicelib.mail.caps import A_LINK_EVERY, LINKS_AT_ONCE
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.mail.retry import LEASE
from tests.driving import MINUTE, SECOND, minutes_from, new_token, tick_at
from tests.examples import EVENT, NOW
from tests.fakes import RecordingMailer, TableInMemory

HOURS = 3
# Seconds after NOW: single asks, and asks that go on at some interval.
ASKS = st.one_of(
    st.lists(st.integers(0, HOURS * 3600 - 1), max_size=60),
    st.builds(
        lambda start, pause, many: [start + n * pause for n in range(many)],
        st.integers(0, 3600),
        st.integers(20, 1500),
        st.integers(1, 400),
    ),
)


def ask(event: Event, table: Table, later: timedelta) -> None:
    login.ask_for_link(
        Door(NOW + later, [Context(NOW + later, event, table)]), event.contacts[0].email
    )


def test_links_are_mailed_more_often_than_they_expire() -> None:
    """Whoever must wait for the next has a valid one, with time left to open it."""
    assert A_LINK_EVERY + 5 * MINUTE < LINK_LASTS


@settings(max_examples=settings().max_examples // 4)
@given(asks=st.lists(ASKS, min_size=1, max_size=3), offset=st.integers(0, 59))
def test_every_ask_is_followed_by_a_link_and_there_are_never_many_mails(
    asks: list[list[int]], offset: int
) -> None:
    """With ticks `offset` seconds after the beginning of each minute."""
    table, mailer = TableInMemory(EVENT), RecordingMailer()
    seconds = sorted(s for pattern in asks for s in pattern if s < HOURS * 3600)
    waiting, mailed = [*seconds], list[int]()
    for minute in range(HOURS * 60 + 2 * (A_LINK_EVERY // MINUTE)):
        ticked = 60 * minute + offset
        asked = [s for s in waiting if s <= ticked]
        waiting = waiting[len(asked) :]
        for second in asked:
            ask(EVENT, table, second * SECOND)
        tick_at([NOW + ticked * SECOND], EVENT, table, mailer)
        mailed += [ticked] * (len(mailer.letters) - len(mailed))
        if asked:
            assert (ticked - mailed[-1]) * SECOND < A_LINK_EVERY, "the newest link is still valid"
    for second in seconds:
        followed = next(at for at in mailed if at >= second)
        assert (followed - second) * SECOND <= A_LINK_EVERY + MINUTE
    for at in mailed:
        for until in (A_LINK_EVERY, 2 * A_LINK_EVERY, HOURS * 60 * MINUTE):
            within = [other for other in mailed if timedelta() <= (other - at) * SECOND < until]
            assert len(within) <= LINKS_AT_ONCE - 1 + until // A_LINK_EVERY
    assert len(mailed) <= len(seconds)


def test_asks_that_wait_are_one_mail_and_are_not_written_again(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    for minute in range(10):
        ask(event, table, minute * MINUTE)
        tick_at([NOW + minute * MINUTE], event, table, mailer)
    assert len(mailer.letters) == LINKS_AT_ONCE
    assert len(table.database.keys("DELIVERY#")) == 1
    table.database.calls.clear()
    (step,) = tick_at([NOW + 10 * MINUTE], event, table, mailer)
    assert step == "desk-1-2027-05-20T0800 waiting: several links have been mailed"
    assert table.database.writes() == []


def test_a_contact_persons_links_leave_the_others_their_places(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    other = event.contacts[1].email
    for minute in range(5):
        ask(event, table, minute * MINUTE)
        tick_at([NOW + minute * MINUTE], event, table, mailer)
    login.ask_for_link(Door(NOW + 5 * MINUTE, [Context(NOW + 5 * MINUTE, event, table)]), other)
    tick_at([NOW + 5 * MINUTE], event, table, mailer)
    assert mailer.letters[-1][0] == other


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.UNVERIFIED])
def test_a_login_mail_that_ses_refuses_at_first_is_sent_later_and_takes_one_place(
    event: Event, table: TableInMemory, fault: Fault
) -> None:
    mailer = RecordingMailer(*[MailNotAccepted(fault)] * 3)
    ask(event, table, -SECOND)
    tick_at(minutes_from(NOW, 15), event, table, mailer)
    to_contact = [to for to, _ in mailer.letters if to == event.contacts[0].email]
    assert len(to_contact) == 1
    (counter,) = table.database.keys("CAP#desk#2027-05-20#")
    item = table.beside(ALL_EVENTS).get(counter)
    assert item
    assert item["mails"] == 1


class Killed(BaseException):
    """The process dies."""


@pytest.mark.parametrize("number", range(1, 10))
def test_a_contact_person_gets_a_link_though_a_run_dies_at_any_of_its_calls(
    event: Event, table: TableInMemory, mailer: RecordingMailer, number: int
) -> None:
    calls = iter(range(1, 100))

    def die_at_number() -> None:
        if next(calls) == number:
            raise Killed

    ask(event, table, -SECOND)
    table.database.on("", "", die_at_number, times=number)
    with pytest.raises(Killed):
        run_due_steps([Context(NOW, event, table)], mailer, new_token)
    tick_at(minutes_from(NOW + MINUTE, LEASE // MINUTE + 2), event, table, mailer)
    assert mailer.letters
    link = mailer.letters[-1][1].text.partition("/desk/enter/")[2].split()[0]
    later = Context(NOW + LEASE + 2 * MINUTE, event, table)
    assert valid_address(later.shared, link, TokenKind.LINK, later.now) == event.contacts[0].email


def test_a_link_answers_every_ask_that_waited_for_it(
    event: Event, table: TableInMemory, mailer: RecordingMailer
) -> None:
    for minute in range(15, 26):  # the asks from the twentieth minute on wait as another mail
        ask(event, table, minute * MINUTE)
        tick_at([NOW + minute * MINUTE], event, table, mailer)
    assert len(mailer.letters) == LINKS_AT_ONCE
    assert len(table.database.keys("DELIVERY#")) == 2
    tick_at(minutes_from(NOW + 26 * MINUTE, 60), event, table, mailer)
    assert len(mailer.letters) == LINKS_AT_ONCE + 1
    assert table.database.keys("DELIVERY#") == []
