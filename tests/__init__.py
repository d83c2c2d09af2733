"""Unit, integration and end-to-end tests."""
