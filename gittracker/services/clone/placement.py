"""Where the tracker lies and where its caller is, which are two worktrees where it has a branch of its own."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError, UnavailableError
from gittracker.domain.settings import FORMAT
from gittracker.git import discover
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.domain.settings import Settings

IN_TREE, SIDE_BRANCH = "in-tree", "side-branch"
JOURNAL, BRANCH = "journal", "branch"
_DIGITS = 8
_MEND = "mend the file: until then nothing is written"


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


def make_number(repository: discover.Repository, entropy: Callable[[int], bytes]) -> str:
    """Give a worktree its number: eight random digits."""
    made = str(int.from_bytes(entropy(8), "big"))[-_DIGITS:].zfill(_DIGITS)
    atomic.write(os.path.join(repository.git_dir, "gittracker", "worktree"), made.encode() + b"\n")
    return made


def check_writable(settings: Settings, repository: discover.Repository, adopts: bool) -> None:
    """Refuse to write a tracker of a newer format, one whose settings are broken, and one that says it lies elsewhere.

    The last is for `init` to mend, which `adopts` it.
    Raises InvalidDataError.
    """
    if settings.format_version > FORMAT:
        raise InvalidDataError(f"the tracker has format {settings.format_version}; this gittracker writes "
                               f"format {FORMAT}", "pip install --upgrade gittracker", layout.CONFIG)
    for path, line, message in settings.broken:
        raise InvalidDataError(message, _MEND, path, line)
    wanted = SIDE_BRANCH if repository.is_side else IN_TREE
    if settings.placement not in ("", wanted) and not adopts:
        where = "on a branch of its own" if repository.is_side else "among this worktree's files"
        raise InvalidDataError(f'tracker.placement is "{settings.placement}", and the tracker lies {where}',
                               f'put "{wanted}" there; docs/side-branch.md tells how a tracker moves', layout.CONFIG, 1)
    if settings.history not in (JOURNAL, BRANCH):
        raise InvalidDataError(f'tracker.history is "{settings.history}"; expected journal or branch', _MEND,
                               layout.CONFIG, 1)


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
