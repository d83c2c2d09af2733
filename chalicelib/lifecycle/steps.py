"""What tend did: one step at a time, as values."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.lifecycle.state import Phase
from chalicelib.logs.json_lines import log_facts

log = logging.getLogger("dukat")
# Of one kind in one run: a step that never ends being due must not keep the mails waiting.
STEPS_AT_MOST = 20


class Outcome(StrEnum):
    """What a step came to; the values are what the log says."""

    OVERDUE = "the closing is overdue"
    CLOSED = "closed"
    REOPENED = "reopened"
    LOOKED = "snapshot taken"
    UNCHANGED = "nothing changed"
    CHANGE_FOUND = "a change nobody told of was found"
    ISSUED = "issued"
    SENT = "sent"
    FOLLOWED_UP = "followed up"
    SEEN = "was sent before, as SES told"
    POSTPONED = "postponed"
    FAILED = "failed"
    DROPPED = "dropped"
    IN_DOUBT = "in doubt"
    HELD = "is being sent by somebody else"
    RENEWED = "told of another day of deletion"
    DELETION_BEGUN = "deletion begun"
    DELETED = "deleted"
    DELETED_SOME = "deleted, and more to come"
    SWEPT = "swept"
    DELETION_OVERDUE = "the deletion is overdue"


@dataclass(frozen=True)
class Step:
    """One thing that was done; `about` is a mail's or a summary's id, and names nobody.

    `moved` is from where to where the event went by it, `registrations` how many were counted.
    """

    outcome: Outcome
    about: str = ""
    why: str = ""
    alarming: bool = False
    moved: tuple[Phase, Phase] | None = None
    registrations: int | None = None

    def __str__(self) -> str:
        told = f"{self.about} {self.outcome}".strip()
        return f"{told}: {self.why}" if self.why else told


def log_step(step: Step, who: str = "tend") -> None:
    """Logs a step, which `tend` took or a person; an error is what somebody must look at."""
    before, after = step.moved or (None, None)
    facts = log_facts(
        what="step",
        outcome=step.outcome,
        about=step.about,
        why=step.why,
        alarming=step.alarming,
        state_before=before,
        state=after,
        registrations=step.registrations,
        who=who,
    )
    level = logging.ERROR if step.alarming else logging.INFO
    log.log(level, "%s: %s", who, step, extra=facts)


def counts(taken: Iterable[Step]) -> dict[str, int]:
    """What the alarms of the stage count of a run."""
    steps = list(taken)
    overdue = sum(step.outcome is Outcome.OVERDUE for step in steps)
    undeleted = sum(step.outcome is Outcome.DELETION_OVERDUE for step in steps)
    mails = sum(step.alarming for step in steps) - overdue - undeleted
    return {"MailsFailed": mails, "ClosingOverdue": overdue, "DeletionOverdue": undeleted}
