"""`prune`: journals of worktrees that are gone."""

from __future__ import annotations

from gittracker.cli.flags import DRY_RUN, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.clone.pruning import Stream

_MOST = 3


def _prune(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import pruning
    found = pruning.prune(cli.tracker, args["dry_run"])
    if cli.out.as_json:
        cli.out.json({"home": found.home, "dry_run": args["dry_run"], "pruned": [_json(one) for one in found.gone],
                      "kept": [_json(one) for one in found.kept]})
        return 0
    for one in found.gone:
        verb = "would prune" if args["dry_run"] else "pruned"
        cli.out.line(f"{verb} the journal of worktree {one.worktree}: {len(one.commits)} entries, all in {found.home}")
    for one in found.kept:
        names = ", ".join(one.records[:_MOST]) + (f" and {len(one.records) - _MOST} more"
                                                  if len(one.records) > _MOST else "")
        cli.out.line(f"kept that of worktree {one.worktree}: {len(one.missing)} file(s) that {found.home} never had, "
                     f"of {names}")
    if not found.gone and not found.kept:
        cli.out.line("no journals of worktrees that are gone")
    return 0


def _json(one: Stream) -> dict[str, Any]:
    from gittracker.domain.times import utc
    return {"worktree": one.worktree, "entries": len(one.commits), "last_at": utc(one.commits[-1].at),
            "missing": [f".openkit/{path}" for path in one.missing]}


PRUNE = Command(
    "prune", "Remove the journals of worktrees that are gone, once home's branch has had all that they hold.", (),
    (DRY_RUN,), ("prune --dry-run", "prune"), run=_prune)
