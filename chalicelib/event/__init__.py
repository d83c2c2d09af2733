"""The event: its file and checks, theme and legal statements, and its public pages."""
