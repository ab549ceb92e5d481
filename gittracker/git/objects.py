"""Git objects: ids by name, and bytes by id."""

from __future__ import annotations

from gittracker.git.run import git


def ids_at(folder: str, names: list[str]) -> dict[str, str]:
    """Resolve object names such as `HEAD:path` to blob ids; what doesn't exist is left out."""
    if not names:
        return {}
    given = "\n".join(names).encode(errors="surrogateescape") + b"\n"
    lines = git(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", given=given).text.split("\n")
    found = {}
    for name, line in zip(names, lines, strict=False):
        oid, _, kind = line.rpartition(" ")
        if kind == "blob":
            found[name] = oid
    return found


def staged_ids(folder: str, below: str) -> dict[str, str]:
    """Give the blob ids of all files below a folder by path, as git's index has them."""
    lines = git(folder, "ls-files", "--stage", "-z", "--", below).out.decode(errors="surrogateescape").split("\0")
    return {path: meta.split(" ")[1] for meta, _, path in (line.partition("\t") for line in lines[:-1])}


def head_ids(folder: str, below: str) -> dict[str, str]:
    """Give the blob ids of all files below a folder by path, as HEAD has them."""
    lines = git(folder, "ls-tree", "-r", "-z", "HEAD", "--", below).out.decode(errors="surrogateescape").split("\0")
    return {path: meta.split(" ")[2] for meta, _, path in (line.partition("\t") for line in lines[:-1])}


def read_blobs(folder: str, names: list[str]) -> dict[str, bytes]:
    """Read blobs by object name; what doesn't exist is left out."""
    if not names:
        return {}
    unique = list(dict.fromkeys(names))
    out = git(folder, "cat-file", "--batch", given="\n".join(unique).encode(errors="surrogateescape") + b"\n").out
    found = {}
    position = 0
    for name in unique:
        end = out.find(b"\n", position)
        header = out[position:end].rsplit(b" ", 2)
        position = end + 1
        if len(header) == 3 and header[2].isdigit() and header[1] in (b"blob", b"tree", b"commit", b"tag"):
            size = int(header[2])
            if header[1] == b"blob":
                found[name] = out[position:position + size]
            position += size + 1
    return found


def hash_files(top: str, paths: list[str]) -> dict[str, str]:
    """Give the blob ids that git would give files of a worktree, its filters applied; nothing is written.

    A path with a line end in it can't be asked about and is left out.
    """
    asked = [path for path in paths if "\n" not in path]
    if not asked:
        return {}
    given = "\n".join(asked).encode(errors="surrogateescape") + b"\n"
    lines = git(top, "hash-object", "--stdin-paths", given=given).text.split("\n")
    return dict(zip(asked, lines, strict=False))
