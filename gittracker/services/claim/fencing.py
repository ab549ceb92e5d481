"""The fence: a write whose lease has passed to somebody else is refused, in the locked step of the write itself."""

from __future__ import annotations

from gittracker.domain.lease import GUARDED, Book, Lease, LeaseHeldError, LeaseLostError, LeaseOverError, Lost
from gittracker.domain.status import CLOSED_STAGES
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.index import tickets
from gittracker.services.claim import leasing
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.write.writing import Writing


def check(writing: Writing) -> None:
    """Check what a command is about to write against the leases of the tickets that it changes.

    Its own leases are renewed, those of tickets that it closes end. Raises LeaseLostError, LeaseHeldError.
    """
    book = leasing.book(writing)
    every: list[Lost | Lease] = [*book.lost, *book.leases.values()]
    if not every:
        return
    known = {one.ref: one.slug for one in every}
    folders = {one.folder: one.ref for one in every}
    changed = {layout.folder_of(path) for path, data in writing.after.items() if data != writing.before[path]}
    fence = None
    for folder in changed - writing.freed:
        ref = folders.get(folder) or tickets.ref_in(writing.tracker.index, writing.tracker.view, folder)
        if ref in known:
            fence = fence or Fence(writing, book)
            fence.check(folder, ref, known[ref])
    if fence and fence.book is not book:
        leasing.put(writing, fence.book)


class Fence:
    """What the check of one command needs to know; `book` is the book as the command leaves it."""

    def __init__(self, writing: Writing, book: Book) -> None:
        self.writing = writing
        self.book = book
        self.now = leasing.now(writing)
        self.carried = leasing.Carried(writing)

    def check(self, folder: str, ref: str, slug: str) -> None:
        """Check what is written to one ticket."""
        lease = self.book.leases.get(ref)
        if lease and lease.folder != folder:
            lease = lease.replace(folder=folder)
            self.book = self.book.given(lease)
        number = self.carried.number(ref, slug, lease)
        if number and not (lease and lease.number == number):
            lost = self.book.fate(ref, number)
            if lease or lost:
                raise LeaseLostError(slug, number, lease.holder if lease else lost.to if lost else "",
                                     self._hint(ref, slug))
            return  # it ended as its holder wished
        if lease is None:
            return
        if number:
            self._keep(lease)
        else:
            self._guard(lease)
        if self._ends(lease, bool(number)):
            self._end(lease, "" if number else self.carried.me)

    def _hint(self, ref: str, slug: str) -> str:
        return f"stop work on {slug}; unset GITTRACKER_LEASE" if self.carried.says(ref, slug) else ""

    def _keep(self, lease: Lease) -> None:
        """A write by the holder is a sign of life."""
        if lease.remote:  # there only `renew` shows it
            if not lease.is_live(self.now):
                raise LeaseOverError(lease, self.now)
        elif lease.is_due(self.now):
            self.book = self.book.given(lease.replace(beat_at=self.now))

    def _guard(self, lease: Lease) -> None:
        """Somebody else may remark and describe, but not take the ticket from its holder, unless by force."""
        if lease.is_live(self.now) and lease.folder not in self.writing.forced and self._takes(lease.folder):
            raise LeaseHeldError(lease, self.now, f"gittracker comment add {lease.slug} --body TEXT; --force changes "
                                 "it all the same")

    def _takes(self, folder: str) -> bool:
        path = layout.ticket_file(folder)
        before, after = self.writing.before.get(path), self.writing.after.get(path)
        if before is None or path not in self.writing.after:
            return False
        if after is None:
            return True
        old, new = (entity_md.read(Ticket, data, path)[0] for data in (before, after))
        return any(getattr(old, name) != getattr(new, name) for name in GUARDED)

    def _ends(self, lease: Lease, is_holder: bool) -> bool:
        """Tell whether the ticket is closed, put away, gone or, by its holder's undo, free after this command."""
        path = layout.ticket_file(lease.folder)
        if path not in self.writing.after:
            return False
        data = self.writing.after[path]
        if data is None:
            return True
        ticket, _ = entity_md.read(Ticket, data, path)
        stage = self.writing.settings.stage(ticket.status)
        return ticket.archived or stage in CLOSED_STAGES or (
            is_holder and ticket.assignee != lease.holder and stage != "started")

    def _end(self, lease: Lease, by: str) -> None:
        self.book = self.book.ended(lease, by)
        if not by:
            leasing.forget(self.writing, lease.ref, lease.number)
        from gittracker.services.claim import handoffs
        handoffs.drop(self.writing, lease.ref)
        self.writing.ended.append(lease)
