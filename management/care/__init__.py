"""Looking after a deployed stage."""
