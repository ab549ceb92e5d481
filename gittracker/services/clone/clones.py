"""A clone as a whole: its worktrees, its branches, and which of them is home."""

from __future__ import annotations

import os

from gittracker.domain.errors import AmbiguousError, NotFoundError
from gittracker.git import discover, head, refs, sidebranch, worktrees
from gittracker.git.worktrees import Worktree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.git.refs import Branch

LOCAL = "refs/heads/"


class Clone:
    """What git knows of a clone at one moment; `branches` are by full name, those of remotes too."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.worktrees: list[Worktree] = worktrees.every(repository.top)
        self.branches: dict[str, Branch] = refs.every(repository.top)
        for one in self.worktrees:
            if self.holds_tracker(one):
                one.top = repository.side  # which git may not know after a move or a copy of the clone
        main = self.worktrees[0] if self.worktrees else None
        if main and not main.bare and not main.git_dir:  # git names a submodule's git directory
            main.top = discover.main_top(repository) or main.top

    @property
    def home(self) -> str:
        """Give the full name of the branch that others fold into: the one named, the main worktree's, or the tracker's.

        Empty where that is on none.
        """
        if self.repository.is_side:
            return head.full_branch(self.repository.top)
        main = self.worktrees[0]
        named = self.repository.home or main.branch
        return named or (worktrees.head_of(self.repository.common_dir) if main.bare else "")

    @property
    def linked(self) -> list[Worktree]:
        """List the worktrees beside the main one."""
        return self.worktrees[1:]

    @property
    def code(self) -> list[Worktree]:
        """List the worktrees without the one that the tracker may have to itself."""
        return [one for one in self.worktrees if not self.holds_tracker(one)]

    def holds_tracker(self, one: Worktree) -> bool:
        """Tell whether a worktree is the one that the tracker has to itself."""
        side = self.repository.side
        return one.top == side or (one.branch == sidebranch.REF and os.path.exists(f"{side}/.git"))

    def here(self) -> Worktree | None:
        """Give the worktree that the command works in."""
        return next((one for one in self.worktrees if os.path.realpath(one.top) == self.repository.top), None)

    def on(self, branch: str) -> Worktree | None:
        """Give the worktree that has a branch (by its full name) checked out."""
        return next((one for one in self.worktrees if one.branch == branch), None)

    def other_top(self, one: Worktree) -> str:
        """Give the top of another worktree than this, the first that is there."""
        return next((other.top for other in self.worktrees if other is not one and not other.bare
                     and os.path.isdir(other.top)), one.top)

    def at(self, one: Worktree) -> Repository:
        """Give a worktree as a place to work in."""
        return discover.at(one.top, self.repository)

    def branch(self, name: str) -> Branch:
        """Find a local branch by its full name or its short one; raises NotFoundError."""
        found = self.branches.get(name) if name.startswith(LOCAL) else None
        found = found or self.branches.get(LOCAL + name)
        if found is None:
            raise NotFoundError("branch", name, "git branch --list")
        return found

    def worktree(self, name: str) -> Worktree:
        """Find a worktree by branch, folder's name, path or number; raises NotFoundError, AmbiguousError."""
        path = os.path.realpath(name)
        for fits in (lambda one: os.path.realpath(one.top) == path, lambda one: one.branch == LOCAL + name,
                     lambda one: number(one) == name, lambda one: os.path.basename(one.top) == name):
            found = [one for one in self.worktrees if fits(one)]
            if len(found) == 1:
                return found[0]
            if found:
                raise AmbiguousError(name, [one.top for one in found])
        raise NotFoundError("worktree", name, "gittracker worktree list")

    def heads_beside(self, branch: str, top: str) -> list[str]:
        """List the commits that branches and worktrees are at, without one branch and one worktree."""
        found = [one.head for name, one in self.branches.items() if name != branch]
        found += [one.head for one in self.worktrees if one.top != top and (one.branch != branch or not branch)]
        return [head for head in dict.fromkeys(found) if head]


def number(one: Worktree) -> str:
    """Give a worktree's own number, under which its journal runs; empty before its first write."""
    return number_in(one.git_dir)


def number_in(git_dir: str) -> str:
    """Read a worktree's number out of its git directory."""
    try:
        with open(os.path.join(git_dir, "gittracker", "worktree"), encoding="ascii") as file:
            return file.read().strip() if git_dir else ""
    except (OSError, UnicodeDecodeError):
        return ""


def has_tracker(one: Worktree) -> bool:
    """Tell whether a worktree is there and has the tracker's files; a link to those of another is none."""
    path = os.path.join(one.top, ".openkit")
    return not one.bare and os.path.isdir(path) and not os.path.islink(path)
