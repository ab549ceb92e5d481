"""`init`, `doctor`, `reindex`, `version`."""

from __future__ import annotations

import os

from gittracker.cli.flags import Command, Flag
from gittracker.services import setup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.writing import Held, Writing

_EXIT_PROBLEMS = 7


def _init(cli: Cli, args: Args) -> int:
    from gittracker.domain import ids
    from gittracker.git.discover import discover
    from gittracker.services.apply import perform
    from gittracker.services.tracker import Tracker
    from gittracker.services.writing import Request
    repository = discover(cli.folder)
    made = ids.uuid7(cli.clock(), cli.entropy(8))

    def plan() -> dict[str, bytes]:
        return setup.plan(repository, args["prefix"] or "", args["statuses"] or "openase",
                          lambda prefix: ids.make_ref(prefix, made))
    planned = plan()
    if planned:
        tracker = Tracker(repository, cli.acting, cli.clock, cli.entropy, *cli.source)

        def act(writing: Writing) -> list[Held]:
            nonlocal planned
            planned = plan()  # again under the lock, where a dead init may just have been finished
            for path, data in planned.items():
                writing.put(path, data)
                writing.touch("file.updated", path, path, path, {}, "")
            if planned:
                writing.say("tracker set up")
            return []
        try:
            perform(tracker, Request("init"), act)
        finally:
            tracker.close()
    return _say_init(cli, repository.top, planned)


def _say_init(cli: Cli, top: str, planned: dict[str, bytes]) -> int:
    paths = [f".openkit/{path}" for path in planned]
    keys = [path[9:-3] for path in planned if path.startswith("projects/")] or list(cli.tracker.settings.projects)
    key = keys[0] if keys else ""
    if cli.out.as_json:
        cli.out.json({"top": top, "made": paths, "project": key})
        return 0
    for path in paths:
        cli.out.line(f"wrote {path}")
    if planned:
        cli.out.line(f"tickets are {key}-1, {key}-2, …: gittracker new 'the first thing to do'")
        cli.out.line("gittracker commit puts the tracker's files under version control")
    else:
        cli.out.line(f"the tracker in {os.path.join(top, '.openkit')} is set up; nothing to do")
    return 0


def _doctor(cli: Cli, args: Args) -> int:
    from gittracker.services import doctor
    if args["fix"]:
        return _fix(cli)
    found = doctor.examine(cli.tracker)
    if cli.out.as_json:
        cli.out.json({"problems": [p.to_json() for p in found], "total": len(found)})
    else:
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


def _reindex(cli: Cli, args: Args) -> int:
    from gittracker.index import db, tickets
    from gittracker.services.tracker import open_tracker
    tracker = open_tracker(cli.folder, cli.acting, cli.clock, cli.entropy, db.NEW)
    count = tickets.count(tracker.index, tracker.worktree)
    tracker.close()
    if cli.out.as_json:
        cli.out.json({"tickets": count})
    else:
        cli.out.line(f"the index is new: {count} ticket(s)")
    return 0


def _version(cli: Cli, args: Args) -> int:
    from gittracker import __version__
    if cli.out.as_json:
        cli.out.json({"version": __version__})
    else:
        cli.out.line(f"gittracker {__version__}")
    return 0


INIT = Command("init", "Set up a tracker in this repository; run again, it changes nothing.", (),
               (Flag("--prefix", "the slugs' prefix, such as OW", "KEY"),
                Flag("--statuses", "openase (default), openweave or openkit", "SET")),
               ("init", "init --prefix OW --statuses openkit"), run=_init)
DOCTOR = Command("doctor", "List what is wrong with the tracker's files.", (),
                 (Flag("--fix", "show the diff of what has one right mending, and write it as one entry"),),
                 ("doctor", "doctor --fix"), run=_doctor)
REINDEX = Command("reindex", "Build the index anew; it can be deleted at any time.", run=_reindex,
                  examples=("reindex",))
VERSION = Command("version", "Print the version.", run=_version, examples=("version",))
