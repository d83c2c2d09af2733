"""The log: JSON lines, one for each request, what a failed run leaves, and metrics."""
