"""The use cases; each gets a Context, and what else it needs."""
