"""`overlap`: where worktrees would conflict if they were merged now."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.clone.overlaps import Found, Overlap, Pair


def _overlap(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import overlaps
    found = overlaps.find(cli.tracker, args["branches"], _seconds(args["seconds"], overlaps.SECONDS))
    if cli.out.as_json:
        cli.out.json(_json(found))
        return 0
    for pair in found.pairs:
        cli.out.row(f"{cli.out.paint(pair.one.name, 'bold')} and {cli.out.paint(pair.other.name, 'bold')}: "
                    f"{len(pair.files)} file(s)")
        for one in pair.files:
            cli.out.row(f"    {one.path}  {_where(pair, one)}")
    if not found.pairs:
        cli.out.line(f"no conflicts in {found.checked} pair(s)")
    for sentence in found.limits:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))
    return 0


def _seconds(text: str | None, usual: float) -> float:
    try:
        found = float(text) if text else usual
    except ValueError:
        found = 0.0
    if not 0 < found < 1e6:
        raise UsageError(f'"{text}" is no number of seconds', "--seconds 60")
    return found


def _where(pair: Pair, one: Overlap) -> str:
    from gittracker.services.clone.overlaps import CONTENT, shown
    if one.kind != CONTENT or not one.lines:
        return one.kind
    mine, other = (", ".join(dict.fromkeys(shown(lines[side]) for lines in one.lines)) for side in (0, 1))
    return f"{pair.one.name}:{mine}  {pair.other.name}:{other}"


def _json(found: Found) -> dict[str, Any]:
    return {"pairs": [{"one": {"branch": pair.one.name, "path": pair.one.top or None},
                       "other": {"branch": pair.other.name, "path": pair.other.top or None},
                       "files": [{"path": one.path, "kind": one.kind, "tracker": one.path.startswith(".openkit/"),
                                  "hunks": [{"one": list(mine), "other": list(other)} for mine, other in one.lines]}
                                 for one in pair.files]} for pair in found.pairs],
            "checked": found.checked, "total": found.total, "limits": found.limits}


OVERLAP = Command(
    "overlap", "Show the files and lines that worktrees would conflict in if they were merged now.",
    (Arg("branches", "only these; one alone is held against all others", "*"),),
    (Flag("--seconds", "how long to look at most (default 20)", "N"),),
    ("overlap", "overlap OW-1-fix-upload", "overlap OW-1-fix-upload OW-7-retry --json"), run=_overlap)
