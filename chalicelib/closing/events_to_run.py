"""Which events a run looks after: those with a file, and those that the table holds without one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.dynamo.table import Table
from chalicelib.event import registry_store as registry
from chalicelib.event.checks import InvalidEvent
from chalicelib.event.context import Context
from chalicelib.event.event import Event
from chalicelib.event.events import Events, Source
from chalicelib.event.registry import Entry, updated
from chalicelib.lifecycle import store as event_state
from chalicelib.lifecycle.steps import StepFailed
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
    event is added to `errors`, and the event is run by its own file if that can be read.
    """
    entries = {entry.id: entry for entry in registry.entries(shared)}
    found = []
    for event_id in sorted({*events.ids, *entries}):
        try:
            context = _context(event_id, events, entries.get(event_id), shared, table_of, now)
        except Exception as error:  # noqa: BLE001 - whatever the error, the others must be run
            log_fault(error)
            errors.append(StepFailed(kind_and_place(error)))
            context = _by_own_file(event_id, events, table_of, now)
        if context:
            found.append(context)
    return found


def _by_own_file(event_id: str, events: Events, table_of: TableOf, now: datetime) -> Context | None:
    with suppress(InvalidEvent):
        event = events.find(event_id)
        return Context(now, event, table_of(event)) if event else None
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

    None if the file has gone before anybody registered.
    """
    stored = registry.stored_source(shared, event_id).read()
    context = Context(now, stored, table_of(stored))
    told = f"{now:%Y-%m-%d} {fault}"
    if entry and entry.told != told:
        if fault is Fault.FILE_GONE and _nobody_registered(context.table):
            registry.finish(context.table, replace(entry, finished_for=entry.deletes_at))
            return None
        raise_alarm_of_the_day(context, fault, MailKind.SUMMARY)
        registry.save(context.table, replace(entry, told=told))
    return context


def _registered(
    before: Entry | None, event: Event, source: Source, table_of: TableOf, now: datetime
) -> Entry:
    """The event's entry, updated in the table if its file has changed."""
    entry, table = updated(before, event, source, now), table_of(event)
    if before is None and event.hides_personal_data(now) and _is_empty(table):
        entry = replace(entry, finished_for=event.deletes_at)
    if entry != before:
        is_other_file = before is None or entry.stored != before.stored
        registry.save(table, entry, source if is_other_file else None)
    return entry


def _is_empty(table: Table) -> bool:
    """Whether nobody has registered, and no run has looked after the event."""
    return event_state.is_new(table) and _nobody_registered(table)


def _nobody_registered(table: Table) -> bool:
    return next(registrations.encoded_orders(table), None) is None
