"""A new event's file: blank, like an earlier event, or read from an invitation."""
