"""Reads IAM policies."""


def several(value: str | list[str]) -> list[str]:
    """A policy's value as a list: one value may be written without a list."""
    return [value] if isinstance(value, str) else value
