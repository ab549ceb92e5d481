"""Worktrees: what each has that nothing else has, making one for a branch, and removing one without a loss."""

from __future__ import annotations

import os
from itertools import pairwise
from shlex import quote

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, NotFoundError, UsageError
from gittracker.git.operations import under_way
from gittracker.git.run import git
from gittracker.services.claim import leaseviews
from gittracker.services.clone import clones, sidebranch, unlanded
from gittracker.services.clone.clones import LOCAL, Clone
from gittracker.services.write import access
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.lease import Lease
    from gittracker.git.worktrees import Worktree
    from gittracker.services.clone.unlanded import Unlanded
    from gittracker.services.tracker import Tracker

_PREFIXES = ("feature/", "fix/", "chore/")  # that a folder's name leaves out, as OpenKit's do
_MOST_WORDS, _MOST_LETTERS = 6, 48
_MOST_NAMED = 5


class State:
    """One worktree as `worktree list` tells it; `only` is None where it can't be looked into.

    `shares` is one that has no copy of the tracker because all share one, `is_tracker` the one that has that.
    """

    __slots__ = ("worktree", "number", "is_home", "is_here", "dirty", "only", "waiting", "tickets", "claims", "shares",
                 "is_tracker")

    def __init__(self, worktree: Worktree) -> None:
        self.worktree = worktree
        self.number = clones.number(worktree)
        self.is_home = self.is_here = self.shares = self.is_tracker = False
        self.dirty: list[str] = []
        self.only: Unlanded | None = None
        self.waiting = False
        self.tickets: list[str] = []
        self.claims: list[Lease] = []

    @property
    def flags(self) -> list[str]:
        """Name what is unusual about it."""
        one = self.worktree
        told = {"bare": one.bare, "locked": one.locked, "missing": not one.bare and not os.path.isdir(one.top),
                "prunable": one.prunable, "detached": not one.bare and not one.branch,
                "no tracker": not (one.bare or self.shares) and os.path.isdir(one.top) and not clones.has_tracker(one),
                "tracker": self.is_tracker,
                "waiting entries": self.waiting}
        return [name for name, holds in told.items() if holds]


def states(tracker: Tracker, clone: Clone) -> list[State]:
    """Look at every worktree of the clone."""
    found = []
    here = clone.here()
    for one in clone.worktrees:
        state = State(one)
        state.is_home = bool(one.branch) and one.branch == clone.home
        state.is_here = one is here
        state.tickets = tickets_of(one.branch)
        state.claims = claimed_in(tracker, one)
        state.is_tracker = clone.holds_tracker(one)
        state.shares = tracker.repository.is_side and not state.is_tracker
        found.append(state)
        if state.shares:
            continue
        if clones.has_tracker(one):
            state.waiting = os.path.exists(f"{one.top}/.openkit/{layout.PENDING}")
        if clone.linked and not one.bare and not state.is_tracker:
            state.only = unlanded.in_worktree(tracker, clone, one)
        state.dirty = state.only.uncommitted if state.only else unlanded.uncommitted(one)
    return found


def claimed_in(tracker: Tracker, one: Worktree) -> list[Lease]:
    """List the leases that are held in a worktree and have not ended."""
    number, now = clones.number(one), tracker.clock() // 1_000_000_000
    return [lease for lease in leaseviews.listed(tracker) if number and lease.worktree == number and lease.is_live(now)]


def tickets_of(branch: str) -> list[str]:
    """Read the slugs out of a branch's name: `fix/OW-43-upload` is about OW-43."""
    words = "".join(c if c.isalnum() else " " for c in branch.removeprefix(LOCAL)).split()
    pairs = (ids.parse_slug(f"{key}-{number}") for key, number in pairwise(words))
    return list(dict.fromkeys(f"{key}-{number}" for key, number in filter(None, pairs)))


def branch_for(slug: str, title: str) -> str:
    """Propose a branch's name for a ticket: its slug and the first words of its title."""
    plain = "".join(c if c.isalnum() and c.isascii() else " " for c in title.lower()).split()[:_MOST_WORDS]
    while plain and len("-".join(plain)) > _MOST_LETTERS:
        plain.pop()
    return "-".join([slug, *plain])


def create(tracker: Tracker, branch: str, ticket: str, path: str, base: str) -> tuple[Worktree, str]:
    """Make a worktree for a branch, and the branch where it is new; gives it and from where the branch is.

    Raises UsageError, NotFoundError, ConflictError.
    """
    clone = Clone(tracker.caller.repository)
    _check_access(tracker, "making a worktree")
    if ticket:
        held = tracker.get(ticket).ticket
        branch = branch or branch_for(held.slug, held.title)
        if held.slug not in tickets_of(branch):
            raise UsageError(f'the branch "{branch}" does not name {held.slug}',
                             f"gittracker worktree create {branch_for(held.slug, held.title)}")
    _check_name(tracker, branch)
    there = clone.on(LOCAL + branch)
    if there:
        raise ConflictError(f'the branch "{branch}" is checked out in "{there.top}"', f"cd {quote(there.top)}")
    where = os.path.abspath(path) if path else place_for(clone, branch)
    if os.path.lexists(where) and not (os.path.isdir(where) and not os.listdir(where)):
        raise ConflictError(f'"{where}" is there already', "name another folder with --path")
    start, words = _start(clone, branch, base)
    done = git(tracker.caller.repository.top, "worktree", "add", "--quiet", where, *words, locks=True)
    if done.status:
        if "-b" in words and "already exists" not in done.err:
            _take_back(clone, branch)
        raise ConflictError(f"git could not make the worktree: {_first(done.err)}", "git worktree list")
    if tracker.repository.is_side:
        sidebranch.link(tracker.repository, where)
    return Clone(tracker.caller.repository).worktree(where), start


def _take_back(clone: Clone, branch: str) -> None:
    """Remove a branch that git made for a worktree before it failed, if nobody is on it."""
    if Clone(clone.repository).on(LOCAL + branch) is None:
        git(clone.repository.top, "branch", "--quiet", "-D", "--", branch)


def place_for(clone: Clone, branch: str) -> str:
    """Give the folder that a branch's worktree gets: `.openkit/worktrees/<name>` of the main one, where git ignores it.

    Else, and for a bare repository, it is beside that.
    """
    short = next((branch.removeprefix(one) for one in _PREFIXES if branch.startswith(one)), branch)
    name = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in short).strip("-") or "worktree"
    main = clone.worktrees[0]
    if main.bare:
        return os.path.join(os.path.dirname(clone.repository.common_dir), name)
    inside = os.path.join(".openkit", "worktrees", name)
    is_side = os.path.exists(f"{clone.repository.side}/.git")  # then `.openkit` is a link, and no place for worktrees
    if not is_side and git(main.top, "check-ignore", "--quiet", f"{inside}/.git").status == 0:
        return os.path.join(main.top, inside)
    return f"{main.top}-{name}"


def _check_access(tracker: Tracker, what: str) -> None:
    """Refuse where git's own folder may only be read; raises SandboxedError."""
    if tracker.sandboxed or not os.access(tracker.repository.common_dir, os.W_OK):
        raise access.git_refusal(tracker.repository, what)


def _check_name(tracker: Tracker, branch: str) -> None:
    if not branch:
        raise UsageError("no branch and no ticket was named", "gittracker worktree create --ticket OW-1")
    if git(tracker.repository.top, "check-ref-format", "--branch", branch).status:
        raise UsageError(f'"{branch}" can\'t be the name of a branch', "gittracker worktree create OW-1-fix-upload")


def _start(clone: Clone, branch: str, base: str) -> tuple[str, list[str]]:
    """Say from where a branch comes, and give the words of `git worktree add` behind the folder.

    One that is there is taken, one that a single remote has is followed, else it is made from `base` or home.
    """
    if LOCAL + branch in clone.branches:
        if base:
            raise ConflictError(f'the branch "{branch}" is there already, so it can\'t begin at "{base}"',
                                f"gittracker worktree create {branch}")
        return "", [branch]
    remote = [name for name in clone.branches if name.startswith("refs/remotes/")
              and name.split("/", 3)[3:] == [branch]]
    if len(remote) == 1 and not base:
        return remote[0].removeprefix("refs/remotes/"), ["--track", "-b", branch, remote[0]]
    start = base or clone.home or "HEAD"  # home by its full name: a tag may have the short one
    shown = base or start.removeprefix(LOCAL)
    if git(clone.repository.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{start}^{{commit}}").status:
        raise NotFoundError("revision", shown, "git commit, then again" if not base else "git log --oneline --all")
    return shown, ["--no-track", "-b", branch, start]


def remove(tracker: Tracker, name: str, force: bool) -> tuple[Worktree, Unlanded | None]:
    """Remove a worktree; its branch stays. Gives it, and what only it had.

    What sandboxed commands left there is journalled first, and what `force` takes away too. Raises ConflictError.
    """
    clone = Clone(tracker.caller.repository)
    _check_access(tracker, "removing a worktree")
    one = clone.worktree(name)
    if clone.holds_tracker(one):
        raise ConflictError(f'"{one.top}" holds the tracker itself', "gittracker worktree list")
    _check_removable(clone, one)
    only, held = None, claimed_in(tracker, one)
    if held and not force:
        raise ConflictError(f'"{one.top}" holds {", ".join(lease.slug for lease in held)}, claimed by {held[0].holder}',
                            f"gittracker -C {quote(one.top)} release {held[0].slug}")
    # A sparse one need not show the tracker that its commits have.
    if os.path.isdir(one.top) and not tracker.repository.is_side:
        from gittracker.services.clone import parting
        parting.replay(tracker, clone, one)
        only = unlanded.in_worktree(tracker, clone, one)
        if force and clones.has_tracker(one):
            parting.keep(tracker, clone, one, [*only.uncommitted, *(changed.path for changed in only.changed)])
        elif not force:
            _check_landed(one, only)
    done = git(clone.worktrees[0].top, "worktree", "remove", *(["--force"] if force else []), one.top, locks=True)
    if done.status:
        raise ConflictError(f"git did not remove the worktree: {_first(done.err)}", f"git -C {quote(one.top)} status")
    return one, only


def _check_removable(clone: Clone, one: Worktree) -> None:
    main = clone.worktrees[0]
    if one is main:
        raise ConflictError(f'"{one.top}" is the clone\'s main worktree', "gittracker worktree list")
    if one is clone.here():
        raise ConflictError(f'"{one.top}" is where this command runs',
                            f"gittracker -C {quote(clone.other_top(one))} worktree remove {quote(one.top)}")
    if one.locked:
        raise ConflictError(f'"{one.top}" is locked', f"git worktree unlock {quote(one.top)}")
    busy = under_way(one.git_dir) if one.git_dir else ""
    if busy:
        raise ConflictError(f'"{one.top}" has a {busy} under way', f"finish it first: git -C {quote(one.top)} status")


def _check_landed(one: Worktree, only: Unlanded) -> None:
    """Refuse where something would go with the worktree, or be on its branch alone."""
    dirty = only.uncommitted
    if not only.changed and not dirty:
        return
    parts = [f"{len(dirty)} uncommitted tracker file(s)"] if dirty else []
    if only.changed:
        parts.append(f"what nothing else in this clone has: {only.names(_MOST_NAMED)} ({only.told.summary()})")
    hint = f"gittracker -C {quote(one.top)} commit" if dirty else (
        f"gittracker land {one.short}" if one.branch else f"git -C {quote(one.top)} switch -c NAME")
    raise ConflictError(f'"{one.top}" has {" and ".join(parts)}', hint, uncommitted=[f".openkit/{p}" for p in dirty],
                        only_there=[f".openkit/{changed.path}" for changed in only.changed])


def _first(text: str) -> str:
    lines = [line for line in text.split("\n") if not line.startswith(("Preparing worktree", "warning:"))]
    return lines[0].removeprefix("fatal: ") if lines else ""
