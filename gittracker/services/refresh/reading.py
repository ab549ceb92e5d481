"""Read ticket folders into rows."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.domain.comment import Comment
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id, expect_many
from gittracker.index import history, known, notes, problems, ticketrows, tickets, undated
from gittracker.store import layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.settings import Settings
    from gittracker.index.db import Index
    from gittracker.index.history import Dated
    from gittracker.index.known import Known, Old
    from gittracker.services.board.boarding import Board
    from gittracker.services.refresh.noticing import Seen
    from gittracker.store.stamps import TicketStamp

_MANY = 1_000


class Reader:
    """Reads ticket folders into the rows of a view, `worktree`.

    Paths in `own` are the command's writes, not outside edits.
    """

    def __init__(self, index: Index, tracker: str, worktree: str, settings: Settings, object_format: str,
                 board: Board | None = None) -> None:
        self.index = index
        self.tracker = tracker
        self.worktree = worktree
        self.board = board
        self._root = tracker  # of the ticket that is being read
        self.settings = settings
        self.object_format = object_format
        self.own: frozenset[str] = frozenset()
        self.tell: Callable[[list[Seen]], set[str]] | None = None  # takes what changed around the tool
        self._seen: list[Seen] = []
        self._noted: dict[str, bool] = {}  # files that changed around the tool: whether the journal holds each
        self._dated: list[str] = []
        self._stream = known.stream(worktree)
        self._slugs: set[str] = set()  # that came or went
        self._around_tool = False  # and not by this command
        # A fresh index knows nothing, and asks once which folders have a history, instead of once a folder.
        if index.is_filling:
            expect_many(object_format)
        self._filled = known.Known() if index.is_filling else None
        self._with_history = {layout.folder_of(path) for path in history.paths(index)} if index.is_filling else set()

    def known_in(self, shard: str) -> Known:
        """Give what the rows say of all tickets in a shard, for reads of many of them."""
        return self._filled or known.of_shard(self.index, self.worktree, shard)

    def forget(self, folder: str, before: Known | None = None) -> None:
        """Drop the rows of a folder that is gone."""
        before = before or self._filled or known.of_folder(self.index, self.worktree, folder)
        old = before.tickets.get(folder)
        self._slugs.update([old.slug] if old else [])
        if layout.ticket_file(folder) not in self.own:
            self._around_tool = True
            if self.tell and old:
                from gittracker.services.refresh import noticing
                self._seen.append(noticing.gone(old, folder))
        ticketrows.remove(self.index, self.worktree, folder)
        problems.forget(self.index, self.worktree, folder)
        self.index.drop(f"workpad:{self.worktree}:{folder}")

    def read_shown(self, folder: str, before: Known | None = None) -> None:
        """Read one ticket folder as the board shows it, or forget it where that shows none."""
        self._root = self.board.root_of(folder) if self.board else self.tracker
        if os.path.isdir(f"{self._root}/{folder}"):
            self._read(folder, folder.rpartition("/")[2], time.time_ns(), before)
        else:
            self.forget(folder, before)

    def read(self, folder: str, name: str, now: int, before: Known | None = None) -> TicketStamp:
        """Read one ticket folder and give its stamps; a broken file keeps its last good row and becomes a problem.

        `before` is what the rows say of it, which is asked for where it is not given.
        """
        listings = stamps.of_listings(f"{self.tracker}/{folder}", now)  # first: what comes later is seen anew
        self._root = self.board.root_of(folder) if self.board else self.tracker
        if self._root != self.tracker and not os.path.isdir(f"{self._root}/{folder}"):
            self._root = self.tracker  # what was folded is not here, in a copied clone: it is folded anew after this
        is_ground = self._root == self.tracker
        stamp = self._read(folder, name, now, before, not is_ground or listings[1] != stamps.ABSENT)
        if stamp is None or not is_ground:
            stamp = stamps.of_ticket_file(f"{self.tracker}/{folder}", now)
        return [name, *stamp, *listings]

    def _read(self, folder: str, name: str, now: int, before: Known | None, with_comments: bool = True,
              ) -> tuple[int, int, int] | None:
        """Read a ticket's files where they lie into its rows; gives the stamp of its own, if that could be read."""
        before = before or self._filled or known.of_folder(self.index, self.worktree, folder)
        old = before.tickets.get(folder)
        path = layout.ticket_file(folder)
        is_sound = folder not in before.with_problems
        if not is_sound:
            problems.forget(self.index, self.worktree, folder)
        found = self._file(path, now)
        data = found[1] if found else None
        if data is None and not os.listdir(f"{self._root}/{folder}"):
            self.forget(folder, before)  # git keeps no empty folders: the ticket is gone
            return None
        comments, texts = self._comments(folder, now, old.comments if old and is_sound else []
                                         ) if with_comments else ([], [])
        workpad = self._workpad(folder, now, before)
        if self._root != self.tracker and not os.path.lexists(f"{self._root}/{path}"):
            self.forget(folder, before)  # deleted, and no file that git is about to write
        ticket, etag = self._ticket(path, name, data, old)
        if found is None or ticket is None:
            return found[0] if found else None
        files = [(path, etag, found[0][0]), *texts]
        if workpad:
            files.append((f"{folder}/{layout.WORKPAD}", blob_id(workpad[1], self.object_format), workpad[0]))
        held = old.etags(folder) if old else {}
        if held and self._root == self.tracker:
            self._note(held, files, before.history.get(folder, []))
        moment = self._moment(folder, files, before)
        text = workpad[1].decode(errors="replace") if workpad else ""
        if self.tell and self._differ(held, files):
            from gittracker.services.refresh import noticing
            self._seen += [one for one in noticing.changed(old, folder, ticket, etag, comments,
                                                           (files[-1][1] if workpad else "", text))
                           if one.path not in self.own]
        ticketrows.put(self.index, self.worktree, folder, ticket, etag, self.settings, comments, text, moment, old)
        return found[0]

    def _moment(self, folder: str, files: list[tuple[str, str, int]], before: Known) -> str:
        """Give when anything of a ticket last changed, given its files as (path, blob, mtime as stamps have it)."""
        self._dated.append(folder)
        # A stamp that never fits, of a file that is young, tells no time.
        timed = [(path, blob, mtime or (stamps.of_file(f"{self._root}/{path}") or [0])[0])
                 for path, blob, mtime in files]
        changes = before.history.get(folder, [])
        if folder in self._with_history:
            changes = history.dated(self.index, self._stream, f"{folder}/", f"{folder}0", self.worktree).get(folder, [])
        return history.updated_at(changes, self._stream, timed, self._root != self.tracker)

    def date(self, folder: str, before: Known | None = None) -> None:
        """Say anew when a ticket last changed, as its row and history have it; its files are not read."""
        before = before or known.of_folder(self.index, self.worktree, folder)
        old = before.tickets.get(folder)
        if not old:
            self._dated.append(folder)
            return
        self._root = self.board.root_of(folder) if self.board else self.tracker
        files = [(path, etag, 0) for path, etag in old.etags(folder).items()]
        if folder in before.workpads:
            path = f"{folder}/{layout.WORKPAD}"
            found = self._file(path, 0)
            files += [(path, blob_id(found[1], self.object_format), 0)] if found else []
        moment = self._moment(folder, files, before)
        if moment != old.get("updated_at"):
            undated.put(self.index, old.id, moment)

    def _ticket(self, path: str, name: str, data: bytes | None, old: Old | None) -> tuple[Ticket | None, str]:
        if data is None:
            if not os.path.lexists(f"{self._root}/{path}"):
                self.problem(path, 0, "the folder has no ticket.md")
            return None, ""
        try:
            ticket, findings = entity_md.read(Ticket, data, path)
        except InvalidDataError as error:
            self.problem(path, error.line, error.reason)
            return None, ""
        for finding in findings:
            self.problem(path, finding.line, finding.message)
        if not ticket.ref or not ticket.slug:
            missing = " and ".join(word for word in ("ref", "slug") if not getattr(ticket, word))
            self.problem(path, 1, f"no {missing}")
            ticket = ticket.replace(slug=ticket.slug or name)
        status = self.settings.status_of(ticket.status or "")
        if status:
            ticket = ticket if status.slug == ticket.status else ticket.replace(status=status.slug)
        elif ticket.status:
            self.problem(path, 1, f'status "{ticket.status}" is not in {layout.STATUSES}')
        if "<<<<<<< " in ticket.body:
            line = _marker(data)
            if line:
                self.problem(path, line, "git conflict markers in the description")
        if not self._filled and (old is None or old.slug != ticket.slug):
            self._slugs.update((ticket.slug, old.slug if old else ticket.slug))
            self._around_tool |= path not in self.own
        return ticket, blob_id(data, self.object_format)

    def _comments(self, folder: str, now: int, sound: list[tuple[Any, ...]],
                  ) -> tuple[list[tuple[Any, ...]], list[tuple[str, str, int]]]:
        """Read a ticket's comments: rows for the table, and (path, blob, mtime) of each.

        Those whose rows are `sound`, without problems, are not read again where their stamps fit.
        """
        base = f"{folder}/{layout.COMMENTS}"
        try:
            names = sorted([n for n in os.listdir(f"{self._root}/{base}") if n.endswith(".md")])
        except OSError:
            return [], []
        if os.path.islink(f"{self._root}/{base}"):
            self.problem(base, 0, "a symbolic link, which git does not look behind")
            return [], []
        rows, files = [], []
        kept = {row[0]: row for row in sound}
        for name in names:
            path = f"{base}/{name}"
            before = kept.get(name)
            if before and marshal.loads(before[-1]) == (there := stamps.of_file(f"{self._root}/{path}")) and there:
                rows.append(before)
                files.append((path, before[1], there[0]))
                continue
            found = self._file(path, now)
            if found is None:
                continue
            stamp, data = found
            etag = blob_id(data, self.object_format)
            if before and before[1] == etag:  # only its stamp is another, as that of a copy which is laid out
                rows.append((*before[:-1], marshal.dumps(stamp)))
                files.append((path, etag, stamp[0]))
                continue
            try:
                one, findings = entity_md.read(Comment, data, path)
            except InvalidDataError as error:
                self.problem(path, error.line, error.reason)
                one, findings = Comment(body=data.decode(errors="replace")), []
            for finding in findings:
                self.problem(path, finding.line, finding.message)
            rows.append((name, etag, one.ref, one.by, one.at, int(bool(one.deleted_at)), one.body,
                         int(one.question), one.answers, marshal.dumps(stamp)))
            files.append((path, etag, stamp[0]))
        return rows, files

    def _workpad(self, folder: str, now: int, before: Known) -> tuple[int, bytes] | None:
        """Read a ticket's workpad as (mtime in ns, bytes)."""
        key = f"workpad:{self.worktree}:{folder}"
        found = self._file(f"{folder}/{layout.WORKPAD}", now)
        if found is None:
            if folder in before.workpads:
                self.index.drop(key)
            return None
        self.index.put(key, marshal.dumps(found[0]))
        return found[0][0], found[1]

    def _file(self, path: str, now: int) -> tuple[tuple[int, int, int], bytes] | None:
        """Read a file with its stamp; None where it is absent or, told as a problem, no plain file."""
        try:
            return stamps.read(f"{self._root}/{path}", now)
        except InvalidDataError as error:
            self.problem(path, 0, error.reason)
            return None

    def problem(self, path: str, line: int, message: str) -> None:
        """Note what is wrong with a file."""
        problems.add(self.index, self.worktree, path, line, message)

    def _note(self, held: dict[str, str], files: list[tuple[str, str, int]], changes: list[Dated]) -> None:
        """Remember which files of a known ticket changed around the tool, for the next write to journal.

        A ticket that is new here is journalled as found before its first change; a pull may bring thousands.
        """
        for path, etag, _ in files:
            if path in self.own:
                notes.drop(self.index, self.worktree, [path])
                self._noted.pop(path, None)
            elif held.get(path) != etag:
                latest = history.left(changes, self._stream, path)
                if latest != etag:
                    self._noted[path] = latest is not None

    def _differ(self, held: dict[str, str], files: list[tuple[str, str, int]]) -> bool:
        """Tell whether files may differ from the rows by more than this command's own writes."""
        if self.index.fresh:
            return False
        now = {path: etag for path, etag, _ in files}
        return held != now and any(held.get(path) != now.get(path) for path in {*held, *now} - self.own)

    def _tell_and_note(self) -> None:
        """Tell what changed, and note it for the journal, which has no use for what git brought of others' records."""
        by_git = self.tell(self._seen) if self.tell and self._seen else set()
        notes.add(self.index, self.worktree, [path for path, is_held in self._noted.items()
                                              if is_held or path not in by_git])
        self._seen, self._noted = [], {}

    def finish(self) -> None:
        """Tell what changed; look up links and clashes of slugs again where tickets came, went or were renamed."""
        self._tell_and_note()
        undated.drop(self.index, self.worktree, self._dated)
        self._dated = []
        filled = self.index.is_filling
        if not self._slugs and not filled:
            return
        if filled:
            self.index.complete()
        if self._around_tool:
            self.index.drop(f"lost:{self.worktree}")
        ticketrows.resolve_edges(self.index, self.worktree)
        key = f"clashes:{self.worktree}"
        everything = filled or len(self._slugs) > _MANY
        kept = set() if everything else set((self.index.get(key) or "").split("\n")) - self._slugs
        clashes = kept | tickets.shared_slugs(self.index, self.worktree, None if everything else self._slugs)
        self.index.put(key, "\n".join(sorted(clashes - {""})))
        self._slugs.clear()


def _marker(data: bytes) -> int:
    """Give the line of the first conflict marker, 0 where there is no whole set of them."""
    lines = data.split(b"\n")
    starts = [number for number, line in enumerate(lines, 1) if line.startswith(b"<<<<<<< ")]
    ends = any(line.startswith(b">>>>>>> ") for line in lines)
    return starts[0] if starts and ends else 0
