"""Merging one record's file as git asks for it: by field where all versions can be read, else as git does."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError, StorageError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import merge_md
from gittracker.formats.conflicts import OURS, THEIRS
from gittracker.git.run import git
from gittracker.services.merge import driverbases
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record
    from gittracker.formats.merge_md import Choose, Combined

_TRACKER = ".openkit/"


class Merge:
    """How a merge of one file ended: clean or not, and the fields in dispute where they could be told."""

    __slots__ = ("name", "clean", "disputes")

    def __init__(self, name: str, clean: bool, disputes: list[str]) -> None:
        self.name = name
        self.clean = clean
        self.disputes = disputes


def drive(base: str, ours: str, theirs: str, path: str) -> Merge:
    """Merge three files into the second, for the record at `path`; raises StorageError where one can't be read.

    Git's own merge comes first: whatever happens to us then, the file has all that both sides say.
    """
    inside = path.rpartition(_TRACKER)[2]
    old, mine, other = (_read(file) for file in (base, ours, theirs))
    better = driverbases.better(path, other)
    if better is not None:
        old = better
        _write(base, old)
    by_git = git(os.curdir, "merge-file", "-L", OURS, "-L", "base", "-L", THEIRS, ours, base, theirs)
    name = kinds.name_of(kinds.place(inside)) or path
    made = combined(inside, old, mine, other)
    if made is None:
        return Merge(name, not by_git.status, [])
    _write(ours, made.data)
    return Merge(name, not made.disputes, made.disputes)


def combined(path: str, base: bytes | None, ours: bytes, theirs: bytes,
             choose: Choose = lambda name: "") -> Combined | None:
    """Merge three versions of a file below `.openkit` by field; None where it has none, or one can't be read."""
    cls = class_of(path)
    if cls is None:
        return None
    try:
        return merge_md.combine(cls, base, ours, theirs, path, choose)
    except InvalidDataError:
        return None


def class_of(path: str) -> type[Record] | None:
    """Give the class of a file that is merged by field; None where it is merged as text."""
    cls = CLASSES.get(kinds.noun(path))
    return cls if cls and cls.FIELDS else None


def _write(path: str, data: bytes) -> None:
    """Replace a file of git's in one step, so that a full disk leaves what git made of it."""
    with open(f"{path}.new", "wb") as file:
        file.write(data)
    os.replace(f"{path}.new", path)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise StorageError(f'can\'t read "{path}": {error.strerror}', "git calls this command; see docs/merging.md"
                           ) from error
