"""`prime` and `onboard`: what an agent needs to start, and where it reads that it is there."""

from __future__ import annotations

from gittracker.cli.flags import Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.agents.onboarding import Target


def _prime(cli: Cli, args: Args) -> int:
    from gittracker.formats import primer
    from gittracker.services.agents import priming
    found = priming.gather(cli.tracker, bool(args["acting"]), args["for"] or "")
    if cli.out.as_json:
        cli.out.json(primer.as_json(found))
    else:
        cli.out.line(primer.text(found))
    return 0


def _onboard(cli: Cli, args: Args) -> int:
    from gittracker.git.discover import discover
    from gittracker.services.agents import onboarding
    if args["check"] and (args["remove"] or args["dry_run"]):
        raise UsageError("--check goes with neither --remove nor --dry-run", "gittracker onboard --check")
    targets = onboarding.plan(discover(cli.folder), args["file"], args["remove"], args["force"])
    if not (args["check"] or args["dry_run"]):
        onboarding.carry_out(targets)
    due = [one for one in targets if one.before != one.after]
    if cli.out.as_json:
        cli.out.json({"files": [{"file": one.name, "action": one.action, "note": one.note or None} for one in targets],
                      "changed": len(due)})
    elif args["dry_run"]:
        _print_diffs(cli, due)
    else:
        _say(cli, targets, args["check"])
    return _EXIT_STALE if args["check"] and due else 0


def _say(cli: Cli, targets: list[Target], check: bool) -> None:
    for one in targets:
        action = {"created": "missing", "updated": "stale"}.get(one.action, one.action) if check else one.action
        cli.out.line(f"{action} {one.name}" + (f": {one.note}" if one.note else ""))
    if check and any(one.before != one.after for one in targets):
        cli.out.line("gittracker onboard brings it up to date")
    if not targets:
        cli.out.line("no file has the section")


def _print_diffs(cli: Cli, due: list[Target]) -> None:
    from difflib import unified_diff
    for one in due:
        old, new = ((data or b"").decode(errors="backslashreplace").splitlines() for data in (one.before, one.after))
        for line in unified_diff(old, new, f"a/{one.name}", f"b/{one.name}", lineterm=""):
            color = {"+": "green", "-": "red"}.get(line[:1])
            cli.out.line(cli.out.paint(line, color) if color else line)
    if not due:
        cli.out.line("nothing to change")


_EXIT_STALE = 7
ONBOARD = Command(
    "onboard", "Write the section about this tracker into AGENTS.md, CLAUDE.md and GEMINI.md; run again, it updates "
    "it.", (),
    (Flag("--file", "this file of the repository and no other; can be repeated", "FILE", many=True),
     Flag("--dry-run", "only show the diff"), Flag("--check", "only say whether it is up to date; for CI"),
     Flag("--remove", "take the section out again"),
     Flag("--force", "give up what was edited between the markers")),
    ("onboard", "onboard --file CLAUDE.md --dry-run", "onboard --check"), run=_onboard)
PRIME = Command("prime", "Print what an agent needs to start: its work, what is ready, commands and rules; "
                "2,048 bytes at most.", (), (Flag("--for", "one ticket: what its files say, too", "TICKET"),),
                ("prime", "prime --as bot:codex-1", "prime --for OW-1 --json"), run=_prime)
