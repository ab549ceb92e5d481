"""Sync with a git remote."""
