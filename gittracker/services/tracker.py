"""An opened tracker: one worktree's files, its settings, its index, and who acts."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.domain import times
from gittracker.domain.errors import NotFoundError
from gittracker.domain.settings import Settings
from gittracker.git import discover
from gittracker.index import db, edges, shards, tickets
from gittracker.services.refresh.scanning import Scanner
from gittracker.store import layout, settings, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.principal import Principal
    from gittracker.index import search
    from gittracker.index.boards import Replica
    from gittracker.services.board.boarding import Board
    from gittracker.services.clone.placement import Caller
    from gittracker.services.refresh.noticing import Seen
    from gittracker.services.write.acting import Acting


class Tracker:
    """Everything a service needs; made once a command by `open_tracker`."""

    def __init__(self, repository: discover.Repository, acting: str, clock: Callable[[], int],
                 entropy: Callable[[int], bytes], source: str = db.KEPT, *, here: bool = False) -> None:
        self.repository = repository
        self.root = repository.tracker
        self.clock = clock
        self.entropy = entropy
        self.state = os.path.join(repository.local, "state")
        self.journal = repository.journal
        self.worktree = discover.number_of(repository)
        self.index = db.open_index(repository.local, source)
        self.here = here or self.index.path == db.IN_MEMORY  # without a place for what the board shows otherwise
        self.ground = repository if self.here else _ground_of(repository, self.index)
        self.ground_number = discover.number_of(self.ground)
        self.view = f"here:{self.worktree}" if here else self.ground_number  # whose rows are read
        self.past: tuple[Any, set[tuple[str, str]]] = None, set()  # what was folded before, as it was asked for last
        self.origin: Replica | None = None  # where what is read was changed, if not in the ground's files
        self.caller: Tracker | Caller = self  # the worktree that a write was made from, where it goes to another
        self._board: Board | None = None
        self._alone: bool | None = None
        self._forgot = False
        self.settings = self._settings()
        self.filters: dict[str, str] = {}  # by attached file, as git was asked: the filter it goes through
        self.is_watcher = False  # or somebody else may have seen all changes already
        self.lease = ""  # what the caller's writes carry, as GITTRACKER_LEASE says it
        self.adopts = False  # by `init`, which may find the files in another place than they say
        self.sandboxed = False  # by choice; whether git's folder may be written, only trying tells
        self.acting = acting  # as --as says it, empty for git's user
        self._acting: Acting | None = None
        self._build() if self.index.fresh else self.heed()

    def heed(self) -> None:
        """Show the index the clone's leases, where they changed, and what has landed, where the policy asks."""
        path = os.path.join(self.state, layout.LEASES)
        stamp = stamps.of_file(path)
        if stamp and marshal.dumps(stamp) != self.index.get("leases"):
            from gittracker.services.claim import leasing
            leasing.feed(self.index, path)
        if self.settings.landed or edges.has_base(self.index, self.view):
            from gittracker.services.refresh import landing
            landing.look(self)

    def renew(self) -> None:
        """Read the configuration again where its files changed since, as they may have while we waited for the lock."""
        if self._listed != settings.stamps(self.rules) or any(
                stamps.settled(max(one[1:3]), time.time_ns()) == stamps.NEVER for one in self._listed):
            self.settings = self._settings()

    def _settings(self) -> Settings:
        self._listed = listed = settings.stamps(self.rules)
        key = f"settings:{self.view}"
        kept = self.index.get(key)
        if kept:
            seen, rows = marshal.loads(kept)
            if seen == listed:
                return Settings(**rows)
        now = time.time_ns()
        loaded = settings.load(self.rules, listed)
        before = Settings(**marshal.loads(kept)[1]) if kept else None
        if before and loaded.broken:
            loaded = before.but_broken(loaded)
        racy = any(stamps.settled(max(s[1:3]), now) == stamps.NEVER for s in listed)
        with self.index as index:
            if before and not before.ranks_as(loaded):
                shards.forget(index, self.stamped)  # stages and ranks are in the rows
                self._forgot = True
            if before and before.board_sources != loaded.board_sources:
                index.drop(f"refs:{self.view}")  # so that the board asks again what it is made of
            edges.set_gate(index, self.view, loaded.needs_approval)
            index.put(key, marshal.dumps(([] if racy else listed, loaded.rows())))
        return loaded

    def _build(self) -> None:
        """Fill a fresh index: history first, for it says when tickets were last touched."""
        from gittracker.services.past import following
        following.first(self)
        self.heed()
        self.refresh_ground(deep=True)  # first, for an index that is being filled takes every ticket once
        if board := self.asked_anew():
            board.look_first()
        self.index.finish()
        db.sweep(self.index)

    @property
    def rules(self) -> str:
        """Give the folder that the configuration is read from: home's alone: no branch changes its own rules."""
        there = self.ground.tracker
        if self.ground is self.repository and not discover.home_top(self.repository):
            from gittracker.services.board import homebranch
            there = homebranch.find(self)[1] or there
        if self.here or os.path.isfile(f"{there}/{layout.CONFIG}"):
            return there
        from gittracker.services.board import ground
        return self.root if os.path.isdir(self.root) else ground.rules(self.repository) or self.root

    @property
    def stamped(self) -> str:
        """Give the key of the stamps of the files that this view's rows come from."""
        return self.view if self.view.startswith("here:") else self.ground_number

    @property
    def scanner(self) -> Scanner:
        """Give the scanner of the ground."""
        return Scanner(self.index, self.ground.tracker, self.stamped, self.view, self.settings,
                       self.repository.object_format, self.board, self.tell)

    @property
    def board(self) -> Board | None:
        """Give the board, None where there is no replica beside the ground."""
        if self._board is None and not self.alone:
            from gittracker.services.board.boarding import Board
            self._board = Board(self)
        return self._board

    @property
    def alone(self) -> bool:
        """Tell whether the ground is the only replica there is, as far as git's files tell it."""
        if self._alone is None:
            self._alone = self.here or self.index.get(f"refs:{self.view}") == marshal.dumps(
                ([discover.board_stamps(self.repository)], 0), 2)
        return self._alone

    def shown(self, path: str) -> str:
        """Give the absolute path at which a tracker file lies as the board shows it; it may not be there."""
        return self.board.path(path) if self.board else f"{self.ground.tracker}/{path}"

    def below(self, folder: str) -> list[str]:
        """List the files below a folder as the board shows them."""
        from gittracker.store.files import below
        return self.board.below(folder) if self.board else below(self.ground.tracker, folder)

    def tell(self, seen: list[Seen]) -> set[str]:
        """Make events of what changed around the tool; gives the files of the ground that git brought."""
        from gittracker.services.refresh import telling
        return telling.tell(self, seen)

    @property
    def principal(self) -> Principal:
        """Give who acts: `--as`, else git's user by member file, else by name."""
        return self._who.principal

    @property
    def committer(self) -> tuple[str, str]:
        """Give git's user, who commits what anybody writes here."""
        return self._who.committer

    @property
    def _who(self) -> Acting:
        if self._acting is None:
            from gittracker.services.write.acting import Acting
            self._acting = Acting(self)
        return self._acting

    def now(self) -> str:
        """Give the moment as files keep it."""
        return times.utc(self.clock() // 1_000_000_000)

    def context(self) -> search.Context:
        """Give what queries mean here."""
        from gittracker.index import search
        return search.Context(self.view, lambda: self.principal.name, self.clock() // 1_000_000_000, self.settings)

    def path(self, relative: str) -> str:
        """Give the absolute path of a tracker file."""
        return f"{self.root}/{relative}"

    def name_at(self, place: str) -> str:
        """Give the name that people use for the record at a place: a ticket's or an epic's slug as it is now."""
        from gittracker.store import kinds
        if place.startswith(f"{layout.EPICS}/"):
            from gittracker.index import records
            row = records.at(self.index, self.view, f"{place}/{layout.EPIC_FILE}")
            return row.name if row else kinds.name_of(place)
        slug = tickets.slug_in(self.index, self.view, place) if place.startswith(layout.TICKETS) else None
        return slug or kinds.name_of(place)

    def refresh(self, deep: bool = False) -> None:
        """Bring the index up to date with the files, here and in every other replica."""
        self.heed()
        if board := self.asked_anew():
            board.notice()
        is_watched = self._is_watched()
        self.refresh_ground(deep, not is_watched)
        if self.board and not is_watched:
            self.board.look(deep)

    def refresh_ground(self, deep: bool, looks: bool = True) -> None:
        """Bring the rows up to date with the ground's files; where they are known, only with git's index."""
        stamp = self.git_stamp(time.time_ns())
        self._follow(stamp)
        if looks and self._is_quiet(stamp):
            assert self.board
            self.scanner.refresh_hot(self.board.places)
        elif looks:
            self.scanner.refresh(deep)
            if self.index.get(f"suspect:{self.view}") and (board := self.asked_anew()):
                board.notice()
        if stamp != self.index.get(self.git_key):
            self.index.note(self.git_key, stamp)
        self.scanner.redate()

    def _follow(self, stamp: bytes) -> None:
        """Read what is new in the ground's history; most commits are noticed by the board, which looks at refs."""
        moved = self.ground.git_dir != self.ground.common_dir and stamp != self.index.get(self.git_key)
        if moved or self.here or self.scanner.is_behind(self.journal):
            from gittracker.services.past import following
            following.follow(self, moved)

    def _is_quiet(self, stamp: bytes) -> bool:
        """Tell whether the ground is another worktree, too large to look at whole, and git has left it as it was."""
        return (not self.is_watcher and self.ground.top != self.repository.top and self.board is not None
                and stamp == self.index.get(self.git_key) and self.board.is_large())

    def asked_anew(self) -> Board | None:
        """Give the board as git's files are now, None where there is no replica beside the ground."""
        self._alone = None
        return self.board

    def begin_anew(self) -> None:
        """Ask again what the board is, which is otherwise asked once a command."""
        self._board, self._alone = None, None

    def _is_watched(self) -> bool:
        """Tell whether a daemon has brought the index up to date with all that was changed before now."""
        if self.is_watcher or self.here or self.index.fresh or self._forgot:
            return False
        from gittracker.store import watermark
        return watermark.is_current(self.repository.local, self.index.path, self.ground.tracker)

    def notice(self) -> None:
        """Bring the index up to date where git has changed files since: any of them may have got another slug."""
        if board := self.asked_anew():
            board.notice()
        stamp = self.git_stamp()
        if stamp != self.index.get(self.git_key):
            self.refresh()
        else:
            self._follow(stamp)
            self.scanner.redate()

    @property
    def git_key(self) -> str:
        """Name the note of git's index as it was at the last refresh, which is there once there was one."""
        return f"git:{self.view}"

    def git_stamp(self, now: int = 0) -> bytes:
        """Give the stamp of git's own index, which every command of git's that changes files writes anew.

        With `now`, as it may be kept: one so young that it could come again fits none.
        """
        return marshal.dumps(stamps.of_file(os.path.join(self.ground.git_dir, "index"), now))

    def find(self, name: str) -> tickets.Row | None:
        """Find a ticket by any of its names, as its files are now."""
        place = self.locate(name)
        return tickets.load(self.index, place[0]) if place else None

    def locate(self, name: str) -> tickets.Place | None:
        """Tell where a ticket is by any of its names, as its files are now."""
        self.notice()
        self.heed()
        if place := self._known(name):
            row_id, folder, _, ref = place
            return self._known(name) if self._freshen(row_id, folder, ref) else place
        self.refresh()
        return tickets.locate(self.index, self.view, name)

    def at(self, folder: str) -> tickets.Row | None:
        """Find a ticket by its folder, which no other can share, as its files are now."""
        row = tickets.at(self.index, self.view, folder)
        stale = row and self._freshen(row.id, folder, row.ticket.ref)
        return tickets.at(self.index, self.view, folder) if stale else row

    def _freshen(self, row_id: int, folder: str, ref: str) -> bool:
        """Read a ticket and those beside it anew where their files changed; tells whether any did."""
        scanner = self.scanner
        # Whether it is ready depends on the tickets beside it, and `show` prints their titles.
        looked_at = [(row_id, folder), *tickets.neighbours(self.index, self.view, row_id, ref)]
        stale = [where for one, where in looked_at if not scanner.is_current(one, where)]
        if stale:
            scanner.refresh_folders(stale)
        elsewhere = self.board.look_at([where for _, where in looked_at]) if self.board else False
        return bool(stale) or elsewhere

    def _known(self, name: str) -> tickets.Place | None:
        """Look a name up, with its shard's listing checked for folders that are new."""
        from gittracker.domain import ids
        if parsed := ids.parse_slug(ids.slug_of_folder(name)):
            shard = ids.shard(parsed[1])
            there = stamps.of_file(f"{self.ground.tracker}/{layout.TICKETS}/{shard}")
            if (there and there[0]) != shards.stamp(self.index, self.stamped, shard):
                self.scanner.refresh_shard(shard)
        return tickets.locate(self.index, self.view, name)

    def get(self, name: str) -> tickets.Row:
        """Find a ticket by any of its names; raises NotFoundError."""
        if row := self.find(name):
            return row
        raise NotFoundError("ticket", name, "gittracker ls")

    def clashes(self) -> frozenset[str]:
        """Give the slugs that more than one ticket has here."""
        return frozenset((self.index.get(f"clashes:{self.view}") or "").split("\n"))

    def settle(self) -> None:
        """Give this worktree its number, eight random digits, and the journal its repository, before a first write.

        Raises AccessError where either can't be written.
        """
        from gittracker.git import journal
        journal.create(self.journal, self.repository.object_format)
        journal.check_access(self.journal)
        if self.worktree.startswith("?"):
            from gittracker.services.clone import placement
            self._number(placement.number(self.repository, self.index, self.entropy))

    def _number(self, number: str) -> None:
        """Go by the number that this worktree has now."""
        before, self.worktree = self.worktree, number
        if self.view == before:
            self.view = number
        elif self.view == f"here:{before}":
            self.view = f"here:{number}"
        if self.ground_number == before:
            self.ground_number = number

    def check_writable(self) -> None:
        """Refuse to write a tracker of a newer format, and one that lies where its settings don't say."""
        settings.check_writable(self.settings, self.repository.is_side, self.adopts)

    def at_worktree(self, top: str) -> Tracker:
        """Open another worktree of the clone for the same actor."""
        made = Tracker(discover.at(top, self.repository), self.acting, self.clock, self.entropy)
        made.sandboxed, made.caller, made.lease = self.sandboxed, self.caller, self.lease
        return made

    def close(self) -> None:
        """Close the index."""
        self.index.close()


def open_tracker(start: str, acting: str, clock: Callable[[], int], entropy: Callable[[int], bytes],
                 source: str = db.KEPT, *, here: bool = False) -> Tracker:
    """Open the tracker of the repository round `start`; raises UnavailableError where there is none.

    `here` reads this worktree alone.
    """
    place = discover.discover(start)
    repository = discover.placed(place)
    is_absent = not os.path.isdir(repository.tracker)
    if is_absent and not here:
        from gittracker.services.board import ground
        is_absent = not ground.has_tracker(repository)
    if is_absent or os.path.islink(repository.tracker):
        from gittracker.services.clone import placement
        raise (placement.absent if is_absent else placement.linked)(repository)
    made = Tracker(repository, acting, clock, entropy, source, here=here)
    if repository is not place:
        from gittracker.services.clone import placement
        made.caller = placement.Caller(place, entropy)
    return made


def _ground_of(repository: discover.Repository, index: db.Index) -> discover.Repository:
    if not repository.home and not os.path.isdir(os.path.join(repository.common_dir, "worktrees")):
        return repository
    from gittracker.services.board import ground
    return ground.find(repository, index)
