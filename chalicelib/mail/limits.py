"""How many mails may be sent, and how many one run sends."""

from datetime import timedelta
from enum import StrEnum

# Visitors can enter anybody's address: the caps prevent flooding a mailbox through the form.
RECEIPTS_PER_ADDRESS_A_DAY = 5
RECEIPTS_A_DAY = 1000
# AWS suspends an account with too many bounces, which would stop the summary too. So each bounced
# receipt counts as many receipts, and twenty bounces end the day's receipts.
COUNTED_FOR_A_BOUNCE = RECEIPTS_A_DAY // 20
# What one run of a scheduled function can safely send; the rest is sent a minute later.
MAILS_AT_A_TIME = 50
DROPPED_AT_A_TIME = 300
RECEIPTS_AT_A_TIME = MAILS_AT_A_TIME + DROPPED_AT_A_TIME


class Cap(StrEnum):
    """The used-up cap on a day's receipts: that of one mailbox, or that of all."""

    MAILBOX = "mailbox"
    ALL = "all"


LINKS_AN_HOUR = 5
CONFIRMED_WITHIN = timedelta(hours=6)
# How long the table stores a counter: from the counted request, or from the start of the day.
CAPS_KEPT_FOR = timedelta(days=2)
