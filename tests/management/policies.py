"""Reading a policy as AWS does."""


def several(value: str | list[str]) -> list[str]:
    """What a policy says of one as of several."""
    return [value] if isinstance(value, str) else value
