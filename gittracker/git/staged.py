"""What is staged for the next commit, which is what a pre-commit hook must look at: not the files on disk."""

from __future__ import annotations

import os

from gittracker.git.objects import read_blobs
from gittracker.git.run import git

_LINK = "120000"


class Change:
    """One path that the commit adds or changes: its bytes, those it had before (None: it is new), if it is a link."""

    __slots__ = ("path", "data", "before", "is_link")

    def __init__(self, path: str, data: bytes, before: bytes | None, is_link: bool) -> None:
        self.path = path
        self.data = data
        self.before = before
        self.is_link = is_link


def index_file() -> str:
    """Give the index that git named for a hook (of `commit PATH` it is a temporary one), empty where it named none."""
    named = os.environ.get("GIT_INDEX_FILE", "")
    return os.path.abspath(named) if named else ""


def changes(top: str, folder: str, index: str) -> list[Change]:
    """List what the commit adds or changes below a folder."""
    fields = _git(top, index, "diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff",
                  "--diff-filter=ACMRT", "--", folder).split("\0")
    rows = [(meta.lstrip(":").split(" "), path) for meta, path in zip(fields[::2], fields[1::2], strict=False)]
    blobs = read_blobs(top, [oid for meta, _ in rows for oid in meta[2:4] if oid.strip("0")])
    return [Change(path, blobs.get(meta[3], b""), blobs.get(meta[2]), meta[1] == _LINK) for meta, path in rows]


def holding(top: str, folder: str, index: str, lines: list[str]) -> list[str]:
    """Name the staged files below a folder that hold one of these texts."""
    given = "\n".join(lines).encode() + b"\n"
    return _git(top, index, "grep", "--cached", "-l", "-z", "-F", "-f", "-", "--", folder, given=given).split("\0")[:-1]


def read(top: str, index: str, paths: list[str]) -> dict[str, bytes]:
    """Read staged files by path."""
    if not paths:
        return {}
    fields = _git(top, index, "ls-files", "--stage", "-z", "--", *(f":(literal){path}" for path in paths)).split("\0")
    oids = {path: meta.split(" ")[1] for meta, _, path in (field.partition("\t") for field in fields[:-1])}
    blobs = read_blobs(top, list(oids.values()))
    return {path: blobs[oid] for path, oid in oids.items() if oid in blobs}


def _git(top: str, index: str, *args: str, given: bytes = b"") -> str:
    return git(top, *args, given=given, index=index).out.decode(errors="surrogateescape")
