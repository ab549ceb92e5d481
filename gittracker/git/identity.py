"""Who git says the user is."""

from __future__ import annotations

import os

from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository

    # variables, then each config file with its mtime and size
    Sources = tuple[str, list[tuple[str, int, int]]]

_VARIABLES = ("EMAIL", "USER", "USERNAME", "HOME", "XDG_CONFIG_HOME")


class User:
    """Git's user, and the name to act under that `gittracker.as` gives (often empty)."""

    __slots__ = ("name", "email", "acting")

    def __init__(self, name: str, email: str, acting: str) -> None:
        self.name = name
        self.email = email
        self.acting = acting


def is_current(sources: Sources) -> bool:
    """Tell whether nothing that an answer came from has changed since."""
    variables, files = sources
    return variables == _environment() and all(_stamp(path) == (path, mtime, size) for path, mtime, size in files)


def ask(repository: Repository) -> tuple[User, Sources]:
    """Ask git for the user, and note what the answer depends on: variables, and every file that git read."""
    fields = git(repository.top, "config", "--list", "--show-origin", "-z").out.decode(errors="replace").split("\0")
    values: dict[str, str] = {}
    for setting in fields[1::2]:
        name, _, value = setting.partition("\n")
        values[name] = value
    home = os.environ.get("HOME", "")
    paths = {os.path.join(repository.top, origin[5:]) for origin in fields[::2] if origin.startswith("file:")}
    paths |= {f"{home}/.gitconfig", f"{os.environ.get('XDG_CONFIG_HOME') or home + '/.config'}/git/config",
              f"{repository.git_dir}/config.worktree"}  # which may come to be
    login = os.environ.get("USER") or os.environ.get("USERNAME") or "user"
    name = os.environ.get("GIT_COMMITTER_NAME") or values.get("user.name") or login
    email = os.environ.get("GIT_COMMITTER_EMAIL") or values.get("user.email") or os.environ.get("EMAIL")
    user = User(name, email or f"{login}@localhost", values.get("gittracker.as", ""))
    return user, (_environment(), [_stamp(path) for path in sorted(paths)])


def _environment() -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items())
                     if name in _VARIABLES or name.startswith(("GIT_CONFIG", "GIT_COMMITTER")))


def _stamp(path: str) -> tuple[str, int, int]:
    try:
        one = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, one.st_mtime_ns, one.st_size
