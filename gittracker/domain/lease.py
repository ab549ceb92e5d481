"""Leases: the timed hold that proves a claim, its fencing number, and who may renew or take it over."""

from __future__ import annotations

from gittracker.domain import times
from gittracker.domain.errors import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_LOST = 1_000
GUARDED = ("status", "assignee", "archived")  # what a claim sets: others change it only by force


class Lease:
    """One ticket's lease. Moments are seconds since 1970 by the clock of the file system that the clone lies on.

    `was_status` and `was_assignee` are what the ticket had before it was claimed. `remote` is where the lease is held
    too, and `oid` what stands there, empty until it does.
    """

    __slots__ = ("ref", "slug", "folder", "number", "holder", "worktree", "top", "branch", "taken_at", "beat_at",
                 "term", "was_status", "was_assignee", "remote", "oid")

    def __init__(self, ref: str, slug: str, folder: str, number: int, holder: str, worktree: str, top: str, branch: str,
                 taken_at: int, beat_at: int, term: int, was_status: str = "", was_assignee: str = "",
                 remote: str = "", oid: str = "") -> None:
        self.ref = ref
        self.slug = slug
        self.folder = folder
        self.number = number
        self.holder = holder
        self.worktree = worktree
        self.top = top
        self.branch = branch
        self.taken_at = taken_at
        self.beat_at = beat_at
        self.term = term
        self.was_status = was_status
        self.was_assignee = was_assignee
        self.remote = remote
        self.oid = oid

    def replace(self, **changes: Any) -> Lease:
        """Make a copy that differs in `changes`."""
        return Lease(**{name: changes.get(name, getattr(self, name)) for name in self.__slots__})

    @property
    def until(self) -> int:
        """Give the moment from which on it may be taken over."""
        return self.beat_at + self.term

    @property
    def proof(self) -> str:
        """Give what the holder's writes carry."""
        return f"{self.slug}:{self.number}"

    def is_live(self, now: int) -> bool:
        """Tell whether it still excludes others."""
        return now < self.until

    def is_due(self, now: int) -> bool:
        """Tell whether so much of its term has passed that a write by its holder renews it."""
        return now - self.beat_at >= self.term // 4

    def is_held_by(self, holder: str, worktree: str) -> bool:
        """Tell whether it was given to this principal in this worktree."""
        return (self.holder, self.worktree) == (holder, worktree)


class Lost:
    """A lease that ended against its holder's will: writes that still carry its number are refused."""

    __slots__ = ("ref", "slug", "folder", "number", "to")

    def __init__(self, ref: str, slug: str, folder: str, number: int, to: str) -> None:
        self.ref = ref
        self.slug = slug
        self.folder = folder
        self.number = number
        self.to = to


class Book:
    """All leases of a clone by their tickets' refs, the highest number that was ever given, and what was lost."""

    __slots__ = ("highest", "leases", "lost")

    def __init__(self, highest: int = 0, leases: dict[str, Lease] | None = None,
                 lost: list[Lost] | None = None) -> None:
        self.highest = highest
        self.leases = leases or {}
        self.lost = lost or []

    def given(self, lease: Lease) -> Book:
        """Give a lease, or give it again with another heartbeat; another's that stood in its place is lost."""
        old = self.leases.get(lease.ref)
        lost = [*self.lost, _lost(old, lease.holder)] if old and old.number != lease.number else self.lost
        return Book(max(self.highest, lease.number), {**self.leases, lease.ref: lease}, lost[-_MOST_LOST:])

    def ended(self, lease: Lease, by: str = "") -> Book:
        """End a lease; `by` is who ended it, if that is not its holder."""
        kept = {ref: one for ref, one in self.leases.items() if ref != lease.ref}
        return Book(self.highest, kept, [*self.lost, *([_lost(lease, by)] if by else [])][-_MOST_LOST:])

    def fate(self, ref: str, number: int) -> Lost | None:
        """Find what became of a number that once stood for a ticket."""
        return next((one for one in self.lost if (one.ref, one.number) == (ref, number)), None)


def _lost(lease: Lease, to: str) -> Lost:
    return Lost(lease.ref, lease.slug, lease.folder, lease.number, to)


class Sight:
    """A lease as it stands on a remote, and since when this clone has seen it unchanged, by its own clock.

    Other clones' clocks are not asked: it is over when it was seen unchanged for its whole term. `clone` is whose it
    is.
    """

    __slots__ = ("remote", "ref", "oid", "seen_at", "term", "number", "slug", "holder", "clone", "branch")

    def __init__(self, remote: str, ref: str, oid: str, seen_at: int, term: int, number: int, slug: str, holder: str,
                 clone: str, branch: str) -> None:
        self.remote = remote
        self.ref = ref
        self.oid = oid
        self.seen_at = seen_at
        self.term = term
        self.number = number
        self.slug = slug
        self.holder = holder
        self.clone = clone
        self.branch = branch

    def is_over(self, now: int) -> bool:
        """Tell whether it may be taken over."""
        return now >= self.seen_at + self.term

    def lease(self) -> Lease:
        """Give it as a lease, with the times that hold here."""
        return Lease(self.ref, self.slug, "", self.number, self.holder, "", "", self.branch, self.seen_at, self.seen_at,
                     self.term, remote=self.remote, oid=self.oid)


def read_proof(text: str) -> tuple[str, int] | None:
    """Read GITTRACKER_LEASE, a slug or ref and a number; None where it is neither."""
    name, colon, number = text.strip().rpartition(":")
    return (name.lower(), int(number)) if colon and name and number.isdecimal() and number.isascii() else None


def ago(seconds: int) -> str:
    """Write how long something takes or has taken, in its largest unit: 40 s, 5 min, 3 h, 2 d."""
    for size, unit in ((172_800, "d"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // {'d': 86_400, 'h': 3_600, 'min': 60}[unit]} {unit}"
    return f"{max(0, seconds)} s"


def clock(moment: int, now: int) -> str:
    """Write a moment for people: the time of day, with the date where it is more than half a day away."""
    text = times.utc(moment)
    return f"{text[11:16]} UTC" if abs(moment - now) < 43_200 else f"{text[:10]} {text[11:16]} UTC"


class LeaseHeldError(RefusedError):
    """Somebody else, or the same name elsewhere, has the ticket."""

    code = "LEASE_HELD"

    def __init__(self, lease: Lease, now: int, hint: str = "") -> None:
        where = f' in "{lease.top}"' if lease.top else f' on "{lease.remote}"' if lease.remote else ""
        super().__init__(
            f'{lease.slug} is claimed by "{lease.holder}"{where} since {ago(now - lease.taken_at)}, until '
            f"{clock(lease.until, now)} ({ago(lease.until - now)} more)",
            hint or "gittracker claim --next", slug=lease.slug, ref=lease.ref, holder=lease.holder, worktree=lease.top,
            number=lease.number, since=times.utc(lease.taken_at), until=times.utc(lease.until))
        self.lease = lease


class LeaseLostError(RefusedError):
    """The write carries a lease that has passed to somebody else."""

    code = "LEASE_LOST"

    def __init__(self, slug: str, number: int, to: str, hint: str = "") -> None:
        super().__init__(f'your lease {slug}:{number} has passed to "{to}"; nothing was written',
                         hint or f"stop work on {slug}; gittracker release {slug} forgets the lease here", slug=slug,
                         number=number, holder=to)


class LeaseOverError(RefusedError):
    """The write carries a lease that is held on a remote too, whose term is over: there it may be another's by now."""

    code = "LEASE_LOST"

    def __init__(self, lease: Lease, now: int) -> None:
        super().__init__(f"your lease {lease.proof} ended {ago(now - lease.until)} ago, and on {lease.remote} somebody "
                         "else may have it by now; nothing was written", f"gittracker renew {lease.slug}",
                         slug=lease.slug, number=lease.number, remote=lease.remote)
