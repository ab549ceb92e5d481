"""`trust`, `trust list|show|revoke`: what a repository may make this machine execute."""

from __future__ import annotations

from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.agents.trust import File

_SHORT = 12
_COLUMNS = ("path", "state", "what", "problem", "trusted_at", "trusted_by")


def _trust(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import trust
    paths, digest = args["paths"], args["content"] or ""
    _check_which(paths, args["all"], "gittracker trust list")
    if args["content"] is not None and (len(paths) != 1 or len(digest) < _SHORT):
        raise UsageError(f"--content takes {_SHORT} digits or more, of one file", "gittracker trust list")
    files = trust.trust(cli.tracker, paths, digest)
    if cli.out.as_json:
        cli.out.json({"files": [_json(one) for one in files], "total": len(files)})
        return 0
    for one in files:
        cli.out.line(f"trusted .openkit/{one.path} as it is now ({one.digest[:_SHORT]})")
        _print_runs(cli, one)
    if not files:
        cli.out.line(_NOTHING)
    return 0


def _check_which(paths: list[str], everything: bool, hint: str) -> None:
    if bool(paths) == everything:
        raise UsageError("name files, or say --all" if not paths else "files and --all can't both be given", hint)


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import trust
    files = trust.listed(cli.tracker)
    if cli.form:
        from gittracker.cli import formats
        shown = [_json(one) for one in files]
        if not formats.rows(cli, args, _COLUMNS, shown):
            cli.out.json({"files": shown, "total": len(files)})
        return 0
    colors = {trust.TRUSTED: "green", trust.CHANGED: "yellow", trust.BROKEN: "red"}
    for one in files:
        state = one.state.ljust(11)
        painted = cli.out.paint(state, colors[one.state]) if one.state in colors else state
        cli.out.row(f"{painted}  .openkit/{one.path}  {one.problem or one.kind.what}")
    waiting = sum(one.state in (trust.CHANGED, trust.NEW) for one in files)
    if waiting:
        cli.out.line(cli.out.paint(f"{waiting} to read: gittracker trust show PATH, then gittracker trust PATH", "dim"))
    elif not files:
        cli.out.line(_NOTHING)
    return 0


def _show(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import trust
    one = trust.examine(cli.tracker, args["path"])
    diff = _diff(one, trust.before(cli.tracker, one))
    if cli.out.as_json:
        cli.out.json({**_json(one), "content": one.data.decode(errors="backslashreplace"), "diff": diff})
        return 0
    cli.out.line(f"{cli.out.paint(f'.openkit/{one.path}', 'bold')}  {one.kind.what}: {one.problem or one.state}")
    if one.problem:
        return 0
    _print_runs(cli, one)
    cli.out.line()
    for line in diff or one.data.decode(errors="backslashreplace").split("\n"):
        color = {"+": "green", "-": "red"}.get(line[:1]) if diff else None
        cli.out.line(cli.out.paint(line, color) if color else line)
    if one.state != trust.TRUSTED:
        from shlex import quote
        path = quote(f".openkit/{one.path}")
        cli.out.line(cli.out.paint(f"to trust exactly this: gittracker trust {path} --content {one.digest[:_SHORT]}",
                                   "dim"))
    return 0


def _revoke(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import trust
    _check_which(args["paths"], args["all"], "gittracker trust list")
    gone = trust.revoke(cli.tracker, args["paths"])
    if cli.out.as_json:
        cli.out.json({"revoked": [f".openkit/{path}" for path in gone]})
        return 0
    for path in gone:
        cli.out.line(f".openkit/{path} is not trusted any more")
    if not gone:
        cli.out.line("nothing was trusted")
    return 0


def _print_runs(cli: Cli, one: File) -> None:
    for line in one.runs:
        cli.out.line(f"  {line}")
    if not one.runs:
        cli.out.line("  (nothing that is run was found in it)")


def _diff(one: File, before: bytes | None) -> list[str]:
    if before is None:
        return []
    from difflib import unified_diff
    old, new = (data.decode(errors="backslashreplace").splitlines() for data in (before, one.data))
    return list(unified_diff(old, new, f"trusted/.openkit/{one.path}", f"now/.openkit/{one.path}", lineterm=""))


def _json(one: File) -> dict[str, Any]:
    return {"path": f".openkit/{one.path}", "what": one.kind.what, "state": one.state,
            "content_id": None if one.problem else one.digest, "runs": one.runs, "problem": one.problem or None,
            "trusted_at": one.entry.at if one.entry else None, "trusted_by": one.entry.by if one.entry else None}


_NOTHING = "nothing in this tracker can make a machine execute anything"
_PATHS = Arg("paths", "files, as trust list names them", "*")
_ALL = Flag("--all", "every file that trust list names")
TRUST = Command("trust", "Trust files that can make this machine execute something, exactly as they are now.",
                (_PATHS,), (_ALL, Flag("--content", "only if it is still the content that trust show gave", "ID")),
                ("trust .openkit/hooks.yaml", "trust --all"), run=_trust)
TRUST_LIST = Command("trust list", "List the files that can make a machine execute something; trusted or not.",
                     (), LIST_FORM, ("trust list", "trust list --json"), run=_list)
TRUST_SHOW = Command("trust show", "Show what a file would run, its content, and what changed since it was trusted.",
                     (Arg("path", "the file, as trust list names it"),), examples=("trust show .openkit/hooks.yaml",),
                     run=_show)
TRUST_REVOKE = Command("trust revoke", "Trust files no longer.", (_PATHS,), (_ALL,),
                       ("trust revoke .openkit/hooks.yaml", "trust revoke --all"), run=_revoke)
