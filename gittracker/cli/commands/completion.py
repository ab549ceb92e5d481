"""`completion`: the scripts for shells, and what those ask at every press of the key."""

from __future__ import annotations

import sys

from gittracker.cli import completing, shells
from gittracker.cli.flags import Arg, Command
from gittracker.cli.output import clean
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _completion(cli: Cli, args: Args) -> int:
    shell, words = args["shell"], args["words"]
    if shell not in shells.SCRIPTS:
        raise UsageError(f'there is no completion for "{shell}"', "gittracker completion bash, zsh or fish")
    if words:
        return _answer(cli, shell, words)
    if cli.out.as_json:
        cli.out.json({"shell": shell, "script": shells.SCRIPTS[shell]})
    else:
        cli.out.line(shells.SCRIPTS[shell].rstrip("\n"))
    return 0


def _answer(cli: Cli, shell: str, words: list[str]) -> int:
    """Print how to complete, then the candidates, one a line."""
    if shell == "bash":
        line = shells.read_bash(words[0], words[1] if len(words) > 1 else "")
        found = completing.complete(line.words[1:], line.current, cli.folder)
        lines = [shells.bash_word(value, line) for value, _ in found.candidates]
    else:
        found = completing.complete(words[:-1], words[-1], cli.folder)
        lines = [f"{value}\t{_one_line(about)}" if about else value for value, about in found.candidates]
    if cli.out.as_json:
        cli.out.json({"mode": found.mode, "candidates": [{"value": value, "about": about or None}
                                                         for value, about in found.candidates]})
    else:
        sys.stdout.write("\n".join([found.mode, *lines, ""]))  # each is one line of visible characters
    return 0


def _one_line(about: str) -> str:
    return about if about.isprintable() else " ".join(clean(about).split())


COMPLETION = Command(
    "completion", "Print the script that completes commands, flags, tickets and other values in a shell.",
    (Arg("shell", "bash, zsh or fish"),
     Arg("words", "what the script asks: the words so far, and the one under the cursor", "*")), (),
    ("completion bash", "completion zsh", "completion fish -- show OW-"), run=_completion)
