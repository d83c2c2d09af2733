"""The event state (open, closed, summarised, deleted), and when each step is due."""
