"""Mail: the outbox, sending through SES, what became of each mail, and alarms."""
