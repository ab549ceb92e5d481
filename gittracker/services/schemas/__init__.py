"""Schemas of all that is printed, kept and accepted."""
