"""`resolve`: what a ref, or any other name, names; and the settling of conflicts."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.output import one_line, value
from gittracker.domain.errors import NotFoundError, StorageError, UsageError
from gittracker.services.naming import resolving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.merge.settling import Conflict, Dispute, Situation
    from gittracker.services.naming.targets import Target
    from gittracker.services.write.writing import Held, Writing

_WAYS = ("board", "ours", "theirs")


def _resolve(cli: Cli, args: Args) -> int:
    ways = [way for way in _WAYS if args[way]]
    if len(ways) > 1:
        raise UsageError(f"--{ways[0]} and --{ways[1]} can't both be given", f"gittracker resolve --{ways[0]}")
    if ways or args["set"]:
        return _settle(cli, args, ways[0] if ways else "")
    if args["all"]:
        raise UsageError("--all needs a choice", "gittracker resolve --all --board, --ours or --theirs")
    return _tell(cli, args["names"]) if args["names"] else _list(cli)


def _list(cli: Cli) -> int:
    """List all conflicts."""
    from gittracker.services.merge import settling
    situation = settling.find(cli.tracker)
    found = situation.conflicts
    if cli.out.as_json:
        cli.out.json({**_under_way(situation), "conflicts": [one.to_json() for one in found], "total": len(found)})
        return 0
    if not found:
        cli.out.line("no conflicts")
        return 0
    _say_sides(cli, situation)
    for one in found:
        _say(cli, one)
    cli.out.line("settle them: gittracker resolve NAME --board, --ours, --theirs, or --set FIELD=VALUE")
    return 0


def _under_way(situation: Situation) -> dict[str, Any]:
    operation = situation.operation
    return {"operation": operation.name or None, **{
        name: {"name": side.label or None, "commit": side.commit or None}
        for name, side in (("ours", operation.ours), ("theirs", operation.theirs))}}


def _say_sides(cli: Cli, situation: Situation) -> None:
    operation = situation.operation
    if any(one.kind != "left over" for one in situation.conflicts):
        cli.out.line(f"{operation.name or 'unmerged'}: ours is {operation.ours.label}, theirs is "
                     f"{operation.theirs.label}")


def _say(cli: Cli, one: Conflict) -> None:
    kind = "" if one.kind == "content" else "settled by hand, not added" if one.kind == "edited" else one.kind
    cli.out.row("  ".join(part for part in (cli.out.paint(one.name, "bold"), f".openkit/{one.path}", kind) if part))
    for dispute in one.disputes:
        cli.out.row(f"    {dispute.field or 'the file'}: {_shown(dispute, 'ours')} | {_shown(dispute, 'theirs')}")


def _shown(dispute: Dispute, side: str) -> str:
    return f"{side} {value(getattr(dispute, side), 36)}"


def _tell(cli: Cli, names: list[str]) -> int:
    """Say what names name, and what of it is in conflict."""
    from gittracker.services.merge import settling
    found: list[tuple[Target | None, Situation]] = []
    missing: list[NotFoundError] = []
    for name in names:
        try:
            target = resolving.resolve(cli.tracker, name)
            situation = settling.find(cli.tracker, target.path)
            found.append((target, settling.Situation(situation.operation, situation.of(name, target.path))))
        except NotFoundError as error:
            situation = settling.find(cli.tracker)
            situation = settling.Situation(situation.operation, situation.of(name))
            if not situation.conflicts:
                missing.append(error)
            found.append((None, situation))
    if missing:
        raise NotFoundError("record", '", "'.join(str(error.facts["name"]) for error in missing), missing[0].hint)
    if cli.out.as_json:
        shown = [_as_json(*one) for one in found]
        cli.out.json(shown[0] if len(shown) == 1 else {"records": shown, "total": len(shown)})
        return 0
    for one in found:
        _show(cli, *one)
    return 0


def _as_json(target: Target | None, situation: Situation) -> dict[str, Any]:
    conflicts = [one.to_json() for one in situation.conflicts]
    more = {**_under_way(situation), "conflicts": conflicts} if conflicts else {}
    return {**target.to_json(), **more} if target else {**more, "total": len(conflicts)}


def _show(cli: Cli, target: Target | None, situation: Situation) -> None:
    if target:
        path = f".openkit/{target.path}" if target.path else "-"
        label = one_line(target.label) if target.label != target.name else ""
        cli.out.row("  ".join(part for part in (target.type.ljust(10), target.ref or "-", path,
                                                cli.out.paint(target.name, "bold"), label) if part))
    if not situation.conflicts:
        return
    _say_sides(cli, situation)
    for one in situation.conflicts:
        _say(cli, one)
    name = situation.conflicts[0].name
    cli.out.line(f"settle it: gittracker resolve {name} --board, --ours, --theirs, or --set FIELD=VALUE")


def _settle(cli: Cli, args: Args, how: str) -> int:
    """Write conflicts as they are settled, and tell git of those that are settled whole."""
    from gittracker.cli import writes
    from gittracker.git import unmerged
    from gittracker.services.merge import settling
    from gittracker.services.write.apply import perform
    from gittracker.services.write.writing import Request
    values = _values(args)
    if bool(args["names"]) == args["all"]:
        raise UsageError("name the records to settle, or give --all", "gittracker resolve lists what is in conflict")
    added: list[str] = []
    left: list[str] = []

    def act(writing: Writing) -> list[Held]:
        situation = settling.find(cli.tracker)
        found = _wanted(cli, situation, args)
        done = settling.settle(writing, found, situation.operation, how, values)
        left.extend(dict.fromkeys(one.name for one in found if one.path not in done))
        added.extend(one.path for one in found if one.path in done and one.kind != settling.LEFT_OVER)
        return []
    outcome = perform(cli.tracker, Request("resolve"), act)
    said = unmerged.add(cli.tracker.repository.top, [f".openkit/{path}" for path in added]) if added else ""
    writes.show(cli, outcome, "every")
    if said:
        raise StorageError(f"the files are written, but git add failed: {said}", "git add the files when git is free")
    for name in left:
        cli.out.aside(f"{name} is still in conflict: gittracker resolve {name}")
    return 0


def _wanted(cli: Cli, situation: Situation, args: Args) -> list[Conflict]:
    """Give the conflicts that are asked for; texts that may show markers on purpose only by name."""
    from gittracker.services.merge import settling
    if args["all"]:
        return [one for one in situation.conflicts if one.is_certain]
    found: list[Conflict] = []
    for name in args["names"]:
        try:
            path = "" if situation.of(name) else resolving.resolve(cli.tracker, name).path
        except NotFoundError:
            path = ""
        found += [one for one in settling.named(situation, name, path) if one not in found]
    return found


def _values(args: Args) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in args["set"]:
        name, equals, given = text.partition("=")
        if not equals or not name:
            raise UsageError(f'"{text}" is not FIELD=VALUE', "--set status=done")
        values[name] = given
    return values


RESOLVE = Command(
    "resolve", "Say what refs name; list conflicts of a merge, and settle them.",
    (Arg("names", "refs of any kind, OW-1, OW-E1, guide/setup, @alice, #backend; without any: what is in conflict",
         "*"),),
    (Flag("--board", "settle by what the board shows: of each disputed field the later value"),
     Flag("--ours", "settle by our side; in a rebase that is the branch it goes onto"),
     Flag("--theirs", "settle by their side"),
     Flag("--set", "settle a field by a value of its own", "FIELD=VALUE", many=True),
     Flag("--all", "of --board, --ours, --theirs: settle every conflict in the tracker's files")),
    ("resolve tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", "resolve OW-1 guide/setup @alice --json", "resolve",
     "resolve OW-1 --theirs --set priority=high", "resolve --all --board"), run=_resolve)
