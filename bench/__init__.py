"""What the service costs and what its functions need: measured here, not deployed."""
