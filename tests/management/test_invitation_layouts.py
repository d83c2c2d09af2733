"""Invitations that are laid out as web pages: labels and rooms on lines of their own."""

import datetime as dt

from tests.management.test_invitation_rules import drafted

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
