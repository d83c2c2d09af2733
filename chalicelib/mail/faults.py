"""The faults of mails, and which of them are transient, final or affect every mail."""

from enum import StrEnum


class Fault(StrEnum):
    """Why a mail could not be made, was not accepted by SES, or did not arrive."""

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
    NO_BASE_URL = "no_base_url"
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
    FILE_GONE = "event_file_gone"
    FILE_WRONG = "event_file_wrong"
    DAY_MOVED = "day_moved_to_the_past"


# Pass without intervention; an alarm is raised only if they last.
TRANSIENT = frozenset({Fault.THROTTLED, Fault.SERVICE, Fault.NETWORK})
# Affect every mail until somebody fixes the cause.
OF_EVERY_MAIL = frozenset(
    {
        Fault.LIMIT,
        Fault.PAUSED,
        Fault.SUSPENDED,
        Fault.UNVERIFIED,
        Fault.NOT_ALLOWED,
        Fault.REJECTED,
        Fault.UNWRITABLE,
        Fault.NO_BASE_URL,
    }
)
# AWS counts these against the account's reputation as a sender.
HARMFUL = frozenset({Fault.BOUNCED, Fault.COMPLAINT})
# Not retried: the attempts, or the receipts of the day, are used up.
FINAL = frozenset({Fault.IN_DOUBT, Fault.OUT_OF_TRIES, Fault.USED_UP})
