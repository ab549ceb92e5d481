"""Claims: a ticket is taken, or taken over, in one locked step over all worktrees of the clone."""

from __future__ import annotations

from gittracker.domain import lease as leases
from gittracker.domain import status as statuses
from gittracker.domain.errors import ConflictError, NotFoundError, RefusedError, UsageError
from gittracker.domain.lease import Lease, LeaseHeldError
from gittracker.domain.query import Query, Term
from gittracker.domain.settings import LONGEST_LEASE, lease_term
from gittracker.git import head
from gittracker.index import edges, search, tickets
from gittracker.services import listing, questions, surroundings
from gittracker.services.claim import handoffs, leasing
from gittracker.services.refresh import remarks
from gittracker.services.tickets import moments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing


class Standing:
    """What a remote says before a claim that is to hold there too, by tickets' refs: who else has which ticket, and
    the number of each lease that stands there.
    """

    __slots__ = ("remote", "held", "numbers")

    def __init__(self, remote: str, held: dict[str, Lease], numbers: dict[str, int]) -> None:
        self.remote = remote
        self.held = held
        self.numbers = numbers


class NothingReadyError(NotFoundError):
    """No ticket can be claimed now."""

    code = "nothing_ready"

    def __init__(self, asked: str, backlog: int) -> None:
        super().__init__("ticket", asked, f"gittracker ls stage:backlog ({backlog} there)" if backlog
                         else "gittracker blocked")
        self.message = "nothing is ready to be claimed" + (f' by "{asked}"' if asked else "")
        self.args = (self.message,)


def term(text: str | None) -> int:
    """Read `--for`; 0 where it is not given. Raises UsageError."""
    if text is None:
        return 0
    found = lease_term(text)
    if not found:
        raise UsageError(f'"{text}" is no duration from 1s to {LONGEST_LEASE // 86_400}d', "--for 30m")
    return found


def claim(writing: Writing, name: str, seconds: int = 0, standing: Standing | None = None) -> Held:
    """Take a ticket: a lease, and with it assignee and status.

    Raises LeaseHeldError, ConflictError where it is closed, archived or blocked, RefusedError where it isn't approved,
    SandboxedError where the clone's state can't be written.
    """
    leasing.check_access(writing, "claim")
    held = writing.about(name)
    old = leasing.book(writing).leases.get(held.ticket.ref)
    _check_free(writing, old, held.ticket.ref, standing)
    _check_open(writing, held)
    _check_startable(writing, held)
    return _take(writing, held, old, seconds, standing)


def claim_next(writing: Writing, text: str, seconds: int = 0, standing: Standing | None = None) -> Held:
    """Take the best ready ticket that is nobody else's, of those that a query finds.

    Raises NothingReadyError, and what `claim` raises.
    """
    leasing.check_access(writing, "claim")
    tracker = writing.tracker
    query = listing.read(text)
    query.terms.append(Term("is", "=", ("ready",), False))
    anybody = query.asks("assignee")
    remarks.refresh(tracker, bool(query.words or query.unwanted))
    remarks.look_into(tracker, edges.asked(tracker.index, tracker.view))
    book, now, me = leasing.book(writing), leasing.now(writing), tracker.principal.name
    for row_id in search.ids(tracker.index, query, tracker.context()):
        row = tickets.load(tracker.index, row_id, body=False)
        if row is None or not row.ticket.ref or (standing and row.ticket.ref in standing.held):
            continue
        old = book.leases.get(row.ticket.ref)
        if (old and old.is_live(now)) or not (old or anybody or row.ticket.assignee in ("", me)):
            continue
        held = writing.ticket(row.ticket.ref)
        if not held.data and writing.is_beyond(held.path):
            continue  # on a branch that no worktree has checked out: nobody can write it
        if _is_ready(tracker, row.folder) and _still_startable(writing, held, old):
            return _take(writing, held, old, seconds, standing)
    waiting = Query([Term("stage", "=", ("backlog",), False)], [])
    raise NothingReadyError(text, search.count(tracker.index, waiting, tracker.context()))


def _is_ready(tracker: Tracker, folder: str) -> bool:
    """Tell whether a ticket is ready still: finding it by name has looked at its comments, too."""
    row = tickets.at(tracker.index, tracker.view, folder)
    return row is not None and row.ready


def _still_startable(writing: Writing, held: Held, old: Lease | None) -> bool:
    """Tell whether the ticket's file says what its row said; a batch may have changed it since."""
    stage = writing.settings.stage(held.ticket.status)
    return bool(held.ticket.ref) and not held.ticket.archived and (stage == "unstarted" or (
        stage == "started" and old is not None)) and not questions.are_pending(writing, held)


def take_over(writing: Writing, name: str, seconds: int = 0, standing: Standing | None = None) -> Held:
    """Take a ticket whose lease has ended without release; raises what `claim` raises, and NotFoundError."""
    leasing.check_access(writing, "take-over")
    held = writing.about(name)
    slug = held.ticket.slug
    old = leasing.book(writing).leases.get(held.ticket.ref)
    if old is None and not (standing and held.ticket.ref in standing.numbers):
        raise NotFoundError("lease", slug, f"gittracker claim {slug}")
    _check_free(writing, old, held.ticket.ref, standing,
                f"take another: gittracker claim --next; gittracker take-over {slug} works from then on")
    _check_open(writing, held)
    return _take(writing, held, old, seconds, standing)


def _check_free(writing: Writing, lease: Lease | None, ref: str, standing: Standing | None, hint: str = "") -> None:
    now = leasing.now(writing)
    if standing and ref in standing.held:
        raise LeaseHeldError(standing.held[ref], now, hint)
    if lease and lease.is_live(now):
        tracker = writing.tracker
        if lease.is_held_by(tracker.principal.name, tracker.caller.worktree):
            hint = f"if that is you: gittracker renew {lease.slug}"
        raise LeaseHeldError(lease, now, hint)


def _check_open(writing: Writing, held: Held) -> None:
    ticket = held.ticket
    if not ticket.ref:
        writing.identified(ticket.slug)
    archived, status, stage = ticket.archived, ticket.status, writing.settings.stage(ticket.status)
    row = writing.tracker.at(held.folder)
    if row and not writing.has_changed(held):  # what the board shows may be newer than the file here
        archived, status, stage = row.ticket.archived, row.ticket.status, row.stage
    if archived:
        raise ConflictError(f"{ticket.slug} is archived", f"gittracker ticket unarchive {ticket.slug}")
    if stage in statuses.CLOSED_STAGES:
        raise ConflictError(f"{ticket.slug} is closed ({status})", f"gittracker ticket reopen {ticket.slug}")


def _check_startable(writing: Writing, held: Held) -> None:
    """Refuse a ticket that waits for others or for approval, unless by force."""
    ticket = held.ticket
    if writing.request.force:
        return
    if not writing.settings.approves(ticket.approval):
        why = ticket.approval or "policy.yaml asks for it"
        raise RefusedError(f"{ticket.slug} is not approved ({why})", "gittracker claim --next")
    row = writing.tracker.at(held.folder)
    closed = {one.ticket.slug for one in writing.holds() if not writing.settings.landed
              and writing.settings.stage(one.ticket.status) in statuses.CLOSED_STAGES}
    waits = [slug for slug in (surroundings.blockers(writing.tracker, row) if row else []) if slug not in closed]
    if row and row.questions:
        writing.warn(f"{ticket.slug} has {row.questions} open question(s): gittracker show {ticket.slug}")
    if waits:
        raise ConflictError(f"{ticket.slug} waits for {', '.join(surroundings.told(writing.tracker, waits))}",
                            f"gittracker show {waits[0]}; --force claims it all the same")


def _take(writing: Writing, held: Held, old: Lease | None, seconds: int, standing: Standing | None) -> Held:
    """Give the lease, whose number is higher than all before, and move assignee and status with it."""
    tracker, ticket, now = writing.tracker, held.ticket, leasing.now(writing)
    me = tracker.principal.name
    book = leasing.book(writing)
    if old:
        handoffs.keep(writing, old, handoffs.EXPIRED, me, now)
        writing.packets.append(ticket.ref)
    number = max(book.highest, standing.numbers.get(ticket.ref, 0) if standing else 0) + 1
    tracker.caller.settle()  # it has no number yet where it never wrote
    top = tracker.caller.repository.top
    lease = Lease(ticket.ref, ticket.slug, held.folder, number, me, tracker.caller.worktree, top,
                  head.branch(top), now, now, seconds or writing.settings.lease,
                  old.was_status if old else ticket.status, old.was_assignee if old else ticket.assignee,
                  standing.remote if standing else "")
    if not old and ticket.assignee not in ("", me):
        writing.warn(f"{ticket.slug} was assigned to {ticket.assignee}")
    leasing.give(writing, held, lease)
    writing.change(held, _started(writing, ticket, me))
    until = leases.clock(lease.until, now)
    writing.say(f"{ticket.slug} {f'taken over from {old.holder}' if old else 'claimed'} by {me} until {until}: "
                f"{ticket.title}")
    if old or handoffs.is_kept(tracker, ticket.ref):
        writing.remarks.append(f"left by the holder before: gittracker handoff show {ticket.slug}")
    return held


def _started(writing: Writing, ticket: Ticket, me: str) -> dict[str, Any]:
    changes: dict[str, Any] = {"assignee": me}
    settings = writing.settings
    stage = settings.stage(ticket.status)
    started = statuses.first_of_stage(settings.statuses, "started")
    if started and stage != "started":
        changes.update(status=started.slug, **moments(ticket, stage, started, writing.tracker.now()))
    return changes


def warnings(tracker: Tracker) -> list[str]:
    """Say what whoever has claimed a ticket should know besides; it takes its time, so not under the lock.

    That is where the work in this worktree would conflict with that in others, as it is now.
    """
    from gittracker.services.clone import overlaps
    return overlaps.with_others(tracker, tracker.caller.repository.top)
