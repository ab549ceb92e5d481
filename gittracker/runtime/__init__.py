"""Processes that we start and end."""
