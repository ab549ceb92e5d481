"""An opened tracker: one worktree's files, its settings, its index, and who acts."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.domain import times
from gittracker.domain.errors import InvalidDataError, NotFoundError, UnavailableError
from gittracker.domain.settings import FORMAT, Settings
from gittracker.git import discover
from gittracker.index import db, shards, tickets
from gittracker.services.scanning import Scanner
from gittracker.store import atomic, layout, settings, stamps, watermark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.domain.principal import Principal
    from gittracker.git.identity import User
    from gittracker.index import search
    from gittracker.services.noticing import Seen

_DIGITS = 8


class Tracker:
    """Everything a service needs; made once a command by `open_tracker`."""

    def __init__(self, repository: discover.Repository, acting: str, clock: Callable[[], int],
                 entropy: Callable[[int], bytes], source: str = db.KEPT) -> None:
        self.repository = repository
        self.root = repository.tracker
        self.clock = clock
        self.entropy = entropy
        self.state = os.path.join(repository.local, "state")
        self.journal = repository.journal
        self.worktree = worktree_id(repository)
        self.view = self.worktree  # whose rows are read
        self.index = db.open_index(repository.local, source)
        self._forgot = False
        self.settings = self._settings()
        self.filters: dict[str, str] = {}  # by attached file, as git was asked: the filter it goes through
        self.is_watcher = False  # or somebody else may have seen all changes already
        self.lease = ""  # what the caller's writes carry, as GITTRACKER_LEASE says it
        self.sandboxed = False  # by choice; whether git's folder may be written, only trying tells
        self._acting = acting
        self._principal: Principal | None = None
        self._committer: tuple[str, str] | None = None
        self._build() if self.index.fresh else self.heed()

    def heed(self) -> None:
        """Show the index the clone's leases, where they changed."""
        path = os.path.join(self.state, layout.LEASES)
        stamp = stamps.of_file(path)
        if stamp and marshal.dumps(stamp) != self.index.get("leases"):
            from gittracker.services import leasing
            leasing.feed(self.index, path)

    def renew(self) -> None:
        """Read the configuration again where its files changed since, as they may have while we waited for the lock."""
        if self._listed != settings.stamps(self.root) or any(
                stamps.settled(max(one[1:3]), time.time_ns()) == stamps.NEVER for one in self._listed):
            self.settings = self._settings()

    def _settings(self) -> Settings:
        self._listed = listed = settings.stamps(self.root)
        key = f"settings:{self.worktree}"
        kept = self.index.get(key)
        if kept:
            seen, rows = marshal.loads(kept)
            if seen == listed:
                return Settings(**rows)
        now = time.time_ns()
        loaded = settings.load(self.root, listed)
        before = Settings(**marshal.loads(kept)[1]) if kept else None
        if before and loaded.broken:
            loaded = before.but_broken(loaded)
        racy = any(stamps.settled(max(s[1:3]), now) == stamps.NEVER for s in listed)
        with self.index as index:
            if before and not before.ranks_as(loaded):
                shards.forget(index, self.worktree)  # stages and ranks are in the rows
                self._forgot = True
            index.put(key, marshal.dumps(([] if racy else listed, loaded.rows())))
        return loaded

    def _build(self) -> None:
        """Fill a fresh index: history first, for it says when tickets were last touched."""
        from gittracker.services import history
        history.catch_up(self)
        self.refresh(deep=True)
        self.index.finish()
        db.sweep(self.index)

    @property
    def scanner(self) -> Scanner:
        """Give the scanner of this worktree."""
        return Scanner(self.index, self.root, self.worktree, self.settings, self.repository.object_format, self.tell)

    def tell(self, seen: list[Seen]) -> None:
        """Make events of what changed around the tool."""
        from gittracker.services import telling
        telling.tell(self, seen)

    @property
    def principal(self) -> Principal:
        """Give who acts: `--as`, else git's user by member file, else by name."""
        if self._principal is None:
            from gittracker.domain.principal import Principal, named
            if self._acting:
                self._principal = named(self._acting)
            else:
                user = self._git_user()
                name = self.settings.member_with(user.email) or _as_name(user.name)
                self._principal = named(user.acting) if user.acting else Principal(name, user.name, user.email)
        return self._principal

    @property
    def committer(self) -> tuple[str, str]:
        """Give git's user, who commits what anybody writes here."""
        if self._committer is None:
            user = self._git_user()
            self._committer = user.name, user.email
        return self._committer

    def _git_user(self) -> User:
        from gittracker.git import identity
        kept = self.index.get("identity")
        if kept:
            sources, user = marshal.loads(kept)
            if identity.is_current(sources):
                return identity.User(*user)
        found, sources = identity.ask(self.repository)
        with self.index as index:
            index.put("identity", marshal.dumps((sources, (found.name, found.email, found.acting))))
        return found

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
        """Bring the index up to date with the files."""
        self.heed()
        stamp = self._git_stamp(time.time_ns())
        if not self._is_watched():
            self.scanner.refresh(deep)
        if stamp != self.index.get(self.git_key):
            with self.index as index:
                index.put(self.git_key, stamp)

    def _is_watched(self) -> bool:
        """Tell whether a daemon has brought the index up to date with all that was changed before now."""
        return not (self.is_watcher or self.index.fresh or self._forgot) and watermark.is_current(
            self.repository.local, self.index.path, self.root)

    def notice(self) -> None:
        """Bring the index up to date where git has changed files since: any of them may have got another slug."""
        if self._git_stamp() != self.index.get(self.git_key):
            self.refresh()

    @property
    def git_key(self) -> str:
        """Name the note of git's index as it was at the last refresh, which is there once there was one."""
        return f"git:{self.worktree}"

    def _git_stamp(self, now: int = 0) -> bytes:
        """Give the stamp of git's own index, which every command of git's that changes files writes anew.

        With `now`, as it may be kept: one so young that it could come again fits none.
        """
        return marshal.dumps(stamps.of_file(os.path.join(self.repository.git_dir, "index"), now))

    def reread(self) -> None:
        """Read every ticket's files again, whatever their stamps say."""
        with self.index as index:
            shards.forget(index, self.worktree)
        self.scanner.refresh(deep=True)

    def find(self, name: str) -> tickets.Row | None:
        """Find a ticket by any of its names, as its files are now."""
        self.notice()
        self.heed()
        row = self._known(name)
        if row is None:
            self.refresh()
            return tickets.find(self.index, self.view, name)
        return self._known(name) if self._freshen(row) else row

    def at(self, folder: str) -> tickets.Row | None:
        """Find a ticket by its folder, which no other can share, as its files are now."""
        row = tickets.at(self.index, self.view, folder)
        return tickets.at(self.index, self.view, folder) if row and self._freshen(row) else row

    def _freshen(self, row: tickets.Row) -> bool:
        """Read a ticket and those beside it anew where their files changed; tells whether any did."""
        scanner = self.scanner
        # Whether it is ready depends on the tickets beside it, and `show` prints their titles.
        looked_at = [(row.id, row.folder), *tickets.neighbours(self.index, row)]
        stale = [folder for row_id, folder in looked_at if not scanner.is_current(row_id, folder)]
        if stale:
            scanner.refresh_folders(stale)
        return bool(stale)

    def _known(self, name: str) -> tickets.Row | None:
        """Look a name up, with its shard's listing checked for folders that are new."""
        from gittracker.domain import ids
        parsed = ids.parse_slug(ids.slug_of_folder(name))
        if parsed:
            shard = ids.shard(parsed[1])
            try:
                stamp: int | None = os.stat(f"{self.root}/{layout.TICKETS}/{shard}").st_mtime_ns
            except OSError:
                stamp = None
            if stamp != shards.stamp(self.index, self.worktree, shard):
                self.scanner.refresh_shard(shard)
        return tickets.find(self.index, self.view, name)

    def get(self, name: str) -> tickets.Row:
        """Find a ticket by any of its names; raises NotFoundError."""
        row = self.find(name)
        if row is None:
            raise NotFoundError("ticket", name, "gittracker ls")
        return row

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
            self.worktree = self.view = worktree_id(self.repository)  # another first write may have come before us
        if not self.worktree.startswith("?"):
            return
        made = str(int.from_bytes(self.entropy(8), "big"))[-_DIGITS:].zfill(_DIGITS)
        atomic.write(os.path.join(self.repository.git_dir, "gittracker", "worktree"), made.encode() + b"\n")
        db.rename_worktree(self.index, self.worktree, made)
        self.worktree = self.view = made

    def check_writable(self) -> None:
        """Refuse to write a tracker of a newer format."""
        if self.settings.format_version > FORMAT:
            raise InvalidDataError(f"the tracker has format {self.settings.format_version}; this gittracker writes "
                                   f"format {FORMAT}", "pip install --upgrade gittracker", layout.CONFIG)
        for path, line, message in self.settings.broken:
            raise InvalidDataError(message, "mend the file: until then nothing is written", path, line)
        if (self.settings.placement, self.settings.history) != ("in-tree", "journal"):
            raise UnavailableError(f'placement "{self.settings.placement}" with history "{self.settings.history}" is '
                                   "not available yet", "in-tree with journal is")

    def close(self) -> None:
        """Close the index."""
        self.index.close()


def open_tracker(start: str, acting: str, clock: Callable[[], int], entropy: Callable[[int], bytes],
                 source: str = db.KEPT) -> Tracker:
    """Open the tracker of the repository round `start`; raises UnavailableError where there is none."""
    repository = discover.discover(start)
    if not os.path.isdir(repository.tracker):
        raise UnavailableError(f'no tracker in "{repository.top}"', "gittracker init")
    if os.path.islink(repository.tracker):
        raise UnavailableError(f'"{repository.tracker}" is a symbolic link, which git does not look behind',
                               "put the folder itself in its place")
    return Tracker(repository, acting, clock, entropy, source)


def _as_name(name: str) -> str:
    """Write git's user name as records show it: Alice Smith is alice-smith."""
    clean = "".join(c if c.isalnum() or c in "._-" else "-" for c in name.strip().lower())
    return clean.strip("-") or "user"


def worktree_id(repository: discover.Repository) -> str:
    """Give this worktree's number, kept in its git directory; until the first write makes it, its place instead."""
    try:
        with open(os.path.join(repository.git_dir, "gittracker", "worktree"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "?" + os.path.relpath(repository.git_dir, repository.common_dir)
