"""What the kitchen cooks: the count, the summary, and the mails that carry it."""
