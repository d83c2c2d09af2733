"""Whether a deployed stage is as it must be."""
