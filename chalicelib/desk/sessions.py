"""The contact persons' desk: the passes that let one in, and the record of what was done there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LINK_LASTS = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=8)
LINKS_AN_HOUR = 5
# A link that could not be sent for so long is no longer waited for.
LINK_WAITS = timedelta(hours=1)


class PassKind(StrEnum):
    """A mailed link, which is exchanged for a session, or that session."""

    LINK = "link"
    SESSION = "session"


@dataclass(frozen=True)
class Pass:
    """What one token opens, for whom and until when; the table holds only the token's hash.

    A session knows the hash of the link that it came from.
    """

    kind: PassKind
    contact: str
    expires_at: datetime
    link: str = ""

    def admits(self, kind: PassKind, now: datetime) -> bool:
        """Whether it is of this kind and still good."""
        return self.kind is kind and now < self.expires_at


def link_pass(contact: str, now: datetime) -> Pass:
    """A mailed link's: reusable while it lasts, since mail scanners open links too."""
    return Pass(PassKind.LINK, contact, now + LINK_LASTS)


def session_pass(contact: str, now: datetime, link: str = "") -> Pass:
    """A session's, however long it is used."""
    return Pass(PassKind.SESSION, contact, now + SESSION_LASTS, link)


class Deed(StrEnum):
    """What somebody does at the desk that is kept in the access log."""

    CAME_IN = "came_in"
    LEFT = "left"
    SAW_LIST = "saw_list"
    SEARCHED = "searched"
    SAW_ONE = "saw_one"
    SAW_DOUBLES = "saw_doubles"
    ADDED = "added"
    CORRECTED = "corrected"
    REMOVED = "removed"
    REMOVED_AND_BLOCKED = "removed_and_blocked"
    UNBLOCKED = "unblocked"
    SAW_CHOSEN = "saw_chosen"
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
class Access:
    """One line of the access log: who did what when.

    `about` is a page, of a longer list from which code on, or plate codes with commas between,
    and after a colon a reason or more of it.
    `id` tells apart what happened at the same instant.
    """

    at: datetime
    contact: str
    deed: Deed
    about: str
    id: str

    @property
    def key(self) -> str:
        """Sorts as the lines were written."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{self.id}"

    def concerns(self, code: str) -> bool:
        """Whether it is about this plate code; one that a reason names is not what it is about."""
        return code in self.about.partition(":")[0].split(", ")
