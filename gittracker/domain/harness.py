"""A harness: the instruction text that a role runs under."""

from __future__ import annotations

from gittracker.domain.fields import Record


class Harness(Record):
    """A harness; it has no front matter, `body` is the template."""

    NOUN = "harness"
