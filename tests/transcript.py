"""Shell transcripts: `$ command` lines with the output they must give, run in a fresh repository.

`> ` continues a command, `[exit N]` is its status where that is not 0. Refs, ids, etags, times and folders differ from
run to run and are compared as `<ref>`, `<id>`, `<etag>`, `<time>`, `<folder>`.

`python -m tests.transcript` runs the files in tests/transcripts and writes the output that they give now.
"""

from __future__ import annotations

import difflib
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import forkserver
from tests.support import environment, make_repo

FOLDER = Path(__file__).parent / "transcripts"
_PLACEHOLDERS = (
    (r"\b[a-z]{3}_[0-9a-f]{32}\b", "<ref>"),
    (r"\b[a-z]{3}_[0-9a-f]{8}…", "<ref>…"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b", "<etag>"),
    (r"\b[0-9a-f]{8}\.\d+\b", "<event>"),
    (r"\b\d{8}T\d{6}Z-[0-9a-z]{4}\b", "<file>"),
    (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\b20\d\d-\d\d-\d\d \d\d:\d\d\b", "<time>"),
    (r"created 20\d\d-\d\d-\d\d ", "created <day> "),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{10}\b", "<id>"),
    (r"\b((?:OW|WEB)-\d+)-(?!<)[0-9a-hjkmnp-tv-z]{4}\b", r"\1-<sfx>"),
    (r"\bpid \d+\b", "pid <pid>"),
    (r"\b\d\d:\d\d UTC\b", "<clock>"),
    (r"\bsince \d+ (s|min)\b", "since <age>"),
    (r"\(\d+ min more\)", "(<age> more)"),
    (r"/[^\s\"']*/gittracker-demo-\w+", "<folder>"),
)
# A command of ours alone, whose words mean the same to every shell.
_PLAIN = re.compile(r"gittracker( ([\w@%+=:,./-]+|'[^'\n]*'))*")


class Step:
    """One command of a transcript, with the output and exit status that it shows."""

    def __init__(self, command: str, line: int) -> None:
        self.command = command
        self.line = line
        self.output: list[str] = []
        self.status = 0


def parse(text: str) -> list[Step]:
    """Read a transcript; lines before the first command are its preface."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif line.startswith("> ") and steps and not steps[-1].output:
            steps[-1].command += "\n" + line[2:]
        elif steps and (status := re.fullmatch(r"\[exit (\d+)\]", line)):
            steps[-1].status = int(status[1])
        elif steps:
            steps[-1].output.append(line)
    for step in steps:
        step.output = "\n".join(step.output).strip("\n").split("\n")
    return steps


def settle(text: str, top: Path) -> str:
    """Put placeholders for what differs from run to run."""
    text = text.replace(str(top.resolve()), "<top>").replace(str(top), "<top>")
    for pattern, shown in _PLACEHOLDERS:
        text = re.sub(pattern, shown, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


class Shell:
    """A shell in a fresh repository, with `gittracker` on its path.

    A line that needs no shell is forked without one, and without Python's start, unless all are wanted `as_typed`.
    """

    def __init__(self, folder: Path, as_typed: bool = False) -> None:
        self.as_typed = as_typed
        self.top = make_repo(folder / "repo").path
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        script = bin_folder / "gittracker"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gittracker "$@"\n')
        script.chmod(0o755)
        known = environment()
        self.environment = {**known, "PATH": f"{bin_folder}:{known['PATH']}", "TMPDIR": str(folder), "COLUMNS": "100"}

    def run(self, command: str) -> tuple[str, int]:
        """Run a command line; gives its settled output, errors included, and its exit status."""
        if not self.as_typed and _PLAIN.fullmatch(command):
            status, out, _ = forkserver.run(shlex.split(command)[1:], "", self.environment, str(self.top), joined=True)
            return settle(out, self.top), status
        done = subprocess.run(["sh", "-c", command], cwd=self.top, env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return settle(done.stdout, self.top), done.returncode


def play(text: str, shell: Shell) -> str:
    """Run a transcript's commands and give the transcript as it is now."""
    lines = text.splitlines()
    steps = parse(text)
    shown = lines[:steps[0].line - 1]
    for step in steps:
        output, status = shell.run(step.command)
        shown += ("$ " + step.command.replace("\n", "\n> ")).split("\n")
        shown += output.split("\n") if output else []
        shown += [f"[exit {status}]"] if status else []
        shown.append("")
    return "\n".join(shown).rstrip("\n") + "\n"


def differences(text: str, shell: Shell) -> str:
    """Run a transcript and give a diff, empty where everything is as shown."""
    told = settle(text, shell.top) + "\n"
    given = settle(play(text, shell), shell.top) + "\n"
    return "\n".join(difflib.unified_diff(told.splitlines(), given.splitlines(), "shown", "given", lineterm="", n=2))


def main() -> None:
    """Write every transcript anew."""
    for path in sorted(FOLDER.glob("*.txt")):
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(play(path.read_text(encoding="utf-8"), Shell(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
