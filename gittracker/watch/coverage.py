"""What a daemon covers: the clone's worktrees with a tracker each, opened on the index as it is now."""

from __future__ import annotations

import os

from gittracker.domain.errors import TrackerError
from gittracker.formats import etag
from gittracker.git import discover
from gittracker.index import db
from gittracker.services.refresh import refreshing
from gittracker.services.refresh.refreshing import Hints
from gittracker.services.tracker import Tracker
from gittracker.services.write import journalling
from gittracker.store import watermark
from gittracker.watch import places
from gittracker.watch.hints import Sorter
from gittracker.watch.notifier import Clock, Limited, Notifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.git.discover import Repository
    from gittracker.watch.log import Log

_TRIES = 3


class Coverage:
    """The notifier, the trackers by their root, and the proof for readers that they are covered."""

    def __init__(self, repository: Repository, opened: Callable[[str], Tracker], ending: Callable[[], bool],
                 log: Log, polls: bool) -> None:
        self.repository = repository
        self.trackers: dict[str, Tracker] = {}
        self.notifier: Notifier | Clock = Clock(ending)
        self.polls = polls
        self._opened = opened
        self._ending = ending
        self._log = log
        os.makedirs(watermark.folder(repository.local), exist_ok=True)
        self._cover = watermark.Cover(repository.local)
        self._cover.clear()

    @property
    def first(self) -> Tracker:
        """The tracker of the worktree that the daemon was started in, or of one that is left."""
        return self.trackers.get(self.repository.tracker) or next(iter(self.trackers.values()))

    def begin(self) -> bool:
        """Watch what there is now, then look at all of it, then say so; False where no tracker is left."""
        self._cover.hold(set())
        self.notifier.close()
        etag.expect_many(self.repository.object_format)
        found = places.worktrees(self.repository)
        if not found:
            return False
        self.sorter = Sorter(found)
        self.notifier = self._notifier()
        self._open(found)
        for root in self.trackers:
            refreshing.refresh(self.first, root, Hints(whole=True))
        self.cover()
        return bool(self.trackers)

    def cover(self) -> None:
        """Hold the locks that prove to readers that the index is up to date; none where nothing is told."""
        keys = set()
        for root, tracker in self.trackers.items():
            try:
                keys.add(watermark.key(tracker.index.path, root))
            except OSError:
                continue
        self._cover.hold(set() if self.polls else keys)

    def uncover(self) -> None:
        """Promise nothing until what came or went is covered."""
        self._cover.hold(set())

    def is_short(self) -> bool:
        """Tell whether there are other worktrees with a tracker than those that are open."""
        return {one.tracker for one in places.worktrees(self.repository)} != self.trackers.keys()

    def answer(self, cookie: str) -> None:
        """Tell a reader that all is seen."""
        self._cover.answer(cookie)

    def root_of(self, cookie: str) -> str:
        """Give the tracker that a cookie asks about, empty where it is none of these."""
        asked = watermark.key_of(cookie)
        for root, tracker in self.trackers.items():
            try:
                if watermark.key(tracker.index.path, root) == asked:
                    return root
            except OSError:
                continue
        return ""

    def is_outdated(self) -> bool:
        """Tell whether the index was replaced, or a worktree got its number."""
        return not self.first.index.is_newest() or any(
            tracker.worktree != discover.number_of(tracker.repository) for tracker in self.trackers.values())

    def fall_back(self, why: str) -> None:
        """Look by the clock from now on."""
        self.polls = True
        self._cover.hold(set())
        self.notifier.close()
        self.notifier = Clock(self._ending)
        self._log.problem(f"{why}: looking at the files now and then instead. On Linux, more can be watched after "
                          "sysctl fs.inotify.max_user_watches=1048576 and fs.inotify.max_user_instances=1024")

    def close(self) -> None:
        """Let go of everything."""
        self._cover.hold(set())
        self.notifier.close()
        for tracker in self.trackers.values():
            tracker.close()

    def _notifier(self) -> Notifier | Clock:
        for _ in range(_TRIES):
            if self.polls:
                break
            found = places.worktrees(self.repository)
            try:
                return Notifier(places.deep(found), places.flat(found, self.repository))
            except FileNotFoundError:
                continue  # a folder went between the listing and the watching
            except Limited as error:
                self.fall_back(f"the system watches no more files ({error})")
        return Clock(self._ending)

    def _open(self, found: list[Repository]) -> None:
        """Open the trackers anew: which worktree is home may have changed, and what is known of each."""
        before = set(self.trackers)
        for tracker in self.trackers.values():
            tracker.close()
        self.trackers = {}
        for one in found:
            try:
                tracker = self._opened(one.top)
                tracker.is_watcher = True
                journalling.settle(tracker)
            except (TrackerError, OSError, db.Error) as error:
                self._log.problem(f'"{one.top}" can\'t be watched: {error}')
                continue
            self.trackers[one.tracker] = tracker
            if one.tracker not in before:
                self._log.line(f'watching "{one.top}"')
