"""Where the tracker lies and where its caller is, which are two worktrees where it has a branch of its own."""

from __future__ import annotations

import os

from gittracker.domain.errors import UnavailableError
from gittracker.git import discover
from gittracker.index import db
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = 8


class Caller:
    """The worktree that a command runs in, where the tracker lies in another that it has to itself."""

    def __init__(self, repository: discover.Repository, entropy: Callable[[int], bytes]) -> None:
        self.repository = repository
        self.entropy = entropy

    @property
    def worktree(self) -> str:
        """Give its number."""
        return discover.number_of(self.repository)

    def settle(self) -> None:
        """Give it its number before a claim names it; raises AccessError where that can't be written."""
        if self.worktree.startswith("?"):
            make_number(self.repository, self.entropy)


def number(repository: discover.Repository, index: db.Index, entropy: Callable[[int], bytes]) -> str:
    """Give a worktree its number, unless another first write has done so; its rows were kept under its place."""
    before = discover.number_of(repository)
    if not before.startswith("?"):
        return before
    made = make_number(repository, entropy)
    db.rename_worktree(index, before, made)
    return made


def make_number(repository: discover.Repository, entropy: Callable[[int], bytes]) -> str:
    """Give a worktree its number: eight random digits."""
    made = str(int.from_bytes(entropy(8), "big"))[-_DIGITS:].zfill(_DIGITS)
    atomic.write(os.path.join(repository.git_dir, "gittracker", "worktree"), made.encode() + b"\n")
    return made


def linked(repository: discover.Repository) -> UnavailableError:
    """Say that a link stands where the tracker should: ours, whose worktree is no longer one, or another."""
    if os.path.realpath(repository.tracker) == os.path.realpath(f"{repository.side}/.openkit"):
        return UnavailableError(f'the tracker\'s own worktree "{repository.side}" has lost its repository',
                                "gittracker setup")
    return UnavailableError(f'"{repository.tracker}" is a symbolic link, which git does not look behind',
                            "put the folder itself in its place")


def absent(repository: discover.Repository) -> UnavailableError:
    """Say that there is no tracker, that its files are left out here, or that this clone has not set up its branch."""
    from gittracker.git import objects, sidebranch
    there = sidebranch.tracker_branch(repository.top)
    if there:
        return UnavailableError(f'the tracker is on the branch "{there}", which is not set up in this clone',
                                "gittracker init")
    if objects.ids_at(repository.top, [f"HEAD:.openkit/{layout.CONFIG}"]):
        return UnavailableError(f'the tracker\'s files are not in "{repository.top}", but in its last commit',
                                "git sparse-checkout add .openkit" if discover.is_sparse(repository) else
                                "git checkout HEAD -- .openkit")
    return UnavailableError(f'no tracker in "{repository.top}"', "gittracker init")
