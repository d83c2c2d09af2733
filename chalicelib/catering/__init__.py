"""Plate counts for the kitchen: tally, summary, differences, and the mails with them."""
