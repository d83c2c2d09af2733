"""The views: HTTP on one side, services on the other."""
