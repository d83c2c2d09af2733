"""How long CPU work takes with the share of a core that AWS gives a function."""

# Lambda Developer Guide, "Configure Lambda function memory": at 1769 MB a function has one core.
CORE_MB = 1769


def at_share(cpu: float, memory_mb: float) -> float:
    """The duration of `cpu` (any unit of time) in a function with `memory_mb`.

    Not for the init phase, which has a whole core at any memory size.
    """
    return cpu / min(1, memory_mb / CORE_MB)
