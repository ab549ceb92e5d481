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
    from gittracker.services.clone.landing import Landing

_SHORT = 10


def _land(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import landing
    given = [name for name in (landing.BOARD, landing.OURS, landing.THEIRS) if args[name]]
    if len(given) > 1:
        raise UsageError(f"--{given[0]} and --{given[1]} can't both be given", f"gittracker land --{given[0]}")
    found = landing.land(cli.tracker, args["branch"], args["onto"] or "", "".join(given), args["dry_run"])
    if cli.out.as_json:
        cli.out.json(_json(found, args["dry_run"]))
        return 0
    if not found.paths:
        cli.out.line(f"{found.onto} has all that {found.branch} has of the tracker")
    elif args["dry_run"]:
        cli.out.line(f"{found.branch} would land on {found.onto}: {found.told.summary()}")
    else:
        cli.out.line(f"{found.commit[:_SHORT]} lands {found.branch} on {found.onto}: {found.told.summary()}")
    for path, one in found.disputes:
        cli.out.line(f"    {_name(path)} {one.field or path}: {value(one.kept)}, not {value(one.dropped)}")
    for path in found.kept:
        cli.out.line(f"    {_name(path)}: one side had removed {path}; it stays")
    if found.uncommitted:
        cli.out.aside(f"{len(found.uncommitted)} uncommitted tracker file(s) of {found.branch} do not land: "
                      "gittracker commit there, then land again")
    return 0


def _name(path: str) -> str:
    from gittracker.store import kinds
    return kinds.part(path).name


def _json(found: Landing, dry_run: bool) -> dict[str, Any]:
    return {"branch": found.branch, "onto": found.onto, "commit": found.commit or None, "dry_run": dry_run,
            "summary": found.told.summary() if found.paths else "", "files": [f".openkit/{p}" for p in found.paths],
            "disputes": [{"path": f".openkit/{path}", "record": _name(path), "field": one.field or None,
                          "kept": one.kept, "dropped": one.dropped, "keeps": "theirs" if one.keeps_theirs else "ours"}
                         for path, one in found.disputes],
            "kept": [f".openkit/{path}" for path in found.kept],
            "uncommitted": [f".openkit/{path}" for path in found.uncommitted]}


LAND = Command(
    "land", "Merge a branch's tracker files, and nothing else, onto another branch.",
    (Arg("branch", "the branch (this worktree's if none is named)", "?"),),
    (Flag("--onto", "the branch that gets them (usually the main worktree's)", "BRANCH"),
     Flag("--board", "where both changed a field, take the later value, as the board shows it"),
     Flag("--ours", "where both changed a field, keep what the other branch has"),
     Flag("--theirs", "where both changed a field, take what the landing branch has"), DRY_RUN),
    ("land", "land OW-1-fix-upload --dry-run", "land OW-1-fix-upload --onto main --board"), run=_land)
