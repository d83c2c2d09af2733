"""How much is deleted at once, and how small a group may be shown."""

# A combination that fewer people ate may be known to be somebody's.
SMALLEST_GROUP_SHOWN = 3
# What one run of the tick surely has time for; the rest is deleted a minute later.
TRANSACTIONS_A_RUN = 100
RENEWED_A_RUN = 2000
# What one transaction may hold (100), with the control's own write.
DELETED_IN_A_TRANSACTION = 99
