"""The event: its file and what makes it valid, its theme and statements, and its public pages."""
