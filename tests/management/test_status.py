"""The commands `status`, `preview` and `send-test`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner, Result

import app as application
import manage
from chalicelib import bootstrap
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.closing import moving_deadline
from chalicelib.deletion import store as deletions
from chalicelib.deletion.totals import totals
from chalicelib.desk import login
from chalicelib.desk.login import Door
from chalicelib.dynamo.table import Table
from chalicelib.event.context import Context
from chalicelib.event.event import Event, Receiver
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deletion_progress import DeletionProgress
from chalicelib.lifecycle.state import Phase
from chalicelib.mail import base_url
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import RECEIPTS_AT_A_TIME
from chalicelib.mail.mailer import MailNotAccepted
from chalicelib.mail.outbox import MailKind, OutboxMail
from chalicelib.mail.records import MailEvent, MailEventType
from chalicelib.registration import store as registrations
from management.care import test_mails
from management.care.status import preview, status
from management.doctor.deployed_stage import DeployedStage
from management.local.clock import SetClock
from management.local.composition import LocalComposition
from management.local.moto_aws import sent_mails
from management.local.service import scheduled_event
from management.stage import command_line
from management.stage.aws import Aws
from management.stage.stages import Stage, composition_of, stage_named
from tests.driving import MINUTE
from tests.examples import EVENT, NOW, VEGAN_WITHOUT_NUTS, only, registered
from tests.fakes import PickyMailer, TableInMemory, TableOnWire
from tests.management.healthy_stage import stage_with
from tests.staging import project_in
from tests.wire import Moto

Lines = Callable[[], list[str]]
WHAT_STATES_MEAN = "sent: SES has taken the mail. delivered: the recipient's mail server has, too."


@pytest.fixture
def parts(aws: None, event: Event, clock: SetClock) -> Iterator[bootstrap.Composition]:
    before = bootstrap.composition()
    composition = bootstrap.Composition(events=only(event), clock=clock)
    bootstrap.install(composition)
    yield composition
    bootstrap.install(before)


@pytest.fixture
def stage(tmp_path: Any) -> Stage:
    return stage_named("dev", project_in(tmp_path / "project"))


@pytest.fixture
def table(aws: None, event: Event) -> TableOnWire:
    table = TableOnWire(event, Moto())
    for n in range(3):
        registrations.add(table, f"hash{n}", registered(VEGAN_WITHOUT_NUTS, f"CDF{n}"))
    return table


@pytest.fixture
def lines(stage: Stage, parts: bootstrap.Composition) -> Lines:
    """The lines of the status now."""
    return lambda: list(status(DeployedStage(stage, parts.events, Aws(), parts.clock()), parts))


def ticks(clock: SetClock, minutes: int) -> None:
    for _ in range(minutes):
        application.tick(scheduled_event(clock.now), None)
        clock.move(MINUTE)


# status

WITH_A_RECEIVER = replace(EVENT, receivers=(Receiver("koket@kok.example"),))


@pytest.mark.parametrize("event", [WITH_A_RECEIVER])
def test_the_status_has_the_state_of_a_receivers_mail(
    lines: Lines, table: Table, clock: SetClock, event: Event
) -> None:
    clock.now = event.closes_at
    ticks(clock, 5)
    assert "  Mail summary-1-r1, receiver 1: sent" in lines()


def test_before_the_deadline_the_status_has_the_deadline_and_the_registrations(
    lines: Lines, table: Table
) -> None:
    shown = lines()
    assert shown[:5] == [
        "dukat-dev: not deployed from this folder",
        "dag: Säker och trygg kommun, 2027-05-31",
        "  Registration is open; deadline 2027-05-25 00:00.",
        "  Registrations: 3",
        "  Mails waiting: 0",
    ]
    # Of the stage only the table exists.
    assert shown[-1].startswith("The rest could not be read from AWS: ")


def test_the_status_has_the_address_of_the_pages(lines: Lines, stage: Stage) -> None:
    stage.state_file.parent.mkdir()
    address = "https://x.execute-api.eu-north-1.amazonaws.com/dev"
    api = {"name": "rest_api", "rest_api_id": "x", "rest_api_url": f"{address}/"}
    stage.state_file.write_text(json.dumps({"resources": [api]}), "utf-8")
    assert lines()[0].endswith(f": {address}")


def test_the_status_has_the_moved_deadline(
    lines: Lines, clock: SetClock, event: Event, table: Table
) -> None:
    until = event.closes_at + timedelta(hours=12)
    moving_deadline.reopen(Context(clock.now, event, table), until)
    assert "  Registration is open; deadline 2027-05-25 12:00." in lines()


def test_the_status_counts_the_login_links_asked_for_mailed_and_refused(
    lines: Lines, clock: SetClock, event: Event, table: Table
) -> None:
    base_url.save(table, "https://kost.boras.example")
    addresses = [event.contacts[0].email] * 6 + [event.contacts[1].email, "nobody@else.example"]
    for address in addresses:
        login.ask_for_link(Door(clock.now, [Context(clock.now, event, table)]), address)
        ticks(clock, 1)
    counted = "Login links 2027-05-20 (UTC): 8 asked for, 4 mailed, 4 refused"
    assert counted in lines()
    assert "Login links 2027-05-19 (UTC): 0 asked for, 0 mailed, 0 refused" in lines()
    clock.move(timedelta(days=1))
    assert counted in lines()
    assert not any("@" in line for line in lines())


def test_after_the_deadline_the_status_is_closed_before_a_schedule_has_run(
    lines: Lines, clock: SetClock, event: Event, table: Table
) -> None:
    clock.now = event.closes_at
    assert event_state.read(table).phase is Phase.OPEN
    assert "  Registration is closed; deadline 2027-05-25 00:00." in lines()


def test_after_the_summary_the_status_has_the_state_of_each_mail_without_names(
    lines: Lines, table: Table, event: Event, clock: SetClock
) -> None:
    clock.now = event.closes_at
    ticks(clock, 2)
    assert "  Registration is closed; deadline 2027-05-25 00:00." in lines()
    ticks(clock, 3)
    bounce = MailEvent(
        "summary-1-2", MailKind.SUMMARY, MailEventType.BOUNCE, clock.now, "gone@b.example"
    )
    mail_records.record_event(table, bounce)
    shown = lines()
    assert shown[2] == (
        "  Registration is closed, and version 1 of the summary has been made; "
        "deadline 2027-05-25 00:00."
    )
    assert shown[4:6] == [
        "  Mail summary-1-1, contact person 1: sent",
        "  Mail summary-1-2, recipient no longer in the event's file: bounced",
    ]
    names = [VEGAN_WITHOUT_NUTS.name, *(contact.name for contact in event.contacts), "@"]
    assert not [name for name in names if name in "\n".join(shown)]


def test_waiting_mails_are_counted_even_before_they_are_due(
    lines: Lines, parts: bootstrap.Composition, table: Table, event: Event, clock: SetClock
) -> None:
    picky = PickyMailer({event.contacts[0].email: MailNotAccepted(Fault.PAUSED)})
    parts.__dict__["mailer"] = picky
    clock.now = event.closes_at
    ticks(clock, 4)
    clock.move(-MINUTE)
    assert "  Mails waiting: 2" in lines()  # the operator's alarm, and the summary, due in a minute


def test_the_status_says_that_more_receipts_may_wait_than_were_read(
    lines: Lines, parts: bootstrap.Composition, event: Event
) -> None:
    waiting = TableInMemory(event)
    parts.__dict__["patient_table"] = lambda _: waiting
    receipts = [
        OutboxMail(f"receipt-{n}", MailKind.RECEIPT, "a@b.example", parts.clock())
        for n in range(RECEIPTS_AT_A_TIME)
    ]
    for receipt in receipts[1:]:
        waiting.write(*outbox.queue_writes([receipt]))
    assert f"  Mails waiting: {RECEIPTS_AT_A_TIME - 1}" in lines()
    waiting.write(*outbox.queue_writes(receipts[:1]))
    assert f"  Mails waiting: {RECEIPTS_AT_A_TIME} or more" in lines()


def test_the_status_has_the_last_tick_alarms_and_failed_events(
    parts: bootstrap.Composition,
) -> None:
    ringing = ["dukat-prod-mails-failed", "dukat-prod-web-5xx"]
    deployed = stage_with(ticked_at=NOW, active_alarms=ringing, failed_events=2)
    assert list(status(deployed, parts))[-3:] == [
        f"Last tick: {NOW:%H:%M} UTC",
        "Active alarms: dukat-prod-mails-failed, dukat-prod-web-5xx",
        "Failed events waiting: 2",
    ]
    assert list(status(stage_with(ticked_at=None), parts))[-3:] == [
        "Last tick: none for 15 minutes",
        "Active alarms: none",
        "Failed events waiting: 0",
    ]


# preview


def test_the_preview_is_the_summary_as_it_would_be_mailed_and_changes_nothing(
    parts: bootstrap.Composition, table: Table, event: Event, clock: SetClock
) -> None:
    clock.now = event.closes_at + 3 * MINUTE
    before = Moto().all_items()
    shown = preview(parts.context(event))
    assert Moto().all_items() == before
    assert sent_mails() == []
    clock.now = event.closes_at
    ticks(clock, 4)
    mail = sent_mails()[0]
    what, _, text = shown.partition("\n\n")
    assert what == "Registration is closed. As version 1, this would be mailed now:"
    assert text == f"{mail.message['Subject']}\n\n{mail.part('plain')}"
    assert "Antal anmälningar: 3\n" in shown


def test_the_preview_of_an_open_registration_says_until_when_it_is_open(
    parts: bootstrap.Composition, table: Table, event: Event
) -> None:
    what, _, _ = preview(parts.context(event)).partition("\n\n")
    assert what == (
        "Registration is open until 2027-05-25 00:00. If it closed now, this would be mailed:"
    )


# The commands


@pytest.fixture
def command_clock(
    parts: bootstrap.Composition, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> SetClock:
    """Give the commands the tests' clock; a tick runs each minute while send-test waits."""

    def composition_with_clock(stage: Stage) -> bootstrap.Composition:
        composition = composition_of(stage)
        composition.events, composition.clock = parts.events, clock
        return composition

    def wait(seconds: float) -> None:
        before = clock.now
        clock.move(timedelta(seconds=seconds))
        if clock.now.minute != before.minute:
            application.tick(scheduled_event(clock.now), None)

    send_test = test_mails.send_test
    monkeypatch.setattr(command_line, "composition_of", composition_with_clock)
    monkeypatch.setattr(test_mails, "send_test", partial(send_test, pause=wait))
    return clock


def run(*arguments: str) -> Result:
    return CliRunner().invoke(manage.manage, [*arguments, "--stage", "dev"])


def test_the_commands_print_the_status_and_the_preview(
    command_clock: SetClock, table: Table
) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert "  Registrations: 3\n" in result.output
    shown = run("preview")
    assert shown.exit_code == 0
    assert "Antal anmälningar: 3\n" in shown.output


@pytest.mark.parametrize("event", [WITH_A_RECEIVER])
def test_test_mails_are_sent_to_contact_persons_receivers_and_operator_and_reported(
    command_clock: SetClock, event: Event
) -> None:
    bootstrap.install(
        LocalComposition(events=only(event), clock=command_clock)
    )  # its SES reports deliveries
    result = run("send-test")
    assert result.exit_code == 0
    contacts = [contact.email for contact in event.contacts]
    people = dict.fromkeys([*contacts, event.receivers[0].email, event.operator])
    assert result.output.splitlines() == [
        f"{event.id}: 4 test mails are in the outbox; the next tick, within a minute, sends them.",
        "Waiting for them to arrive, four minutes at most:",
        "  4 in the outbox",
        "  4 delivered",
        *(f"{to}: delivered" for to in people),
        WHAT_STATES_MEAN,
    ]
    assert [set(mail.recipients) for mail in sent_mails()] == [{to} for to in people]


@pytest.mark.parametrize(
    ("fault", "state"),
    [(Fault.UNVERIFIED, "failed sender_not_verified"), (Fault.THROTTLED, "not sent yet")],
)
def test_an_unsent_test_mail_is_reported_with_its_reason(
    command_clock: SetClock, parts: bootstrap.Composition, fault: Fault, state: str
) -> None:
    good, bad = "good@boras.example", "bad@boras.example"
    parts.__dict__["mailer"] = PickyMailer({bad: MailNotAccepted(fault)})
    result = run("send-test", "--to", good, "--to", bad, "--to", good)
    assert result.exit_code == 1
    shown = result.output.splitlines()
    assert shown[-3:] == [f"{good}: sent", f"{bad}: {state}", WHAT_STATES_MEAN]


def test_the_status_has_the_time_of_the_deletion_before_and_after(
    lines: Lines, parts: bootstrap.Composition, clock: SetClock, table: Table, event: Event
) -> None:
    assert "  Personal data: to be deleted 2027-06-08 00:00" in lines()
    assert "vegansk" in preview(parts.context(event)).lower()
    clock.now = event.deletes_at + 2 * MINUTE
    deletions.begin(
        table,
        replace(event_state.read(table), deletion=DeletionProgress(clock.now)),
        totals(summarise(tally([], taken_at=clock.now), event, version=1), "sv"),
    )
    assert "  Personal data: being deleted since 2027-06-08 00:02" in lines()
    ticks(clock, 1)
    shown = lines()
    assert "  Personal data: deleted 2027-06-08 00:02, registrations: 3" in shown
    assert "  Registrations: 0" in shown
    assert "The registrations are deleted." in preview(parts.context(event))
