"""`worktree list|create|remove`."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.git.worktrees import Worktree
    from gittracker.services.clone.worktrees import State

_COLUMNS = ("path", "branch", "commit", "tickets", "uncommitted")


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import worktrees
    from gittracker.services.clone.clones import Clone
    found = worktrees.states(cli.tracker, Clone(cli.tracker.caller.repository))
    if formats.rows(cli, args, _COLUMNS, [_json(one) for one in found]):
        return 0
    if cli.out.as_json:
        cli.out.json({"worktrees": [_json(one) for one in found], "total": len(found)})
        return 0
    for one in found:
        _print(cli, one)
    return 0


def _print(cli: Cli, state: State) -> None:
    one = state.worktree
    marks = [*(["home"] if state.is_home else []), *(["here"] if state.is_here else []), *state.flags]
    branch = one.branch.removeprefix("refs/heads/") or one.head[:10] or "no commit"
    head = f" {one.head[:10]}" if one.branch and one.head else ""
    cli.out.row(f"{cli.out.paint(branch, 'bold')}{cli.out.paint(head, 'dim')}"
                f"{'  (' + ', '.join(marks) + ')' if marks else ''}  {one.top}")
    if state.tickets:
        cli.out.row(f"    about {', '.join(state.tickets)}")
    if state.claims:
        claims = ", ".join(f"{lease.slug} by {lease.holder}" for lease in state.claims)
        cli.out.row(f"    claimed there: {claims}")
    if state.dirty:
        cli.out.row(f"    {len(state.dirty)} uncommitted tracker file(s)")
    if state.only and state.only.changed:
        cli.out.row(f"    only here: {state.only.names(5)} ({state.only.told.summary()})")


def _json(state: State) -> dict[str, Any]:
    only = state.only
    return {**_place(state.worktree), "number": state.number or None, "home": state.is_home, "here": state.is_here,
            "flags": state.flags, "tickets": state.tickets,
            "claims": [{"slug": lease.slug, "holder": lease.holder} for lease in state.claims],
            "uncommitted": [f".openkit/{path}" for path in state.dirty],
            "only_here": None if only is None else {
                "summary": only.told.summary() if only.changed else "", "records": [
                    {"record": one.noun, "name": one.name, "title": one.title or None, "path": f".openkit/{one.path}",
                     "events": list(one.events), "comments": len(one.remarks)} for one in only.told.records]}}


def _place(one: Worktree) -> dict[str, Any]:
    return {"path": one.top, "branch": one.branch.removeprefix("refs/heads/") or None, "commit": one.head or None}


def _create(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import clones, worktrees
    one, start = worktrees.create(cli.tracker, args["branch"], args["ticket"] or "", args["path"] or "",
                                  args["base"] or "")
    tracked = cli.tracker.repository.is_side or clones.has_tracker(one)
    if cli.out.as_json:
        cli.out.json({"worktree": _place(one), "from": start or None, "tracker": tracked})
        return 0
    branch = one.branch.removeprefix("refs/heads/")
    cli.out.line(f"{branch}: a worktree in {one.top}" + (f", on a new branch from {start}" if start else ""))
    if not tracked:
        cli.out.aside(f"warning: the tracker's files are not on {branch}: gittracker commit, then merge that branch")
    return 0


def _remove(cli: Cli, args: Args) -> int:
    from gittracker.services.clone import worktrees
    one, only = worktrees.remove(cli.tracker, args["name"], args["force"])
    lost = only.told.summary() if only and only.changed else ""
    if cli.out.as_json:
        cli.out.json({"removed": _place(one), "only_there": [
            f".openkit/{changed.path}" for changed in only.changed] if only else []})
        return 0
    branch = one.branch.removeprefix("refs/heads/")
    cli.out.line(f"removed {one.top}" + (f"; the branch {branch} stays" if branch else ""))
    if lost:
        cli.out.line(f"only there was: {lost}. What no branch has comes back with: gittracker recover")
    return 0


LIST = Command("worktree list", "List the clone's worktrees, what is uncommitted there and what exists only there.",
               (), LIST_FORM,
               ("worktree list", "worktree list --json", "worktree list --format csv --columns path,branch"),
               run=_list)
CREATE = Command(
    "worktree create", "Make a worktree for a branch, and the branch where it is new.",
    (Arg("branch", "the branch; with --ticket one is proposed", "?"),),
    (Flag("--ticket", "name the branch after this ticket", "TICKET"),
     Flag("--path", "the folder (usually .openkit/worktrees/NAME of the main worktree)", "DIR"),
     Flag("--from", "where a new branch begins (usually the main worktree's branch)", "REV", dest="base")),
    ("worktree create --ticket OW-1", "worktree create OW-1-fix-upload --path ../fix",
     "worktree create hotfix --from v1.2"), run=_create)
REMOVE = Command(
    "worktree remove", "Remove a worktree, not its branch; refused while tickets or comments exist only there.",
    (Arg("name", "its branch, folder, path or number"),),
    (Flag("--force", "also with uncommitted files, and with records that exist only there"),),
    ("worktree remove OW-1-fix-upload", "worktree remove ../fix --force"), run=_remove)
