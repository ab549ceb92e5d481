"""Claims that hold for all clones of a remote: pushed as a ref a ticket, which only one of those who push can make.

The local claim comes first and is withdrawn where the push does not succeed; the network is never waited for under
the lock. Of another clone's lease only that it changes is believed, not its times.
"""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, NotFoundError, TrackerError
from gittracker.domain.lease import Lease, LeaseLostError, Sight
from gittracker.domain.settings import LEASE, LONGEST_LEASE
from gittracker.formats import json_text
from gittracker.git import discover, leaserefs
from gittracker.services.claim import holding, leasing
from gittracker.services.claim.claims import Standing
from gittracker.services.write import access
from gittracker.services.write.apply import perform, rehearse
from gittracker.services.write.writing import Request
from gittracker.store import clone, leases
from gittracker.store.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.apply import Outcome
    from gittracker.services.write.writing import Held, Writing

_TRIES = 50
_MOST_NUMBER = 1 << 40


def survey(tracker: Tracker, remote: str) -> dict[str, Sight]:
    """Look at the leases on a remote, and note since when each stands there as it does; by tickets' refs.

    Raises NotFoundError for a remote that is not set up, UnavailableError for one that can't be reached.
    """
    top = discover.outward(tracker.repository)
    leaserefs.check(top, remote)
    standing = leaserefs.listed(top, remote)
    path = os.path.join(tracker.state, "sights")
    known = {one.ref: one for one in leases.sights(path) if one.remote == remote}
    changed = {ref: oid for ref, oid in standing.items() if ref not in known or known[ref].oid != oid}
    texts = leaserefs.texts(top, remote, changed) if changed else {}
    lock = os.path.join(tracker.state, "lock")
    with Lock(lock, f"{tracker.principal.name}: look at {remote} (pid {os.getpid()})"):
        now = os.stat(lock).st_mtime_ns // 1_000_000_000
        every = leases.sights(path)
        kept = [one for one in every if one.remote != remote or standing.get(one.ref) == one.oid]
        there = {one.ref for one in kept if one.remote == remote}
        kept += [_read(remote, ref, standing[ref], text, now) for ref, text in texts.items() if ref not in there]
        if [one.oid for one in kept] != [one.oid for one in every]:
            leases.save_sights(path, kept)
    return {one.ref: one for one in kept if one.remote == remote}


def _read(remote: str, ref: str, oid: str, text: str, now: int) -> Sight:
    """Read a lease as another clone wrote it; what can't be read ends after the usual term."""
    import json
    try:
        values = json.loads(text)
        values = values if isinstance(values, dict) else {}
    except ValueError:
        values = {}
    term, number = (_whole(values.get(name)) for name in ("term_seconds", "number"))
    slug, holder, home, branch = (" ".join(str(values.get(name) or "").split())
                                  for name in ("slug", "holder", "clone", "branch"))
    return Sight(remote, ref, oid, now, min(term or LEASE, LONGEST_LEASE), number, slug or ref, holder or "unknown",
                 home, branch)


def _whole(value: object) -> int:
    """Read a number that others wrote."""
    return min(value, _MOST_NUMBER) if isinstance(value, int) and value > 0 else 0


def _text(tracker: Tracker, lease: Lease) -> str:
    from gittracker.domain import times
    return json_text.dumps({
        "format": 1, "ref": lease.ref, "slug": lease.slug, "number": lease.number, "holder": lease.holder,
        "clone": clone.known(tracker.repository.local), "worktree": lease.worktree, "branch": lease.branch,
        "since": times.utc(lease.taken_at), "heartbeat": times.utc(lease.beat_at), "term_seconds": lease.term,
        "nonce": tracker.entropy(8).hex()}, 1) + "\n"


def claim(tracker: Tracker, remote: str, attempt: Callable[[Standing], Outcome]) -> Outcome:
    """Claim here and on a remote; `attempt` does the local part with what is known of the remote.

    A lost race withdraws the local claim, and the next attempt knows who won. Raises what `attempt` raises, and
    UnavailableError or RefusedError of the remote; then nothing is claimed.
    """
    with access.Needed(tracker, "claim"):
        home = clone.settle(tracker.repository.local, tracker.entropy)
    for _ in range(_TRIES):
        standing = survey(tracker, remote)
        outcome = attempt(_standing(tracker, remote, standing, home))
        ref = outcome.receipts[0]["ref"]
        lease = leasing.load(tracker).leases[ref]
        try:
            if _push(tracker, lease, standing[ref].oid if ref in standing else ""):
                return outcome
        except TrackerError:
            _withdraw(tracker, lease)
            raise
        _withdraw(tracker, lease)
    raise ConflictError(f"others were faster on {remote}, {_TRIES} times", "run the command again")


def _standing(tracker: Tracker, remote: str, standing: dict[str, Sight], home: str) -> Standing:
    """Say what the remote excludes: what others hold; a lease of this clone's own that it doesn't know is a ghost."""
    now = os.stat(os.path.join(tracker.state, "lock")).st_mtime_ns // 1_000_000_000
    held = {ref: one.lease() for ref, one in standing.items() if one.clone != home and not one.is_over(now)}
    return Standing(remote, held, {ref: one.number for ref, one in standing.items()})


def _push(tracker: Tracker, lease: Lease, expected: str) -> bool:
    """Set a lease on its remote, and note here what stands there; False where somebody else was faster."""
    top = discover.outward(tracker.repository)
    oid = leaserefs.make(top, _text(tracker, lease))
    if not leaserefs.push(top, lease.remote, lease.ref, oid, expected):
        return False
    _note(tracker, lease, oid)
    return True


def _note(tracker: Tracker, lease: Lease, oid: str) -> None:
    def act(writing: Writing) -> list[Held]:
        book = leasing.book(writing)
        now = book.leases.get(lease.ref)
        if now and now.number == lease.number:
            leasing.put(writing, book.given(now.replace(oid=oid)))
        return []
    perform(tracker, Request("claim"), act)


def _withdraw(tracker: Tracker, lease: Lease) -> None:
    """Give back a claim that did not come to be."""
    def act(writing: Writing) -> list[Held]:
        held = writing.ticket(lease.ref)
        now = leasing.book(writing).leases.get(lease.ref)
        if now and now.number == lease.number:
            leasing.forget(writing, lease.ref, lease.number)
            holding.give_back(writing, held, lease)
            writing.say(f"{lease.slug} claim withdrawn: {lease.remote} did not take it")
        return []
    perform(tracker, Request("claim"), act)


def renew(tracker: Tracker, asked: Request, act: Callable[[Writing], list[Held]]) -> Outcome:
    """Renew leases, on their remotes first: what has passed to somebody else there is lost here too.

    Raises what `act` raises, LeaseLostError, UnavailableError; then none is renewed that was not before.
    """
    planned = rehearse(tracker, asked, act)
    book = leasing.book(planned)
    mine = [book.leases[ref] for ref in planned.proofs if book.leases[ref].remote]
    oids: dict[str, str] = {}
    for lease in mine:
        oid = leaserefs.make(discover.outward(tracker.repository), _text(tracker, lease))
        if not leaserefs.push(discover.outward(tracker.repository), lease.remote, lease.ref, oid, lease.oid):
            _lose(tracker, lease)
        oids[lease.ref] = oid
    outcome = perform(tracker, asked, act)
    for lease in mine:
        _note(tracker, lease, oids[lease.ref])
    return outcome


def _lose(tracker: Tracker, lease: Lease) -> None:
    """End a lease that was lost on its remote; raises LeaseLostError."""
    there = survey(tracker, lease.remote).get(lease.ref)
    to = there.holder if there else "nobody"

    def act(writing: Writing) -> list[Held]:
        book = leasing.book(writing)
        now = book.leases.get(lease.ref)
        if now and now.number == lease.number:
            leasing.put(writing, book.ended(now, to))
        return []
    perform(tracker, Request("renew"), act)
    raise LeaseLostError(lease.slug, lease.number, to)


def drop(tracker: Tracker, outcome: Outcome) -> None:
    """Remove from their remotes the leases that a write ended; what can't be removed is told."""
    for lease in outcome.ended:
        if not (lease.remote and lease.oid):
            continue
        try:
            leaserefs.push(discover.outward(tracker.repository), lease.remote, lease.ref, "", lease.oid)
        except TrackerError as error:
            outcome.warnings.append(f"{error.message}; it still has the lease of {lease.slug}: "
                                    f"gittracker release {lease.slug} --remote {lease.remote}")


def clear(tracker: Tracker, remote: str, name: str) -> None:
    """Remove a lease of this clone's that is left on a remote; raises NotFoundError where there is none."""
    row = tracker.get(name)
    there = survey(tracker, remote).get(row.ticket.ref)
    home = clone.known(tracker.repository.local)
    if there is None or not home or there.clone != home:
        raise NotFoundError("lease", f"{row.ticket.slug} of this clone on {remote}",
                            f"gittracker leases --remote {remote}")
    leaserefs.push(discover.outward(tracker.repository), remote, there.ref, "", there.oid)


def listed(tracker: Tracker, remote: str) -> list[Lease]:
    """List the leases on a remote, with the times from which on this clone may take them over."""
    return [one.lease() for one in sorted(survey(tracker, remote).values(), key=lambda one: (one.slug, one.ref))]
