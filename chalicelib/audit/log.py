"""The audit log's actions and entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

# In the place of plate codes: the entry concerns everybody who was registered then.
EVERYBODY = "alla"


class AuditAction(StrEnum):
    """The actions of contact persons that the audit log records."""

    LOGGED_IN = "came_in"
    LOGGED_OUT = "left"
    SAW_LIST = "saw_list"
    SEARCHED = "searched"
    SAW_ONE = "saw_one"
    SAW_DUPLICATES = "saw_doubles"
    ADDED = "added"
    CORRECTED = "corrected"
    READDRESSED = "changed_address"
    ENDED_LINKS = "ended_links"
    REMOVED = "removed"
    REMOVED_AND_BLOCKED = "removed_and_blocked"
    UNBLOCKED = "unblocked"
    UNBLOCKED_GROUP = "unblocked_group"
    SAW_SELECTION = "saw_chosen"
    SAW_EXTRACT = "saw_extract"
    TOOK_EXTRACT = "took_extract"
    SENT_AGAIN = "sent_again"
    SENT_RECEIPT = "sent_receipt"
    CLOSED = "closed"
    REOPENED = "reopened"
    TOOK_XLSX = "took_xlsx"
    TOOK_CSV = "took_csv"
    PRINTED_LABELS = "printed_labels"
    PRINTED_ATTENDANCE = "printed_attendance"
    PRINTED_NOTES = "printed_notes"
    PASSED_ON = "passed_on"
    NOT_PASSED_ON = "not_passed_on"
    CHANGED_PROGRAMME = "changed_programme"


@dataclass(frozen=True)
class AuditEntry:
    """One entry of the audit log: who did what, and when.

    `about` is as `concerning` writes it, or another text if the action concerned no registration.
    `contact` is a mail address; `id` distinguishes entries of the same instant.
    """

    at: datetime
    contact: str
    action: AuditAction
    about: str
    id: str

    @property
    def key(self) -> str:
        """The sort key: by instant (UTC), then by `id`."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.id}"

    @property
    def codes(self) -> list[str]:
        """The plate codes that the entry is about, or EVERYBODY; other texts have none of these."""
        return self.about.partition(":")[0].split(", ")

    @property
    def details(self) -> str:
        """What follows the codes: a reason, or what was shown."""
        return self.about.partition(":")[2].strip()

    def concerns(self, code: str) -> bool:
        """Whether the entry is about this plate code. Codes in the details do not count."""
        return not {code, EVERYBODY}.isdisjoint(self.codes)


def concerning(codes: Iterable[str], details: str = "") -> str:
    """What an entry is about: plate codes separated by commas, and details after a colon."""
    return ": ".join(filter(None, (", ".join(codes), details)))
