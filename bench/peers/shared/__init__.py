"""What the peers share."""
