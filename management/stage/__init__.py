"""A stage, as code and configuration say."""
