"""A member: a person or a bot that has a file of its own."""

from __future__ import annotations

from gittracker.domain.fields import CHOICE, REF, TEXT, Record, field

KINDS = ("human", "bot")
ROLES = ("admin", "member", "viewer")


class Member(Record):
    """A person or a bot; `body` says what they can do."""

    NOUN = "member"
    ref: str = field(REF, "permanent id", always=True)
    username: str = field(TEXT, "name used as assignee and actor", always=True)
    name: str = field(TEXT, "name for people", always=True)
    kind: str = field(CHOICE, "human or bot", always=True)
    email: str = field(TEXT, "address that git knows them by", always=True)
    role: str = field(CHOICE, "admin, member or viewer", always=True)
