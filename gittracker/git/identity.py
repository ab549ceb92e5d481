"""Who git says the user is."""

from __future__ import annotations

import os

from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository

_VARIABLES = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL", "USER",
              "GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT", "HOME", "XDG_CONFIG_HOME")


def fingerprint(repository: Repository) -> str:
    """Sum up what the answer depends on, so that it can be kept: variables and the config files' stamps."""
    home = os.environ.get("HOME", "")
    files = [os.environ.get("GIT_CONFIG_GLOBAL") or f"{home}/.gitconfig",
             f"{os.environ.get('XDG_CONFIG_HOME') or home + '/.config'}/git/config",
             f"{repository.common_dir}/config", f"{repository.git_dir}/config.worktree", "/etc/gitconfig"]
    parts = [os.environ.get(name, "") for name in _VARIABLES]
    for path in files:
        try:
            one = os.stat(path)
            parts.append(f"{one.st_mtime_ns}.{one.st_size}")
        except OSError:
            parts.append("")
    return "\n".join(parts)


def ask(repository: Repository) -> tuple[str, str, str]:
    """Ask git for the user's name and address, and for `gittracker.as`, the name to act under (often empty)."""
    def config(name: str) -> str:
        return git(repository.top, "config", "--get", name).text
    name = os.environ.get("GIT_COMMITTER_NAME") or config("user.name")
    email = os.environ.get("GIT_COMMITTER_EMAIL") or config("user.email") or os.environ.get("EMAIL", "")
    login = os.environ.get("USER") or os.environ.get("USERNAME") or "user"
    return name or login, email or f"{login}@localhost", config("gittracker.as")
