"""Checks of a deployed stage: whether it will work on the day, and how to fix what will not."""
