"""Making a stage on AWS, and taking it away."""
