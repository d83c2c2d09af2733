"""HTTP: the request, the submitted fields, and the responses."""
