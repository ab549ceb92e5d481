"""`doctor`: what is wrong with the tracker's files, and the mending of it."""

from __future__ import annotations

from gittracker.cli.flags import Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.doctor import Problem
    from gittracker.services.writing import Held, Writing

_EXIT_PROBLEMS = 7
_MODES = ("fix", "staged")


def _doctor(cli: Cli, args: Args) -> int:
    given = [f"--{name}" for name in _MODES if args[name]]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} can't both be given", f"gittracker doctor {given[0]}")
    if args["fix"]:
        return _fix(cli)
    if args["staged"]:
        from gittracker.git.discover import discover
        from gittracker.services import checking
        return _tell(cli, checking.staged_problems(discover(cli.folder)))
    from gittracker.services import doctor
    return _tell(cli, doctor.examine(cli.tracker))


def _tell(cli: Cli, found: list[Problem]) -> int:
    """Print findings; their number decides the exit status."""
    if cli.out.as_json:
        cli.out.json({"problems": [p.to_json() for p in found], "total": len(found)})
        return _EXIT_PROBLEMS if found else 0
    for problem in found:
        where = problem.where + (f":{problem.line}" if problem.line else "")
        cli.out.line(f"{where}: {problem.message}")
    fixable = sum(p.fixable for p in found)
    cli.out.line("no problems" if not found else f"{len(found)} problem(s)" + (
        f", {fixable} can be mended: gittracker doctor --fix" if fixable else ""))
    return _EXIT_PROBLEMS if found else 0


def _fix(cli: Cli) -> int:
    """Show the diff, then write it as one entry."""
    from gittracker.services import mending
    from gittracker.services.apply import perform
    from gittracker.services.writing import Request

    def act(writing: Writing) -> list[Held]:
        mending.fix(writing)
        if not cli.out.as_json:
            _print_diff(cli, writing)
        return []
    outcome = perform(cli.tracker, Request("doctor --fix"), act)
    if cli.out.as_json:
        cli.out.json({"receipts": outcome.receipts})
    else:
        cli.out.line(outcome.subjects[0] if outcome.subjects else "nothing that can be mended")
    return 0


def _print_diff(cli: Cli, writing: Writing) -> None:
    from difflib import unified_diff
    for path, data in writing.after.items():
        old = (writing.before[path] or b"").decode(errors="replace").splitlines()
        new = (data or b"").decode(errors="replace").splitlines()
        for line in unified_diff(old, new, f"a/.openkit/{path}", f"b/.openkit/{path}", lineterm=""):
            color = {"+": "green", "-": "red"}.get(line[:1])
            cli.out.line(cli.out.paint(line, color) if color else line)


DOCTOR = Command(
    "doctor", "List what is wrong with the tracker's files.", (),
    (Flag("--fix", "show the diff of what has one right mending, and write it as one entry"),
     Flag("--staged", "look only at what is staged, for what a commit would break; for a pre-commit hook")),
    ("doctor", "doctor --fix", "doctor --staged"), run=_doctor)
