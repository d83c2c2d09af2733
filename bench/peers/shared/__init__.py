"""The application code that all peers share."""
