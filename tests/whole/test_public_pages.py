"""The public pages except the form: the agenda in each phase, calendar, legal statements."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest

from chalicelib import bootstrap
from chalicelib.event.event import Event
from chalicelib.event.legal_statements import Accessibility
from chalicelib.event.theme import Theme
from chalicelib.texts.language import localized
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.event.programmes import TWO_DAYS, event_of
from tests.fakes import InMemoryComposition
from tests.whole.pages import text_of

PUBLIC = ["/", "/dag/agenda.ics", "/dag/sessions.ics", "/dag/privacy", "/dag/accessibility"]


def with_event(clock: SetClock, event: Event) -> None:
    bootstrap.install(InMemoryComposition(event, clock))


@pytest.mark.parametrize(
    ("hours", "present", "absent"),
    [
        (-24, ["Behöver du specialkost?"], ["Det är i dag", "Evenemanget är över"]),
        (-8.5, ["Det är i dag", "Hör av dig till någon"], ["Evenemanget är över"]),
        (0, ["Det är i dag", "Lägg till i kalendern"], ["Evenemanget är över"]),
        (
            7.5,
            ["Evenemanget är över. Tack till alla som kom!"],
            ["Det är i dag", "Lägg till", "Ring"],
        ),
    ],
)
def test_the_agenda_says_whether_the_event_is_upcoming_today_or_over(
    gateway: Gateway,
    clock: SetClock,
    event: Event,
    hours: float,
    present: list[str],
    absent: list[str],
) -> None:
    at = event.starts_at + timedelta(hours=hours)
    clock.now = at if hours > -24 else event.closes_at - timedelta(hours=1)
    text = text_of(gateway.request("GET", "/"))
    for words in present:
        assert words in text
    for words in absent:
        assert words not in text


def test_the_headings_of_the_agenda_are_the_titles_of_the_programme(
    gateway: Gateway, event: Event
) -> None:
    page = gateway.request("GET", "/").text
    outline = re.findall(r"<h([1-3])[^>]*>(.*?)</h\1>", page)
    assert outline[0] == ("1", event.title)
    assert [title for level, title in outline if level == "3"] == [
        session.title for session in event.agenda
    ]
    assert page.count("<time datetime=") == 2 + 2 * len(event.agenda)


def test_the_english_agenda_marks_texts_without_a_translation_as_swedish(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    page = gateway.request("GET", "/?lang=en").text
    assert "<h1>A safe and secure municipality</h1>" in page
    assert "What research says about “Trust in area development”" in page
    assert 'lang="sv">Kerstin Hermansson<' in page
    assert "Inledning" not in page
    with_event(clock, replace(event, title=str(event.title)))
    page = gateway.request("GET", "/?lang=en").text
    assert '<h1 lang="sv">Säker och trygg kommun</h1>' in page
    for path in ("registration", "accessibility"):
        page = gateway.request("GET", f"/dag/{path}?lang=en").text
        assert '<span lang="sv">Säker och trygg kommun</span>' in page


@pytest.mark.parametrize(
    ("changes", "language", "said"),
    [
        ({}, "sv", "måndag 31 maj 2027, 8.30–16.00, Borås Kongress"),
        ({}, "en", "Monday 31 May 2027, 8:30–16:00, Borås Kongress"),
        ({"starts": None, "ends": None, "agenda": event_of(TWO_DAYS).agenda,
          "date": date(2027, 9, 7)}, "sv", "7–8 september 2027, från 8.30, Borås Kongress"),
    ],
)  # fmt: skip
def test_a_shared_link_tells_the_title_and_once_day_time_and_place(
    gateway: Gateway, clock: SetClock, event: Event, changes: dict[str, Any], language: str,
    said: str,
) -> None:  # fmt: skip
    with_event(clock, replace(event, **changes))
    page = gateway.request("GET", f"/?lang={language}").text
    assert f'<meta name="description" property="og:description" content="{said}">' in page
    (title,) = re.findall('<meta property="og:title" content="(.*)">', page)
    assert title == localized(event.title, language)


@pytest.mark.parametrize(("path", "name"), [("agenda", "dag"), ("sessions", "dag-sessions")])
def test_a_calendar_is_a_file(gateway: Gateway, path: str, name: str) -> None:
    answer = gateway.request("GET", f"/dag/{path}.ics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.ics"'
    english = gateway.request("GET", f"/dag/{path}.ics?lang=en").body.decode()
    assert "X-WR-CALNAME:A safe and secure municipality" in english
    assert "URL:https://localhost/dag?lang=en" in english


def test_the_day_is_one_calendar_entry_and_the_sessions_another_file(
    gateway: Gateway, event: Event
) -> None:
    page = gateway.request("GET", "/").text
    for path, count in (("agenda", 1), ("sessions", len(event.agenda))):
        assert f'href="/dag/{path}.ics"' in page
        read = icalendar.Calendar.from_ical(gateway.request("GET", f"/dag/{path}.ics").body)
        assert len(list(read.walk("VEVENT"))) == count


def test_an_agenda_without_times_has_no_calendar_of_sessions(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    rows = (replace(row, starts_at=None, ends_at=None, when="under dagen") for row in event.agenda)
    with_event(clock, replace(event, agenda=tuple(rows)))
    assert "sessions.ics" not in gateway.request("GET", "/").text
    assert gateway.request("GET", "/dag/sessions.ics").status == 404
    assert gateway.request("GET", "/dag/agenda.ics").status == 200


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_answers_head_is_cached_for_a_minute_and_varies_by_language(
    gateway: Gateway, path: str
) -> None:
    got, head = gateway.request("GET", path), gateway.request("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert got.headers["cache-control"] == "public, max-age=60"
    assert got.headers["vary"] == "Accept-Language, Accept-Encoding"
    assert head.headers == got.headers
    assert got.headers["etag"].startswith("W/")
    tag = got.headers["etag"].removeprefix("W/")
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = gateway.request("GET", path, {"if-none-match": known})
        assert (again.status, again.body) == (304, b"")
    for other in ('"other"', tag.strip('"'), f'"x{tag[1:]}'):
        assert gateway.request("GET", path, {"if-none-match": other}).status == 200
    assert gateway.request("GET", f"{path}?lang=en", {"if-none-match": tag}).status == 200


@pytest.mark.parametrize(
    "path", ["/", "/dag/registration", "/dag/privacy", "/dag/accessibility", "/nothing"]
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_links_to_the_legal_statements(
    gateway: Gateway, path: str, language: str
) -> None:
    page = gateway.request("GET", f"{path}?lang={language}").text
    assert f'href="/dag/privacy?lang={language}"' in page
    assert f'href="/dag/accessibility?lang={language}"' in page


def test_the_form_explains_above_its_button_how_the_answers_are_used(gateway: Gateway) -> None:
    page = gateway.request("GET", "/dag/registration")
    text = text_of(page).split("Högst 500 tecken")[1]
    assert "Allt tas bort 7 dagar efter evenemanget." in text
    assert "Köket får portionerna, aldrig namn." in text
    assert page.text.index('class="assure"') < page.text.index('<button type="submit">Skicka')


STATEMENTS = {"helt": "helt förenlig", "delvis": "delvis förenlig", "inte": "inte förenlig"}


@pytest.mark.parametrize("status", STATEMENTS)
def test_the_accessibility_statement_has_everything_that_the_law_requires(
    gateway: Gateway, clock: SetClock, event: Event, status: str
) -> None:
    faults = () if status == "helt" else ("Kartan har ingen text.",)
    assert event.accessibility
    statement: Accessibility = replace(event.accessibility, status=status, faults=faults)
    with_event(clock, replace(event, accessibility=statement))
    text = text_of(gateway.request("GET", "/dag/accessibility"))
    assert f"{STATEMENTS[status]} med lagen om tillgänglighet till digital offentlig" in text
    assert ("Kartan har ingen text." in text) is (status != "helt")
    for words in (
        statement.contact,
        statement.supervisor,
        statement.supervisor_url,
        statement.method,
        "22 november 2026",
    ):
        assert words in text


def test_the_accent_colour_is_in_the_style_sheet_and_the_csp_allows_that_style_sheet(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    before = gateway.request("GET", "/")
    with_event(clock, replace(event, theme=Theme("#7a1f5c", "Kulturhuset")))
    after = gateway.request("GET", "/")
    assert "--accent:#7a1f5c" in after.text
    assert "Kulturhuset</a>" in after.text
    assert before.headers["content-security-policy"] != after.headers["content-security-policy"]
