"""Problem rows: what is wrong with a file, by path and line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

    Problem = tuple[str, int, str]  # path, line, message


def add(index: Index, worktree: str, path: str, line: int, message: str) -> None:
    """Note what is wrong with a file."""
    index.run("INSERT INTO problem VALUES (?, ?, ?, ?)", worktree, path, line, message)


def listed(index: Index, worktree: str, folder: str = "") -> list[Problem]:
    """List the problems of a worktree, or those below one folder."""
    if not folder:
        return index.all("SELECT path, line, message FROM problem WHERE worktree = ?", worktree)
    return index.all("SELECT path, line, message FROM problem WHERE worktree = ? AND path >= ? AND path < ?", worktree,
                     folder + "/", folder + "0")


def forget(index: Index, worktree: str, folder: str) -> bool:
    """Drop the problems below a folder, before it is read again; tells whether there were any."""
    return bool(index.run("DELETE FROM problem WHERE worktree = ? AND path >= ? AND path < ?", worktree, folder + "/",
                          folder + "0").rowcount)


def forget_file(index: Index, worktree: str, path: str) -> None:
    """Drop the problems of one file, before it is read again."""
    index.run("DELETE FROM problem WHERE worktree = ? AND path = ?", worktree, path)


def count_files(index: Index, worktree: str) -> int:
    """Count the files that have problems."""
    return int(index.one("SELECT count(DISTINCT path) FROM problem WHERE worktree = ?", worktree)[0])
