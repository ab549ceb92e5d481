"""What agents read, and what they may run."""
