"""Bring other trackers' records in: find files, parse, name, map, write as one entry, and report everything odd."""
