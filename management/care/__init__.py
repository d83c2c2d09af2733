"""Commands for a stage in operation: status, preview, test mails, failed events."""
