"""Invitations that are laid out as web pages: labels and rooms on lines of their own."""

import datetime as dt

import pytest

from management.invitation.named_days import named_day
from tests.management.test_invitation_marks import drafted

PAGE = """Kurs om avfall

Tid

  • 2027-01-18
    9:00 - 12:00

Plats

Hamngatan 3
123 45, Lund
Karta

Kontakt

  • Bo Al
  • Telefon: 040 - 555 18 14
  • E-post: bo.al@lund.example

Kurs om avfall

Målgrupp

Kursen vänder sig främst till alla som sorterar.

Medverkande

Eva Ek, jurist med lång erfarenhet, bl.a. som sakkunnig i en utredning

Program

09.00 12.00

09.00 Kaffe och fralla
09.30 Kursstart
12.00 Kursen avslutas
"""


def test_a_label_alone_on_a_line_has_its_value_below() -> None:
    draft = drafted(PAGE)
    event = draft.event.values
    assert (event["date"], event["starts"], event["ends"]) == (
        dt.date(2027, 1, 18), "9.00", "12.00",
    )  # fmt: skip
    assert (event["place"], event["invited"]) == ("Hamngatan 3, 123 45, Lund", "Alla som sorterar")
    assert not {"date", "place", "invited"} & set(draft.event.todo)
    (person,) = draft.rows["contacts"]
    assert (person.values["name"], person.values["office"]) == ("Bo Al", "Evenemanget")


def test_speakers_of_no_row_are_asked_about_in_the_only_session() -> None:
    coffee, start, end = drafted(PAGE).rows["agenda"]
    assert [row.values["title"] for row in (coffee, start, end)] == [
        "Kaffe och fralla", "Kursstart", "Kursen avslutas",
    ]  # fmt: skip
    assert start.values["speakers"] == [
        "Eva Ek, jurist med lång erfarenhet, bl.a. som sakkunnig i en utredning"
    ]
    assert "speakers" in start.todo


def test_english_labels_alone_on_a_line() -> None:
    text = """Water fair

When:
3 May 2027
9.30 am – 4 pm

Where
Guild Hall

Who should attend?
This day is for schools in the area.

Programme
9.30 Opening
15.00 Coffee and end of the day
"""
    event = drafted(text).event.values
    assert (event["date"], event["starts"], event["ends"]) == (
        dt.date(2027, 5, 3), "9.30", "16.00",
    )  # fmt: skip
    assert (event["place"], event["invited"]) == ("Guild Hall", "Schools in the area")


def test_headings_of_columns_are_no_labels() -> None:
    text = "Kurs\n\nTid\n\n9.00–9.30\n\nInledning\n\n9.30–10.00\n\nFika\n"
    titles = [row.values["title"] for row in drafted(text).rows["agenda"]]
    assert titles == ["Inledning", "Fika"]


ROOMS = """Fair for all of you

24 April 2028

Venue: Falun

12:30 - 14:00

Foyer

Registration and lunch

14:00 - 15:00

Beta

Opening plenary

The opening sets the stage

It has two parts.

Eva Ek, Communication Officer, North Europe, Lille, France

Bo Al, Director, Spatial Works

15:00 - 15:30

Foyer

Coffee break
"""


def test_rooms_between_times_and_titles() -> None:
    rows = [row.values for row in drafted(ROOMS).rows["agenda"]]
    assert [(row["room"], row["title"]) for row in rows] == [
        ("Foyer", "Registration and lunch"), ("Beta", "Opening plenary"), ("Foyer", "Coffee break"),
    ]  # fmt: skip
    assert [row.get("kind") for row in rows] == ["meal", None, "meal"]


def test_lines_of_speakers_are_one_each_and_paragraphs_are_parted_by_a_stop() -> None:
    _, plenary, _ = drafted(ROOMS).rows["agenda"]
    assert plenary.values["speakers"] == [
        "Eva Ek, Communication Officer, North Europe, Lille, France",
        "Bo Al, Director, Spatial Works",
    ]
    assert plenary.values["description"] == "The opening sets the stage. It has two parts."


def test_a_title_on_each_next_line_is_no_room() -> None:
    text = "Kurs\n\n9.00\nDans i salen\nVi dansar.\n\n10.00\nFika\n\n11.00\nSlutord\n"
    rows = drafted(text).rows["agenda"]
    assert [row.values["title"] for row in rows] == ["Dans i salen", "Fika", "Slutord"]


def test_what_is_served_before_the_event_begins_it() -> None:
    text = """Briefing

5.30 - 7pm, Wednesday 30 October 2030

The event will be informal, with refreshments available on the landing from 5.00pm.
"""
    draft = drafted(text)
    (meal, _) = draft.rows["agenda"]
    assert (meal.values["title"], meal.values["starts"]) == ("Refreshments", "17.00")
    assert (draft.event.values.get("starts"), draft.event.values["ends"]) == (None, "19.00")


DAYS = """Kurs i mat

Onsdag 20 maj 2026

14:30 Incheckning
19:30 Middag

Moderator är Eva Ek

Torsdag 21 maj
kl 09:00  – 15:30 Mat i dag och i morgon

08.30 Registrering
09.00 Inledning
15.15 Kaffe
15.30 Avslut
Moderator: Bo Al
"""


def test_hours_that_the_rows_of_a_day_are_in_are_no_row() -> None:
    draft = drafted(DAYS)
    assert [row.values["title"] for row in draft.rows["agenda"]] == [
        "Incheckning", "Middag", "Registrering", "Inledning", "Kaffe", "Avslut",
    ]  # fmt: skip
    assert "kl 09:00 – 15:30 Mat i dag och i morgon" in draft.left
    text = "Kurs\n\n20 maj 2026\n9.00–10.00 Inledning\n10.00 Fika\n11.00 Samtal"
    first, *_ = drafted(text).rows["agenda"]
    assert first.values["title"] == "Inledning"


def test_who_leads_a_day_is_said_below_its_last_row() -> None:
    assert [row.values for row in drafted(DAYS).rows["days"]] == [
        {"date": dt.date(2026, 5, 20), "moderator": "Eva Ek"},
        {"date": dt.date(2026, 5, 21), "moderator": "Bo Al"},
    ]


def test_the_end_of_the_event_is_that_of_its_last_row_or_of_the_day() -> None:
    event = drafted(DAYS).event
    assert (event.values["ends"], "ends" in event.todo) == ("15.30", False)
    without = DAYS.replace("15.30 Avslut", "15.20 Diskussion")
    assert drafted(without).event.values["ends"] == "15.30"


def test_it_is_asked_when_an_event_ends_if_no_row_says_it() -> None:
    event = drafted("Kurs\n\n20 maj 2026\n\n9.00 Inledning\n10.00 Fika\n11.00 Samtal").event
    assert event.todo["ends"] == "when does the event end? No row says it."


def test_hours_above_a_programme_of_several_days_may_be_those_of_the_first() -> None:
    rows = "Day 1 – 14 September 2027\n10.00 Registration\nDay 2 – 15 September 2027\n9.00 Lunch"
    event = drafted(f"Water fair for all of you\n\nTime: 10:00–17:00\n\n{rows}").event
    assert (event.values["ends"], event.todo["ends"]) == (
        "17.00",
        "is this the end of the last day?",
    )


NAMED_DAYS = """Mat och klimat

Konferens {when}, Svenska klubben, Helsingfors

Program

Tisdag
9.00 Registrering
12.00 Lunch

{second}
9.00 Buss avgår
"""


@pytest.mark.parametrize(
    "second",
    [
        "Onsdag",
        "Dag 2",
        "Onsdagen den 15:e",
        "Day two: visits",
        "Program dag 2",
        "Day 2: Wednesday 15th",
    ],
)
def test_days_without_a_month_are_counted_from_the_first(second: str) -> None:
    draft = drafted(NAMED_DAYS.format(when="14–15 september 2027", second=second))
    assert [row.values.get("date") for row in draft.rows["agenda"]] == [
        None, None, dt.date(2027, 9, 15),
    ]  # fmt: skip
    assert (draft.event.values["kind"], draft.event.values["place"]) == (
        "Konferens", "Svenska klubben, Helsingfors",
    )  # fmt: skip
    assert "Tisdag" not in draft.left


@pytest.mark.parametrize(
    "text", ["Måndagsklubben", "Tisdag: allt om mat", "Sun and sea", "Dag", "2nd"]
)
def test_other_lines_are_no_days(text: str) -> None:
    assert named_day(text) is None


def test_a_first_day_that_is_only_a_weekday_is_a_guess_on_that_weekday() -> None:
    draft = drafted(NAMED_DAYS.format(when="i höst", second="Torsdag"))
    first, *_, last = draft.event.values["date"], *(
        row.values.get("date") for row in draft.rows["agenda"]
    )  # fmt: skip
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    assert (f"{first:%A}", last - first) == ("Tuesday", dt.timedelta(days=2))
    assert "date" in draft.event.todo


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("Svenska klubben, Helsingfors", ("Europe/Helsinki", "FI")),
        ("Square, Brussels, Belgium", ("Europe/Brussels", "BE")),
        ("Oslo kongressenter, Norway", ("Europe/Oslo", "NO")),
        ("Finlandshuset, Londongatan 3", None),
        ("Vasa museum, Stockholm", None),
        ("Rådhuset", None),
    ],
)
def test_the_time_zone_is_that_of_the_last_place_named(
    place: str, zone: tuple[str, str] | None
) -> None:
    event = drafted(f"Kurs i mat\n\n31 maj 2027\n\nPlats: {place}").event
    known = event.values.get("timezone"), event.values.get("country")
    assert known == (zone or (None, None))
    assert ("timezone" in event.todo) == bool(zone)
