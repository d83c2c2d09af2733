"""A stage as the code and .chalice/config.json define it, and this machine's access to AWS."""
