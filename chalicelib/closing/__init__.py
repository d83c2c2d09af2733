"""The closing of registration and every other step that is due."""
