"""How many mails may be sent, and how many a run sends."""

from datetime import timedelta
from enum import StrEnum

# A form that mails whoever is written into it must not become somebody's weapon.
RECEIPTS_PER_ADDRESS_A_DAY = 5
RECEIPTS_A_DAY = 1000
# AWS shuts the mail of an account of whose mails too many come back: the summary's too. So each
# receipt that does counts for many, and twenty end the day's receipts.
COUNTED_FOR_A_BOUNCE = RECEIPTS_A_DAY // 20
# What one run of a scheduled function can surely send; the rest is sent a minute later.
MAILS_AT_A_TIME = 50
DROPPED_AT_A_TIME = 300
RECEIPTS_AT_A_TIME = MAILS_AT_A_TIME + DROPPED_AT_A_TIME


class Cap(StrEnum):
    """Whose receipts of a day are used up."""

    MAILBOX = "mailbox"
    ALL = "all"


LINKS_AN_HOUR = 5
CONFIRMED_WITHIN = timedelta(hours=6)
# How long the table keeps a counter after what it counts has ended.
CAPS_KEPT_FOR = timedelta(days=2)
