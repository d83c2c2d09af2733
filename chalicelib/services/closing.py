"""Closing, and the summary: each step is one conditional write, taken when it is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.control import Control, Snapshot, State, closed, may_be_looked_at
from chalicelib.event import Event
from chalicelib.outbox import SUMMARY, OutboxMail
from chalicelib.registration import is_open
from chalicelib.store import Conflict, Store
from chalicelib.summary import tally

_STEPS_AT_MOST = 20


def closing_steps(now: datetime, *, event: Event, store: Store) -> Iterator[str]:
    """Takes each step of the closing that is due, and says which it took."""
    for _ in range(_STEPS_AT_MOST):
        try:
            step = _next_step(store.control(), now, event, store)
        except Conflict:
            continue  # somebody else took this step: look again at what is due
        if not step:
            return
        yield step


def _next_step(control: Control, now: datetime, event: Event, store: Store) -> str:
    closes_at = control.deadline(event.closes_at)
    if control.state is State.OPEN and not is_open(now, closes_at):
        store.save_control(closed(control, closes_at))
        return "closed"
    if control.state is State.CLOSED and may_be_looked_at(control, closes_at, now):
        return _look(control, now, event, store)
    return ""


def _look(control: Control, now: datetime, event: Event, store: Store) -> str:
    counted = tally(store.encoded_orders(), taken_at=now)
    before = control.snapshot
    if before is None or before.fingerprint != counted.fingerprint:
        snapshot = Snapshot(counted.fingerprint, counted.registrations, now)
        store.save_control(replace(control, snapshot=snapshot))
        return "snapshot taken"
    version = control.version + 1
    summarised = replace(control, state=State.SUMMARISED, version=version)
    mails = [
        OutboxMail(f"summary-{version}-{number}", SUMMARY, contact.email, now, version=version)
        for number, contact in enumerate(event.contacts, 1)
    ]
    store.issue_summary(summarised, counted, mails)
    return f"summary {version} issued"
