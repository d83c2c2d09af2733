"""The deadline's rule."""

from datetime import datetime, timedelta

# The web function times out after 10 s, so by then every accepted write is in the table.
SETTLING = timedelta(seconds=120)


def is_open(now: datetime, closes_at: datetime) -> bool:
    """The one rule of the deadline: the first closed instant is `closes_at` itself."""
    return now < closes_at
