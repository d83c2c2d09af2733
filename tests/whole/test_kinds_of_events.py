"""The nine events of tests/events besides the tests' own: each kind of programme and organiser."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import icalendar
import pytest
import vobject
from click.testing import CliRunner

from app import app
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.event.words import meal_with_time
from chalicelib.texts.language import localized
from manage import manage
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.examples import EVENT, FOLDER, FORM_HEADERS, found_event
from tests.fakes import InMemoryComposition
from tests.whole.contact_person import ContactPerson, ticks
from tests.whole.pages import encoded, nonce_of, text_of

IDS = sorted(set(Events(FOLDER).ids) - {EVENT.id})


@pytest.fixture(params=IDS)
def event(request: pytest.FixtureRequest) -> Event:
    return found_event(request.param)


@pytest.fixture
def clock(event: Event) -> SetClock:
    return SetClock(event.closes_at - timedelta(days=1))


@pytest.fixture
def gateway(event: Event, clock: SetClock) -> Iterator[Gateway]:
    with InMemoryComposition(event, clock).installed():
        yield Gateway(app, clock)


def each_row(event: Event, language: str) -> list[str]:
    """What the page says of each row, in the order of the page."""
    return [
        " ".join(localized(row.title, language).split())
        for day in event.programme
        for row in day.rows
    ]


def test_the_page_has_each_row_of_the_programme_in_order(event: Event, gateway: Gateway) -> None:
    for language in event.languages:
        page = gateway.request("GET", f"/{event.id}?lang={language}").text
        assert f'<html lang="{language}">' in page
        titles = re.findall(r"<h[34][^>]*>([^<]+)</h[34]>", page.partition('class="text"')[2])
        days = len(event.days) if len(event.days) > 1 else 0
        assert len(titles) == len(event.agenda) + days
        assert [one for one in map(unescape, titles) if one in each_row(event, language)] == (
            each_row(event, language)
        )
        for row in event.agenda:
            for text in (row.room, row.place, row.moderator, row.chair, row.when, *row.speakers):
                assert localized(text, language) in unescape(page)


def test_two_calendar_programs_read_each_session_at_its_time_and_place(
    event: Event, gateway: Gateway
) -> None:
    answer = gateway.request("GET", f"/{event.id}/sessions.ics")
    if not event.has_timed_rows:
        assert answer.status == 404
        return
    sessions = list(icalendar.Calendar.from_ical(answer.body).walk("VEVENT"))
    others = vobject.readOne(answer.text).vevent_list
    rows = [row for day in event.programme for row in day.rows if row.starts_at]
    assert len(rows) == len(sessions) == len(others)
    for row, entry, other in zip(rows, sessions, others, strict=True):
        assert entry["SUMMARY"] == other.summary.value == row.title
        assert entry["DTSTART"].dt == other.dtstart.value == row.starts_at
        assert (entry["DTEND"].dt if "DTEND" in entry else None) == row.ends_at
        where = [row.room, row.place] if row.place else [row.room or event.room, event.place]
        assert entry["LOCATION"] == other.location.value == ", ".join(filter(None, where))


def test_a_guest_registers_and_the_summary_has_each_meal(
    event: Event, gateway: Gateway, clock: SetClock
) -> None:
    form = gateway.request("GET", f"/{event.id}/registration")
    fields = {"name": ["Åsa"], "meal": [one.id for one in event.meals], "diet": ["vegan"]}
    answer = gateway.request(
        "POST",
        f"/{event.id}/registration",
        FORM_HEADERS,
        encoded(**fields, nonce=[nonce_of(form.text)]),
    )
    receipt = text_of(gateway.request("GET", answer.headers["location"]))
    for meal in event.meals:
        assert meal_with_time(meal, event.language) in receipt
    clock.now = event.closes_at
    mails = ticks(clock, 4)
    assert len(mails) >= len(event.mailboxes)
    text = mails[0].part("plain")
    for meal in event.meals:
        assert f"{meal.title.upper()} " in text
        assert localized(meal.place, event.language) in text
    desk = ContactPerson(gateway).enter(event.contacts[0].email)
    kitchen = text_of(desk.get(f"/desk/{event.id}/kitchen"))
    for meal in event.meals:
        assert meal_with_time(meal, event.language) in kitchen
        labels = desk.get(f"/desk/{event.id}/labels?meal={meal.id}")
        assert labels.text.count('class="label"') == 1


def test_each_statement_names_the_events_own_organisation(event: Event, gateway: Gateway) -> None:
    for page in ("", "/registration", "/privacy", *["/accessibility"] * bool(event.accessibility)):
        answer = gateway.request("GET", f"/{event.id}{page}")
        assert answer.status == 200
        assert "Borås" not in text_of(answer).replace("Högskolan i Borås", "").replace(
            "Textile Fashion Center, Borås", ""
        )


@pytest.mark.soak
def test_all_of_them_and_the_shipped_event_are_rehearsed_in_one_command(tmp_path: Path) -> None:
    options = ["--guests", "5", "--events", str(FOLDER), "--folder", str(tmp_path)]
    result = CliRunner().invoke(manage, ["rehearse", *options])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("The rehearsal succeeded.\n")
    shipped = Events().ids
    assert {path.name for path in tmp_path.iterdir()} == {*IDS, EVENT.id, *shipped}
    assert result.output.count("The summary was mailed 3 minutes") == len(IDS) + 1 + len(shipped)
