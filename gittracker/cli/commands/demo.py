"""`demo`: a repository in a temp folder, worked on by real commands."""

from __future__ import annotations

import shlex

from gittracker.cli.flags import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli

_STEPS = (
    ("init", "--prefix", "OW"),
    ("new", "Upload fails on a slow line", "--type", "bug", "--priority", "high", "--label", "backend",
     "--status", "todo"),
    ("new", "Write the release notes", "--status", "todo", "--depends-on", "OW-1"),
    ("update", "OW-1", "--status", "in progress", "--as", "bot:codex-1"),
    ("comment", "add", "OW-1", "--body", "Found it: the timeout is 5 s.", "--as", "bot:codex-1"),
    ("ready",),
    ("done", "OW-1", "--as", "bot:codex-1"),
    ("ready",),
    ("log", "OW-1"),
)


def _demo(cli: Cli, args: Args) -> int:
    import tempfile

    from gittracker.domain.errors import UsageError
    if cli.out.as_json:
        raise UsageError("the demo is for people", "gittracker demo")

    from gittracker.cli.main import main
    from gittracker.git.run import git
    folder = tempfile.mkdtemp(prefix="gittracker-demo-")
    git(folder, "init", "--quiet")
    cli.out.line(f"$ git init {folder}")
    for step in _STEPS:
        cli.out.line(f"\n$ gittracker {shlex.join(step)}")
        status = main(["-C", folder, *step], cli.clock, cli.entropy)
        if status:
            return status
    cli.out.line(f"\nthe tracker is plain files: look at {folder}/.openkit")
    return 0


DEMO = Command("demo", "Show the main job in a temp folder: create, update, comment, ready, log.", run=_demo,
               examples=("demo",))
