"""The outbox: mails not yet known to be sent, and when each may be tried."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.event.context import Context
from chalicelib.texts.language import SWEDISH


class MailKind(StrEnum):
    """What a mail is; the order is that in which mails due at the same time are sent."""

    SUMMARY = "summary"
    CHANGE = "change"
    REMINDER = "reminder"
    CERTIFICATE = "certificate"
    ALARM = "alarm"
    DESK = "desk"
    TEST = "test"
    RECEIPT = "receipt"

    @property
    def audience(self) -> str:
        """Whom it is for: contact persons, the operator, an attendee, or whoever tests."""
        others = {
            MailKind.ALARM: "operator",
            MailKind.RECEIPT: "attendee",
            MailKind.TEST: "test",
            MailKind.DESK: "desk",
        }
        return others.get(self, "contact")


# A mistyped address is nobody's fault, and whoever tests waits for the answer: no alarm rings.
UNWATCHED = frozenset({MailKind.RECEIPT, MailKind.TEST})


def receipt_id(token_hash: str, revision: int | None = None) -> str:
    """The id of a registration's receipt, or without a revision what all of its begin with."""
    return f"receipt-{token_hash[:20]}-{'' if revision is None else revision}"


@dataclass(frozen=True)
class OutboxMail:
    """One mail to one recipient. `id` is stable, so that the same mail is never queued twice.

    `about` is what it tells: a tally's key, an alarm's id, or the hash of a registration's token;
    `since` the key of the tally that a change differs from; `version` the summary's. A receipt has
    the address of the site and the language.
    `due` is when it may be tried; `leased_until` is set while somebody, the `owner`, sends it;
    `doubts` counts the leases that lapsed, each of which may have sent it; `counted` says that the
    day's cap knows of it.
    """

    id: str
    kind: MailKind
    recipient: str
    due: datetime
    about: str = ""
    since: str = ""
    version: int = 0
    base_url: str = ""
    language: str = SWEDISH
    attempt: int = 0
    leased_until: datetime | None = None
    doubts: int = 0
    owner: str = ""
    counted: bool = False

    @property
    def tags(self) -> dict[str, str]:
        """What SES hands back with each event of this mail."""
        return {"mail": self.id, "kind": self.kind.value}

    @property
    def is_copy(self) -> bool:
        """Whether the same was told before: in doubt, or asked for again (no change since)."""
        return self.doubts > 0 or (bool(self.about) and self.since == self.about)

    def is_free(self, now: datetime) -> bool:
        """Whether nobody is sending it."""
        return self.leased_until is None or self.leased_until <= now


def mails_to_contacts(
    context: Context, kind: MailKind, name: str, about: str = "", since: str = "", version: int = 0
) -> list[OutboxMail]:
    """A mail to each contact person, with the person's number from 1 after `name` in its id."""
    return [
        OutboxMail(f"{name}-{number}", kind, contact.email, context.now, about, since, version)
        for number, contact in enumerate(context.event.contacts, 1)
    ]
