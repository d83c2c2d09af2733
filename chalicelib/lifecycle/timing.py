"""Every wait, pause and time limit in the life of an event."""

from datetime import time, timedelta

# After the deadline: the web function times out after 10 s, so every accepted write is stored.
SETTLING = timedelta(seconds=120)
# The web function times out after 10 s: by then its request has written everything.
REQUESTS_END_WITHIN = timedelta(seconds=15)
# The closing schedule runs at least this long: both snapshots, and retries of the mails.
CLOSING_RUNS_FOR = timedelta(minutes=10)
BETWEEN_SNAPSHOTS = timedelta(seconds=60)
# After a change: three corrections in a row cause one change notice.
QUIET = timedelta(minutes=10)
BETWEEN_RECOUNTS = timedelta(hours=1)
REMINDED_DAYS_BEFORE = (7, 1)
REMINDED_AT = time(8)
REMINDER_LASTS = timedelta(days=1)
BETWEEN_FOLLOW_UPS = timedelta(hours=1)
# A day that the event file moves: mistyped, it can be put right before anything is deleted by it.
MOVED_DAY_SETTLES = timedelta(days=1)
# The certificate is sent minutes after the deletion day; a transient fault raises no alarm.
DELETION_OVERDUE = timedelta(hours=6)
# The summary is sent 3 minutes after the deadline, unless something is wrong.
SUMMARY_OVERDUE = timedelta(minutes=30)
# The pause between sweeps, which delete what the certificate's mails and late logins stored.
SWEPT_AFTER = timedelta(days=30)
# How long after the deletion day DynamoDB expires items that were not deleted.
EXPIRES_AFTER_DELETION = timedelta(days=30)
# How old the deadline and the changes on a public page may be; writes check the stored deadline.
STATE_SHOWN_FOR = timedelta(seconds=30)
