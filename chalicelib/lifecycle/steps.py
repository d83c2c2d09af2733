"""The steps of a run as values, with their log lines and metrics."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.lifecycle.state import Phase
from chalicelib.logs.json_lines import LoggableError, log_facts

log = logging.getLogger("dukat")
# Closing steps in a run, and deletion steps: a step that stays due must not delay the mails.
STEPS_AT_MOST = 20


class Outcome(StrEnum):
    """The outcome of a step; the values are the words in the log."""

    OVERDUE = "the closing is overdue"
    CLOSED = "closed"
    REOPENED = "reopened"
    SNAPSHOT_TAKEN = "snapshot taken"
    UNCHANGED = "nothing changed"
    CHANGE_FOUND = "an unreported change was found"
    ISSUED = "issued"
    SENT = "sent"
    FOLLOWED_UP = "followed up"
    ALREADY_SENT = "already sent, as SES reported"
    POSTPONED = "postponed"
    FAILED = "failed"
    DROPPED = "dropped"
    IN_DOUBT = "in doubt"
    WAITING = "waiting"
    LEASED = "leased by another run"
    RENEWED = "expiry renewed"
    DELETION_BEGUN = "deletion begun"
    DELETED = "deleted"
    DELETED_SOME = "deleted, more remain"
    SWEPT = "swept"
    DELETION_OVERDUE = "the deletion is overdue"


class StepFailed(LoggableError):
    """A step of a run failed; the text has no personal data."""


@dataclass(frozen=True)
class Step:
    """One step; `about` is the id of a mail or version, or a number of items.

    `moved` has the phases before and after the step, `registrations` the number counted.
    """

    outcome: Outcome
    about: str = ""
    why: str = ""
    alarming: bool = False
    moved: tuple[Phase, Phase] | None = None
    registrations: int | None = None
    event: str = ""  # the event's id

    def __str__(self) -> str:
        text = f"{self.about} {self.outcome}".strip()
        return f"{text}: {self.why}" if self.why else text


def log_step(step: Step, who: str = "tick") -> None:
    """Log a step, taken by `who`; level ERROR means that a person must act."""
    before, after = step.moved or (None, None)
    facts = log_facts(
        what="step",
        outcome=step.outcome,
        about=step.about,
        why=step.why,
        alarming=step.alarming,
        phase_before=before,
        phase=after,
        registrations=step.registrations,
        who=who,
    )
    level = logging.ERROR if step.alarming else logging.INFO
    log.log(level, "%s: %s", who, step, extra=facts)


def metrics_of(taken: Iterable[Step]) -> dict[str, int]:
    """The metrics of a run, on which the stage's alarms depend."""
    steps = list(taken)
    overdue = sum(step.outcome is Outcome.OVERDUE for step in steps)
    undeleted = sum(step.outcome is Outcome.DELETION_OVERDUE for step in steps)
    mails = sum(step.alarming for step in steps) - overdue - undeleted
    return {"MailsFailed": mails, "ClosingOverdue": overdue, "DeletionOverdue": undeleted}
