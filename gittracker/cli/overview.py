"""`gittracker --help`: every command in one line."""

from __future__ import annotations

import sys

# The commands of one word; a test says when one is missing here.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("every day", (
        "new", "ls", "show", "ready", "next", "blocked", "search", "update", "done",
    )),
    ("many hands", (
        "claim", "renew", "release", "take-over", "leases",
        "ask", "answer", "questions",
    )),
    ("history", (
        "log", "diff", "commit", "undo", "recover", "purge", "batch",
    )),
    ("see", (
        "board", "graph", "stats", "resolve", "backlinks",
        "events", "watch",
    )),
    ("branches", (
        "land", "overlap", "prune",
    )),
    ("in and out", (
        "sync",
    )),
    ("agents", (
        "prime", "onboard", "trust",
    )),
    ("set up", (
        "init", "setup", "demo", "doctor", "selftest", "reindex", "version", "completion", "schema", "merge-driver",
    )),
)


def show(commands: dict[str, tuple[str, str]], noun: str) -> int:
    """Print the commands, or those of one noun."""
    lines = ["gittracker: the tracker that lives in the repository it tracks", "",
             "usage: gittracker COMMAND [ARGUMENTS] [-C DIR] [--as NAME] [--json]", ""]
    groups = [one for one in GROUPS if one[1]] if not noun else []
    nouns = list(dict.fromkeys(w.split(" ")[0] for w in commands if " " in w))
    groups += [(n, tuple(w for w in commands if w.startswith(n + " "))) for n in nouns if noun in ("", n)]
    for title, words in groups:
        lines.append(f"{title}:")
        lines += [f"  {name:<18} {_about(*commands[name])}" for name in words]
        lines.append("")
    lines.append("gittracker COMMAND --help shows a command's flags and examples.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _about(module: str, name: str) -> str:
    command = getattr(__import__(f"gittracker.cli.commands.{module}", fromlist=[name]), name)
    return str(command.about).partition(";")[0].rstrip(".")
