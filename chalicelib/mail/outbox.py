"""The mails in the outbox: not yet known to be sent, each with the time of its next attempt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.event.context import Context
from chalicelib.event.event import Receiver
from chalicelib.texts.language import SWEDISH


class MailKind(StrEnum):
    """The kinds of mail, in the order in which mails due at the same time are sent."""

    SUMMARY = "summary"
    CHANGE = "change"
    REMINDER = "reminder"
    CERTIFICATE = "certificate"
    ALARM = "alarm"
    DESK = "desk"
    PROGRAMME = "programme"
    TEST = "test"
    CORRECTED = "corrected"
    READDRESSED = "readdressed"
    RELINKED = "relinked"
    REMOVED = "removed"
    MERGED = "merged"
    LINK = "link"
    RECEIPT = "receipt"

    @property
    def audience(self) -> str:
        """Who gets mails of this kind: `contact`, `operator`, `attendee`, `desk` or `test`."""
        others = {
            MailKind.ALARM: "operator",
            MailKind.PROGRAMME: "operator",
            MailKind.TEST: "test",
            MailKind.DESK: "desk",
        }
        return "attendee" if self in TO_ATTENDEES else others.get(self, "contact")


# What contact persons did with a registration: told to its address.
NOTICES = frozenset({
    MailKind.CORRECTED, MailKind.READDRESSED, MailKind.RELINKED, MailKind.REMOVED, MailKind.MERGED,
})  # fmt: skip
# What strangers can cause, and so waits behind all others and is capped.
CAPPED = frozenset({MailKind.LINK, MailKind.RECEIPT})
TO_ATTENDEES = NOTICES | CAPPED
# No alarm: a mistyped address is nobody's fault, and the sender of a test mail sees its result.
UNWATCHED = TO_ATTENDEES | {MailKind.TEST}


def receipt_id(token_hash: str, revision: int | None = None) -> str:
    """The id of a registration's receipt; without `revision`, the prefix of the ids of all its
    mails. A notice's id is that of a receipt, followed by its kind.
    """
    return f"receipt-{token_hash[:20]}-{'' if revision is None else revision}"


@dataclass(frozen=True)
class OutboxMail:
    """One mail to one recipient. `id` is stable, so that the same mail is never queued twice.

    `about` is a tally's key, an alarm's id, the hash of a registration's token, or the time of a
    desk login request; `since` is the key of the earlier tally of a change notice, the same as
    `about` in a resent summary, the hash of the token of the registration kept in a merge, or of a
    receipt that is mailed once more, when that was asked for.
    `version` is the summary's, or a registration's revision. `doubts` counts lapsed leases, under
    each of which the mail may have been sent.
    """

    id: str
    kind: MailKind
    recipient: str
    due: datetime  # the time of the next attempt
    about: str = ""
    since: str = ""
    version: int = 0
    language: str = SWEDISH
    attempt: int = 0
    leased_until: datetime | None = None  # until then, only `owner` may send the mail
    doubts: int = 0
    owner: str = ""
    counted: bool = False  # whether the day's caps have counted the mail
    day: str = ""  # of a capped mail: the day (UTC) on which it was queued, and counts
    code: str = ""  # the plate code of the registration that the mail is about
    is_own: bool = False  # of a capped mail: whether it goes to the organisation's own domain

    @property
    def tags(self) -> dict[str, str]:
        """The tags that SES adds to each event about this mail."""
        day = {"day": self.day} if self.day else {}
        return {"mail": self.id, "kind": self.kind.value, **day}

    @property
    def queued_as(self) -> str:
        """The mail's id, and of a receipt that is mailed once more also when: each has its link."""
        return (
            f"{self.id} {self.since}" if self.kind is MailKind.RECEIPT and self.since else self.id
        )

    @property
    def is_copy(self) -> bool:
        """Whether the recipient may have the same content already: a send in doubt, or a resend."""
        return self.doubts > 0 or (bool(self.about) and self.since == self.about)

    def is_free(self, now: datetime) -> bool:
        """Whether no sender holds a lease on the mail at `now`."""
        return self.leased_until is None or self.leased_until <= now


def mails_to_contacts(
    context: Context, kind: MailKind, name: str, about: str = "", since: str = "", version: int = 0
) -> list[OutboxMail]:
    """A mail to each mailbox of contact persons; its id is `name-n`, with its number n from 1."""
    return [
        OutboxMail(f"{name}-{number}", kind, contact.email, context.now, about, since, version)
        for number, contact in enumerate(context.event.mailboxes, 1)
    ]


def mails_to_receivers(
    context: Context,
    kind: MailKind,
    name: str,
    about: str,
    since: str,
    version: int,
    among: Collection[Receiver],
) -> list[OutboxMail]:
    """A mail to each of the receivers `among`; its id is `name-rn`, with its number n from 1."""
    return [
        OutboxMail(f"{name}-r{number}", kind, receiver.email, context.now, about, since, version)
        for number, receiver in enumerate(context.event.receivers, 1)
        if receiver in among
    ]
