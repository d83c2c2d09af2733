"""The tick: run every step that is due, of every event."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from chalicelib.closing.closing import closing_steps
from chalicelib.closing.events_to_run import finish
from chalicelib.deletion.deleting import deleting_steps
from chalicelib.dynamo.errors import StoreUnavailable
from chalicelib.event.context import Context
from chalicelib.lifecycle.state import EventState
from chalicelib.lifecycle.steps import Outcome, Step, StepFailed, log_step
from chalicelib.logs.json_lines import event_id, kind_and_place, log_fault
from chalicelib.mail import outbox_store as outbox
from chalicelib.mail.alarms import raise_alarm_of_the_day
from chalicelib.mail.faults import Fault
from chalicelib.mail.limits import MAILS_AT_A_TIME
from chalicelib.mail.mailer import Mailer
from chalicelib.mail.outbox import CAPPED, MailKind, OutboxMail
from chalicelib.mail.outbox_store import StateAndMails
from chalicelib.mail.sending import Sending


def run_due_steps(
    contexts: Sequence[Context],
    mailer: Mailer,
    new_token: Callable[[], str],
    taken: list[Step] | None = None,
    stack_url: str = "",
) -> list[Step]:
    """Run the due steps of each event and return them; after an error, `taken`, if given, has
    those that ran.

    The result is the same if ticks run twice, late or in parallel, or crash anywhere. One event's
    fault delays no other; receipts are sent after the other mails of all events. `new_token`
    returns a fresh token of at least 128 random bits; `stack_url` is as in Sending. Raises
    StoreUnavailable or StepFailed, but only after sending all mails that can be sent.
    """
    taken = [] if taken is None else taken
    runs = [
        _EventRun(Sending(one.now, one.event, one.table, mailer, new_token, stack_url), taken)
        for one in contexts
    ]
    for run in runs:
        run.take_steps()
        run.send_others()
    room = MAILS_AT_A_TIME
    for number, run in enumerate(sorted(runs, key=_EventRun.receipts_due)):
        room -= run.send_receipts(at_most=ceil(room / (len(runs) - number)))
    failed = [(run, error) for run in runs for error in run.errors]
    for run, error in failed[::-1]:
        event_id.set(run.event)
        if error is failed[0][1]:
            raise error from None  # whoever catches it logs it
        log_fault(error)
    return taken


class _EventRun:
    """One event's part of a run; every error is kept, so that the rest can go on."""

    def __init__(self, sending: Sending, taken: list[Step]) -> None:
        self._sending = sending
        self._taken = taken
        self._due: Sequence[OutboxMail] | None = None
        self.errors: list[Exception] = []

    def take_steps(self) -> None:
        """Run the steps around the closing and the deletion, and alarm about those that fail."""
        read: StateAndMails | None = None

        def state() -> EventState:
            nonlocal read
            read = outbox.read_state_and_mails(context.table, context.now)
            return read.state

        context, before = self._sending, len(self._taken)
        if isinstance(self._run(closing_steps(context, state)), StepFailed):
            self._alarm(Fault.UNCOUNTABLE, MailKind.SUMMARY)
        failed = isinstance(self._run(deleting_steps(context, state)), StepFailed)
        steps = self._taken[before:]
        if failed or any(step.outcome is Outcome.DELETION_OVERDUE for step in steps):
            self._alarm(Fault.UNDELETED, MailKind.CERTIFICATE)
        if any(step.outcome is Outcome.SWEPT for step in steps):
            self._try(lambda: finish(context))
        if read and not steps and not self.errors:
            self._due = read.mails

    def send_others(self) -> None:
        """Send the due mails that are no receipts."""
        self._run(self._sending.send_due(self._mails(receipts=False)))

    @property
    def event(self) -> str:
        """The event's id."""
        return self._sending.event.id

    def receipts_due(self) -> int:
        """How many receipts wait: where they are few, they are sent first."""
        return sum(mail.kind in CAPPED for mail in self._due or ())

    def send_receipts(self, at_most: int) -> int:
        """Send due receipts; return how many were sent."""
        before = len(self._taken)
        if self._due is not None:
            self._run(self._sending.send_due(self._mails(receipts=True), at_most=at_most))
        return sum(step.outcome is Outcome.SENT for step in self._taken[before:])

    def _mails(self, *, receipts: bool) -> Iterator[OutboxMail]:
        """The due mails, which are read when the first is needed."""
        if self._due is None:
            self._due = outbox.due(self._sending.table, self._sending.now)
        yield from (mail for mail in self._due if (mail.kind in CAPPED) is receipts)

    def _alarm(self, fault: Fault, kind: MailKind) -> None:
        self._try(lambda: raise_alarm_of_the_day(self._sending, fault, kind))

    def _run(self, steps: Iterator[Step]) -> Exception | None:
        """Run and log the steps until one fails; return the error."""

        def run() -> None:
            for step in steps:
                log_step(step)
                self._taken.append(replace(step, event=self._sending.event.id))

        return self._try(run)

    def _try(self, action: Callable[[], object]) -> Exception | None:
        event_id.set(self._sending.event.id)
        try:
            action()
        except StoreUnavailable as unavailable:
            self.errors.append(unavailable)
        except Exception as error:  # noqa: BLE001 - Lambda would log its text, which may be personal
            self.errors.append(StepFailed(kind_and_place(error)))
        else:
            return None
        return self.errors[-1]
