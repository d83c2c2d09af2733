"""Several events in one deployment: which of them a run looks after, by their files or without."""

import logging
import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.closing.events_to_run import contexts_to_run
from chalicelib.closing.tick import run_due_steps
from chalicelib.dynamo.table import Table
from chalicelib.dynamo.writes import put
from chalicelib.event import registry_store as registry
from chalicelib.event.context import ALL_EVENTS, Context
from chalicelib.event.event import Event
from chalicelib.event.events import Events
from chalicelib.lifecycle.steps import StepFailed
from chalicelib.lifecycle.timing import MOVED_DAY_SETTLES, SWEPT_AFTER
from chalicelib.logs.json_lines import event_id as logged_event
from chalicelib.logs.json_lines import log_fault
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import MAILS_AT_A_TIME
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.registration import store as registrations
from tests.driving import DAY, MINUTE, deliver_all, keys_in, minutes_from, new_token, register
from tests.examples import FOLDER, NOW
from tests.fakes import PickyMailer, TableInMemory

OTHER = "friluft"
FAR_AHEAD = timedelta(days=3650)


@dataclass
class Deployment:
    """The events in the files of `folder`, with one table and one mailer."""

    folder: Path
    database: TableInMemory
    mailer: PickyMailer = field(default_factory=PickyMailer)
    errors: list[Exception] = field(default_factory=list)

    @property
    def events(self) -> Events:
        return Events(self.folder)

    def event(self, event_id: str) -> Event:
        found = self.events.find(event_id)
        assert found
        return found

    def table(self, event: Event) -> Table:
        table = self.database.beside(event.id)
        table.expires_at = event.expires_at
        return table

    def file(self, event_id: str) -> Path:
        return self.folder / f"events/{event_id}.toml"

    def edit(self, event_id: str, before: str, after: str) -> None:
        text = self.file(event_id).read_text("utf-8")
        assert before in text
        self.file(event_id).write_text(text.replace(before, after), "utf-8")

    def contexts(self, now: datetime) -> list[Context]:
        shared = self.database.beside(ALL_EVENTS)
        return contexts_to_run(self.events, shared, self.table, now, self.errors)

    def tick(self, *instants: datetime) -> list[str]:
        """Run ticks; return the steps, each with its event."""
        return [
            f"{step.event}: {step}"
            for now in instants
            for step in run_due_steps(self.contexts(now), self.mailer, new_token)
        ]

    def register(self, event_id: str, now: datetime = NOW, email: str = "") -> None:
        event = self.event(event_id)
        nonce = f"{event_id} {now} {email}"
        register(event, self.table(event), now, nonce=nonce, email=email)

    def registered(self, event_id: str) -> int:
        return len(keys_in(self.database.beside(event_id)))

    def alarms(self) -> list[str]:
        return [letter.text for _, letter in self.mailer.letters if "Larm" in letter.subject]

    def subjects(self) -> list[str]:
        return [letter.subject for _, letter in self.mailer.letters]


@pytest.fixture
def two(tmp_path: Path, event: Event) -> Deployment:
    """The tests' event and a second one whose deadline is at the same minute."""
    (tmp_path / "events").mkdir()
    shutil.copy(FOLDER / "organisation.toml", tmp_path)
    text = (FOLDER / f"events/{event.id}.toml").read_text("utf-8")
    (tmp_path / f"events/{event.id}.toml").write_text(text, "utf-8")
    other = text.replace('title = "Säker och trygg kommun"', 'title = "Friluftsdag"', 1)
    (tmp_path / f"events/{OTHER}.toml").write_text(other, "utf-8")
    return Deployment(tmp_path, TableInMemory(event))


def test_two_events_that_close_at_the_same_minute_both_have_their_summary_within_three_minutes(
    two: Deployment, event: Event
) -> None:
    for event_id in two.events.ids:
        two.register(event_id)
    two.register(OTHER, NOW + MINUTE)
    two.tick(NOW + MINUTE, *minutes_from(event.closes_at, 4))
    summaries = [letter for _, letter in two.mailer.letters if "portion" in letter.text]
    assert len(summaries) == 2 * len(event.contacts)
    for title, people in (("Säker och trygg kommun", 1), ("Friluftsdag", 2)):
        mails = [one for one in summaries if title in one.subject]
        assert len(mails) == len(event.contacts)
        assert all(f"Antal anmälningar: {people}\n" in one.text for one in mails)


def test_an_idle_tick_asks_once_for_each_living_event_and_once_for_the_registry(
    two: Deployment, event: Event
) -> None:
    two.tick(NOW, NOW + MINUTE)
    database = two.database.database
    before = len(database.calls)
    two.tick(NOW + 2 * MINUTE)
    assert len(database.calls) - before == 3
    two.tick(*minutes_from(event.deletes_at, 10), event.deletes_at + SWEPT_AFTER + DAY)
    before = len(database.calls)
    two.tick(event.deletes_at + SWEPT_AFTER + 2 * DAY)
    assert len(database.calls) - before == 1, "nothing for events that are over and deleted"


@pytest.mark.parametrize("damaged", ["CONTROL", "REG#", "DELIVERY#"])
def test_an_event_with_damaged_items_holds_up_no_other(
    two: Deployment, event: Event, damaged: str
) -> None:
    for event_id in two.events.ids:
        two.register(event_id, email="anna@elsewhere.example")
    two.tick(NOW - MINUTE)
    for item in two.database.database.all_items():
        key = item["sk"]["S"]
        if item["pk"]["S"] == event.id and key.startswith(damaged):
            wrong = {"closes_at": {"S": "?"}, "plate": {"N": "1"}, "due": {"S": "?"}}
            two.database.database.put({**item, **wrong})
    errors = []
    for now in minutes_from(event.closes_at, 8):
        try:
            two.tick(now)
        except StepFailed as error:
            errors.append(error)
    assert errors or two.alarms(), "the operator hears of the damage"
    assert sum("Friluftsdag" in one and "Specialkost" in one for one in two.subjects()) == len(
        event.contacts
    )


@pytest.mark.parametrize("is_of_file", [True, False])
def test_an_event_that_cannot_be_registered_holds_up_no_other(
    two: Deployment, event: Event, *, is_of_file: bool
) -> None:
    two.register(OTHER)
    if is_of_file:
        two.edit(event.id, "[registration]", "[registration")
    else:
        two.tick(NOW)
        two.database.database.damage(f"EVENT#{event.id}", starts_at={"S": "MARK"})
    two.tick(*minutes_from(event.closes_at, 4))
    assert bool(two.errors) is is_of_file
    assert sum("Friluftsdag" in one and "Specialkost" in one for one in two.subjects()) == len(
        event.contacts
    )


def test_receipts_of_one_event_delay_no_summary_of_another(two: Deployment, event: Event) -> None:
    at = event.closes_at - timedelta(seconds=1)
    for number in range(MAILS_AT_A_TIME):
        two.register(event.id, at, email=f"p{number}@elsewhere{number}.example")
    two.register(OTHER, at)
    two.tick(*minutes_from(event.closes_at, 4))
    sent = [to for to, letter in two.mailer.letters if "Specialkost" in letter.subject]
    assert len(sent) == 2 * len(event.contacts)


@pytest.mark.parametrize("is_gone", [True, False])
def test_an_event_whose_file_is_gone_or_wrong_is_summarised_and_deleted_all_the_same(
    two: Deployment, event: Event, *, is_gone: bool
) -> None:
    two.register(OTHER)
    two.tick(NOW)
    if is_gone:
        two.file(OTHER).unlink()
    else:
        two.edit(OTHER, "[registration]", "[registration")
    two.tick(*minutes_from(NOW + MINUTE, 5))
    (alarm,) = two.alarms()
    assert "Friluftsdag" in alarm
    assert ("event_file_gone" if is_gone else "event_file_wrong") in alarm
    two.tick(*minutes_from(event.closes_at, 4), *minutes_from(event.deletes_at, 10))
    assert two.registered(OTHER) == 0
    subjects = [one for one in two.subjects() if "Friluftsdag" in one]
    assert sum("Specialkost" in one for one in subjects) == len(event.contacts)
    certificates = [letter for _, letter in two.mailer.letters if "Raderat" in letter.subject]
    assert sum("Friluftsdag" in one.text for one in certificates) == len(event.contacts)


def test_a_mistyped_year_deletes_nothing_for_a_day_and_put_right_nothing_has_happened(
    two: Deployment, event: Event
) -> None:
    for number in range(3):
        two.register(OTHER, NOW + number * MINUTE)
    two.tick(NOW)
    right = two.file(OTHER).read_text("utf-8")
    two.edit(OTHER, "2027-", "2026-")
    assert two.tick(*minutes_from(NOW + MINUTE, 5), NOW + MOVED_DAY_SETTLES) == [
        f"{OTHER}: alarm-2027-05-20-day_moved_to_the_past sent",
        f"{OTHER}: alarm-2027-05-21-day_moved_to_the_past sent",
    ]
    assert two.registered(OTHER) == 3
    two.file(OTHER).write_text(right, "utf-8")
    hourly = [NOW + MOVED_DAY_SETTLES + n * timedelta(hours=1) for n in range(1, 48)]
    steps = []
    for at in hourly:
        steps += two.tick(at)
        deliver_all(two.table(event))
        deliver_all(two.table(two.event(OTHER)))
    assert not [one for one in steps if "alarm" in one or "delet" in one or "closed" in one]
    assert two.registered(OTHER) == 3
    two.tick(*minutes_from(event.closes_at, 4))
    mails = [letter for _, letter in two.mailer.letters if "Specialkost" in letter.subject]
    assert sum("Antal anmälningar: 3\n" in one.text for one in mails) == len(event.contacts)


def test_a_day_that_stays_in_the_past_holds_after_a_day(two: Deployment) -> None:
    two.register(OTHER)
    two.tick(NOW)
    two.edit(OTHER, "2027-", "2026-")
    two.tick(NOW + MINUTE, NOW + MINUTE + MOVED_DAY_SETTLES - MINUTE)
    assert two.registered(OTHER) == 1
    two.tick(*minutes_from(NOW + MINUTE + MOVED_DAY_SETTLES, 5))
    assert two.registered(OTHER) == 0
    certificates = [letter for _, letter in two.mailer.letters if "Raderat" in letter.subject]
    assert certificates


def test_an_event_without_registrations_whose_file_is_gone_is_forgotten_without_an_alarm(
    two: Deployment,
) -> None:
    two.tick(NOW)
    two.file(OTHER).unlink()
    assert two.tick(*minutes_from(NOW + MINUTE, 5)) == []
    assert [context.event.id for context in two.contexts(NOW + DAY)] == ["dag"]


def test_a_file_that_is_gone_again_on_the_same_day_is_told_once_people_have_registered(
    two: Deployment,
) -> None:
    two.tick(NOW)
    text = two.file(OTHER).read_text("utf-8")
    two.file(OTHER).unlink()
    assert two.tick(NOW + MINUTE) == []
    two.file(OTHER).write_text(text, "utf-8")
    two.tick(NOW + 2 * MINUTE)
    two.register(OTHER, NOW + 3 * MINUTE)
    two.file(OTHER).unlink()
    gone = f"{OTHER}: alarm-2027-05-20-event_file_gone sent"
    assert two.tick(*minutes_from(NOW + 4 * MINUTE, 5)) == [gone]
    two.file(OTHER).write_text(text, "utf-8")
    two.tick(NOW + 10 * MINUTE)
    two.file(OTHER).unlink()
    assert two.tick(*minutes_from(NOW + 11 * MINUTE, 5)) == []  # told today already


def test_a_new_stage_says_nothing_of_events_that_are_long_over(
    two: Deployment, event: Event
) -> None:
    later = event.deletes_at + DAY
    assert two.tick(*minutes_from(later, 3)) == []
    assert two.mailer.letters == []
    assert two.contexts(later) == []


def test_whoever_registered_before_the_first_run_is_deleted_even_if_the_event_is_long_over(
    two: Deployment, event: Event
) -> None:
    two.register(OTHER)
    two.tick(*minutes_from(event.deletes_at + FAR_AHEAD, 5))
    assert two.registered(OTHER) == 0


def test_a_month_after_the_deletion_the_event_is_finished_and_the_copy_of_its_file_is_deleted(
    two: Deployment, event: Event
) -> None:
    two.register(OTHER)
    two.tick(NOW, *minutes_from(event.deletes_at, 10))
    assert registry.stored_source(two.database, OTHER).text
    two.tick(event.deletes_at + SWEPT_AFTER + DAY)
    assert two.contexts(event.deletes_at + SWEPT_AFTER + 2 * DAY) == []
    with pytest.raises(LookupError):
        registry.stored_source(two.database, OTHER)
    (entry,) = [one for one in registry.entries(two.database) if one.id == OTHER]
    assert entry.is_finished
    two.file(OTHER).unlink()
    assert two.contexts(event.deletes_at + FAR_AHEAD) == []
    assert two.alarms() == []


def test_a_finished_event_whose_day_is_moved_ahead_lives_again(
    two: Deployment, event: Event
) -> None:
    two.tick(NOW, *minutes_from(event.deletes_at, 10), event.deletes_at + SWEPT_AFTER + DAY)
    two.edit(OTHER, "2027-", "2029-")
    later = event.deletes_at + SWEPT_AFTER + 2 * DAY
    assert [context.event.id for context in two.contexts(later)] == [OTHER]


def test_each_event_counts_what_it_keeps_and_none_has_the_others_people(two: Deployment) -> None:
    two.register(OTHER)
    assert (two.registered(OTHER), two.registered("dag")) == (1, 0)
    assert replace(two.event("dag"), id=OTHER).id == OTHER
    assert registrations.entries(two.database.beside("nobody")) is not None


@pytest.mark.parametrize("damaged", ["FILE#", "EVENT#"])
def test_a_moved_day_deletes_nothing_while_the_registry_cannot_be_read(
    two: Deployment, damaged: str
) -> None:
    two.register(OTHER)
    two.tick(NOW, NOW + MINUTE)
    key = {"pk": {"S": registry.REGISTRY}, "sk": {"S": damaged + OTHER}}
    two.database.database.put({**key, "text": {"S": "?"}})
    two.edit(OTHER, "2027-", "2026-")
    two.tick(*minutes_from(NOW + 2 * MINUTE, 5), NOW + MOVED_DAY_SETTLES)
    assert two.registered(OTHER) == 1
    assert two.errors or two.alarms()
    two.tick(*minutes_from(NOW + 3 * MINUTE + MOVED_DAY_SETTLES, 5))
    assert two.registered(OTHER) == 0


def test_an_event_whose_file_comes_back_is_looked_after_again(
    two: Deployment, event: Event
) -> None:
    two.tick(NOW)
    text = two.file(OTHER).read_text("utf-8")
    two.file(OTHER).unlink()
    two.tick(*minutes_from(NOW + MINUTE, 3), NOW + DAY)
    two.file(OTHER).write_text(text, "utf-8")
    two.register(OTHER, NOW + DAY)
    two.tick(*minutes_from(event.closes_at, 4), *minutes_from(event.deletes_at, 10))
    assert two.registered(OTHER) == 0
    assert any("Friluftsdag" in one and "Specialkost" in one for one in two.subjects())


def test_an_event_is_not_finished_because_its_file_goes_back_to_the_year_before(
    two: Deployment, event: Event
) -> None:
    two.register(OTHER)
    two.tick(NOW, *minutes_from(event.deletes_at, 10), event.deletes_at + SWEPT_AFTER + DAY)
    two.edit(OTHER, "2027-", "2029-")
    later = event.deletes_at + SWEPT_AFTER + 2 * DAY
    two.tick(later)
    two.register(OTHER, later)
    two.tick(later + MINUTE)
    two.edit(OTHER, "2029-", "2027-")
    two.tick(later + 2 * MINUTE, later + 2 * MINUTE + MOVED_DAY_SETTLES)
    two.tick(*minutes_from(later + SWEPT_AFTER + MOVED_DAY_SETTLES, 4))
    assert two.registered(OTHER) == 0


@pytest.mark.parametrize("is_past", [True, False])
def test_what_is_stored_while_a_day_is_mistyped_expires_no_sooner_than_the_rest(
    two: Deployment, event: Event, *, is_past: bool
) -> None:
    two.tick(NOW)
    right = two.file(OTHER).read_text("utf-8")
    wrong = NOW.date() + (-10 if is_past else 10) * DAY
    two.edit(OTHER, f"date = {event.date}", f"date = {wrong}")
    two.edit(OTHER, f"last_day = {event.last_day}", f"last_day = {wrong - DAY}")
    table = two.table(two.event(OTHER))
    two.tick(NOW + MINUTE)
    table.apply(put("REG#late", {"order": "", "registered_at": "?"}))
    two.tick(NOW + 2 * MINUTE)
    two.file(OTHER).write_text(right, "utf-8")
    two.tick(NOW + 3 * MINUTE, NOW + 4 * MINUTE)
    two.tick(*(NOW + n * timedelta(hours=6) for n in range(1, 9)))
    expires_at = {
        item["sk"]["S"]: item["expires_at"]["N"]
        for item in two.database.database.all_items()
        if item["pk"]["S"] == OTHER and "expires_at" in item and item["sk"]["S"] == "REG#late"
    }
    assert expires_at == {"REG#late": str(two.event(OTHER).expires_at)}


def test_many_receipts_of_one_event_let_those_of_a_calm_one_pass(
    two: Deployment, event: Event
) -> None:
    for number in range(MAILS_AT_A_TIME):
        two.register(event.id, email=f"p{number}@elsewhere{number}.example")
    two.register(OTHER, email="calm@elsewhere.example")
    two.tick(NOW + MINUTE)
    assert "calm@elsewhere.example" in [to for to, _ in two.mailer.letters]


def test_a_file_that_goes_after_the_deletion_keeps_the_certificate(
    two: Deployment, event: Event
) -> None:
    two.register(OTHER)
    two.tick(NOW)
    contacts = {one.email for one in event.contacts}
    two.mailer.refused = dict.fromkeys(contacts, MailNotAccepted(Fault.THROTTLED))
    two.tick(*minutes_from(event.deletes_at, 6))
    assert two.registered(OTHER) == 0
    two.file(OTHER).unlink()
    two.tick(event.deletes_at + timedelta(hours=4))
    two.mailer.refused = {}
    two.tick(*(event.deletes_at + n * timedelta(hours=1) for n in range(5, 12)))
    certificates = [letter for _, letter in two.mailer.letters if "Raderat" in letter.subject]
    assert sum("Friluftsdag" in one.text for one in certificates) == len(event.contacts)


def test_fewer_days_of_keeping_after_the_event_delete_nothing_for_a_day(
    two: Deployment, event: Event
) -> None:
    two.register(OTHER)
    two.tick(NOW, *minutes_from(event.closes_at, 4))
    over = event.deletes_at - 2 * DAY
    two.file(OTHER).write_text(
        two.file(OTHER).read_text("utf-8") + "\n[privacy]\ndelete_after_days = 1\n", "utf-8"
    )
    two.tick(*minutes_from(over, 5), over + MOVED_DAY_SETTLES - MINUTE)
    assert two.registered(OTHER) == 1
    two.tick(*minutes_from(over + MOVED_DAY_SETTLES, 5))
    assert two.registered(OTHER) == 0


def test_a_second_move_within_a_day_rests_a_day_of_its_own(two: Deployment) -> None:
    two.register(OTHER)
    two.tick(NOW)
    two.edit(OTHER, "2027-", "2026-")
    two.tick(NOW + MINUTE)
    two.edit(OTHER, "2026-", "2025-")
    second = NOW + timedelta(hours=23)
    two.tick(second, second + timedelta(hours=2), second + MOVED_DAY_SETTLES - MINUTE)
    assert two.registered(OTHER) == 1
    two.tick(*minutes_from(second + MOVED_DAY_SETTLES, 5))
    assert two.registered(OTHER) == 0


def test_the_log_says_of_each_fault_which_event_it_is_of(two: Deployment) -> None:
    for event_id in two.events.ids:
        two.register(event_id)
    two.tick(NOW)
    two.database.database.damage("CONTROL", closes_at={"S": "?"})
    told: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "fault" in record.getMessage():
                told.append(logged_event.get())

    handler = Collector()
    logging.getLogger("dukat").addHandler(handler)
    try:
        two.tick(NOW + MINUTE)
    except StepFailed as fault:
        log_fault(fault)
    logging.getLogger("dukat").removeHandler(handler)
    assert set(told) == set(two.events.ids)
