"""The statements that the law requires: on privacy and on accessibility."""

import datetime as dt
from dataclasses import dataclass, field

from chalicelib.texts.language import Translatable

# The degrees of compliance in decision (EU) 2018/1523: fully, partially, not compliant.
STATUSES = ("helt", "delvis", "inte")
# The possible legal bases, by article of the GDPR; the last is for an association, not for a public
# body. Consent (6.1 a) is not possible, because the form does not ask for it.
LEGAL_OBLIGATION, PUBLIC_TASK, LEGITIMATE_INTEREST = "6.1 c", "6.1 e", "6.1 f"
BASES = (LEGAL_OBLIGATION, PUBLIC_TASK, LEGITIMATE_INTEREST)
# The retention of a log in days: values that CloudWatch and infrastructure.json allow.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90)


@dataclass(frozen=True)
class Privacy:
    """What the controller decides and must inform about (GDPR, articles 13 and 14).

    `basis` is one of BASES, and `legal_basis` explains the basis in words. `storage` names the
    `region`. `recipients` are further recipients of the data, whom the page does not name itself.
    `supervisor` is the authority that takes complaints. `public_records` says what the law on
    access to documents means for the data, or is empty. `disposal_heading` and `disposal_decision`
    are the first and last line of the certificate's text for a record of the disposal; without a
    heading there is no such text.
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
    supervisor: Translatable
    supervisor_url: str
    public_records: Translatable = ""
    disposal_heading: Translatable = ""
    disposal_decision: Translatable = ""

    @property
    def allows_objection(self) -> bool:
        """Whether there is a right to object (article 21.1)."""
        return self.basis != LEGAL_OBLIGATION

    def stored_through(self, event_day: dt.date) -> dt.date:
        """The last day on which personal data are stored."""
        return event_day + dt.timedelta(days=self.delete_after_days)

    def in_backups_through(self, event_day: dt.date) -> dt.date:
        """The last day on which a backup may hold personal data.

        The data are deleted in the night after their last day, so backups last one day more.
        """
        return self.stored_through(event_day) + dt.timedelta(days=self.backup_days + 1)


@dataclass(frozen=True)
class Accessibility:
    """The accessibility statement, which a law may require.

    `status` is one of STATUSES: how far the website complies with `law`, or with WCAG if there is
    no law. `faults` are the known faults with reasons; `exempt` is what the law exempts and why, or
    empty. Users report faults to `contact`, a mail address, and then to `supervisor`, if any.
    """

    status: str
    method: Translatable
    assessed: dt.date
    updated: dt.date
    faults: tuple[Translatable, ...]
    contact: str
    law: Translatable = ""
    supervisor: Translatable = ""
    supervisor_url: str = ""
    exempt: Translatable = ""
