"""What a share of a core makes of CPU time."""

# Lambda Developer Guide, "Configure Lambda function memory": at 1769 MB a function has one core.
CORE_MB = 1769


def at_share(cpu: float, memory_mb: float) -> float:
    """How long so much CPU time takes with so much memory; start-up has a whole core anyway."""
    return cpu / min(1, memory_mb / CORE_MB)
