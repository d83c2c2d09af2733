"""Checks of the events in the table: deadlines, deletions, and files that no longer fit."""

from functools import cached_property

from chalicelib.event.changes import Changes, lines_for_file, unknown_rows
from chalicelib.event.event import Event
from chalicelib.event.file import file_of
from chalicelib.event.words import hours_in_words
from chalicelib.lifecycle import store
from chalicelib.lifecycle.state import EventState, Phase, deletion_overdue
from chalicelib.texts.language import localized
from management.doctor.facts import CheckFailed, StageFacts, ToDo
from management.stage.registered import RegisteredEvent, registered_events
from management.stage.table import StageTable, open_table


class EventStateFacts(StageFacts):
    """The events' states, and the events that the table holds.

    `meant_to_change` are the ids of those whose file is meant to differ.
    """

    meant_to_change: frozenset[str] = frozenset()

    @cached_property
    def has_table(self) -> bool:
        """Whether the stage's table exists."""
        return StageTable(self.stage, self._aws).described() is not None

    def state_of(self, event: Event) -> EventState:
        """The event's state in the table; the initial state if there is no table."""
        if not self.has_table:
            return EventState()
        return store.read(open_table(self.stage.service, event, self._aws))

    @cached_property
    def registered(self) -> list[RegisteredEvent]:
        """The events that the table holds and that are not finished."""
        return registered_events(self.stage, self.events, self._aws)


def check_deadlines(deployed: EventStateFacts) -> str:
    """An open registration has a deadline in the future."""
    said, passed = [], []
    for event in deployed.events.all():
        state = deployed.state_of(event)
        closes_at = event.deadline(state.closes_at)
        if state.phase is not Phase.OPEN:
            said.append(f"{event.id}: registration is {state.phase}")
        elif closes_at <= deployed.now and not event.hides_personal_data(deployed.now):
            passed.append(event.id)
        else:
            local = closes_at.astimezone(event.timezone)
            said.append(f"{event.id}: registration closes {local:%Y-%m-%d %H:%M}")
    if passed:
        raise CheckFailed(
            f"the last day to register has passed: {', '.join(passed)}",
            "Set last_day in the event's file, or a later last_time.",
        )
    return "; ".join(said)


def check_deletions(deployed: EventStateFacts) -> str:
    """No deletion of personal data is overdue."""
    said, overdue = [], []
    resting = {one.id for one in deployed.registered if one.rests(deployed.now)}
    for event in deployed.events.all():
        state = deployed.state_of(event)
        deletes_at = event.deletes_at.astimezone(event.timezone)
        if event.id in resting:
            said.append(f"{event.id}: nothing is deleted by its new day yet")
        elif state != EventState() and deletion_overdue(state, event.deletes_at, deployed.now):
            overdue.append(f"{event.id}: {deletes_at:%Y-%m-%d %H:%M}")
        elif state.deletion and state.deletion.ended_at:
            ended_at = state.deletion.ended_at.astimezone(event.timezone)
            said.append(f"{event.id}: personal data were deleted {ended_at:%Y-%m-%d %H:%M}")
        else:
            said.append(f"{event.id}: personal data will be deleted {deletes_at:%Y-%m-%d %H:%M}")
    if overdue:
        raise CheckFailed(
            f"personal data should have been deleted: {', '.join(overdue)}",
            "The tick's log says why. See docs/operations.md, Deletion.",
        )
    return "; ".join(said)


def check_programmes(deployed: EventStateFacts) -> str:
    """No row of a programme differs from its file because contact persons have changed it."""
    lines = []
    for event in deployed.events.all():
        changes = Changes.from_json(deployed.state_of(event).changes)
        file = f"chalicelib/{file_of(event.id)}"
        for row, differences in lines_for_file(event, changes):
            hours = hours_in_words(row, event.language)
            lines += [f"{file}, {hours} {localized(row.title, event.language)}:"]
            lines += [f"  {line}" for line in differences]
        if number := unknown_rows(event, changes):
            lines += [f"{file} has changed {number} rows that were changed at the desk, too: the"]
            lines += ["  desk's changes of them are not shown. Put into the file what should hold."]
    if lines:
        raise ToDo("contact persons have changed the programme at the desk", "\n".join(lines))
    return "every programme is as in its file"


def check_registered_events(deployed: EventStateFacts) -> str:
    """Every event with registrations has its file, with the same day, zone and meals as before."""
    faults = [
        f"{deployed.stage.name} holds {one.id} with {one.registrations} registrations, and {fault}"
        for one in deployed.registered
        if one.registrations and one.id not in deployed.meant_to_change
        for fault in one.faults(deployed.now)
    ]
    if faults:
        raise CheckFailed(
            "; ".join(faults),
            "Put the file right, or back. If it is meant, deploy with CHANGED=<id>: nothing is "
            "deleted by another day until it has stood for a day.",
        )
    return "every event with registrations has its file"
