"""The state of a deployed stage, and the summary as it would be mailed now."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.bootstrap import Composition
from chalicelib.catering.mails import summary_letter
from chalicelib.catering.summary import summarise
from chalicelib.catering.tally import tally
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.event.mail_address import mailbox_hash
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.deadline import is_open
from chalicelib.lifecycle.deletion_progress import DataKind
from chalicelib.lifecycle.state import EventState, Phase
from chalicelib.mail import caps
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail import record_store as mail_records
from chalicelib.mail.limits import RECEIPTS_AT_A_TIME
from chalicelib.mail.outbox import CAPPED
from chalicelib.registration import store as registrations
from chalicelib.texts.dates import format_iso_days
from chalicelib.texts.wrapping import wrapped
from management.deploy.deployment import NotDeployed
from management.doctor.deployed_stage import DeployedStage

_FAR_AHEAD = timedelta(days=365)


def status(deployed: DeployedStage, parts: Composition) -> Iterator[str]:
    """A line for each fact: the address; each event, also one whose file is gone; login links,
    the last tick, alarms.
    """
    yield f"{deployed.stage.service}: {_address(deployed)}"
    held = {one.id: one for one in deployed.registered}
    for event_id in sorted({*parts.events.ids, *held}):
        context = parts.context_of(event_id)
        if context is None:
            yield f"{event_id}: neither its file nor the table's copy of it can be read"
            continue
        yield from _of_event(context)
        for fault in held[event_id].faults(context.now) if event_id in held else ():
            yield f"  WRONG: {fault}"
    yield from _login_links(parts)
    yield from _from_aws(deployed)


def _of_event(context: Context) -> Iterator[str]:
    """An event's phase, registrations, mails and deletion."""
    now, event, table = context.now, context.event, context.table
    yield f"{event.id}: {event.title}, {format_iso_days(event.days)}"
    state = event_state.read(table)
    closes_at = event.deadline(state.closes_at).astimezone(event.timezone)
    phase = _phase(state, closes_at, now)
    yield f"  Registration is {phase}; deadline {closes_at:%Y-%m-%d %H:%M}."
    yield f"  Registrations: {sum(1 for _ in registrations.encoded_orders(table))}"
    for record in mail_records.to_contacts(table):
        yield f"  Mail {record.id}, {_whose(record.recipient, event)}: {record.state}"
    yield f"  Mails waiting: {_waiting(context)}"
    yield f"  Personal data: {_deletion(state, event)}"


def preview(context: Context) -> str:
    """The summary to contact persons and to each receiver, as text, if registration closed now.

    From the time of deletion on, only a sentence that says that the data are deleted.
    """
    now, event, table = context.now, context.event, context.table
    if event.hides_personal_data(now):
        return (
            "The registrations are deleted. The contact persons' pages show the counts that remain."
        )
    state = event_state.read(table)
    version = state.version + 1
    counted = tally(registrations.encoded_orders(table), taken_at=now)
    letters = [summary_letter(summarise(counted, event, version=version), event)]
    for one in event.receivers:
        summary = summarise(counted, event, version=version, only=one.meals)
        letters.append(summary_letter(summary, event, receiver=one))
    closes_at = event.deadline(state.closes_at)
    text = "\n\n".join(f"{letter.subject}\n\n{wrapped(letter.text)}" for letter in letters)
    return f"{_what_a_preview_is(state, closes_at, event, now)}\n\n{text}"


def _what_a_preview_is(state: EventState, closes_at: datetime, event: Event, now: datetime) -> str:
    phase = _phase(state, closes_at, now)
    if is_open(now, closes_at):
        at = f"{closes_at.astimezone(event.timezone):%Y-%m-%d %H:%M}"
        return f"Registration is {phase} until {at}. If it closed now, this would be mailed:"
    return f"Registration is {phase}. As version {state.version + 1}, this would be mailed now:"


def _from_aws(deployed: DeployedStage) -> Iterator[str]:
    try:
        ticked = f"{deployed.ticked_at:%H:%M} UTC" if deployed.ticked_at else "none for 15 minutes"
        yield f"Last tick: {ticked}"
        yield f"Active alarms: {', '.join(deployed.active_alarms) or 'none'}"
        yield f"Failed events waiting: {deployed.failed_events}"
    except (ClientError, BotoCoreError) as fault:
        yield f"The rest could not be read from AWS: {fault}"


def _address(deployed: DeployedStage) -> str:
    try:
        return deployed.pages_url
    except NotDeployed:
        return "not deployed from this folder"
    except (ClientError, BotoCoreError) as fault:
        return f"the address could not be read from AWS: {fault}"


def _phase(state: EventState, closes_at: datetime, now: datetime) -> str:
    if state.phase is Phase.SUMMARISED:
        return f"closed, and version {state.version} of the summary has been made"
    # The stored phase changes only when a schedule runs after the deadline.
    return str(state.phase if is_open(now, closes_at) else Phase.CLOSED)


def _deletion(state: EventState, event: Event) -> str:
    zone, deletion = event.timezone, state.deletion
    if deletion is None:
        return f"to be deleted {event.deletes_at.astimezone(zone):%Y-%m-%d %H:%M}"
    if deletion.ended_at is None:
        return f"being deleted since {deletion.began_at.astimezone(zone):%Y-%m-%d %H:%M}"
    deleted = deletion.of(DataKind.REGISTRATION)
    return f"deleted {deletion.ended_at.astimezone(zone):%Y-%m-%d %H:%M}, registrations: {deleted}"


def _whose(recipient: str, event: Event) -> str:
    addresses = [contact.email for contact in event.contacts]
    if recipient in addresses:
        return f"contact person {addresses.index(recipient) + 1}"
    receivers = [one.email for one in event.receivers]
    if recipient in receivers:
        return f"receiver {receivers.index(recipient) + 1}"
    return "recipient no longer in the event's file"


def _login_links(parts: Composition) -> Iterator[str]:
    """How many login links were asked for, mailed and refused, yesterday and today (UTC)."""
    shared, today = parts.shared_table(), parts.clock().astimezone(UTC).date()
    mailboxes = {mailbox_hash(one.email) for event in parts.events.all() for one in event.contacts}
    for day in (today - timedelta(days=1), today):
        mailed = sum(caps.mailed_links(shared, mailbox, day).mails for mailbox in mailboxes)
        asked = caps.asks_for_links(shared, day)
        refused = max(asked - mailed, 0)
        yield f"Login links {day} (UTC): {asked} asked for, {mailed} mailed, {refused} refused"


def _waiting(context: Context) -> str:
    """The number of mails in the outbox, due or not; of many receipts, only of those read."""
    mails = outbox.due(context.table, context.now + _FAR_AHEAD)
    receipts = sum(mail.kind in CAPPED for mail in mails)
    return f"{len(mails)}{' or more' if receipts >= RECEIPTS_AT_A_TIME else ''}"
