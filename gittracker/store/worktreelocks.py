"""The locks that a sandboxed command can take; others ask for them only where one was ever made."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.store import atomic, layout
from gittracker.store.locks import NOFOLLOW, Lock


class ReadLock(Lock):
    """A lock by one who may read the file alone; raises FileNotFoundError where there is none."""

    def _open(self) -> None:
        try:
            self._fd = os.open(self.path, os.O_RDONLY | NOFOLLOW)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise atomic.refused(self.path, error) from error


class WorktreeLock(Lock):
    """The lock of one worktree's files, all that a sandboxed command can take; `is_new` says that it made the file.

    The file lies in a checkout: it may come with a clone, be a trap, belong to another user, or be cleaned away.
    """

    def __init__(self, root: str, holder: str) -> None:
        super().__init__(f"{root}/{layout.LOCK}", holder)
        self._root = root
        self.is_new = False

    def _open(self) -> None:
        folder = os.path.dirname(self.path)
        try:
            if os.path.islink(folder):
                raise InvalidDataError("a symbolic link", "put a plain folder in its place", layout.LOCAL)
            if not os.path.isdir(folder):
                _make_like(folder, self._root)
            self._fd = self._made_or_opened()
        except OSError as error:
            raise atomic.refused(self.path, error) from error

    def _made_or_opened(self) -> int:
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NOFOLLOW, 0o666)
        except FileExistsError:
            pass
        else:
            self.is_new = True
            return fd
        try:
            return os.open(self.path, os.O_RDWR | NOFOLLOW)
        except PermissionError:
            return os.open(self.path, os.O_RDONLY | NOFOLLOW)  # another user's; a lock needs no more

    def _is_there(self) -> bool:
        """Tell whether what was locked is still the file at the path; `git clean -x` may have removed it."""
        try:
            if os.path.samestat(os.fstat(self._fd), os.stat(self.path, follow_symlinks=False)):
                return True
        except FileNotFoundError:
            pass
        self._close()
        self._open()
        return False


def _make_like(folder: str, model: str) -> None:
    """Make a folder that whoever may write the one it lies in may write too."""
    os.makedirs(model, exist_ok=True)
    try:
        os.mkdir(folder)
        os.chmod(folder, os.stat(model).st_mode & 0o7777)
    except FileExistsError:
        pass
