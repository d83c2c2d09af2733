"""What new-event marks in a file that it has read from an invitation, and what it does not."""

import datetime as dt

import pytest

from management.invitation.draft import Draft
from management.invitation.file_text import file_text
from management.invitation.lines import blocks_of
from management.invitation.reading import draft_of
from management.invitation.valid import make_valid
from tests.management.test_invitations import SHARED, TODAY


def drafted(text: str) -> Draft:
    draft = draft_of(text, TODAY)
    make_valid(draft, SHARED, TODAY)
    return draft


SURVEY = """Briefing on the budget

Please answer the survey before Friday 19 October.

5.30 - 7pm, Wednesday 30 October 2030

Small Chamber, Guildhall, AB1 2CD
"""


def test_a_full_day_on_its_own_line_goes_before_one_until_which_something_is_asked() -> None:
    event = drafted(SURVEY).event
    assert (event.values["date"], "date" in event.todo) == (dt.date(2030, 10, 30), False)
    assert (event.values["starts"], event.values["ends"]) == ("17.30", "19.00")
    assert event.values["place"] == "Small Chamber, Guildhall, AB1 2CD"
    assert {"title", "place", "welcome"} <= set(event.todo)


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        ("Datum: måndag 31 maj 2027", ""),
        ("Måndag 31 maj", ""),
        ("31 maj", "the text does not say the year."),
        ("Torsdagen den 21 juni", "the text does not say the year."),
        ("Onsdag 31 maj 2027", "2027-05-31 is a Monday, but the text says another weekday."),
        ("Datum: 31 maj 2027\n\n7 juni 2027", ""),
        ("Datum: 31 maj\n\nVi skrev till alla den 3 mars 2027 om det som då hände.",
         "is this the day of the event? The text also says 2027-03-03."),
        ("31 maj 2027\n\n7 juni 2027",
         "is this the day of the event? The text also says 2027-06-07."),
        ("Träffen handlar om det som sker den 31 maj 2027 i skolorna i hela länet.",
         "is this the day of the event?"),
    ],
)  # fmt: skip
def test_a_doubtful_day_is_marked(text: str, todo: str) -> None:
    event = drafted(f"Kurs i mat\n\n{text}\n\nPlats: Salen").event
    assert event.todo.get("date", "") == todo


def test_what_no_label_and_no_clear_line_says_is_marked() -> None:
    text = "Mat för alla\n\n31 maj 2027\n\nRådhuset\n\nVi ses för att tala om mat i hela länet.\n"
    event = drafted(text).event
    assert {"title", "place", "welcome"} <= set(event.todo)
    labelled = "Rubrik: Mat för alla\n\nSeminarium\n\nDatum: 31 maj 2027\n\nPlats: Rådhuset\n"
    assert set(drafted(labelled).event.todo) == {"invited", "welcome", "starts"}


def test_a_label_below_the_programme_replaces_a_guess() -> None:
    text = (
        "Kurs\n\n31 maj 2027\nRådhuset\n\n9.00 Start\n12.00 Lunch\n\nPlats: Stora salen, Torget 1"
    )
    event = drafted(text).event
    assert (event.values["place"], "place" in event.todo) == ("Stora salen, Torget 1", False)


def test_a_line_that_says_that_the_programme_follows_is_no_text_above_it() -> None:
    text = (
        "Mat för alla\n\nProgrammet under dagen ser ut så som följer:\n\n9.00 Start\n12.00 Lunch\n"
    )
    assert drafted(text).event.values["welcome"] == "Välkommen till Mat för alla."


def test_an_office_on_another_line_than_the_name_is_marked_and_the_title_is_none() -> None:
    contact = "Kontakt\n\nAnna Ek\n\n{}\n\nanna@x.se\n"
    (below,) = drafted("Mat för alla\n\n" + contact.format("Nämndkansliet")).rows["contacts"]
    assert (below.values["office"], "office" in below.todo) == ("Nämndkansliet", True)
    (none,) = drafted("Mat för alla\n\n" + contact.format("Mat för alla")).rows["contacts"]
    assert none.values["office"] == "Evenemanget"
    (beside,) = drafted("Kontakt: Anna Ek, Nämndkansliet, anna@x.se").rows["contacts"]
    assert (beside.values["office"], beside.todo) == (
        "Nämndkansliet",
        {"show_email": beside.todo["show_email"]},
    )


def test_the_marks_of_an_english_event_have_english_words() -> None:
    assert "Conference" in drafted("Please come and see the old town with us").event.todo["kind"]


def test_spaces_too_many_are_no_columns_and_bullets_on_one_line_are_several() -> None:
    (title, *items) = blocks_of("Läget i   Dalarna   Anna Ek\n•Ett, två •Tre  • Fyra")
    assert title.text == "Läget i Dalarna – Anna Ek"
    assert [(one.text, one.is_bullet) for one in items] == [
        ("Ett, två", True), ("Tre", True), ("Fyra", True),
    ]  # fmt: skip
    assert [one.text for one in blocks_of("Anna • Bo")] == ["Anna • Bo"]


def test_a_kind_alone_above_the_programme_is_the_title_too() -> None:
    event = drafted("Nätverksträff\n\nAgenda för dagen:\n\n9.00 Start\n12.00 Lunch").event
    assert (event.values["title"], event.values["kind"]) == ("Nätverksträff", "Nätverksträff")
    assert event.todo["title"] == "is this the title?"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Alla i länet ses två gånger om året. Nästa gång är 12 april i Skövde.", "Skövde"),
        ("The next meeting of all these projects will be organised in Sofia, as usual.", "Sofia"),
        ("The next meeting of all these projects will be held in April, as usual.", ""),
        (
            "Alla kommunchefer i hela länet träffas på Residenset mellan kl. 10 och 15.",
            "Residenset",
        ),
    ],
)
def test_a_place_that_a_sentence_mentions_is_marked(text: str, place: str) -> None:
    event = drafted(f"Mat för alla\n\n{text}").event
    assert event.todo["place"] == ("is this the place?" if place else "write the place.")
    assert not place or event.values["place"] == place


def test_a_line_whose_label_and_month_the_values_mean_is_no_comment() -> None:
    head = "Kurs om mat\n\nDatum: måndag 20 mars 2028\nTid: Klockan 9-16\nPlats: Rådhuset\n\n"
    rows = "Program\n\n9.00 Start\n12.00 Lunch\n\nKontakt: Anna Ek, tel. 033-35 72 19"
    assert "#   >" not in file_text(drafted(f"{head}{rows}"))
    assert "#   > Datum: 20 mars 2028 (prel.)" in file_text(
        drafted("Kurs\n\nDatum: 20 mars 2028 (prel.)")
    )


def test_the_kind_is_guessed_from_the_title_in_its_definite_form() -> None:
    event = drafted("Projektdagen 2028\n\nProjektdagen är en träff för alla i länet.").event
    assert (event.values["kind"], event.todo["kind"]) == (
        "Projektdag",
        "is this the kind of event?",
    )


@pytest.mark.parametrize("lead", ["Inbjudan till", "Välkommen till", "Save the date:"])
def test_a_title_after_words_that_invite_is_not_marked(lead: str) -> None:
    event = drafted(f"{lead} Vattendagen\n\n31 maj 2027").event
    assert (event.values["title"], "title" in event.todo) == ("Vattendagen", False)


def test_a_deadline_is_no_office_and_please_is_no_name() -> None:
    (person,) = drafted("Anmälan till Anna Ek, anna.ek@x.se, senast fredag 26 februari.").rows[
        "contacts"
    ]
    assert (person.values["name"], person.values["office"]) == ("Anna Ek", "Evenemanget")
    text = "Please RSVP by Friday 26 February to events@x.se or ring 056 555 1234."
    (person,) = drafted(text).rows["contacts"]
    assert {"name", "office"} <= set(person.todo)
    assert person.values["phones"] == ["056 555 1234"]


def test_a_long_line_right_below_the_day_is_the_place() -> None:
    head = "Regional seminar\nTuesday, 9 March 2027, 1 pm – 4.30 pm\n"
    event = drafted(f"{head}County Hall, Room 204, High Street 5, West End, Kilkenny\n").event
    assert (event.values["place"], event.todo["place"]) == (
        "County Hall, Room 204, High Street 5, West End, Kilkenny",
        "is this the place?",
    )
