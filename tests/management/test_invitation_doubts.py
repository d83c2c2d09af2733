"""What new-event doubts: who is a contact person, who leads a day, days and hours that can't be."""

import datetime as dt

import pytest

from chalicelib.event.file import parse_event
from management.invitation.days import days_in
from management.invitation.lines import blocks_of
from management.invitation.links import links_in
from management.invitation.titles import row_of_title
from tests.management.test_invitation_marks import drafted
from tests.management.test_invitation_programmes import rows_of
from tests.management.test_invitations import SHARED, read

HEAD = "Kurs i mat\n\nDatum: 31 maj 2027\n\nPlats: Salen\n\n"
IS_CONTACT = "is this a contact person?"


@pytest.mark.parametrize(
    "other",
    [
        "Faktura skickas till Eva Lund, eva.lund@x.se",
        "Rum bokas hos Eva Lund på hotellet, 033-35 72 19",
        "Dagens föreläsare är Eva Lund, eva.lund@x.se",
        "Eva Lund skrev boken. eva.lund@x.se",
    ],
)
def test_who_is_named_for_another_matter_comes_last_and_is_marked(other: str) -> None:
    text = f"{HEAD}9.00 Kaffe\n\nHej alla!\n\n{other}\n\nFrågor? Anna Ek, anna.ek@x.se\n"
    asked, named = drafted(text).rows["contacts"]
    assert (asked.values["name"], IS_CONTACT in asked.todo.values()) == ("Anna Ek", False)
    assert (named.values["name"], IS_CONTACT in named.todo.values()) == ("Eva Lund", True)


@pytest.mark.parametrize(
    "line",
    [
        "Kontakt: Anna Ek, anna.ek@x.se",
        "För frågor, ring Anna Ek, 033-35 72 19",
        "Vänliga hälsningar\nAnna Ek, anna.ek@x.se",
        "Projektledare Anna Ek, anna.ek@x.se",
        "Please contact Anna Ek, anna.ek@x.se",
    ],
)
def test_to_whom_one_turns_is_not_marked(line: str) -> None:
    (person,) = drafted(f"{HEAD}9.00 Kaffe\n\n{line}\n").rows["contacts"]
    assert (person.values["name"], IS_CONTACT in person.todo.values()) == ("Anna Ek", False)


def test_what_a_person_is_before_the_name_is_the_office() -> None:
    (person,) = drafted(f"{HEAD}9.00 Kaffe\n\nProjektledare Anna Ek, anna.ek@x.se\n").rows[
        "contacts"
    ]
    assert (person.values["name"], person.values["office"]) == ("Anna Ek", "Projektledare")


def test_and_between_two_persons_is_no_office() -> None:
    text = f"{HEAD}Frågor: Anna Ek, 033-35 72 19, och Bo Berg, 033-35 72 20\n"
    assert [(one.values["name"], one.values["office"]) for one in drafted(text).rows["contacts"]] \
        == [("Anna Ek", "Evenemanget"), ("Bo Berg", "Evenemanget")]  # fmt: skip


@pytest.mark.parametrize("hours", ["kl. 9–10", "kl. 11–12.30", "kl. 22–23"])
def test_hours_that_the_rows_contradict_are_left_out_of_a_file_that_is_valid(hours: str) -> None:
    rows = "8.00 Kaffe\n9.00 Mat\n12.00–13.00 Lunch\n"
    event = parse_event("new", read(f"Kurs\n\nDatum: 31 maj 2027, {hours}\n\n{rows}"), SHARED)
    assert (event.starts_at, len(event.agenda)) == (event.agenda[0].starts_at, 3)


def test_a_file_is_valid_when_no_row_of_the_first_day_has_a_time_and_the_end_is_wrong() -> None:
    text = "Kurs\n\n31 maj–1 juni 2027, kl. 8–12\n\n1 juni\n\n7.00 Mat\n12.00–13.00 Lunch\n"
    event = parse_event("new", read(text), SHARED)
    assert str(event.starts_at) < str(event.agenda[0].starts_at)
    assert event.ends_at == event.agenda[-1].ends_at


def test_two_leaders_of_one_day_are_both_named() -> None:
    rows = "12.00 Lunch\nModerator: Anna Ek\n13.00 Debatt\n18.00 Middag\nModerator: Bo Berg\n"
    (day,) = drafted(f"{HEAD}9.00 Mat\n{rows}").rows["days"]
    assert day.values == {"date": dt.date(2027, 5, 31), "moderator": "Anna Ek, Bo Berg"}


def test_the_leader_of_an_unknown_day_is_among_the_lines_that_stand_nowhere() -> None:
    draft = drafted("Kurs\n\nProgram\n9.00 Mat\n12.00 Lunch\nModerator: Anna Ek\n13.00 Debatt\n")
    assert (draft.rows["days"], "Moderator: Anna Ek" in draft.left) == ([], True)


def test_a_chair_of_no_row_is_among_the_lines_that_stand_nowhere() -> None:
    part = "9.00 Mat\n\nFörmiddag\nOrdförande: Anna Ek\n12.00 Lunch\n"
    draft = drafted(f"{HEAD}{part}Eftermiddag\n13.00 Debatt\n")
    assert "Ordförande: Anna Ek" in draft.left
    assert all("chair" not in row.values for row in draft.rows["agenda"])
    taken = drafted(f"{HEAD}{part}13.00 Debatt\n")
    assert "Ordförande: Anna Ek" not in taken.left
    assert taken.rows["agenda"][2].values["chair"] == "Anna Ek"


def test_when_a_mail_was_sent_is_neither_the_day_nor_the_hours_of_the_event() -> None:
    mail = "Skickat: den 3 maj 2027 09:12\nTill: Alla i länet\n\nKurs i mat\n\n31 maj 2027\n"
    draft = drafted(f"{mail}\n13.00 Kaffe\n")
    assert draft.event.values["date"] == dt.date(2027, 5, 31)
    assert "date" not in draft.event.todo
    assert [row.get("starts") for row in rows_of(draft)] == ["13.00"]
    assert "Skickat: den 3 maj 2027 09:12" in draft.left
    copied = drafted(f"Kopia: Eva Lund, eva.lund@x.se\n\n{HEAD}9.00 Kaffe\n")
    assert "Eva Lund" not in str(copied.rows["contacts"][0].values)


def test_a_last_day_in_the_past_is_marked() -> None:
    draft = drafted(f"{HEAD}Anmäl dig senast 12 november 2026.\n\n9.00 Kaffe\n")
    assert draft.registration.values["last_day"] == dt.date(2026, 11, 12)
    assert draft.registration.todo["last_day"] == "this day is past."


@pytest.mark.parametrize("text", ["7 & 9 maj", "7, 8 och 9 maj", "7, 8 & 9 maj 2027"])
def test_several_days_of_one_month_are_the_first_and_the_last(text: str) -> None:
    (day,) = days_in(text)
    assert (day.day, day.month, day.last) == (7, 5, 9)


def test_two_years_are_no_hours() -> None:
    found = rows_of(drafted(f"{HEAD}9.00 Kaffe\n2015–2030: en tillbakablick\n"))
    assert [row.get("starts") for row in found] == ["9.00"]
    evening = drafted(f"{HEAD}1900–2000 Middag\n").rows["agenda"]
    assert evening[0].values["starts"] == "19.00"


def test_letters_inside_a_line_stay_apart() -> None:
    (block,) = blocks_of("Grupper: A B C D E F G H I och alla andra")
    assert block.text == "Grupper: A B C D E F G H I och alla andra"


def test_a_row_has_speakers_and_moderator_that_labels_name() -> None:
    assert row_of_title("Debatt. Medverkande: Anna Ek, Bo Berg. Moderator: Carin Dal") == {
        "title": "Debatt", "speakers": ["Anna Ek", "Bo Berg"], "moderator": "Carin Dal",
    }  # fmt: skip


def test_labels_right_behind_a_title_are_no_text_about_the_row() -> None:
    row = "9.00 Debatt. Medverkande: Anna Ek, Bo Berg och Dan Ek. Moderator: Carin Dal"
    (debate, *_) = drafted(f"{HEAD}{row}\n").rows["agenda"]
    assert (debate.values["title"], debate.values["moderator"]) == ("Debatt", "Carin Dal")
    assert "description" not in debate.values


def test_sessions_called_pass_are_rows_of_their_own() -> None:
    agenda = drafted(f"{HEAD}9.00–10.00 Parallella pass\nPass A: Soppor\nPass B: Grytor\n")
    assert [row.values["title"] for row in agenda.rows["agenda"][:2]] == ["Soppor", "Grytor"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Vi ses digitalt och hörs som vanligt allihop.", "Digitalt"),
        ("Vi ses via Teams och hörs som vanligt allihop.", "Via Teams"),
        ("The course is virtual, so please bring your own coffee.", "Online"),
    ],
)
def test_an_event_online_has_a_place_in_its_language(text: str, place: str) -> None:
    event = drafted(f"{'Course' if place == 'Online' else 'Kurs'}\n\n31/5 2027\n\n{text}").event
    assert event.values["place"] == place


def test_what_is_longer_than_any_paragraph_is_parted() -> None:
    lines = "och så vidare,\n" * 2_000
    assert max(len(one.text) for one in blocks_of(lines)) < 4_000
    assert max(len(one.text) for one in blocks_of("x" * 50_000)) < 6_000


def test_only_the_first_links_of_many_are_read() -> None:
    blocks = blocks_of("\n\n".join(f"Se https://x{number}.se/sida" for number in range(300)))
    assert len(links_in(blocks)) == 100


def test_what_brackets_in_a_heading_say_is_not_lost() -> None:
    heading = "Program (presentationerna är på svenska)"
    assert f"#   > {heading}" in read(f"Kurs i mat\n\n31 maj 2027\n\n{heading}\n\n9.00 Mat\n")
