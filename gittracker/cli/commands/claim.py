"""`claim`, `renew`, `release`, `take-over`, `leases` and `handoff show|list`."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.domain.errors import TrackerError, UsageError
from gittracker.services.claim import claims, holding
from gittracker.services.write.apply import Outcome, perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.claim.claims import Standing
    from gittracker.services.write.writing import Held, Request, Writing

_COLUMNS = ("slug", "holder", "number", "live", "since", "heartbeat", "until", "worktree", "branch")
_HANDOFF_COLUMNS = ("slug", "reason", "at", "holder", "to")


def _claim(writing: Writing, args: Args) -> list[Held]:
    seconds, query, standing = claims.term(args["term"]), args["filter"] or "", args.get("standing")
    if bool(args["ticket"]) == bool(args["next"]):
        raise UsageError("name a ticket, or ask for the next one" if not args["ticket"] else
                         "a ticket and --next can't both be given", "gittracker claim --next")
    if query and not args["next"]:
        raise UsageError("--query chooses among what is ready, so it needs --next",
                         f"gittracker claim --next --query '{query}'")
    held = (claims.claim_next(writing, query, seconds, standing) if args["next"]
            else claims.claim(writing, args["ticket"], seconds, standing))
    return _told(writing, args, held)


def _take_over(writing: Writing, args: Args) -> list[Held]:
    return _told(writing, args, claims.take_over(writing, args["ticket"], claims.term(args["term"]),
                                                 args.get("standing")))


def _renew(writing: Writing, args: Args) -> list[Held]:
    return holding.renew(writing, args["ticket"], claims.term(args["term"]))


def _release(writing: Writing, args: Args) -> list[Held]:
    return _told(writing, args, holding.release(writing, args["ticket"]))


def _carry(cli: Cli, args: Args, asked: Request) -> Outcome:
    """Claim or take over; with `--remote` as often as others are faster there."""
    act = _take_over if asked.name == "take-over" else _claim
    if args["remote"] is None:
        return perform(cli.tracker, asked, lambda writing: act(writing, args))
    if asked.key:
        raise UsageError("a claim on a remote may take more than one entry, so it has no idempotency key",
                         "look at gittracker leases before you claim again")
    from gittracker.services.claim import remoteclaims

    def attempt(standing: Standing) -> Outcome:
        args["standing"] = standing
        return perform(cli.tracker, asked, lambda writing: act(writing, args))
    return remoteclaims.claim(cli.tracker, args["remote"], attempt)


def _carry_renewal(cli: Cli, args: Args, asked: Request) -> Outcome:
    """Renew; what is held on a remote is renewed there first."""
    def act(writing: Writing) -> list[Held]:
        return _renew(writing, args)
    from gittracker.services.claim import leasing
    if any(one.remote for one in leasing.load(cli.tracker).leases.values()):
        from gittracker.services.claim import remoteclaims
        return remoteclaims.renew(cli.tracker, asked, act)
    return perform(cli.tracker, asked, act)


def _carry_release(cli: Cli, args: Args, asked: Request) -> Outcome:
    """Release; with `--remote` only what is left there of a claim that has ended here."""
    from gittracker.services.claim import leasing
    row = cli.tracker.get(args["ticket"]) if args["remote"] is not None and args["ticket"] else None
    if row and row.ticket.ref not in leasing.load(cli.tracker).leases:
        from gittracker.services.claim import remoteclaims
        remoteclaims.clear(cli.tracker, args["remote"], args["ticket"])
        return Outcome([], [f"{row.ticket.slug} is free on {args['remote']}"])
    return perform(cli.tracker, asked, lambda writing: _release(writing, args))


def _told(writing: Writing, args: Args, held: Held) -> list[Held]:
    """Keep for `_finish` which handoff packets lack what git must be asked for."""
    args["writing"] = writing
    return [held]


def _claimed(args: Args, error: TrackerError | None) -> None:
    """Do what is slow once the lock is free again: handoff packets, and what else is going on standing."""
    _finish(args, error)
    if error is None and "writing" in args:
        args["writing"].warnings += claims.warnings(args["writing"].tracker)


def _finish(args: Args, error: TrackerError | None) -> None:
    """Add to handoff packets what is slow to find out: here the lock is free again."""
    if error is None and "writing" in args:
        from gittracker.services.claim import handoffs
        for ref in args["writing"].packets:
            handoffs.add_changes(args["writing"].tracker, ref)


def _leases(cli: Cli, args: Args) -> int:
    from gittracker.services.claim import leaseviews
    listed = leaseviews.listed(cli.tracker)
    if args["remote"] is not None:
        from gittracker.services.claim import remoteclaims
        listed = remoteclaims.listed(cli.tracker, args["remote"])
    found = [leaseviews.to_json(cli.tracker, one) for one in listed]
    if formats.rows(cli, args, _COLUMNS, found):
        return 0
    if cli.out.as_json:
        cli.out.json({"leases": found, "total": len(found)})
        return 0
    for one in listed:
        cli.out.row(leaseviews.row(cli.tracker, one))
    if not found:
        cli.out.line(cli.out.paint("no leases", "dim"))
    return 0


def _handoffs(cli: Cli, args: Args) -> int:
    from gittracker.services.claim import handoffs
    found = [{**{name: one[name] for name in ("slug", "ref", "reason", "at", "to")},
              **{name: one["lease"][name] for name in ("holder", "number", "worktree", "branch")}}
             for one in handoffs.listed(cli.tracker)]
    if formats.rows(cli, args, _HANDOFF_COLUMNS, found):
        return 0
    if cli.out.as_json:
        cli.out.json({"handoffs": found, "total": len(found)})
        return 0
    for one in found:
        cli.out.row(f"{one['slug']}  {one['at'][:16].replace('T', ' ')} UTC  from {one['holder']} to {one['to']} "
                    f"({one['reason']})")
    if not found:
        cli.out.line(cli.out.paint("no handoffs", "dim"))
    return 0


def _handoff(cli: Cli, args: Args) -> int:
    from gittracker.services.claim import handoffs
    packet = handoffs.show(cli.tracker, args["ticket"])
    if cli.out.as_json:
        cli.out.json(packet)
        return 0
    lease = packet["lease"]
    where = " · ".join(part for part in (lease["worktree"], lease["branch"]) if part)
    cli.out.line(f"{cli.out.paint(packet['slug'], 'bold')}  left by {lease['holder']}{f' ({where})' if where else ''}")
    ended = "took it over" if packet["reason"] == "expired" else "ended it by force"
    cli.out.line(cli.out.paint(f"lease {lease['number']}, from {lease['since']} to {lease['heartbeat']}; "
                               f"{packet['to']} {ended} at {packet['at']}", "dim"))
    for line in _sections(packet):
        cli.out.line(line)
    return 0


def _sections(packet: dict[str, Any]) -> list[str]:
    """Give what was left, a heading before each part."""
    lines: list[str] = []
    if packet["workpad"]:
        lines += ["", "# Workpad", packet["workpad"].rstrip("\n")]
    for what, one in [*(("Comment", one) for one in packet["comments"]),
                      *(("Open question", one) for one in packet["questions"])]:
        lines += ["", f"# {what} by {one['by']}, {one['at'][:16].replace('T', ' ')} UTC", one["body"].rstrip("\n")]
    changes = packet["changes"]
    if changes is None:
        return [*lines, "", "its worktree is gone: what was not committed there can't be shown"]
    if changes["untracked"]:
        lines += ["", "# New files, not committed", *changes["untracked"]]
    if changes["diff"]:
        lines += ["", "# Changes, not committed" + ("" if changes["complete"] else " (the beginning)"),
                  changes["diff"].rstrip("\n")]
    return lines if changes["diff"] or changes["untracked"] else [*lines, "", "everything there is committed"]


_TICKET = Arg("ticket", "slug, ref, alias or a unique prefix")
_MINE = Arg("ticket", "the ticket; without one, what this worktree holds", "?")
_REMOTE = Flag("--remote", "also for all other clones of a git remote, such as origin", "NAME")
_FOR = Flag("--for", "how long it lasts without a write or a renewal, such as 45m or 2h", "DURATION", dest="term")
CLAIM = Command(
    "claim", "Take a ticket so that nobody else does: a lease, with assignee and status.",
    (Arg("ticket", "slug, ref, alias or a unique prefix", "?"),),
    (Flag("--next", "take the best ready ticket that is nobody else's"),
     Flag("--query", "only of the tickets that it finds", "QUERY", dest="filter", short="-q"), _FOR, _REMOTE),
    ("claim OW-1", "claim --next", "claim --next --query 'label:backend type:bug' --for 2h", "claim OW-1 --json",
     "claim --next --remote origin"),
    act=_claim, finish=_claimed, carry=_carry)
RENEW = Command("renew", "Keep what you have claimed for another term.", (_MINE,), (_FOR,),
                ("renew", "renew OW-1 --for 1h"), act=_renew, carry=_carry_renewal)
RELEASE = Command(
    "release", "Give back what you have claimed; --force ends somebody else's lease.", (_MINE,),
    (Flag("--remote", "also where the claim ended here and is left on a git remote", "NAME"),),
    ("release", "release OW-1", "release OW-1 --force", "release OW-1 --remote origin"), act=_release, finish=_finish,
    carry=_carry_release)
TAKE_OVER = Command(
    "take-over", "Take a ticket whose holder's lease has ended.", (_TICKET,), (_FOR, _REMOTE),
    ("take-over OW-1", "take-over OW-1 --for 2h", "take-over OW-1 --remote origin"), act=_take_over, finish=_claimed,
    carry=_carry)
LEASES = Command("leases", "List who has claimed what, where, and until when.", (),
                 (Flag("--remote", "what all clones of a git remote hold there", "NAME"), *LIST_FORM),
                 ("leases", "leases --json", "leases --remote origin",
                  "leases --format md --columns slug,holder,until"), run=_leases)
HANDOFF_SHOW = Command(
    "handoff show", "Show what the last holder of a ticket left: workpad, comments, uncommitted changes.", (_TICKET,),
    (), ("handoff show OW-1", "handoff show OW-1 --json"), run=_handoff)
HANDOFF_LIST = Command("handoff list", "List the tickets whose last holder left without a release.", (), LIST_FORM,
                       ("handoff list", "handoff list --format csv"), run=_handoffs)
