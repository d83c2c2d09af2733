"""The log: JSON lines, one line for each request, the errors of runs, and metrics."""
