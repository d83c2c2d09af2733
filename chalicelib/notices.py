"""What the law wants told: how personal data are treated, and how accessible the pages are."""

import datetime as dt
from dataclasses import dataclass

# How the statement must put it (MDFFS 2019:2).
STATUSES = ("helt", "delvis", "inte")


@dataclass(frozen=True)
class Privacy:
    """What the controller decides and must tell (GDPR, articles 13 and 14)."""

    controller: str
    officer: str
    legal_basis: str
    legal_basis_sensitive: str
    storage: str
    delete_after_days: int
    backup_days: int


@dataclass(frozen=True)
class Accessibility:
    """The statement that the law on digital public service wants (2018:1937).

    `status` is one of STATUSES; `faults` are the known ones, with reasons; `exempt`
    is what the law lets be, and why, or empty; faults are reported to `contact`.
    """

    status: str
    method: str
    assessed: dt.date
    updated: dt.date
    faults: tuple[str, ...]
    exempt: str
    contact: str
    supervisor: str
    supervisor_url: str
