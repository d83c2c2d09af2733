"""Dukat: agendas of events, special-diet registrations, and the caterer's summary."""
