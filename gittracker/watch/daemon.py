"""The daemon's loop: what changes is refreshed, looked at again once all is quiet, then journalled."""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback

from gittracker.domain.errors import ConflictError, LockedError, TrackerError
from gittracker.formats import json_text
from gittracker.index import db
from gittracker.services.refresh import events, refreshing
from gittracker.services.refresh.refreshing import Hints
from gittracker.services.write import journalling
from gittracker.store import atomic, daemonfiles
from gittracker.store.locks import Lock
from gittracker.watch.coverage import Coverage
from gittracker.watch.log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gittracker.domain.event import Event
    from gittracker.git.discover import Repository
    from gittracker.services.tracker import Tracker
    from gittracker.watch.hints import Change

_TICK, _SETTLING, _QUIET = 0.25, 0.3, 2.0
_GIT_AT_WORK = 10.0  # an older lock of git's was left by one that died
_WHOLE_EVERY, _SHARE = 60.0, 300  # one worktree at a time, and never more than a 300th of the time
_POLL_LEAST, _POLL_MOST, _POLL_SHARE = 1.0, 60.0, 100
_TOLD = 1_000
_FEW = 8  # so many tickets may be an editor's; git brings more
_START = 1.0  # a command that looks whether a daemon runs holds its lock for microseconds


class Options:
    """How to watch, as `run` is told."""

    __slots__ = ("polls", "idle", "log")

    def __init__(self, polls: bool, idle: float, log: Log) -> None:
        self.polls = polls
        self.idle = idle
        self.log = log


def run(repository: Repository, opened: Callable[[str], Tracker], told: Callable[[list[Event]], None] | None = None,
        polls: bool = False, idle: float = 0, log: str = "", quiet: bool = False) -> None:
    """Watch until a signal, a stop request or idleness ends it; raises ConflictError where a daemon runs already.

    `polls` looks by the clock only, `idle` are the seconds without anything after which it ends (0: never), `log` is
    the file that standard error goes to, if any; `quiet` writes only what goes wrong.
    """
    options = Options(polls, idle, Log(log, quiet))
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        with Lock(daemonfiles.lock(repository.local), f"pid {os.getpid()} since {moment}", _START):
            Daemon(repository, opened, options, told, moment).run()
    except LockedError as error:
        raise ConflictError(f"a daemon runs already: {error.facts['holder']}", "gittracker daemon status") from error


class Daemon:
    """One run; `told` takes the events as they leave."""

    def __init__(self, repository: Repository, opened: Callable[[str], Tracker], options: Options,
                 told: Callable[[list[Event]], None] | None, moment: str) -> None:
        self._repository = repository
        self._options = options
        self._told = told
        self._moment = moment
        self._log = options.log
        self._is_over = False
        self._cursor = ""
        self._later: dict[str, Hints] = {}  # by root: what a second look is due at, or git is still at work on
        self._behind: dict[str, set[str]] = {}  # by root: folders that git wrote in the batch before
        self._touched: dict[str, Hints] = {}  # by root: what changed since all was quiet
        self._last = self._active = time.monotonic()  # of any change; of anything at all
        self._next_whole = self._last + _WHOLE_EVERY
        self._turn = 0
        self._begin_at = 0.0  # when to cover anew what came or went, if at all
        self._coverage = Coverage(repository, opened, lambda: self._is_over, self._log, options.polls)

    def run(self) -> None:
        """Watch to the end."""
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), self._end)
        daemonfiles.forget_stop(self._repository.local)
        try:
            self._begin()
            while not self._is_over:
                self._step()
                self._check_end()
        finally:
            self._coverage.close()
            daemonfiles.remove_status(self._repository.local)
            self._log.line("ended")

    def _end(self, *_: object) -> None:
        self._is_over = True

    def _begin(self) -> None:
        if not self._coverage.begin():
            self._log.line("no tracker is left")
            self._is_over = True
            return
        self._later.clear()
        self._touched = {root: hints for root, hints in self._touched.items() if root in self._coverage.trackers}
        self._begin_at = 0.0
        if self._coverage.polls:
            self._next_whole = time.monotonic() + _POLL_LEAST
        if not self._cursor:
            self._cursor = events.newest(self._coverage.first)
        self._write_status()
        self._tell()

    def _step(self) -> None:
        """Wait for changes and do what they lead to; an error is logged, and everything looked at anew."""
        try:
            changes = self._coverage.notifier.wait(self._pause())
            if self._coverage.is_outdated():
                self._log.line("the index is another one")
                self._begin()
                return
            self._take(changes)
            self._look_again()
            self._tell()
        except Exception:  # noqa: BLE001 - one of the three places: a daemon outlives what it doesn't understand
            self._recover(traceback.format_exc())

    def _recover(self, what: str) -> None:
        self._log.problem(what.rstrip())
        time.sleep(_TICK)
        try:
            self._begin()
        except (TrackerError, OSError, db.Error) as error:
            self._log.problem(f"could not begin anew: {error}")
            time.sleep(_QUIET)

    def _pause(self) -> float:
        if self._later or self._begin_at:
            return min(_TICK, _SETTLING / 2)
        return _TICK

    def _take(self, changes: Iterable[Change]) -> None:
        """Refresh what changed, then answer the readers who asked meanwhile."""
        found = self._coverage.sorter.sort(changes)
        now = time.monotonic()
        if found.by_root or found.cookies:
            self._active = now
        if found.is_other_layout:
            self._coverage.uncover()
            self._begin_at = now + _SETTLING
        for root, hints in found.by_root.items():
            self._last = now
            self._note(root, hints)
        for cookie in found.cookies:
            root = self._coverage.root_of(cookie)
            if root in self._later:
                self._refresh(root, self._later[root])
            if root:
                self._coverage.answer(cookie)

    def _note(self, root: str, hints: Hints) -> None:
        """Refresh one worktree, later where git is still writing in it."""
        if root not in self._coverage.trackers:
            return
        at_work = self._is_git_at_work(root)
        if at_work:
            self._keep_up(root, hints)
        hints.again |= at_work
        hints.join(Hints())
        self._touched.setdefault(root, Hints()).join(hints)
        if hints.again:
            self._later.setdefault(root, Hints()).join(hints)
        later = self._later.get(root)
        is_due = later is not None and later.again and len(hints.folders) > _FEW  # all is looked at in a moment anyway
        is_cheap = root == self._coverage.first.ground.tracker  # where nothing is folded: once at once, and then again
        if not at_work and (is_cheap or not is_due):
            self._refresh(root, hints)

    def _keep_up(self, root: str, hints: Hints) -> None:
        """Refresh what git had written one batch ago and has left alone since, so that little is left at its end."""
        behind = Hints()
        behind.folders = self._behind.get(root, set()) - hints.folders
        self._behind[root] = set(hints.folders)
        if behind.folders:
            self._refresh(root, behind)

    def _is_git_at_work(self, root: str) -> bool:
        git_dir = self._coverage.trackers[root].repository.git_dir
        return refreshing.is_git_at_work(git_dir, _GIT_AT_WORK, time.time())

    def _refresh(self, root: str, hints: Hints) -> None:
        gc.disable()  # looking for garbage among what thousands of tickets are read into costs a tenth of it
        try:
            refreshing.refresh(self._coverage.first, root, hints)
        finally:
            gc.enable()

    def _look_again(self) -> None:
        """Do what waits for a little quiet, for two seconds of it, or for its turn."""
        now = time.monotonic()
        if self._later and now - self._last > _SETTLING:
            for root, hints in list(self._later.items()):
                if not self._is_git_at_work(root):
                    del self._later[root]
                    self._behind.pop(root, None)
                    self._refresh(root, Hints(whole=True) if hints.again else hints)
            if not self._later and self._coverage.notifier.is_full():
                self._coverage.fall_back("the system watches no more files")
                self._write_status()
        if self._begin_at and now > self._begin_at:
            self._begin()
            return
        if self._touched and not self._later and now - self._last > _QUIET:
            for root, hints in self._touched.items():
                self._refresh(root, hints)
                self._journal(root)
            self._touched.clear()
        if now > self._next_whole:
            self._look_at_next()

    def _look_at_next(self) -> None:
        """Look at one worktree whole, for events can be lost; by the clock, that is how all changes are seen."""
        if self._coverage.is_short():
            self._begin()
            return
        trackers = list(self._coverage.trackers.items())
        chosen = trackers if self._coverage.polls else [trackers[self._turn % len(trackers)]]
        self._turn += 1
        start = time.monotonic()
        before = self._cursor_now()
        for root, tracker in chosen:
            self._refresh(root, Hints(whole=True))
            if self._coverage.polls and journalling.is_due(tracker):
                self._journal(root)
        end = time.monotonic()
        if self._coverage.polls:
            self._next_whole = end + min(_POLL_MOST, max(_POLL_LEAST, (end - start) * _POLL_SHARE))
            self._active = end if self._cursor_now() != before else self._active
        else:
            self._next_whole = end + max(_WHOLE_EVERY, (end - start) * _SHARE)

    def _cursor_now(self) -> str:
        return events.newest(self._coverage.first)

    def _journal(self, root: str) -> None:
        tracker = self._coverage.trackers[root]
        if not journalling.is_due(tracker):
            return
        try:
            done = journalling.journal_outside(tracker)
        except TrackerError as error:
            self._log.problem(f"not journalled yet: {error.message}")
            return
        if done:
            self._log.line(f"{done} file(s) journalled as found")

    def _tell(self) -> None:
        """Hand on the events since the last time."""
        while found := events.since(self._coverage.first, self._cursor, _TOLD):
            self._cursor = found[-1].id
            if self._told:
                self._told(found)

    def _check_end(self) -> None:
        if daemonfiles.is_stop_asked(self._repository.local):
            self._log.line("asked to stop")
            self._is_over = True
        idle = self._options.idle
        if idle and time.monotonic() - self._active > idle:
            self._log.line(f"nothing happened for {idle:g} s")
            self._is_over = True

    def _write_status(self) -> None:
        trackers = self._coverage.trackers.values()
        told = {"pid": os.getpid(), "since": self._moment, "polls": self._coverage.polls,
                "worktrees": [tracker.repository.top for tracker in trackers],
                "idle_exit": self._options.idle or None}
        atomic.write(daemonfiles.status(self._repository.local), json_text.dumps(told, 2).encode() + b"\n")
