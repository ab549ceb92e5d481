"""What files have ever been, in the commits that a branch or any reaches."""

from __future__ import annotations

from gittracker.git.run import git


def ever(folder: str, paths: list[str], head: str = "--all") -> set[tuple[str, str]]:
    """Give every (path, blob) that commits left at these paths: of `head`, or of any branch, remote or stash."""
    if not paths:
        return set()
    done = git(folder, "--literal-pathspecs", "log", head, "-m", "--format=", "-r", "-z", "--raw", "--no-abbrev",
               "--no-renames", "--", *dict.fromkeys(paths))
    words = [word for word in done.out.decode(errors="surrogateescape").split("\0") if word.strip("\n")]
    return {(path, meta.strip("\n").split(" ")[3]) for meta, path in zip(words[::2], words[1::2], strict=False)}


def deleted(folder: str, paths: list[str], heads: list[str], since: int) -> dict[str, int]:
    """Tell when commits that `heads` reach last deleted files at these paths; older ones than `since` are not asked."""
    if not paths or not heads:
        return {}
    done = git(folder, "--literal-pathspecs", "log", *heads, "-m", f"--since={since}", "--format=%x01%ct", "-z",
               "--name-only", "--diff-filter=D", "--no-renames", "--", *paths)
    found: dict[str, int] = {}
    for commit in done.out.decode(errors="surrogateescape").split("\x01")[1:]:
        at, *names = (word.strip("\n") for word in commit.split("\0"))
        for name in names:
            found[name] = max(int(at), found.get(name, 0))
    return found
