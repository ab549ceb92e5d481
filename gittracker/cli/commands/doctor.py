"""`doctor`: what is wrong with the tracker's files, and the mending of it."""

from __future__ import annotations

from gittracker.cli.flags import LIST_FORM, Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.problem import Problem
    from gittracker.services.write.writing import Held, Writing

    Act = Callable[[Writing], list[Held]]

_EXIT_PROBLEMS = 7
_COLUMNS = ("path", "line", "message")
_MODES = ("fix", "staged", "schemas", "upgrade")


def _doctor(cli: Cli, args: Args) -> int:
    given = [f"--{name}" for name in _MODES if args[name]]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} can't both be given", f"gittracker doctor {given[0]}")
    if args["dry_run"] and not (args["fix"] or args["upgrade"]):
        raise UsageError("--dry-run goes with --fix or --upgrade", "gittracker doctor --fix --dry-run")
    if cli.form not in ("", "json") and (args["fix"] or args["upgrade"]):
        raise UsageError(f'--format "{cli.form}" is for findings, not for mending', "gittracker doctor --fix --json")
    if args["fix"]:
        from gittracker.services.health import mending
        mended = _mend_side(cli, args["dry_run"])
        status = _write(cli, "doctor --fix", mending.fix, args["dry_run"],
                        "the files need no mending" if mended else "nothing that can be mended")
        _set_up_merges(cli, args["dry_run"])
        return status
    if args["upgrade"]:
        from gittracker.services.clone import upgrading
        return _write(cli, "doctor --upgrade", upgrading.upgrade, args["dry_run"], "the format is current")
    if args["staged"]:
        from gittracker.git.discover import discover, placed
        from gittracker.services.health import checking
        return _tell(cli, args, checking.staged_problems(placed(discover(cli.folder))))
    if args["schemas"]:
        from gittracker.services.health import validating
        return _tell(cli, args, validating.examine(cli.tracker))
    from gittracker.services.health import doctor, side
    from gittracker.services.merge import drivers
    merges = drivers.note(cli.tracker.repository)
    return _tell(cli, args, doctor.examine(cli.tracker), [*([merges] if merges else []), *side.notes(cli.tracker)])


def _mend_side(cli: Cli, dry_run: bool) -> bool:
    """Put right what is missing around a tracker on a branch of its own; tells whether anything was."""
    if dry_run or not cli.tracker.repository.is_side:
        return False
    from gittracker.services.clone import sidebranch
    done = sidebranch.mend(cli.tracker.caller.repository)
    for one in [] if cli.out.as_json else done:
        cli.out.line(f"{one} again")
    return bool(done)


def _set_up_merges(cli: Cli, dry_run: bool) -> None:
    """Let git merge by field too, where nothing or something that is gone is configured for it."""
    from gittracker.cli.commands.merging import set_up_merges
    from gittracker.git import merge_setup
    from gittracker.services.merge import drivers
    repository = cli.tracker.repository
    due = drivers.is_due(merge_setup.read(repository.top))
    if due and (dry_run or set_up_merges(cli, repository)) and not cli.out.as_json:
        cli.out.line(f"git {'would merge' if dry_run else 'merges'} tickets and epics by field in this clone")


def _tell(cli: Cli, args: Args, found: list[Problem], notes: Sequence[str] = ()) -> int:
    """Print findings; their number decides the exit status. Notes are none of them."""
    if cli.form:
        from gittracker.cli import formats
        problems = [p.to_json() for p in found]
        if not formats.rows(cli, args, _COLUMNS, problems):
            cli.out.json({"problems": problems, "total": len(found), **({"notes": list(notes)} if notes else {})})
        return _EXIT_PROBLEMS if found else 0
    for problem in found:
        where = problem.where + (f":{problem.line}" if problem.line else "")
        cli.out.line(f"{where}: {problem.message}{f' (in {problem.replica})' * bool(problem.replica)}")
    for note in notes:
        cli.out.line(f"note: {note}")
    fixable = sum(p.fixable for p in found)
    cli.out.line("no problems" if not found else f"{len(found)} problem(s)" + (
        f", {fixable} can be mended: gittracker doctor --fix" if fixable else ""))
    return _EXIT_PROBLEMS if found else 0


def _write(cli: Cli, name: str, gather: Act, dry_run: bool, nothing: str) -> int:
    """Show the diff, then write it as one entry; a dry run only shows it."""
    from gittracker.services.write.apply import perform
    from gittracker.services.write.writing import Request, Writing

    def act(writing: Writing) -> list[Held]:
        gather(writing)
        if not cli.out.as_json:
            _print_diff(cli, writing)
        return []
    if dry_run:
        cli.tracker.check_writable()
        planned = Writing(cli.tracker, Request(name))
        act(planned)
        changed = [f".openkit/{path}" for path, data in planned.after.items() if data != planned.before[path]]
        if cli.out.as_json:
            cli.out.json({"receipts": [], "changed": changed})
        elif not changed:
            cli.out.line(nothing)
        return 0
    outcome = perform(cli.tracker, Request(name), act)
    if cli.out.as_json:
        cli.out.json({"receipts": outcome.receipts, "changed": [one["path"] for one in outcome.receipts]})
    else:
        for line in outcome.subjects or [nothing]:
            cli.out.line(line)
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
     Flag("--staged", "look only at what is staged, for what a commit would break; for a pre-commit hook"),
     Flag("--schemas", "hold every file against its JSON Schema, as an editor would"),
     Flag("--upgrade", "bring files of an older format to the current one, as one entry"),
     Flag("--dry-run", "of --fix and --upgrade: only show the diff"), *LIST_FORM),
    ("doctor", "doctor --fix --dry-run", "doctor --staged", "doctor --schemas", "doctor --upgrade"), run=_doctor)
