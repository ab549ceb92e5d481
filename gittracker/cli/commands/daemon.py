"""`watch`, `daemon run|start|stop|status|logs`."""

from __future__ import annotations

import os

from gittracker.cli.commands.events import print_each, show
from gittracker.cli.flags import Command, Flag
from gittracker.domain.query import limit as read_limit
from gittracker.services.clone import daemons
from gittracker.services.refresh import events
from gittracker.services.tracker import open_tracker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _watch(cli: Cli, args: Args) -> int:
    """Print events as they come; the files are watched by the daemon, or by this very process where there is none."""
    idle = daemons.seconds(args["idle_exit"] or "")
    repository = cli.tracker.repository
    who = daemons.running(repository)
    start = events.newest(cli.tracker)
    cli.out.aside(f"the daemon watches ({who})" if who else "watching; Ctrl-C ends it")
    if who:
        print_each(cli, start)
    else:
        _run(cli, args, idle, told=lambda found: show(cli, found), quiet=True)
    return 0


def _daemon(cli: Cli, args: Args) -> int:
    _run(cli, args, daemons.seconds(args["idle_exit"] or ""), log=os.environ.get("GITTRACKER_DAEMON_LOG", ""))
    return 0


def _run(cli: Cli, args: Args, idle: float, **more: Any) -> None:
    assert cli.watch
    cli.watch(cli.tracker.repository, lambda top: open_tracker(top, cli.acting, cli.clock, cli.entropy),
              polls=args["poll"], idle=idle, **more)


def _start(cli: Cli, args: Args) -> int:
    repository = cli.tracker.repository
    began = daemons.start(repository, cli.acting, args["poll"], args["idle_exit"] or "")
    told = daemons.status(repository)
    if cli.form:
        cli.out.json({"started": began, **told})
    else:
        cli.out.line(f"{'the daemon watches' if began else 'a daemon runs already,'} {_places(told)} "
                     f"({told['holder']})")
    return 0


def _stop(cli: Cli, args: Args) -> int:
    who = daemons.stop(cli.tracker.repository)
    if cli.form:
        cli.out.json({"stopped": who or None})
    else:
        cli.out.line(f"the daemon ended ({who})" if who else "no daemon runs")
    return 0


def _status(cli: Cli, args: Args) -> int:
    told = daemons.status(cli.tracker.repository)
    if cli.form:
        cli.out.json(told)
    elif not told["running"]:
        cli.out.line("no daemon runs; gittracker daemon start")
    else:
        cli.out.line(f"{told['holder']}: {_places(told)}")
        for top in told["worktrees"]:
            cli.out.line(f"  {top}")
    return 0


def _places(told: dict[str, Any]) -> str:
    """Say what a daemon covers."""
    if not told["ready"]:
        return "looking at everything for the first time"
    count = len(told["worktrees"])
    return f"{count} worktree{'s' if count > 1 else ''}" + (", looking now and then" if told["polls"] else "")


def _logs(cli: Cli, args: Args) -> int:
    lines = daemons.tail(cli.tracker.repository, read_limit(args["limit"] or "50"))
    if cli.form:
        cli.out.json({"lines": lines})
    else:
        for line in lines:
            cli.out.line(line)
        if not lines:
            cli.out.line("no daemon ever ran here")
    return 0


_HOW = (Flag("--poll", "look at the files now and then, for file systems that tell nothing (NFS, some shares)"),
        Flag("--idle-exit", "end once nothing has happened for so long (30m, 8h)", "TIME"))
WATCH = Command("watch", "Print events as they happen; --json prints a line of JSON for each.", (), _HOW,
                ("watch", "watch --json", "watch --poll --idle-exit 8h"), run=_watch)
RUN = Command("daemon run", "Watch this clone in the foreground, as a service manager wants it.", (), _HOW,
              ("daemon run", "daemon run --idle-exit 8h"), run=_daemon)
START = Command("daemon start", "Start the daemon that watches all worktrees of this clone.", (), _HOW,
                ("daemon start", "daemon start --idle-exit 30m --json"), run=_start)
STOP = Command("daemon stop", "End this clone's daemon; nothing is lost, commands look at the files themselves again.",
               (), (), ("daemon stop",), run=_stop)
STATUS = Command("daemon status", "Say whether a daemon runs, and what it watches.", (), (),
                 ("daemon status", "daemon status --json"), run=_status)
LOGS = Command("daemon logs", "Print the end of the daemon's log.", (),
               (Flag("--limit", "how many lines at most (default 50)", "N"),),
               ("daemon logs", "daemon logs --limit 500"), run=_logs)
