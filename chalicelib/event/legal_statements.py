"""What the law wants told: how personal data are treated, and how accessible the pages are."""

import datetime as dt
from dataclasses import dataclass, field

from chalicelib.texts.language import Translatable

# How the statement must put it (MDFFS 2019:2).
STATUSES = ("helt", "delvis", "inte")
# What a public body can rest on here, by article of the GDPR. Consent (6.1 a) is none of them: the
# form doesn't ask for it.
LEGAL_OBLIGATION, PUBLIC_TASK = "6.1 c", "6.1 e"
BASES = (LEGAL_OBLIGATION, PUBLIC_TASK)
# What CloudWatch can be told to keep a log for, as far as infrastructure.json lets it.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90)


@dataclass(frozen=True)
class Privacy:
    """What the controller decides and must tell (GDPR, articles 13 and 14).

    `basis` is one of BASES, `legal_basis` says it in words; `storage` names the `region`;
    `recipients` are those whom the pages don't name themselves.
    """

    controller: Translatable
    controller_email: str
    dpo: Translatable = field(metadata={"key": "officer"})
    dpo_email: str = field(metadata={"key": "officer_email"})
    basis: str
    legal_basis: Translatable
    legal_basis_sensitive: Translatable
    recipients: tuple[Translatable, ...]
    region: str
    storage: Translatable
    delete_after_days: int
    backup_days: int
    log_days: int

    @property
    def lets_object(self) -> bool:
        """Whether there is a right to object (article 21.1)."""
        return self.basis == PUBLIC_TASK

    def kept_through(self, event_day: dt.date) -> dt.date:
        """The last day on which personal data are there."""
        return event_day + dt.timedelta(days=self.delete_after_days)

    def in_backups_through(self, event_day: dt.date) -> dt.date:
        """The last day on which a backup may hold them: they go in the night after the last day."""
        return self.kept_through(event_day) + dt.timedelta(days=self.backup_days + 1)


@dataclass(frozen=True)
class Accessibility:
    """The statement that the law on digital public service wants (2018:1937).

    `status` is one of STATUSES; `faults` are the known ones, with reasons; `exempt`
    is what the law lets be, and why, or empty; faults are reported to `contact`.
    """

    status: str
    method: Translatable
    assessed: dt.date
    updated: dt.date
    faults: tuple[Translatable, ...]
    contact: str
    supervisor: Translatable
    supervisor_url: str
    exempt: Translatable = ""
