"""Closing registration, moving the deadline, and the tick that runs the steps that are due."""
