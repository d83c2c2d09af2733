"""Instants as the table's texts."""

from datetime import UTC, datetime

_WHEN = "%Y-%m-%dT%H:%M:%S.%fZ"


def instant(at: datetime) -> str:
    """UTC with microseconds, so that the texts sort as the instants do."""
    return at.astimezone(UTC).strftime(_WHEN)


def moment(text: str) -> datetime:
    """The instant that was written."""
    return datetime.fromisoformat(text)
