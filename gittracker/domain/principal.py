"""Who acts: a person or a bot, by name and mail address."""

from __future__ import annotations

from gittracker.domain.errors import UsageError
from gittracker.domain.texts import one_line

_BOT_DOMAIN = "bots.gittracker"
_FORBIDDEN = frozenset("<>,\"'")


class Principal:
    """Who acts; `name` is what records show, `git_name` and `email` what commits carry."""

    __slots__ = ("name", "git_name", "email")

    def __init__(self, name: str, git_name: str, email: str) -> None:
        self.name = name
        self.git_name = git_name
        self.email = email


def named(name: str, email: str = "") -> Principal:
    """Make the principal that `--as` names; `bot:codex-1` is a bot. Raises UsageError for a name no file can hold."""
    clean = one_line("the name", name)
    if _FORBIDDEN & set(clean) or clean.lower() == "none" or clean.startswith("@"):
        raise UsageError(f'"{name}" can\'t be a name', "--as bot:codex-1")
    bare = clean.removeprefix("bot:").replace(" ", "-")
    return Principal(clean, clean.removeprefix("bot:"), email or f"{bare}@{_BOT_DOMAIN}")


def as_name(name: str) -> str:
    """Write git's user name as records show it: Alice Smith is alice-smith."""
    clean = "".join(c if c.isalnum() or c in "._-" else "-" for c in name.strip().lower())
    return clean.strip("-") or "user"
