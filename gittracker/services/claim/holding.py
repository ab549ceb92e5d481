"""Leases in the hands of their holders: renewed, and given back."""

from __future__ import annotations

from gittracker.domain import lease as leases
from gittracker.domain import status as statuses
from gittracker.domain.errors import ConflictError, NotFoundError, UsageError
from gittracker.domain.lease import Lease, LeaseHeldError, LeaseLostError
from gittracker.services.claim import handoffs, leasing
from gittracker.services.tickets import moments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.services.write.writing import Held, Writing


def renew(writing: Writing, name: str = "", seconds: int = 0) -> list[Held]:
    """Begin a lease's term anew, or those of all that this worktree holds; raises LeaseLostError, LeaseHeldError."""
    leasing.check_access(writing, "renew")
    return [_renew(writing, one, seconds) for one in ([name] if name else _mine(writing))]


def _renew(writing: Writing, name: str, seconds: int) -> Held:
    held = writing.about(name)
    lease = _held_here(writing, held)
    now = leasing.now(writing)
    lease = lease.replace(beat_at=now, term=seconds or lease.term)
    leasing.give(writing, held, lease)
    writing.say(f"{held.ticket.slug} is yours until {leases.clock(lease.until, now)}")
    return held


def release(writing: Writing, name: str = "") -> Held:
    """Give a ticket back: status and assignee become what they were before the claim, unless they were changed since.

    Somebody else's lease is ended by force alone. Raises LeaseHeldError, NotFoundError.
    """
    leasing.check_access(writing, "release")
    held = writing.about(name or _only(writing))
    ticket, carried = held.ticket, leasing.Carried(writing)
    book = leasing.book(writing)
    lease = book.leases.get(ticket.ref)
    number = carried.number(ticket.ref, ticket.slug, lease)
    if number and not (lease and lease.number == number):
        leasing.forget(writing, ticket.ref, number)
        writing.say(f"{ticket.slug} was no longer yours; its lease {ticket.slug}:{number} is forgotten here")
        return held
    if lease is None:
        raise NotFoundError("lease", ticket.slug, "gittracker leases")
    now, me = leasing.now(writing), carried.me
    if not number and lease.is_live(now) and not writing.request.force:
        raise LeaseHeldError(lease, now, f"its holder runs gittracker release {ticket.slug}; --force ends it against "
                             "the holder's will")
    if number:
        leasing.forget(writing, lease.ref, number)
    else:
        handoffs.keep(writing, lease, handoffs.FORCED if lease.is_live(now) else handoffs.EXPIRED, me, now)
        writing.packets.append(ticket.ref)
    give_back(writing, held, lease, "" if number else me)
    writing.say(f"{ticket.slug} released by {me}" + ("" if number else f", from {lease.holder}"))
    return held


def give_back(writing: Writing, held: Held, lease: Lease, by: str = "") -> None:
    """End a lease, and let its ticket be as it was before; `by` is who ends it, if that is not its holder."""
    leasing.put(writing, leasing.book(writing).ended(lease, by))
    writing.freed.add(held.folder)
    writing.ended.append(lease)
    writing.change(held, _restored(writing, held.ticket, lease))


def _restored(writing: Writing, ticket: Ticket, lease: Lease) -> dict[str, Any]:
    """Give what a ticket gets back; what was changed after the claim stays."""
    changes: dict[str, Any] = {}
    settings = writing.settings
    started = statuses.first_of_stage(settings.statuses, "started")
    before = settings.status_of(lease.was_status)
    if started and before and ticket.status == started.slug and before.stage in ("backlog", "unstarted"):
        changes["status"] = before.slug
        changes.update(moments(ticket, settings.stage(ticket.status), before, writing.tracker.now()))
    if ticket.assignee == lease.holder:
        changes["assignee"] = lease.was_assignee
    return changes


def _held_here(writing: Writing, held: Held) -> Lease:
    """Give the lease of a ticket that the caller holds; raises LeaseLostError, LeaseHeldError, NotFoundError."""
    ticket, carried, book = held.ticket, leasing.Carried(writing), leasing.book(writing)
    lease = book.leases.get(ticket.ref)
    number = carried.number(ticket.ref, ticket.slug, lease)
    if lease and lease.number == number:
        return lease
    lost = book.fate(ticket.ref, number)
    if number and (lease or lost):
        raise LeaseLostError(ticket.slug, number, lease.holder if lease else lost.to if lost else "")
    if lease:
        now = leasing.now(writing)
        raise LeaseHeldError(lease, now) if lease.is_live(now) else ConflictError(
            f'{ticket.slug} was claimed by "{lease.holder}", whose lease has ended',
            f"gittracker take-over {ticket.slug}")
    raise NotFoundError("lease", ticket.slug, f"gittracker claim {ticket.slug}")


def _mine(writing: Writing) -> list[str]:
    """Name the tickets whose leases the caller holds; GITTRACKER_LEASE names one. Raises NotFoundError."""
    carried = leasing.Carried(writing)
    if carried.proof[0]:
        return [carried.proof[0]]
    mine = [one for one in leasing.book(writing).leases.values()
            if carried.number(one.ref, one.slug, one) == one.number]
    found = [one.ref for one in mine if writing.tracker.find(one.ref)]
    for gone in (one for one in mine if one.ref not in found):
        writing.warn(f"{gone.slug} is not on the board, so its claim ends with its term")
    if not found:
        raise NotFoundError("lease", f"{carried.me} in this worktree", "gittracker leases")
    return found


def _only(writing: Writing) -> str:
    found = _mine(writing)
    if len(found) > 1:
        book = leasing.book(writing)
        slugs = [book.leases[ref].slug for ref in found]
        raise UsageError(f"you hold {', '.join(slugs)}", f"gittracker release {slugs[0]}")
    return found[0]
