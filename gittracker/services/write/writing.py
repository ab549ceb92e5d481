"""One entry in the making: changes are gathered, seen by later reads of the same command, and not yet on disk."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError, StaleEtagError, UsageError
from gittracker.domain.texts import check_body
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.services.write import requests
from gittracker.services.write.homes import Homes
from gittracker.services.write.requests import Held as Held
from gittracker.services.write.requests import Request as Request
from gittracker.services.write.requests import Touched as Touched
from gittracker.store import atomic, kinds, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.lease import Lease
    from gittracker.domain.settings import Settings
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.requests import Elsewhere

UNCHANGED = "record.unchanged"
RECOVERIES = ("ticket.recovered", "file.forgotten")  # after these, what is lost is counted anew


class Writing:
    """Gathers one entry's changes; nothing touches the disk before `apply` takes it over."""

    def __init__(self, tracker: Tracker, request: Request, given_out: Callable[[str], int] | None = None,
                 homes: Homes | None = None) -> None:
        self.tracker = tracker
        self.request = request
        self.homes = homes or Homes(tracker)
        self._given_out = given_out
        self.before: dict[str, bytes | None] = {}
        self.after: dict[str, bytes | None] = {}
        self.touched: list[Touched] = []
        self.told: Callable[[], None] | None = None  # called for each file that is written
        self.subjects: list[str] = []
        self._below: dict[str, list[str]] = {}  # paths of `after` by the folders they lie in
        self.warnings: list[str] = []
        self.counters: dict[str, int] = {}
        self.undoes = ""
        self.command = ""  # what its entries have in common, where other worktrees have some of them
        self.least = 0  # the entry is dated not before this, so that it is later than what it overrides
        self.dropped: list[str] = []  # paths that only the journal still has, and shall no longer
        self.adopted: list[tuple[str, bytes | None, None]] = []  # those of them that only another worktree's has
        self.records: dict[str, Any] = {}  # by path: records that are no tickets, as services.records holds them
        self._held: dict[str, Held] = {}  # by folder
        self._names: dict[str, Held] = {}
        self._touches: dict[tuple[str, str], Touched] = {}
        self._folders: set[str] = set()  # of tickets that were touched
        self._begun: set[str] = set()  # places at which something was put
        self._configured: set[str] = set()  # files of the configuration that this command changes
        self._settings: Settings | None = None
        self._matched = False
        # Files of the clone's own that this command changes, by their path below its common directory; None removes.
        self.state: dict[str, bytes | None] = {}
        self.proofs: dict[str, str] = {}  # by ticket's ref: the lease that the receipt proves
        self.freed: set[str] = set()  # folders of tickets whose lease this command itself gave or ended
        self.packets: list[str] = []  # refs of tickets of which a handoff packet was kept
        self.ended: list[Lease] = []  # by this command
        self.forced: set[str] = set()  # folders of tickets that a command with --force touched
        self.remarks: list[str] = []  # what is said besides the subjects, and not journalled
        self.sandboxed = False

    @property
    def settings(self) -> Settings:
        """Give the configuration as this command leaves it."""
        if not self._configured:
            return self.tracker.settings
        if self._settings is None:
            there = {*settings.names(self.tracker.rules), *self._configured}
            self._settings = settings.load_from(self.read, sorted(
                path for path in there if self.after.get(path, b"") is not None))
        return self._settings

    def enter(self, request: Request) -> None:
        """Begin the next command of a batch, with its own precondition."""
        self.request = request
        self._matched = False

    def leave(self) -> None:
        """End a command; raises UsageError where it was about no record that could meet its `--if-match`."""
        if self.request.if_match and not self._matched:
            raise UsageError(f'"{self.request.name}" is not about one record, so --if-match has nothing to meet',
                             f"gittracker {self.request.name} --help")

    def read(self, path: str) -> bytes | None:
        """Read a tracker file as this command leaves it."""
        if path in self.after:
            return self.after[path]
        data = atomic.read(self.path(path))
        if data is not None or not self._is_elsewhere(path):
            return data
        self._go(self._elsewhere(path))
        return atomic.read(self.path(path))

    def peek(self, path: str) -> bytes | None:
        """Read a tracker file as this command leaves it, or as the board shows it where this worktree has none."""
        if path in self.after:
            return self.after[path]
        data = atomic.read(self.path(path))
        return atomic.read(self.tracker.shown(path)) if data is None and self.tracker.board else data

    def _is_elsewhere(self, path: str) -> bool:
        """Tell whether another replica has a file that is not where the command would write it."""
        return bool(self.tracker.board and not self.request.stays and os.path.exists(self.tracker.shown(path)))

    def moves(self, path: str, top: str) -> bool:
        """Write a record in another worktree from here on; tells whether that is early enough, and can be."""
        where = kinds.place(path)
        return bool(where) and where not in self._begun and self.homes.move(where, top)

    def _go(self, error: Elsewhere) -> None:
        """Write a record where it lives from here on; raises the error where that can't be."""
        if self.request.stays or not self.moves(error.path, error.source):
            raise error

    def is_beyond(self, path: str) -> bool:
        """Tell whether a file that this worktree lacks is in no other worktree either, but on a branch alone."""
        return self._elsewhere(path).source.startswith("refs/")

    def _elsewhere(self, path: str) -> Elsewhere:
        from gittracker.services.write.placing import home_of
        return home_of(self.tracker, path)

    def put(self, path: str, data: bytes | None) -> None:
        """Set a file's bytes; None removes it. Raises InvalidDataError where a link leads out of the tracker."""
        self.homes.check(path)
        if data is None and path in self.homes.moved and not os.path.lexists(self.path(path)) and (
                path in self.homes.beside
                or (self._is_elsewhere(path) and self.homes.also(self._elsewhere(path).source, path, lambda _: None))):
            return
        if path not in self.before:
            self._find_home(path)
            self._check_folders(path)
            self.before[path] = atomic.read(self.path(path))
            self._begun.add(kinds.place(path))
        if path not in self.after:
            self._note_folders(path)
        self.after[path] = data
        if settings.is_one(path):
            self._configured.add(path)
            self._settings = None

    def _find_home(self, path: str) -> None:
        """Go where a file lives that is not here; a new one goes where its record is."""
        if not self.tracker.board or os.path.lexists(self.path(path)):
            return
        own = kinds.own_file(kinds.place(path)) if kinds.place(path) else path
        for one in dict.fromkeys((path, own)):
            if not os.path.lexists(self.path(one)) and one not in self.after and self._is_elsewhere(one):
                self._go(self._elsewhere(one))

    def _note_folders(self, path: str) -> None:
        """Note a path under each folder that it lies in."""
        end = path.find("/")
        while end > 0:
            self._below.setdefault(path[:end], []).append(path)
            end = path.find("/", end + 1)

    def _check_folders(self, path: str) -> None:
        """Refuse to write behind a folder that is a symbolic link: it could lead anywhere."""
        end = path.find("/")
        while end > 0:
            if os.path.islink(self.homes.at(path).path(path[:end])):
                raise InvalidDataError("a symbolic link, which git does not look behind",
                                       "put the folder itself in its place", path[:end])
            end = path.find("/", end + 1)

    def own(self, name: str) -> bytes | None:
        """Read a file of the clone's own as this command leaves it."""
        if name in self.state:
            return self.state[name]
        return atomic.read(os.path.join(self.tracker.repository.common_dir, name))

    def path(self, path: str) -> str:
        """Give the absolute path of a tracker file in the worktree that the command writes it in."""
        return self.homes.file(path)

    def shown(self, path: str) -> bytes | None:
        """Read a tracker file as the board shows it, or as this command leaves it."""
        return self.after[path] if path in self.after else atomic.read(self.tracker.shown(path))

    def files_below(self, folder: str) -> list[str]:
        """List the files below a folder as this command leaves them, the upper ones first."""
        on_disk = self.homes.below(folder)
        there = [path for path in {*on_disk, *self._below.get(folder, ())} if self.after.get(path, b"") is not None]
        return sorted(there, key=lambda path: (path.count("/"), path))

    def files_shown(self, folder: str) -> list[str]:
        """List the files below a folder as this command leaves them, with those that the board has from elsewhere."""
        shown = self.tracker.below(folder) if self.tracker.board else ()
        there = {*self.files_below(folder), *(path for path in shown if self.after.get(path, b"") is not None)}
        return sorted(there, key=lambda path: (path.count("/"), path))

    def about(self, name: str) -> Held:
        """Find a ticket that the command is about; the first must meet `--if-match`. Raises StaleEtagError too."""
        held = self.ticket(name)
        if not held.data:
            self._take(held, self._elsewhere(held.path))
        self.meet(held.ticket.slug, held.shown)
        return held

    def _take(self, held: Held, error: Elsewhere) -> None:
        """Write a ticket in another worktree from here on."""
        self._go(error)
        held.data = atomic.read(self.path(held.path)) or b""

    def meet(self, name: str, data: bytes, hint: str = "") -> None:
        """Check the bytes of the first record that the command is about against `--if-match`; raises StaleEtagError."""
        if self.request.if_match and not self._matched:
            current = blob_id(data, self.tracker.repository.object_format)
            if current != self.request.if_match:
                raise StaleEtagError(name, self.request.if_match, current, hint)
            self._matched = True

    def ticket(self, name: str) -> Held:
        """Find a ticket by any of its names; raises NotFoundError, AmbiguousError, InvalidDataError."""
        low = name.lower()
        if low in self._names:
            return self._names[low]
        place = self.tracker.locate(name)
        found = self.in_folder(place[1], place[2]) if place else None
        if found is None:
            raise NotFoundError("ticket", name, "gittracker ls")
        return found

    def in_folder(self, folder: str, slug: str = "") -> Held | None:
        """Give the ticket in a folder, None where there is none; `slug` is its name where its file has none.

        Raises InvalidDataError.
        """
        if folder not in self._held:
            path = layout.ticket_file(folder)
            data = self.after[path] if path in self.after else atomic.read(self.path(path))
            shown = atomic.read(self.tracker.shown(path)) if self.tracker.board and path not in self.after else data
            if shown is None:
                return None
            self._hold(requests.hold(folder, slug, data or b"", shown))
        return self._held[folder]

    def _hold(self, held: Held) -> None:
        """Keep a ticket under its folder and its names; a slug is its own ticket's before it is another's alias."""
        self._held[held.folder] = held
        for alias in held.ticket.aliases:
            self._names.setdefault(alias.lower(), held)
        self._names.update((name.lower(), held) for name in (held.ticket.slug, held.ticket.ref) if name)

    def identified(self, name: str) -> Held:
        """Find a ticket that has a ref, which links and entries need."""
        held = self.ticket(name)
        if not held.ticket.ref:
            raise InvalidDataError(f'"{name}" has no ref yet', "gittracker doctor --fix", held.path, 1)
        return held

    def holds(self) -> list[Held]:
        """List the tickets that this command has looked at or changed."""
        return list(self._held.values())

    def has_changed(self, held: Held) -> bool:
        """Tell whether this command has changed a ticket's own file already."""
        return held.path in self.after and self.after[held.path] != self.before[held.path]

    def change(self, held: Held, changes: dict[str, Any], kind: str = "ticket.updated") -> Held:
        """Change a ticket's fields; what is so already costs nothing."""
        old = held.ticket
        own = {n: v for n, v in changes.items() if n in Ticket.FIELDS or n == "body"}
        extra = {**old.extra, **{n: v for n, v in changes.items() if n not in own}}
        new = old.replace(**own, extra={n: v for n, v in extra.items() if v is not None})
        if not (different := entity_md.differences(old, new)):
            return held
        if not held.data:
            self._take(held, self._elsewhere(held.path))
        wanted = {n: changes[n] for n in different}
        data = self._patched(held, wanted)
        if data == held.data:  # it is so here already, and another replica has it otherwise
            self._take(held, self._overridden(held, next(iter(different))))
            data = self._patched(held, wanted)
        self.put(held.path, data)
        held.ticket, held.data, held.shown = new, data, data if held.data == held.shown else held.shown
        self._hold(held)
        self.touch(kind, held.ticket.ref, held.ticket.slug, held.path, different, held.ticket.slug)
        return held

    def _patched(self, held: Held, wanted: dict[str, Any]) -> bytes:
        if held.data != held.shown:
            wanted = self._for_own(held, wanted)
        return entity_md.patch(Ticket, held.data, wanted, held.path) if wanted else held.data

    def _for_own(self, held: Held, wanted: dict[str, Any]) -> dict[str, Any]:
        """Turn values for the board into those for this worktree's file: of a set, just what comes and goes."""
        own = entity_md.read(Ticket, held.data, held.path)[0]
        found = {}
        for name, value in wanted.items():
            mine: Any = own.body if name == "body" else own.__dict__.get(name, own.extra.get(name))
            if name in Ticket.FIELDS and Ticket.FIELDS[name].kind.many:
                before = set(held.ticket.__dict__[name])
                value = tuple(sorted((set(mine) | (set(value) - before)) - (before - set(value))))
            if value != mine:
                found[name] = value
        return found

    def _overridden(self, held: Held, field: str) -> Elsewhere:
        from gittracker.services.write import placing
        return placing.overriding(self.tracker, held.path, field)

    def create(self, ticket: Ticket) -> Held:
        """Add a new ticket's file."""
        folder = layout.ticket_folder(ticket.slug, ticket.ref)
        held = Held(ticket, folder, entity_md.render(ticket))
        self.put(held.path, held.data)
        self._hold(held)
        made = {n: (None, v) for n, v in ticket.values().items() if v != Ticket.FIELDS[n].kind.empty}
        self.touch("ticket.created", ticket.ref, ticket.slug, held.path, made, ticket.slug)
        return held

    def forget(self, held: Held) -> None:
        """Drop a purged ticket from what later steps can name, and what was done to it before."""
        del self._held[held.folder]
        self._names = {name: one for name, one in self._names.items() if one is not held}
        self.touched = [one for one in self.touched if not one.path.startswith(f"{held.folder}/")]
        self._touches = {(one.path, one.ref): one for one in self.touched}
        self._folders.discard(held.folder)

    def touch(self, kind: str, ref: str, slug: str, path: str, changes: dict[str, Any], ticket: str) -> None:
        """Note a changed record; a second change of it joins the first."""
        if self.request.force:
            self.forced.add(layout.folder_of(path))
        one = self._touches.get((path, ref))
        if one is None:
            self.touched.append(one := Touched(kind, ref, slug, path, dict(changes), ticket))
            self._touches[path, ref] = one
            self._folders.add(layout.folder_of(path))
            return
        one.kind = kind if one.kind == UNCHANGED else one.kind
        one.slug, one.ticket = slug, ticket
        for name, (old, new) in changes.items():
            one.changes[name] = (one.changes[name][0] if name in one.changes else old, new)

    def touch_unchanged(self, held: Held) -> None:
        """Note a ticket that was asked about but is as it should be, so that it gets a receipt too."""
        if held.folder not in self._folders:
            self.put(held.path, held.data)
            self.touch(UNCHANGED, held.ticket.ref, held.ticket.slug, held.path, {}, held.ticket.slug)

    def say(self, subject: str) -> None:
        """Add to the entry's subject."""
        self.subjects.append(subject)

    def warn(self, text: str) -> None:
        """Note what the user should know besides what is done."""
        self.warnings.append(text)

    def new_ref(self, prefix: str) -> str:
        """Make a ref."""
        return ids.make_ref(prefix, ids.uuid7(self.tracker.clock(), self.tracker.entropy(8)))

    def given_out(self, counter: str) -> int:
        """Give the highest number of a counter, as far as it is known without the files here."""
        from gittracker.store import counters
        return self._given_out(counter) if self._given_out else counters.load(self.tracker.state).get(counter, 0)

    def highest(self, key: str) -> int:
        """Give the greatest number of a project: of its counter, of all that is on the board, of this command."""
        if key not in self.counters:
            from gittracker.store import counters
            self.tracker.notice()
            row = self.tracker.index.one("SELECT max(number) FROM ticket WHERE key = ?", key)
            known = max(self.given_out(key), row[0] or 0)
            self.counters[key] = counters.highest_on_disk(self.tracker.root, key, known)
        return self.counters[key]

    def next_slug(self, key: str) -> str:
        """Give the next free slug of a project; one that is another ticket's alias is left out."""
        slug = ""
        while not slug or self.tracker.index.one("SELECT 1 FROM alias WHERE name = ?", slug):
            self.counters[key] = self.highest(key) + 1
            slug = f"{key}-{self.counters[key]}"
        return slug

    def check_text(self, what: str, old: str, new: str) -> None:
        """Refuse control characters, and nothing in place of text, unless by force: UsageError, ConflictError."""
        if self.request.force:
            return
        check_body(what, new)
        if old.strip() and not new.strip():
            raise ConflictError(f"{what} is not empty; only --force empties it", "give the text")
