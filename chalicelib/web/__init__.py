"""HTTP: a request, what was submitted, and the answers."""
