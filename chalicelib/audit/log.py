"""The audit log's actions and entries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class AuditAction(StrEnum):
    """What somebody does at the desk that is kept in the access log."""

    LOGGED_IN = "came_in"
    LOGGED_OUT = "left"
    SAW_LIST = "saw_list"
    SEARCHED = "searched"
    SAW_ONE = "saw_one"
    SAW_DUPLICATES = "saw_doubles"
    ADDED = "added"
    CORRECTED = "corrected"
    REMOVED = "removed"
    REMOVED_AND_BLOCKED = "removed_and_blocked"
    UNBLOCKED = "unblocked"
    SAW_SELECTION = "saw_chosen"
    SAW_EXTRACT = "saw_extract"
    TOOK_EXTRACT = "took_extract"
    SENT_AGAIN = "sent_again"
    CLOSED = "closed"
    REOPENED = "reopened"
    TOOK_XLSX = "took_xlsx"
    TOOK_CSV = "took_csv"
    PRINTED_LABELS = "printed_labels"
    PRINTED_ATTENDANCE = "printed_attendance"


@dataclass(frozen=True)
class AuditEntry:
    """One line of the access log: who did what when.

    `about` is a page, of a longer list from which code on, or plate codes with commas between,
    and after a colon a reason or more of it.
    `id` tells apart what happened at the same instant.
    """

    at: datetime
    contact: str
    action: AuditAction
    about: str
    id: str

    @property
    def key(self) -> str:
        """Sorts as the lines were written."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.id}"

    def concerns(self, code: str) -> bool:
        """Whether it is about this plate code; one that a reason names is not what it is about."""
        return code in self.about.partition(":")[0].split(", ")
