"""How much is deleted at once, and the smallest group that is shown."""

# A plate that fewer people ate could identify one of them.
SMALLEST_GROUP_SHOWN = 3
# One run of the tick has time for at least this much; the next run continues a minute later.
TRANSACTIONS_A_RUN = 100
RENEWED_A_RUN = 2000
# DynamoDB allows 100 writes in a transaction; one of them writes the event state.
DELETED_IN_A_TRANSACTION = 99
