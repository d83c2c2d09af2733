"""How many mails may be sent, and how many one run sends."""

from datetime import timedelta

# What one run of a scheduled function can safely send; the rest is sent a minute later.
MAILS_AT_A_TIME = 50
DROPPED_AT_A_TIME = 300
RECEIPTS_AT_A_TIME = MAILS_AT_A_TIME + DROPPED_AT_A_TIME
# Mails with its links that an address gets in a day, since anybody can ask for them; and asks in a
# day at one event, each of which may cost a look through its registrations.
LINK_MAILS_A_DAY = 3
ASKS_A_DAY = 300

# SES reports within minutes what became of a mail, also that it is delayed.
CONFIRMED_WITHIN = timedelta(hours=1)
