"""The tick: run every step that is due."""

from collections.abc import Callable, Iterator

from chalicelib.closing.closing import closing_steps
from chalicelib.deletion.deleting import deleting_steps
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.context import Context
from chalicelib.lifecycle.state import EventState
from chalicelib.lifecycle.steps import Outcome, Step, log_step
from chalicelib.logs.json_lines import LoggableError, kind_and_place
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.alarms import raise_alarm_of_the_day
from chalicelib.mail.faults import Fault
from chalicelib.mail.mailer import Mailer
from chalicelib.mail.outbox import MailKind
from chalicelib.mail.outbox_store import StateAndMails
from chalicelib.mail.sending import Sending


class StepFailed(LoggableError):
    """A step around the closing or the deletion failed; the text has no personal data."""


def run_due_steps(
    context: Context,
    mailer: Mailer,
    new_token: Callable[[], str],
    taken: list[Step] | None = None,
) -> list[Step]:
    """Run the due steps and return them; after an error, `taken`, if given, has those that ran.

    The result is the same if ticks run twice, late or in parallel, or crash anywhere. `new_token`
    returns a fresh token of at least 128 random bits. Raises StoreUnavailable or StepFailed, but
    only after sending all mails that can be sent.
    """
    taken = [] if taken is None else taken
    state_and_mails: StateAndMails | None = None

    def state() -> EventState:
        nonlocal state_and_mails
        state_and_mails = outbox.read_state_and_mails(context.table, context.now)
        return state_and_mails.state

    closing_error = _run(closing_steps(context, state), taken)
    if isinstance(closing_error, StepFailed):
        raise_alarm_of_the_day(context, Fault.UNCOUNTABLE, MailKind.SUMMARY)
    deletion_error = _run(deleting_steps(context, state), taken)
    if isinstance(deletion_error, StepFailed) or any(
        step.outcome is Outcome.DELETION_OVERDUE for step in taken
    ):
        raise_alarm_of_the_day(context, Fault.UNDELETED, MailKind.CERTIFICATE)
    nothing_queued = not (taken or closing_error or deletion_error)
    sending = Sending(context.now, context.event, context.table, mailer, new_token)
    due = state_and_mails.mails if state_and_mails and nothing_queued else None
    sending_error = _run(sending.send_due(due), taken)
    for error in (closing_error, deletion_error, sending_error):
        if error:
            raise error from None
    return taken


def _run(steps: Iterator[Step], taken: list[Step]) -> Exception | None:
    """Run and log the steps until one fails; return the error, so that later steps can run."""
    try:
        for step in steps:
            log_step(step)
            taken.append(step)
    except StoreUnavailable as unavailable:
        return unavailable
    except Exception as error:  # noqa: BLE001 - Lambda would log the error's text, which may be personal
        return StepFailed(kind_and_place(error))
    return None
