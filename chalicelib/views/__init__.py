"""The blueprints: HTTP on one side, services on the other."""
