"""An event of two days with parallel sessions, from its agenda page to its deletion."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from chalicelib.event.event import Event
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import Service
from tests.event import programmes
from tests.event.programmes import event_of
from tests.whole.pages import text_of

HOUR = timedelta(hours=1)


@pytest.fixture
def event() -> Event:
    return event_of(programmes.TWO_DAYS, last_day="2027-08-30")


def test_the_agenda_has_a_heading_for_each_day_and_its_rows_below(gateway: Gateway) -> None:
    answer = gateway.request("GET", "/")
    page, text = answer.text, text_of(answer)
    assert "Dagar 7–8 september 2027" in text
    assert "7 september från 8.30" in text
    assert "8 september 9.00 – 14.00" in text
    assert "från 19.00 Konferensmiddag Södra Bergets restaurang" in text
    assert "under utflykten Matsäck" in text
    outline = re.findall(r"<h([3-6])[^>]*>(.*?)</h", page)
    assert [title for level, title in outline if level == "3"] == [
        "tisdag 7 september", "onsdag 8 september",
    ]  # fmt: skip
    assert [title for level, title in outline if level == "4"][:2] == [
        "Registrering och kaffe", "Invigning",
    ]  # fmt: skip
    for name in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert page.count(f'id="{name}"') == 1
    parts = text.split("onsdag 8 september ")
    assert "Moderator: Karin Ek, länsråd" in parts[0]
    assert parts[1].startswith("Ordförande: Nils Berg")


def test_parallel_sessions_are_a_group_with_its_hours_in_a_sensible_order(gateway: Gateway) -> None:
    page = gateway.request("GET", "/?lang=en")
    group = (
        text_of(page).partition("Parallel sessions 11:00 – 12:00 ")[2].partition("from 19:00")[0]
    )
    titles = ("Vattenförvaltning", "Frisk luft", "Giftfri miljö", "Samhällsplan", "Livsmiljö")
    places = [group.index(title) for title in titles]
    assert all(before < after for before, after in pairwise(places))
    assert "11:00 – 11:45 Giftfri miljö Kongresshall B Moderator: Jan Alm" in group
    assert "11:00 – 12:00" not in group
    assert page.text.count('<ul aria-labelledby="parallel-2027-09-07-3">') == 1


@pytest.mark.parametrize(
    ("hours", "words"),
    [(-9, "Behöver du specialkost?"), (-8, "Det är i dag"), (10, "Det är i dag"),
     (23, "Det är i dag"), (29.4, "Det är i dag"), (29.5, "Evenemanget är över")],
)  # fmt: skip
def test_it_is_today_from_the_first_day_to_the_last_end(
    gateway: Gateway, clock: SetClock, event: Event, hours: float, words: str
) -> None:
    clock.now = event.starts_at + timedelta(hours=hours) if hours > -9 else clock.now
    text = text_of(gateway.request("GET", "/"))
    assert words in text
    assert ("Evenemanget är över" in text) == (hours >= 29.5)


def test_the_subjects_of_mails_name_both_days(event: Event, service: Service) -> None:
    service.register(event.closes_at - HOUR, email="asa@boras.example")
    service.tick_for(5, event.closes_at + 2 * HOUR / 60)
    contact = event.contacts[0].email
    assert any("Specialkost 7–8 september" in one for one in service.subjects(contact))
    assert [one for one in service.subjects("asa@boras.example") if "7–8 september" in one]


def test_the_receipt_mail_has_the_hours_of_each_day(service: Service, event: Event) -> None:
    service.register(event.closes_at - HOUR, email="asa@boras.example")
    service.tick_for(2, event.closes_at - HOUR)
    ((_, letter),) = service.mailer.letters
    assert "7 september 2027, från 8.30\nonsdag 8 september 2027, 9.00–14.00\n" in letter.text


def test_everything_is_deleted_seven_days_after_the_last_day(
    gateway: Gateway, clock: SetClock, event: Event
) -> None:
    assert "onsdag 15 september 2027, 7 dagar efter" in text_of(
        gateway.request("GET", "/dag/privacy")
    )
    assert event.deletes_at.astimezone(event.timezone).isoformat() == "2027-09-16T00:00:00+02:00"


def test_no_meal_of_several_days_is_ticked_beforehand(gateway: Gateway, event: Event) -> None:
    page = gateway.request("GET", f"/{event.id}/registration").text
    assert page.count('name="meal"') == len(event.meals) > 1
    assert " checked" not in page
