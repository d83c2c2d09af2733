"""What can go wrong with a mail: whether to try again, and in words for who can mend it."""

from enum import StrEnum


class Fault(StrEnum):
    """Why a mail was not taken, or did not arrive."""

    THROTTLED = "throttled"
    SERVICE = "service_error"
    NETWORK = "network"
    LIMIT = "limit_exceeded"
    PAUSED = "sending_paused"
    SUSPENDED = "account_suspended"
    UNVERIFIED = "sender_not_verified"
    NOT_ALLOWED = "not_allowed"
    REJECTED = "message_rejected"
    UNWRITABLE = "unwritable"
    BAD_REQUEST = "bad_request"
    IN_DOUBT = "in_doubt"
    OUT_OF_TRIES = "out_of_tries"
    BOUNCED = "bounced"
    SOFT_BOUNCED = "soft_bounced"
    SUPPRESSED = "suppressed"
    COMPLAINT = "complaint"
    DISCARDED = "discarded"
    UNCONFIRMED = "unconfirmed"
    UNCOUNTABLE = "uncountable"
    UNDELETED = "undeleted"
    USED_UP = "receipts_used_up"


# They pass by themselves; an alarm is raised only if they last.
TRANSIENT = frozenset({Fault.THROTTLED, Fault.SERVICE, Fault.NETWORK})
# They hit every mail until somebody mends it.
OF_EVERY_MAIL = frozenset(
    {
        Fault.LIMIT,
        Fault.PAUSED,
        Fault.SUSPENDED,
        Fault.UNVERIFIED,
        Fault.NOT_ALLOWED,
        Fault.REJECTED,
        Fault.UNWRITABLE,
    }
)
# AWS holds them against the account.
HARMFUL = frozenset({Fault.BOUNCED, Fault.COMPLAINT})
# It has been tried often enough, or there are too many.
FINAL = frozenset({Fault.IN_DOUBT, Fault.OUT_OF_TRIES, Fault.USED_UP})
