"""Leases as they are shown: who has which ticket, where, and until when."""

from __future__ import annotations

from gittracker.domain import lease as leases
from gittracker.domain import times
from gittracker.services.claim import handoffs, leasing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.lease import Lease
    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker


def listed(tracker: Tracker) -> list[Lease]:
    """List the leases of the clone, the oldest first."""
    return sorted(leasing.load(tracker).leases.values(), key=lambda one: one.number)


def of_ticket(tracker: Tracker, ref: str) -> Lease | None:
    """Give the lease of a ticket."""
    return leasing.load(tracker).leases.get(ref) if ref else None


def to_json(tracker: Tracker, lease: Lease) -> dict[str, Any]:
    """Give a lease as it is printed."""
    now = tracker.clock() // 1_000_000_000
    return {"slug": lease.slug, "ref": lease.ref, "number": lease.number, "holder": lease.holder,
            "worktree": lease.top or None, "branch": lease.branch or None, "since": times.utc(lease.taken_at),
            "heartbeat": times.utc(lease.beat_at), "until": times.utc(lease.until), "term_seconds": lease.term,
            "live": lease.is_live(now), "remote": lease.remote or None,
            "handoff": handoffs.is_kept(tracker, lease.ref)}


def shown(tracker: Tracker, row: Row) -> dict[str, Any] | None:
    """Give the lease of a ticket as it is printed, null where it has none."""
    lease = of_ticket(tracker, row.ticket.ref)
    return to_json(tracker, lease) if lease else None


def line(tracker: Tracker, row: Row) -> str:
    """Say in one line who holds a ticket; empty where nobody does."""
    lease = of_ticket(tracker, row.ticket.ref)
    if lease is None:
        return ""
    now = tracker.clock() // 1_000_000_000
    where = " · ".join(part for part in (lease.top, lease.branch) if part)
    if not lease.is_live(now):
        return (f"claimed by {lease.holder} until {leases.clock(lease.until, now)}, which is over: "
                f"gittracker take-over {lease.slug}")
    return (f"claimed by {lease.holder} since {leases.ago(now - lease.taken_at)}, until "
            f"{leases.clock(lease.until, now)} ({where})")


def row(tracker: Tracker, lease: Lease) -> str:
    """Give a lease as a line of a list."""
    now = tracker.clock() // 1_000_000_000
    state = (f"until {leases.clock(lease.until, now)} ({leases.ago(lease.until - now)} more)" if lease.is_live(now)
             else f"ended {leases.ago(now - lease.until)} ago")
    where = "  ".join(part for part in (lease.top, lease.branch, lease.remote) if part)
    return f"{lease.slug}:{lease.number}  {lease.holder}  since {leases.ago(now - lease.taken_at)}, {state}  {where}"
