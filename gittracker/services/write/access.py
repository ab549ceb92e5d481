"""What a sandbox would have to allow: the folders that writes need besides the files."""

from __future__ import annotations

import os

from gittracker.domain.errors import AccessError, SandboxedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.services.tracker import Tracker


def roots(repository: Repository) -> list[str]:
    """Name the folders to add to a sandbox's writable roots, so that it has journal, state and this worktree's own.

    Where the tracker has a branch of its own, the files and what commits need lie in git's folder, too.
    """
    if repository.is_side:
        return [repository.common_dir]
    found = [repository.local]
    if repository.git_dir != repository.common_dir:
        found.append(os.path.join(repository.git_dir, "gittracker"))
    return found


def refusal(repository: Repository, what: str) -> SandboxedError:
    """Say that a command can't do its work here, and what would have to be allowed."""
    return SandboxedError(what, repository.local, roots(repository))


def git_refusal(repository: Repository, what: str) -> SandboxedError:
    """Say so of a command that lets git itself write."""
    return SandboxedError(what, repository.common_dir, [repository.common_dir])


class Needed:
    """What is done within needs the clone's state; where a sandbox refuses it, the error says what to allow."""

    def __init__(self, tracker: Tracker, what: str) -> None:
        self._tracker = tracker
        self._what = what

    def __enter__(self) -> None:
        """Begin; raises SandboxedError."""
        if self._tracker.sandboxed:
            raise refusal(self._tracker.repository, self._what)

    def __exit__(self, _: object, error: object, __: object) -> None:
        if isinstance(error, AccessError):
            raise refusal(self._tracker.repository, self._what) from error
