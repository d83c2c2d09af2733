"""Creates a stage on AWS, updates and removes it."""
