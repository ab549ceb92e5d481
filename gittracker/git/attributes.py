"""What git's attributes say of paths."""

from __future__ import annotations

from gittracker.git.run import git


def filters(top: str, paths: list[str]) -> dict[str, str]:
    """Give the name of the filter that git passes each path through; paths without one are left out."""
    given = b"".join(path.encode(errors="surrogateescape") + b"\0" for path in paths)
    words = git(top, "check-attr", "-z", "--stdin", "filter", given=given).out.decode(
        errors="surrogateescape").split("\0") if paths else []
    return {path: value for path, value in zip(words[::3], words[2::3], strict=False)
            if value not in ("unspecified", "unset", "set")}


def setting(folder: str, name: str) -> str:
    """Give a value of git's configuration, empty where it is not set."""
    done = git(folder, "config", "--get", name)
    return done.text if done.status == 0 else ""
