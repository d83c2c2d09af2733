"""Dukat: the agenda of a one-day event, special-diet registrations, and the caterer's summary."""
