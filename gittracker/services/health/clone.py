"""What is wrong beyond this worktree: records on a branch that is about to go, entries that wait elsewhere."""

from __future__ import annotations

import os
from shlex import quote

from gittracker.domain.problem import Problem
from gittracker.git import discover
from gittracker.git.run import git
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_MOST_NAMED = 5


def faults(tracker: Tracker) -> list[Problem]:
    """List what another worktree or a branch would take along."""
    return [*_homeless(tracker), *_waiting(tracker), *_going(tracker)]


def _homeless(tracker: Tracker) -> list[Problem]:
    """Tell that the clone's configuration names a home that is no branch."""
    name = tracker.repository.home
    if not name or git(tracker.repository.top, "rev-parse", "--verify", "--quiet", name).status == 0:
        return []
    short = name.removeprefix("refs/heads/")
    return [Problem("", 0, f'gittracker.home is "{short}" in git\'s configuration, which is no branch: '
                           "git config gittracker.home BRANCH")]


def _waiting(tracker: Tracker) -> list[Problem]:
    """Find what sandboxed commands left in other worktrees; it is gone with the worktree."""
    return [Problem("", 0, f'entries wait for the journal in "{top}": gittracker -C {quote(top)} commit')
            for top in discover.other_worktrees(tracker.repository)
            if os.path.exists(f"{top}/.openkit/{layout.PENDING}")]


def _going(tracker: Tracker) -> list[Problem]:
    """Find records that exist only on a branch that its remote has deleted, as one that was merged and tidied up."""
    rows = git(tracker.repository.top, "for-each-ref", "--format=%(refname) %(upstream:track)", "refs/heads").text
    gone = [row.removesuffix(" [gone]") for row in rows.split("\n") if row.endswith(" [gone]")]
    if not gone:
        return []
    from gittracker.services.clone import unlanded
    from gittracker.services.clone.clones import LOCAL, Clone
    clone = Clone(tracker.repository)
    found = []
    for name in gone:
        only = unlanded.on_branch(tracker, clone, name)
        if only.changed and name != clone.home:
            short = name.removeprefix(LOCAL)
            what = f"{only.names(_MOST_NAMED)} ({only.told.summary()})"
            found.append(Problem("", 0, f'only the branch "{short}", whose upstream is gone, has {what}: '
                                        f"gittracker land {short}"))
    return found
