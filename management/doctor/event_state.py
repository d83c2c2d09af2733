"""Checks of the event's state in the table: the registration deadline and the deletion."""

from functools import cached_property

from chalicelib.lifecycle import store
from chalicelib.lifecycle.state import EventState, Phase, deletion_overdue
from management.doctor.facts import CheckFailed, StageFacts
from management.stage.table import StageTable, open_table


class EventStateFacts(StageFacts):
    """The event's state."""

    @cached_property
    def event_state(self) -> EventState:
        """The state in the table; the initial state if there is no table."""
        if StageTable(self.stage, self._aws).described() is None:
            return EventState()
        return store.read(open_table(self.stage.service, self.event, self._aws))


def check_deadline(deployed: EventStateFacts) -> str:
    """An open registration has a deadline in the future."""
    state = deployed.event_state
    if state.phase is not Phase.OPEN:
        return f"registration is {state.phase}"
    closes_at = deployed.event.deadline(state.closes_at)
    if closes_at <= deployed.now:
        raise CheckFailed(
            "the last day to register has passed", "Set last_day in chalicelib/event.toml."
        )
    return f"registration closes {closes_at.astimezone(deployed.event.timezone):%Y-%m-%d %H:%M}"


def check_deletion(deployed: EventStateFacts) -> str:
    """The deletion of personal data is not overdue."""
    state, event = deployed.event_state, deployed.event
    deletes_at = event.deletes_at.astimezone(event.timezone)
    if deletion_overdue(state, event.deletes_at, deployed.now):
        raise CheckFailed(
            f"personal data should have been deleted {deletes_at:%Y-%m-%d %H:%M}",
            "The tick's log says why. See docs/operations.md, Deletion.",
        )
    if state.deletion and state.deletion.ended_at:
        ended_at = state.deletion.ended_at.astimezone(event.timezone)
        return f"personal data were deleted {ended_at:%Y-%m-%d %H:%M}"
    return f"personal data will be deleted {deletes_at:%Y-%m-%d %H:%M}"
