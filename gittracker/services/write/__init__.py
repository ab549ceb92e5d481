"""The write path, and where it leads."""
