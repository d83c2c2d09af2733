"""What is raised of a file from which no invitation can be read."""


class Unreadable(ValueError):
    """No text can be read from a file; the text says why."""
