"""How far an event has come: open, closed, summarised, deleted; and when each step is due."""
