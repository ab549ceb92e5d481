"""The board over all replicas: kept in step with what happens elsewhere, and laid out in files where it differs.

Its *ground* is home's working tree (a bare repository's: the worktree we are in). Whatever record the fold of all
replicas shows otherwise lies whole in a folder of the cache, so that readers only have to ask where a record is.
"""

from __future__ import annotations

import marshal
import os
import time

from gittracker.git import worktrees
from gittracker.index import boards, db
from gittracker.index.boards import HOME, WORKTREE
from gittracker.services.board.signals import signals
from gittracker.store import files, kinds, layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.index.boards import Replica
    from gittracker.services.tracker import Tracker

_FEW = 8  # ticket folders that are compared with git's tree alone
_MANY = 200  # ticket folders that git is asked about by name
_FEW_FILES = 2_000  # up to so many tickets in other worktrees, every one is looked at


class Board:
    """What the replicas make of the ground; made once a command."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._overlays: dict[str, bytes] | None = None
        self._replicas: list[Replica] | None = None
        self._folder = ""
        self._scanned: set[str] = set()  # replicas that have been read whole

    @property
    def overlays(self) -> dict[str, bytes]:
        """Give the packed details of the records that the board shows otherwise than the ground, by place."""
        if self._overlays is None:
            self._overlays = boards.overlays(self.tracker.index, self.tracker.view)
        return self._overlays

    @property
    def replicas(self) -> list[Replica]:
        """List the replicas beside the ground."""
        if self._replicas is None:
            self._replicas = boards.replicas(self.tracker.index, self.tracker.view)
        return self._replicas

    @property
    def places(self) -> set[str]:
        """Give the places at which any replica has something otherwise."""
        return boards.places(self.tracker.index, self.tracker.view)

    def root_of(self, place: str) -> str:
        """Give the folder below which a record's files lie as the board shows them."""
        detail = self.overlays.get(place)
        if detail is None:
            return self.tracker.ground.tracker
        return os.path.join(self.folder, marshal.loads(detail)[0])

    def path(self, path: str) -> str:
        """Give the absolute path at which a file lies as the board shows it; it may not be there."""
        return f"{self.root_of(self._place(path)) if self.overlays else self.tracker.ground.tracker}/{path}"

    def _place(self, path: str) -> str:
        """Give the place that a file or a folder belongs to."""
        if path in self.overlays:
            return path
        for ending in (layout.PAGE_COMMENTS, layout.PAGE_FILES):
            if path.startswith(layout.PAGES) and path.endswith(ending):
                return path.removesuffix(ending)
        return kinds.place(path)

    def below(self, folder: str) -> list[str]:
        """List the files below a folder as the board shows them."""
        found = [path for path in files.below(self.tracker.ground.tracker, folder)
                 if kinds.place(path) not in self.overlays]
        for place in self.overlays:
            if place.startswith(f"{folder}/") or place == folder or folder.startswith((f"{place}/", f"{place}.")):
                found += files.below(self.root_of(place), folder)
        return sorted(found)

    @property
    def folder(self) -> str:
        """Give where records lie that are shown otherwise: beside the index, for each index and ground its own."""
        if not self._folder:
            from gittracker.formats.etag import blob_id
            own = blob_id(self.tracker.ground.top.encode(errors="surrogateescape"))[:12]
            self._folder = os.path.join(db.layouts(self.tracker.index.path), own)
        return self._folder

    def notice(self) -> None:
        """See what git did: to branches, to the list of worktrees, and to the files of other worktrees."""
        tracker = self.tracker
        places = boards.owed(tracker.index, tracker.view)
        self._overlays = self._replicas = None
        if self.overlays and not os.path.isdir(self.folder):
            places |= set(self.overlays)  # the cache was cleared, or the clone moved
        seen = boards.pack((signals(tracker.repository, self.replicas), len(self.replicas)))
        if tracker.index.get(f"refs:{tracker.view}") != seen:
            from gittracker.services.board import replicas
            from gittracker.services.past import following
            following.branch(tracker, tracker.ground.top, tracker.ground_number)
            places |= replicas.find(tracker)
            self._replicas = None
        places |= self._look_home()
        moved = [one for one in self.replicas
                 if one.kind == WORKTREE and one.state != boards.pack(worktrees.state(one.git_dir))]
        theirs = {one.name: boards.places(tracker.index, tracker.view, one.name) & places for one in moved}
        # What a worktree has that is about to be read again is folded once that is done, not before it as well.
        self._follow(boards.Replica(0, boards.BRANCH, "refs"), places.difference(*theirs.values()))
        for one in moved:
            self._follow(one, self._scan(one) | theirs[one.name])

    def _look_home(self, anyway: bool = False) -> set[str]:
        """Hold home's commit against the ground's files, where home is no worktree or its files are not all there."""
        places: set[str] = set()
        ground = self.tracker.ground
        for one in self.replicas:
            if one.kind != HOME:
                continue
            now = time.time_ns()
            there = stamps.of_file(f"{ground.tracker}/{layout.TICKETS}", now)
            state = boards.pack((worktrees.state(ground.git_dir), there))
            if anyway or one.state != state:
                from gittracker.services.board import replicas
                one.state = state
                places |= replicas.scan_home(self.tracker, one)
        return places

    def look_first(self) -> None:
        """See all that other replicas have, now that the ground is read."""
        self.notice()
        self.look(deep=True)

    def look(self, deep: bool = False) -> None:
        """See what was written in other worktrees without git; `deep` looks at folders and comments too."""
        for one in self.replicas:
            if one.kind == WORKTREE:
                self._follow(one, self._look(one, deep))

    def look_into(self, root: str, folders: list[str], roots: list[str], whole: bool) -> None:
        """See what was written in one worktree: to some tickets, below some folders of records, or all of it."""
        from gittracker.services.board import replicas, stamping
        index = self.tracker.index
        for one in self.replicas:
            if one.kind != WORKTREE or one.tracker != root or (whole and one.name in self._scanned):
                continue
            if whole:
                folders, roots = stamping.stale(index, self._stamped(one), one.tracker, True), list(layout.RECORDS)
            if not folders and not roots:
                continue
            with index:  # one for all of it, for each costs the disk's time
                places = self._scan(one) if len(folders) > _MANY else self._rescan(one, folders)
                self._follow(one, places | (replicas.scan(self.tracker, one, roots) if roots else set()))

    def look_beside(self) -> None:
        """See what was written in other worktrees to records that are no tickets."""
        from gittracker.services.board import replicas
        for one in self.replicas:
            if one.kind != WORKTREE:
                continue
            now = time.time_ns()
            found = {path: stamps.of_file(f"{one.tracker}/{path}", now) for root in layout.RECORDS
                     for path in files.below(one.tracker, root)}
            key = f"beside:{self.tracker.view}:{one.name}"
            packed = boards.pack(sorted(found.items()))
            if self.tracker.index.get(key) != packed:
                with self.tracker.index as index:
                    index.put(key, packed)
                    self._follow(one, replicas.scan(self.tracker, one, layout.RECORDS))
        self._look_at_ground()

    def _look_at_ground(self) -> None:
        """See what was edited in home's files of such records that another replica has otherwise, too."""
        index, view, now = self.tracker.index, self.tracker.view, time.time_ns()
        found = {path: stamps.of_file(f"{self.tracker.ground.tracker}/{path}", now)
                 for path in boards.paths_outside(index, view, layout.TICKETS)}
        packed = boards.pack(sorted(found.items()))
        if packed != (index.get(f"beside:{view}") or boards.pack([])):
            self.refold({kinds.place(path) for path in found})
            index.note(f"beside:{view}", packed)

    def forget(self) -> None:
        """Let nothing that is known of other replicas fit, so that all of it is read again.

        What they had stays until then: without it the board would show, and tell, that one after the other is gone.
        """
        index, view = self.tracker.index, self.tracker.view
        for one in self.replicas:
            one.key, one.state = "", b""
            boards.put(index, view, one)
        index.drop(f"refs:{view}")
        self._replicas = None

    def _scan(self, one: Replica) -> set[str]:
        """Read all of a worktree again."""
        if worktrees.is_being_written(one.git_dir):
            return set()  # neither old nor new: the next look comes back to it
        from gittracker.services.board import replicas, stamping
        with self.tracker.index as index:
            number = self._stamped(one)
            touched = stamping.stale(index, number, one.tracker, True) if self.overlays else []
            stamping.restamp(index, number, one.tracker)
            self._scanned.add(one.name)
            return replicas.scan(self.tracker, one) | self.overlays.keys() & {*touched}

    def _look(self, one: Replica, deep: bool) -> set[str]:
        """Look at one worktree's files: in another, nobody looks again at the few that are then shown."""
        from gittracker.services.board import stamping
        index, tracker = self.tracker.index, self.tracker
        is_own = one.top == tracker.repository.top
        hot = None if is_own or not self.is_large() else boards.places(index, tracker.view, one.name)
        return self._rescan(one, stamping.stale(index, self._stamped(one), one.tracker, deep or not is_own, hot))

    def _rescan(self, one: Replica, folders: list[str]) -> set[str]:
        if not folders or worktrees.is_being_written(one.git_dir):
            return set()
        from gittracker.services.board import replicas, stamping
        from gittracker.services.write import outside
        with self.tracker.index as index:
            stamping.restamp(index, self._stamped(one), one.tracker, folders)
            known = replicas.glance(self.tracker, one, folders) if len(folders) <= _FEW else None
            places = replicas.scan(self.tracker, one, folders) if known is None else known
            outside.note(index, self.tracker.view, one, places)
            return places | self.overlays.keys() & {*folders}  # whose files' times may be others

    def _stamped(self, one: Replica) -> str:
        """Give the key of the stamps that a worktree's files were compared by; those of rows have another."""
        return f"{self.tracker.view}>{one.number}"

    def is_large(self) -> bool:
        """Tell whether other worktrees have more files than a command may look at one by one."""
        tracker = self.tracker
        others = sum(one.kind == WORKTREE and one.top != tracker.repository.top for one in self.replicas)
        others += tracker.ground.top != tracker.repository.top
        count = tracker.index.one("SELECT count(*) FROM ticket WHERE worktree = ?", tracker.view)[0]
        return int(count) * others > _FEW_FILES

    def look_at(self, folders: list[str], top: str = "") -> bool:
        """Look at some tickets in every worktree, or in one; tells whether the board shows any otherwise since."""
        from gittracker.services.board import stamping
        ground = self.tracker.ground
        changed = self.refold(self._remarked(ground.tracker, folders) if top in ("", ground.top) else ())
        for one in self.replicas:
            if one.kind == WORKTREE and top in ("", one.top):
                stale = {*stamping.differ(self.tracker.index, self._stamped(one), one.tracker, folders),
                         *self._remarked(one.tracker, folders)}
                changed += self._follow(one, self._rescan(one, sorted(stale)))
        return bool(changed)

    def _remarked(self, root: str, folders: list[str]) -> list[str]:
        """Name the tickets of which a comment was edited in place since they were laid out: no folder's stamp tells."""
        found = []
        for folder in folders if self.overlays else ():
            remarks = stamps.newest_below(f"{root}/{folder}/{layout.COMMENTS}") if folder in self.overlays else 0
            if remarks and remarks > stamps.newest(self.root_of(folder)):
                found.append(folder)
        return found

    def wrote(self, paths: frozenset[str]) -> None:
        """Follow what this command has written in its own worktree."""
        tracker = self.tracker
        from gittracker.services.board import replicas, stamping
        places = {place for path in paths if (place := replicas.place_of(path))}
        one = next((one for one in self.replicas if one.top == tracker.repository.top), None)
        if one:
            folders = sorted(place for place in places if place.startswith(layout.TICKETS))
            with tracker.index as index:
                stamping.restamp(index, self._stamped(one), one.tracker, folders)
                written = replicas.put_written(tracker, one, sorted(path for path in paths if replicas.place_of(path)))
                self.refold(written, paths)
        else:
            self.refold(places & self.places, paths)

    def _follow(self, origin: Replica, places: set[str]) -> list[str]:
        """Fold what changed in one replica, which is then where the events come from."""
        self.tracker.origin = origin
        if places and origin.top == self.tracker.ground.top:
            places = places | self._look_home(anyway=True)
        try:
            return self.refold(places)
        finally:
            self.tracker.origin = None

    def refold(self, places: Iterable[str], own: frozenset[str] = frozenset()) -> list[str]:
        """Fold some records anew and read again those that are shown otherwise since; gives their places.

        The paths in `own` are this command's writes.
        """
        places = [place for place in places if place]
        if not places:
            return []
        from gittracker.services.board import folding
        with self.tracker.index:
            changed = folding.refold(self, places)
            self._overlays = None
            self._read(changed, own)
            boards.settle(self.tracker.index, self.tracker.view, places)
        return changed

    def _read(self, places: list[str], own: frozenset[str]) -> None:
        tickets = [place for place in places if place.startswith(f"{layout.TICKETS}/")]
        if tickets:
            self.tracker.scanner.read_shown(tickets, own)
        roots = {place.partition("/")[0] for place in places}.intersection(layout.RECORDS)
        if roots:
            from gittracker.services.refresh import recording
            recording.reread(self.tracker, *roots, own=own)
