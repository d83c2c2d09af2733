"""Looking at what is due, and doing it."""

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


class CountFailed(LoggableError):
    """What is due around the closing could not be done; the text names nobody."""


def run_due_steps(
    context: Context,
    mailer: Mailer,
    new_token: Callable[[], str],
    taken: list[Step] | None = None,
) -> list[Step]:
    """Does what is due, step by step, and returns the steps it took; with `taken`, in that list.

    Called twice, late, in parallel or killed anywhere, it ends in the same place. `new_token` gives
    a fresh token of at least 128 random bits. Raises StoreUnavailable or CountFailed, after it has
    sent what it could.
    """
    taken = [] if taken is None else taken
    standing: StateAndMails | None = None

    def state() -> EventState:
        nonlocal standing
        standing = outbox.standing(context.table, context.now)
        return standing.state

    fault = _take(closing_steps(context, state), taken)
    if isinstance(fault, CountFailed):
        raise_alarm_of_the_day(context, Fault.UNCOUNTABLE, MailKind.SUMMARY)
    undeleted = _take(deleting_steps(context, state), taken)
    if isinstance(undeleted, CountFailed) or any(
        one.outcome is Outcome.DELETION_OVERDUE for one in taken
    ):
        raise_alarm_of_the_day(context, Fault.UNDELETED, MailKind.CERTIFICATE)
    nothing_queued = not (taken or fault or undeleted)
    sending = Sending(context.now, context.event, context.table, mailer, new_token)
    due = standing.mails if standing and nothing_queued else None
    later = _take(sending.send_due(due), taken)
    for failed in (fault, undeleted, later):
        if failed:
            raise failed from None
    return taken


def _take(steps: Iterator[Step], taken: list[Step]) -> Exception | None:
    """Takes and logs the steps, up to a fault, which must not stop what comes after them."""
    try:
        for step in steps:
            log_step(step)
            taken.append(step)
    except StoreUnavailable as unavailable:
        return unavailable
    except Exception as error:  # noqa: BLE001 - Lambda would log its text, which may be private
        return CountFailed(kind_and_place(error))
    return None
