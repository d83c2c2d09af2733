"""Changes of the programme at the desk, and what attendees, calendars and the operator see."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from chalicelib.audit.log import AuditAction
from chalicelib.event.changes import row_key
from chalicelib.event.event import Event
from chalicelib.lifecycle.timing import QUIET, STATE_SHOWN_FOR
from management.local.clock import SetClock
from management.local.gateway import Gateway
from tests.driving import MINUTE
from tests.fakes import installed_composition
from tests.whole.contact_person import ContactPerson, audit_actions, ticks
from tests.whole.forms import read_form
from tests.whole.pages import submit, text_of
from tests.wire import refusing

PAGE = "/desk/dag/programme"
NOTICE = {"text": ["Vi är i <Sal B>"], "day": ["2027-05-31"], "clock": ["12:00"]}


@pytest.fixture
def contact_person(gateway: Gateway, event: Event) -> ContactPerson:
    return ContactPerson(gateway).enter(event.contacts[0].email)


def first_row(event: Event) -> str:
    return f"{PAGE}/{row_key(event.agenda[0])}"


def agenda(gateway: Gateway, clock: SetClock, query: str = "") -> str:
    clock.move(STATE_SHOWN_FOR)
    return text_of(gateway.request("GET", f"/dag{query}"))


def test_a_notice_is_on_the_page_until_its_time_and_can_be_removed(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock
) -> None:
    answer = contact_person.fill_in(PAGE, **NOTICE, translation=["We are in Hall B"])
    assert answer.headers["location"].endswith("/desk/dag/programme?saved=notice")
    assert "Vi är i <Sal B>" in agenda(gateway, clock)
    assert "We are in Hall B" in agenda(gateway, clock, "?lang=en")
    assert audit_actions()[-1][0] is AuditAction.CHANGED_PROGRAMME
    contact_person.fill_in(PAGE, remove=["yes"])
    assert "Sal B" not in agenda(gateway, clock)
    contact_person.fill_in(PAGE, **NOTICE)
    clock.now = datetime(2027, 5, 31, 10, tzinfo=UTC)
    assert "Sal B" not in agenda(gateway, clock)


def test_a_corrected_row_is_on_the_page_and_in_the_calendar(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    row = contact_person.get(first_row(event))
    assert 'value="8.30"' in row.text
    contact_person.fill_in(
        first_row(event), starts=["kl. 8:35"], room=["Sal B"], speakers=["Eva Ek\r\n\r\n Bo Al "]
    )
    shown = agenda(gateway, clock)
    assert "Ändrat 8.35 – 8.40 Inledning Sal B Eva Ek , Bo Al" in shown
    assert shown.count("Ändrat") == 1
    calendar = icalendar.Calendar.from_ical(gateway.request("GET", "/dag/sessions.ics").body)
    first = calendar.walk("VEVENT")[0]
    assert (f"{first['dtstart'].dt:%H:%M}", first["sequence"]) == ("08:35", event.revision + 1)
    contact_person.fill_in(first_row(event), remove=["yes"])
    assert "8.30 – 8.40 Inledning Kerstin Hermansson" in agenda(gateway, clock)


def test_the_calendar_in_a_later_confirmation_has_the_changes(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    contact_person.fill_in(first_row(event), title=["Välkomna"])
    submit(gateway, email=["asa@boras.example"])
    (mail,) = ticks(clock, 2)
    (file,) = mail.attachments()
    (day,) = icalendar.Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")
    assert day["sequence"] == event.revision + 1
    assert "8.30–8.40 Välkomna" in day["description"]


def test_the_agenda_reads_no_more_of_the_table_than_without_changes(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock
) -> None:
    contact_person.fill_in(PAGE, **NOTICE)
    clock.move(STATE_SHOWN_FOR)
    requests = installed_composition().database.calls
    before = len(requests)
    for _ in range(3):
        gateway.request("GET", "/dag")
    assert requests[before:] == ["GetItem"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"starts": ["halv nio"]}, "Skriv klockslaget som 9.30."),
        ({"starts": [""]}, "Skriv klockslaget som 9.30."),
        ({"starts": ["8.40"]}, "Tiden går inte ihop med resten av programmet"),
        ({"title": [" \u200b"]}, "Skriv en rubrik."),
        ({"title": ["x" * 151]}, "högst 150 tecken"),
        ({"speakers": ["x\n" * 21]}, "högst 20 rader"),
    ],
)
def test_a_wrong_row_is_refused_keeps_what_was_typed_and_stores_nothing(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event,
    fields: dict[str, list[str]], problem: str,
) -> None:  # fmt: skip
    answer = contact_person.fill_in(first_row(event), room=["Kvar"], **fields)
    assert answer.status == 422
    assert problem in text_of(answer)
    assert 'value="Kvar"' in answer.text
    assert "Ändrat" not in agenda(gateway, clock)


@pytest.mark.parametrize(
    "fields",
    [
        {"day": [""]},
        {"day": ["2027-05-19"]},
        {"day": ["2027-07-02"]},
        {"clock": ["x"]},
        {"text": ["x" * 301]},
        {"text": [" "], "translation": ["Hall B"]},
    ],
)
def test_a_wrong_notice_is_refused(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, fields: dict[str, list[str]]
) -> None:
    assert contact_person.fill_in(PAGE, **{**NOTICE, **fields}).status == 422
    assert "Sal B" not in agenda(gateway, clock)


def test_of_two_changes_of_one_row_the_second_is_refused_with_what_was_typed(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    page = read_form(contact_person.get(first_row(event)).text)
    contact_person.fill_in(first_row(event), room=["Sal A"])
    late = contact_person.post(page.action, **{**page.fields, "title": ["Försent"]})
    assert late.status == 409
    assert "Någon har ändrat programmet sedan du öppnade sidan" in text_of(late)
    assert "Nu på sidan: 8.30 – 8.40 Inledning, Sal A" in text_of(late)
    assert 'value="Försent"' in late.text
    assert "Försent" not in agenda(gateway, clock)


def test_the_operator_is_mailed_once_what_the_file_needs_ten_minutes_after_the_last_change(
    contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    contact_person.fill_in(first_row(event), starts=["8.35"])
    clock.move(MINUTE)
    contact_person.fill_in(first_row(event), room=["Sal B"])
    mails = ticks(clock, int(QUIET / MINUTE) + 2)
    (mail,) = [one for one in mails if "Programmet är ändrat" in one.message["Subject"]]
    assert mail.recipients == (event.operator,)
    text = mail.part("plain")
    assert "chalicelib/events/dag.toml" in text
    assert 'starts = "8.35"' in text
    assert 'room = "Sal B"' in text


def test_an_unknown_row_is_not_found(contact_person: ContactPerson) -> None:
    assert contact_person.get(f"{PAGE}/{'0' * 64}").status == 404
    assert contact_person.post(f"{PAGE}/{'0' * 64}", title=["x"]).status == 404


def test_a_changed_programme_survives_the_summary_and_is_deleted_with_the_registrations(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    contact_person.fill_in(first_row(event), room=["Sal B"])
    clock.now = event.closes_at
    ticks(clock, 6)
    clock.move(timedelta(days=1))
    assert "Sal B" in agenda(gateway, clock)
    clock.now = event.deletes_at
    ticks(clock, 5)
    assert not any("Sal B" in str(item) for item in installed_composition().database.all_items())
    assert "Sal B" not in agenda(gateway, clock)


def test_when_the_audit_log_cannot_be_written_the_programme_is_not_changed(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock
) -> None:
    refuse = refusing("ThrottlingException")
    installed_composition().database.on("", "ACCESS#", refuse, times=1000)
    assert contact_person.fill_in(PAGE, **NOTICE).status == 503
    assert "Sal B" not in agenda(gateway, clock)


def test_two_contact_persons_may_change_two_rows(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    other = f"{PAGE}/{row_key(event.agenda[1])}"
    page = read_form(contact_person.get(other).text)
    contact_person.fill_in(first_row(event), room=["Sal A"])
    assert contact_person.post(page.action, **{**page.fields, "room": ["Sal B"]}).status == 303
    shown = agenda(gateway, clock)
    assert "Inledning Sal A" in shown
    assert "fortsatt arbete Sal B" in shown


def test_saving_what_is_shown_changes_nothing_and_mails_nobody(
    contact_person: ContactPerson, clock: SetClock, event: Event
) -> None:
    contact_person.fill_in(first_row(event))
    assert AuditAction.CHANGED_PROGRAMME not in {action for action, _, _ in audit_actions()}
    assert ticks(clock, int(QUIET / MINUTE) + 2) == []


def test_a_new_title_keeps_its_translation_and_other_changes_what_the_file_says(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    contact_person.fill_in(first_row(event), title=["Välkomna\x07"])
    assert "Introduction" in agenda(gateway, clock, "?lang=en")
    assert "8.30 – 8.40 Välkomna Kerstin" in agenda(gateway, clock)


def test_an_event_is_over_when_its_changed_programme_is(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock, event: Event
) -> None:
    last = f"{PAGE}/{row_key(event.agenda[-1])}"
    contact_person.fill_in(last, ends=["18.00"])
    clock.now = event.ends_at
    assert "Evenemanget är över" not in agenda(gateway, clock)
    clock.now = event.ends_at + timedelta(hours=2)
    assert "Evenemanget är över" in agenda(gateway, clock)


def test_while_a_programme_is_changed_no_browser_keeps_the_page(
    contact_person: ContactPerson, gateway: Gateway, clock: SetClock
) -> None:
    def caching() -> str:
        clock.move(STATE_SHOWN_FOR)
        return gateway.request("GET", "/dag").headers["cache-control"]

    assert caching() == "public, max-age=60"
    contact_person.fill_in(PAGE, **NOTICE)
    assert caching() == "public, no-cache"


def test_a_session_that_has_ended_loses_no_form(
    contact_person: ContactPerson, event: Event
) -> None:
    page = read_form(contact_person.get(first_row(event)).text)
    contact_person.cookie = ""
    answer = contact_person.post(page.action, **page.fields)
    assert answer.status == 401  # an unsafe method with success would drop the form from caches
    assert "Ingenting är sparat." in text_of(answer)
