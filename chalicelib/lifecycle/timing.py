"""Every wait, pause and time limit in the life of an event."""

from datetime import time, timedelta

# The web function times out after 10 s, so by then every accepted write is in the table.
SETTLING = timedelta(seconds=120)
# A function has 10 s: what it said it would write is in the table by then.
REQUESTS_END_WITHIN = timedelta(seconds=15)
BETWEEN_SNAPSHOTS = timedelta(seconds=60)
# After a change, so that somebody who corrects three plates makes one notice.
QUIET = timedelta(minutes=10)
BETWEEN_RECOUNTS = timedelta(hours=1)
REMINDED_DAYS_BEFORE = (7, 1)
REMINDED_AT = time(8)
REMINDER_LASTS = timedelta(days=1)
BETWEEN_FOLLOW_UPS = timedelta(hours=1)
# A function that still runs with the old day may write until long after the new one is deployed.
MOVED_DAY_SETTLES = timedelta(hours=1)
# The certificate is out minutes after its hour; the alarm waits for more than a passing fault.
DELETION_OVERDUE = timedelta(hours=6)
# The summary is out 3 minutes after the deadline, unless something is wrong.
SUMMARY_OVERDUE = timedelta(minutes=30)
# After it, the certificate's own mails and late logins gather; they are deleted after so long.
SWEPT_AFTER = timedelta(days=30)
# How long after the day of deletion the table forgets by itself what is still there.
EXPIRES_AFTER_DELETION = timedelta(days=30)
# How old the deadline on a public page may be; what is written is decided on the table's own.
DEADLINE_SHOWN_FOR = timedelta(seconds=30)
