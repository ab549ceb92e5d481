"""`land`: a branch's tracker files alone, merged onto another branch."""

from __future__ import annotations

from gittracker.cli.flags import DRY_RUN, Arg, Command, Flag
from gittracker.cli.output import value
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.filemerging import Dispute
    from gittracker.services.landing import Landing

_SHORT = 10


def _land(cli: Cli, args: Args) -> int:
    from gittracker.services import landing
    if args["ours"] and args["theirs"]:
        raise UsageError("--ours and --theirs can't both be given", "gittracker land --ours")
    choice = "ours" if args["ours"] else "theirs" if args["theirs"] else ""
    found = landing.land(cli.tracker, args["branch"], args["onto"] or "", choice, args["dry_run"])
    if cli.out.as_json:
        cli.out.json(_json(found, args["dry_run"]))
        return 0
    if not found.files:
        cli.out.line(f"{found.onto} has all that {found.branch} has of the tracker")
    elif args["dry_run"]:
        cli.out.line(f"{found.branch} would land on {found.onto}: {found.told.summary()}")
    else:
        cli.out.line(f"{found.commit[:_SHORT]} lands {found.branch} on {found.onto}: {found.told.summary()}")
    for one in found.disputes:
        cli.out.line(f"    {_choice(one, choice)}")
    if found.uncommitted:
        cli.out.aside(f"{len(found.uncommitted)} uncommitted tracker file(s) of {found.branch} do not land: "
                      "gittracker commit there, then land again")
    return 0


def _choice(one: Dispute, choice: str) -> str:
    """Say which of two values was taken."""
    from gittracker.store import kinds
    name = kinds.part(one.path).name
    if not one.field:
        return f"{name} {one.path}: the file of {choice}"
    taken, left = (one.theirs, one.ours) if choice == "theirs" else (one.ours, one.theirs)
    return f"{name} {one.field}: {value(taken)}, not {value(left)}"


def _json(found: Landing, dry_run: bool) -> dict[str, Any]:
    from gittracker.store import kinds
    return {"branch": found.branch, "onto": found.onto, "commit": found.commit or None, "dry_run": dry_run,
            "summary": found.told.summary() if found.files else "", "files": sorted(found.files),
            "disputes": [{"path": f".openkit/{one.path}", "record": kinds.part(one.path).name,
                          "field": one.field or None, "ours": one.ours, "theirs": one.theirs}
                         for one in found.disputes],
            "uncommitted": [f".openkit/{path}" for path in found.uncommitted]}


LAND = Command(
    "land", "Merge a branch's tracker files, and nothing else, onto another branch.",
    (Arg("branch", "the branch (this worktree's if none is named)", "?"),),
    (Flag("--onto", "the branch that gets them (usually the main worktree's)", "BRANCH"),
     Flag("--ours", "where both changed a field, keep what the other branch has"),
     Flag("--theirs", "where both changed a field, take what the landing branch has"), DRY_RUN),
    ("land", "land OW-1-fix-upload --dry-run", "land OW-1-fix-upload --onto main --theirs"), run=_land)
