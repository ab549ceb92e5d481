"""Sync: commit the tracker's edits, fetch, merge, push, bring this worktree along; again where somebody was faster."""

from __future__ import annotations

import os
import tempfile
import time

from gittracker.domain.errors import ConflictError, RefusedError, UnavailableError
from gittracker.git import discover, history, remote, trackertrees
from gittracker.services import committing
from gittracker.services.health import epicnumbers, renumbering
from gittracker.services.past import diffing
from gittracker.services.sync import local
from gittracker.services.sync import plan as syncplan
from gittracker.services.write import access
from gittracker.services.write.apply import perform
from gittracker.services.write.writing import Request
from gittracker.store import kinds, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.git.remote import Upstream
    from gittracker.services.merge.combining import Dispute
    from gittracker.services.sync.journals import Carried
    from gittracker.services.sync.plan import Plan
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

_TRIES = 40
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LOCKED = ".lock'"


class Report:
    """What a sync did: the commits before and after on both sides, what came and went, and every anomaly."""

    def __init__(self, up: Upstream, dry_run: bool) -> None:
        self.up = up
        self.dry_run = dry_run
        self.how = syncplan.SAME
        self.committed: list[str] = []  # paths
        self.local = ("", "")
        self.remote = ("", "")
        self.received = ""
        self.sent = ""
        self.disputes: list[dict[str, Any]] = []
        self.kept: list[dict[str, Any]] = []
        self.renumbered: list[dict[str, str]] = []
        self.tries = 0
        self.journals: Carried | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the report as `--json` prints it."""
        def pair(commits: tuple[str, str]) -> dict[str, str]:
            return {"before": commits[0], "after": commits[1]}
        return {"branch": self.up.branch, "remote": self.up.remote, "upstream": self.up.name, "how": self.how,
                "committed": [f".openkit/{path}" for path in self.committed], "local": pair(self.local),
                "pushed": pair(self.remote), "received": self.received or None, "sent": self.sent or None,
                "disputes": self.disputes, "kept": self.kept, "renumbered": self.renumbered, "tries": self.tries,
                "journals": self.journals.to_json() if self.journals else None, "dry_run": self.dry_run}


def sync(tracker: Tracker, remote_name: str = "", journals: bool = False, dry_run: bool = False) -> Report:
    """Sync the tracker of the branch that is checked out with its upstream, and the journals if they are asked for.

    Raises UnavailableError, NotFoundError, ConflictError and RefusedError, with what is on both sides as it was but for
    the commit of the tracker's own edits.
    """
    tracker.check_writable()
    if tracker.sandboxed or not os.access(tracker.repository.git_dir, os.W_OK):
        raise access.git_refusal(tracker.repository, "a sync")
    committing.check_idle(tracker)
    report = Report(remote.upstream(tracker.repository.top, remote_name), dry_run)
    if not history.resolve(tracker.repository.top, "HEAD"):
        raise UnavailableError(f'"{report.up.branch}" has no commit yet', "gittracker commit")
    if not dry_run:
        local.resume(tracker)
    _sync_branch(tracker, report)
    if journals and not dry_run:
        from gittracker.services.sync import journals as syncjournals
        report.journals = syncjournals.sync(tracker, report.up.remote)
    return report


def _sync_branch(tracker: Tracker, report: Report) -> None:
    up, fetched = report.up, ""
    for number in range(_TRIES):
        report.tries = number + 1
        if number:
            _pause(tracker, number)
        ours = _edits(tracker, report)
        if not ours:
            continue
        try:
            fetched = fetched or remote.fetch(discover.outward(tracker.repository), up)
        except remote.NoBranchError:
            if not tracker.repository.is_side:
                raise
            if _publish(tracker, report, ours):
                return
            continue
        if not fetched:
            continue
        steps.reached("fetched")
        plan = syncplan.make(tracker, up, syncplan.Branches(ours, fetched, trackertrees.tree(
            tracker.repository.top, ours)))
        steps.reached("planned")
        if report.dry_run:
            _note(tracker, report, plan)
            return
        if plan.push != plan.branches.theirs and not remote.push(
                discover.outward(tracker.repository), up, plan.push, fetched, committing.hooks(tracker)):
            fetched = ""
            continue
        steps.reached("pushed")
        fetched = plan.push
        followed = local.follow(tracker, up, plan)
        if followed or plan.push != plan.branches.theirs:
            _note(tracker, report, plan, followed)
        if followed and not _renumber(tracker, report):
            return
    raise ConflictError(f"{up.name} or the files here changed in each of {_TRIES} tries", "gittracker sync")


def _publish(tracker: Tracker, report: Report, ours: str) -> bool:
    """Make the branch that a tracker has to itself on the remote: it holds no code. False where somebody was faster."""
    top, up = tracker.repository.top, report.up
    if not report.dry_run:
        if not remote.push(discover.outward(tracker.repository), up, ours, "", committing.hooks(tracker)):
            return False
        remote.follow(top, up)
    report.how = syncplan.CREATED
    report.local, report.remote = (ours, ours), ("", ours)
    found = diffing.compare(tracker, f"{history.root(top, ours)}..{ours}")
    report.sent = found.summary() if found.records else ""
    return True


def _edits(tracker: Tracker, report: Report) -> str:
    """Commit the tracker's edits and give the branch's tip; empty where another git command is at work.

    A dry run gives a commit that nothing refers to.
    """
    top = tracker.repository.top
    if report.dry_run:
        head = history.resolve(top, "HEAD")
        report.committed = sorted(trackertrees.unclean(top))
        with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
            return trackertrees.working_commit(top, head, os.path.join(tracker.repository.git_dir, "index"),
                                               (tracker.principal.git_name, tracker.principal.email),
                                               scratch) if head else ""
    try:
        _, paths = committing.commit(tracker, as_edited=True)
    except RefusedError as error:
        if _LOCKED not in error.message or report.tries == _TRIES:
            raise
        return ""
    steps.reached("edits committed")
    report.committed += [path.removeprefix(".openkit/") for path in paths]
    return history.resolve(top, "HEAD")


def _renumber(tracker: Tracker, report: Report) -> bool:
    """End clashes of slugs, which is an edit that must be synced as well; tells whether there were any.

    Clones that do it at once take the same ticket, the younger one; if not the same number, the later one stays.
    """
    tracker.refresh()
    if not tracker.clashes() - {""} and not epicnumbers.clashes(tracker):
        return False
    done: list[tuple[str, str]] = []

    def act(writing: Writing) -> list[Held]:
        done.extend(renumbering.renumber(writing))
        done.extend(epicnumbers.renumber(writing))
        return []
    perform(tracker, Request("sync"), act)
    report.renumbered += [{"old": old, "new": new} for old, new in done]
    return bool(done)


def _pause(tracker: Tracker, number: int) -> None:
    """Wait a random while, longer each time, so that clones that race don't meet again."""
    longest = min(_FIRST_PAUSE * 2 ** min(number, 10), _LONGEST_PAUSE)
    time.sleep(longest * int.from_bytes(tracker.entropy(2), "big") / 0xFFFF)


def _note(tracker: Tracker, report: Report, plan: Plan, followed: bool = True) -> None:
    """Add to the report what one round did; disputes that were settled count even if this worktree must try again."""
    branches, up = plan.branches, report.up
    report.how = plan.how if plan.how != syncplan.SAME else report.how
    report.remote = report.remote[0] or branches.theirs, plan.push
    report.local = report.local[0] or branches.ours, plan.local if followed else branches.ours
    report.disputes += [_disputed(tracker, up, path, one) for path, one in plan.merge.disputes]
    report.kept += [{"path": f".openkit/{path}", "record": _name(tracker, path),
                     "removed_by": up.name if theirs else up.branch} for path, theirs in plan.merge.kept.items()]
    if followed:
        report.received = _changes(tracker, *report.local)
    report.sent = _changes(tracker, *report.remote)


def _changes(tracker: Tracker, before: str, after: str) -> str:
    if before == after:
        return ""
    found = diffing.compare(tracker, f"{before}..{after}")
    return found.summary() if found.records else ""


def _disputed(tracker: Tracker, up: Upstream, path: str, one: Dispute) -> dict[str, Any]:
    names = (up.name, up.branch) if one.keeps_theirs else (up.branch, up.name)
    return {"path": f".openkit/{path}", "record": _name(tracker, path), "field": one.field or None,
            "kept": _shown(one.kept), "dropped": _shown(one.dropped), "kept_from": names[0], "dropped_from": names[1]}


def _name(tracker: Tracker, path: str) -> str:
    place = kinds.place(path)
    return tracker.name_at(place) if place else path


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value if value != "" else None
