"""The audit log's actions and entries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


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
    PRINTED_NOTES = "printed_notes"
    PASSED_ON = "passed_on"
    NOT_PASSED_ON = "not_passed_on"


@dataclass(frozen=True)
class AuditEntry:
    """One entry of the audit log: who did what, and when.

    `about` says what the action concerned: plate codes separated by commas, with a reason or other
    details after a colon, or a text without codes, such as the page of a list.
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

    def concerns(self, code: str) -> bool:
        """Whether the entry is about this plate code. Codes in the reason do not count."""
        return code in self.about.partition(":")[0].split(", ")
