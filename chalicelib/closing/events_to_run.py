"""Which events a run looks after: those with a file, and those that the table holds without one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.retry import retry_on_conflict
from chalicelib.dynamo.table import Table
from chalicelib.event import registry_store as registry
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.event.events import Events, Source
from chalicelib.event.problems import InvalidEvent
from chalicelib.event.registry import Entry, entry_of, updated
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.steps import StepFailed
from chalicelib.logs.json_lines import event_id as logged_event
from chalicelib.logs.json_lines import kind_and_place, log_fault
from chalicelib.mail.alarms import raise_alarm_of_the_day
from chalicelib.mail.faults import Fault
from chalicelib.mail.outbox import MailKind
from chalicelib.registration import store as registrations

TableOf = Callable[[Event], Table]


def contexts_to_run(
    events: Events,
    shared: Table,
    table_of: TableOf,
    now: datetime,
    errors: list[Exception],
) -> list[Context]:
    """The context of each event that is not over and deleted.

    An event whose file is gone, or wrong, or moves its day to the past, is run by the file that
    the registry holds; the operator is told once a day. Updates the registry. An error about one
    event is added to `errors`, and the event is run by its own file if nothing can be deleted too
    early by that.
    """
    entries = {entry.id: entry for entry in registry.entries(shared)}
    found = []
    for event_id in sorted({*events.ids, *entries}):
        logged_event.set(event_id)
        try:
            context = _context(event_id, events, entries.get(event_id), shared, table_of, now)
        except Exception as error:  # noqa: BLE001 - whatever the error, the others must be run
            log_fault(error)
            errors.append(StepFailed(kind_and_place(error)))
            context = _by_own_file(event_id, events, entries.get(event_id), table_of, now)
        if context:
            found.append(context)
    return found


def _by_own_file(
    event_id: str, events: Events, entry: Entry | None, table_of: TableOf, now: datetime
) -> Context | None:
    with suppress(InvalidEvent):
        event = events.find(event_id)
        if event is None:
            return None
        # A day in the past may be mistyped, unless the registry has it.
        rests = entry.rests(event, now) if entry else event.hides_personal_data(now)
        return None if rests else Context(now, event, table_of(event))
    return None


def finish(context: Context) -> None:
    """Record that nothing of the event is left, so that later runs do not look after it."""
    for entry in registry.entries(context.table):
        if entry.id == context.event.id:
            registry.finish(context.table, replace(entry, finished_for=context.event.deletes_at))


def _context(
    event_id: str,
    events: Events,
    entry: Entry | None,
    shared: Table,
    table_of: TableOf,
    now: datetime,
) -> Context | None:
    event, fault = None, Fault.FILE_GONE
    try:
        event = events.find(event_id)
    except InvalidEvent:
        fault = Fault.FILE_WRONG
        if entry is None:
            raise
    if entry and entry.is_finished and (event is None or entry.has_facts_of(event)):
        return None
    if event:
        source = events.source(event_id)
        entry = _registered(entry, event, source, table_of, now)
        if entry.is_finished:
            return None
        if not entry.rests(event, now):
            if entry.told:  # should the fault come back, it is told at once
                registry.save(shared, replace(entry, told=""))
            return Context(now, event, table_of(event))
        fault = Fault.DAY_MOVED
    return _by_registry(event_id, entry, fault, shared, table_of, now)


def _by_registry(
    event_id: str,
    entry: Entry | None,
    fault: Fault,
    shared: Table,
    table_of: TableOf,
    now: datetime,
) -> Context | None:
    """The context by the file that the registry holds; the operator is told of `fault`.

    None if the file has been gone since yesterday, and nobody had registered.
    """
    stored = registry.stored_source(shared, event_id).read()
    context = Context(now, stored, table_of(stored))
    told = f"{now:%Y-%m-%d} {fault}"
    if entry and entry.told != told:
        if fault is not Fault.FILE_GONE or not _nobody_registered(context.table):
            raise_alarm_of_the_day(context, fault, MailKind.SUMMARY)
        elif entry.told.endswith(fault) and event_state.read(context.table).deletion is None:
            registry.forget(context.table, event_id)  # should the file come back, it is a new one
            return None
        registry.save(context.table, replace(entry, told=told))
    return context


def _registered(
    before: Entry | None, event: Event, source: Source, table_of: TableOf, now: datetime
) -> Entry:
    """The event's entry, updated in the table if its file has changed."""
    table = table_of(event)
    if before is None and event.hides_personal_data(now):
        before = _entry_by_state(event, table)
    entry = updated(before, event, source, now)
    if before is None and event.hides_personal_data(now) and _is_empty(table):
        entry = replace(entry, finished_for=event.deletes_at)
    if before and before.changed_at and before.has_facts_of(event):
        _renew_later(table, now)
    if entry != before:
        is_other_file = before is None or entry.stored != before.stored
        registry.save(table, entry, source if is_other_file else None)
    return entry


def _entry_by_state(event: Event, table: Table) -> Entry | None:
    """The entry of an event that the registry lacks but that runs have looked after, by a later
    day.
    """
    kept_until = event_state.read(table).kept_until
    if kept_until is None or kept_until <= event.deletes_at:
        return None
    return replace(entry_of(event, ""), deletes_at=kept_until)


def _renew_later(table: Table, now: datetime) -> None:
    """Have the expiry of all items compared in a day: a day that was put right had others."""

    def attempt() -> None:
        state = event_state.read(table)
        event_state.save(table, replace(state, moved_at=state.moved_at or now))

    retry_on_conflict(attempt)


def _is_empty(table: Table) -> bool:
    """Whether nobody has registered, and no run has looked after the event."""
    return event_state.is_new(table) and _nobody_registered(table)


def _nobody_registered(table: Table) -> bool:
    return next(registrations.encoded_orders(table), None) is None
