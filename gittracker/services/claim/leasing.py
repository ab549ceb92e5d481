"""The clone's book of leases as one command sees and changes it, and what a command's writes carry."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.domain.errors import UsageError
from gittracker.domain.lease import Book, Lease, read_proof
from gittracker.formats import lease_text
from gittracker.index import leases as rows
from gittracker.services.write import access
from gittracker.store import layout, leases, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

BOOK = f"gittracker/state/{layout.LEASES}"


def feed(index: Index, path: str) -> None:
    """Show the index the leases that a book holds."""
    stamp = stamps.of_file(path, time.time_ns())
    with index:
        rows.put(index, [(ref, lease.until, lease.holder) for ref, lease in leases.load(path).leases.items()])
        index.put("leases", marshal.dumps(stamp))


def load(tracker: Tracker) -> Book:
    """Read the clone's book."""
    return leases.load(os.path.join(tracker.state, layout.LEASES))


def book(writing: Writing) -> Book:
    """Give the book as this command leaves it."""
    return lease_text.read(writing.own(BOOK) or b"")


def put(writing: Writing, changed: Book) -> None:
    """Set the book."""
    writing.state[BOOK] = lease_text.render(changed)


def now(writing: Writing) -> int:
    """Give the moment by the clock of the file system that the clone lies on, in seconds since 1970.

    Taking the lock wrote its file, which so carries that clock's time: processes whose own clocks differ agree on it.
    """
    if not writing.sandboxed:
        try:
            return os.stat(os.path.join(writing.tracker.state, "lock")).st_mtime_ns // 1_000_000_000
        except OSError:
            pass
    return writing.tracker.clock() // 1_000_000_000


def check_access(writing: Writing, what: str) -> None:
    """Refuse where the clone's state can't be written; raises SandboxedError."""
    if writing.sandboxed:
        raise access.refusal(writing.tracker.repository, what)


def give(writing: Writing, held: Held, lease: Lease) -> None:
    """Give a lease, or give it anew; the command's receipt proves it."""
    put(writing, book(writing).given(lease))
    note(writing, lease)
    writing.freed.add(held.folder)
    clashes = {slug.lower() for slug in writing.tracker.clashes()}
    name = lease.ref if lease.slug.lower() in clashes else lease.slug
    writing.proofs[lease.ref] = f"{name}:{lease.number}"


def note(writing: Writing, lease: Lease) -> None:
    """Note in this worktree's git dir that it holds a lease."""
    name = _notes_name(writing.tracker)
    kept = [one for one in lease_text.read_notes(writing.own(name) or b"")
            if (one[0], one[3]) != (lease.ref, lease.holder)]
    writing.state[name] = lease_text.render_notes([*kept, (lease.ref, lease.number, lease.slug, lease.holder)])


def forget(writing: Writing, ref: str, number: int) -> bool:
    """Drop the note of a lease from this worktree; tells whether there was one."""
    name = _notes_name(writing.tracker)
    known = lease_text.read_notes(writing.own(name) or b"")
    kept = [one for one in known if (one[0], one[1]) != (ref, number)]
    if kept != known:
        writing.state[name] = lease_text.render_notes(kept)
    return kept != known


def _notes_name(tracker: Tracker) -> str:
    repository = tracker.caller.repository  # where the holder works, even if the ticket lives in another worktree
    return os.path.relpath(leases.held(repository.git_dir), repository.common_dir)


class Carried:
    """Which leases the writes of a command carry: GITTRACKER_LEASE, then this worktree's notes, then the book."""

    def __init__(self, writing: Writing) -> None:
        tracker = writing.tracker
        self.proof = _proof(tracker)
        self.me = tracker.principal.name
        self.worktree = tracker.caller.worktree
        self.notes = {ref: number for ref, number, _, holder in
                      lease_text.read_notes(writing.own(_notes_name(tracker)) or b"") if holder == self.me}

    def says(self, *names: str) -> bool:
        """Tell whether GITTRACKER_LEASE is about the ticket of these names."""
        return bool(self.proof) and self.proof[0] in [name.lower() for name in names]

    def number(self, ref: str, slug: str, lease: Lease | None) -> int:
        """Give the number that a write to a ticket carries, 0 where it carries none."""
        if self.says(ref, slug):
            return self.proof[1]
        if ref in self.notes:
            return self.notes[ref]
        return lease.number if lease and lease.is_held_by(self.me, self.worktree) else 0


def _proof(tracker: Tracker) -> tuple[str, int]:
    found = read_proof(tracker.lease) if tracker.lease else ("", 0)
    if found is None:
        raise UsageError(f'GITTRACKER_LEASE is "{tracker.lease}"; expected what claim printed, such as OW-1:3',
                         "unset GITTRACKER_LEASE")
    return found
