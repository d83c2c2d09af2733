"""Runs the service on this machine, with moto in place of AWS."""
