"""The completion scripts in real shells, on a real terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import Repo, environment, make_tracker, path_with_program

ODD = """it's "odd" $(touch evil) `touch evil` 100% é😀"""
_DEADLINE = 60.0
_START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
# Loads the script, and binds a key that prints the line as it is.
_SETUP = {
    "bash": """PS1=; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; bind 'set page-completions off'
bind 'set completion-query-items 0'; set +H; eval "$(gittracker completion bash)"
bind -x '"\\C-x\\C-p": printf "<<%s>>\\n" "$READLINE_LINE"'; printf 're%s\\n' ady
""",
    "zsh": """PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D
eval "$(gittracker completion zsh)"
shown() { print -r -- "<<$BUFFER>>" }; zle -N shown; bindkey '^X^P' shown; unsetopt beep; print -r -- re""ady
""",
}


class Terminal:
    """An interactive shell on a pseudo-terminal."""

    def __init__(self, shell: str, repo: Repo, path: str) -> None:
        self.repo = repo
        pid, self.fd = pty.fork()
        if not pid:
            os.chdir(repo.path)
            os.execvpe(_START[shell][0], _START[shell], {
                **environment(), "PATH": path, "TERM": "dumb", "HOME": str(repo.path), "ZDOTDIR": str(repo.path),
                "LC_ALL": "C.UTF-8", "COLUMNS": "200", "INPUTRC": os.devnull})
        self.pid = pid
        self.seen = ""
        self.send(_SETUP[shell])
        self.wait_for(r"^ready\r?$")

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self.fd, keys.encode())

    def wait_for(self, pattern: str) -> str:
        """Read until a pattern shows up, and give what it matched; fails after the deadline."""
        end = time.monotonic() + _DEADLINE
        while not (found := re.search(pattern, self.seen, re.M)):
            ready, _, _ = select.select([self.fd], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{pattern!r} never came: {self.seen!r}"
            self.seen += os.read(self.fd, 65536).decode(errors="replace")
        self.seen = self.seen[found.end():]
        return found[found.lastindex or 0]

    def completed(self, line: str) -> str:
        """Type a line, press Tab, give the line as it is then, and clear it."""
        self.send(f"{line}\t\x18\x10")
        found = self.wait_for(r"<<(.*)>>")
        self.send("\x15\x0b")
        return found

    def close(self) -> None:
        """End the shell."""
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with odd titles and labels; nothing completes a second one by the same letters."""
    repo = make_tracker(tmp_path_factory.mktemp("shells") / "repo")
    repo.ok("new", ODD, "--status", "todo", "--label", ODD, "--label", "two words", "--assignee", "bot:codex-1")
    repo.ok("new", "Done", "--status", "done")
    (repo.path / "notes file.md").write_text("")
    (repo.path / "nested").mkdir()
    repo.ok("ls")
    return repo


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return path_with_program(tmp_path_factory.mktemp("bin"))


def needs(shell: str) -> None:
    """Skip where a shell is not installed."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_words_become_whole_on_a_terminal(shell: str, busy: Repo, path: str) -> None:
    needs(shell)
    terminal = Terminal(shell, busy, path)
    try:
        for typed, expected in (
                ("gittracker sho", "gittracker show "), ("gittracker show ow", "gittracker show OW-1 "),
                ("gittracker ticket unli", "gittracker ticket unlink "),
                ("gittracker show OW-2", "gittracker show OW-2 "),
                ("true && X=1 gittracker update OW-1 --stat", "true && X=1 gittracker update OW-1 --status "),
                ("gittracker update OW-1 --status=can", "gittracker update OW-1 --status=cancelled "),
                ("gittracker update OW-1 --assignee bot:", "gittracker update OW-1 --assignee bot:codex-1 "),
                ("gittracker update OW-1 --assignee @", "gittracker update OW-1 --assignee @me "),
                ("gittracker ls status:to", "gittracker ls status:todo "),
                ("gittracker ls prio", "gittracker ls priority:"),
                ("gittracker comment add OW-1 --body-file no",
                 r"gittracker comment add OW-1 --body-file notes\ file.md "),
                ("gittracker -C ne", "gittracker -C nested/"), ("gittracker show OW-77", "gittracker show OW-77")):
            assert terminal.completed(typed) == expected, typed
        for typed in ("gittracker new x --label tw", "gittracker new x --label 'tw", 'gittracker new x --label "tw'):
            assert shlex.split(terminal.completed(typed))[4:] == ["two words"], typed
        for typed in ("gittracker new x --label it", "gittracker new x --label 'it", 'gittracker new x --label "it'):
            line = terminal.completed(typed)
            done = subprocess.run([shell, "-c", line.replace("gittracker new x --label", "printf '%s|'")],
                                  capture_output=True, text=True, check=True, cwd=busy.path)
            if (shell, typed[-3:]) != ("zsh", "'it"):  # zsh leaves the word alone there, for it begins it's
                assert done.stdout == f"{ODD}|", line
        assert not (busy.path / "evil").exists()
    finally:
        terminal.close()


def test_fish_gives_each_word_with_what_it_is(busy: Repo, path: str) -> None:
    needs("fish")

    def completed(line: str) -> list[str]:
        code = f"gittracker completion fish | source; complete -C {shlex.quote(line)}"
        known = {**environment(), "PATH": path, "HOME": str(busy.path), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["fish", "--no-config", "-c", code], cwd=busy.path, text=True, capture_output=True,
                              check=True, env=known)
        assert not done.stderr
        return done.stdout.splitlines()
    assert completed("gittracker show ") == [f"OW-1\t{ODD}"]
    assert completed("gittracker show OW-2") == ["OW-2\tDone"]
    assert completed("gittracker sho") == ["show\tShow a ticket"]
    assert completed("gittracker update OW-1 --status can") == ["cancelled\tCancelled, canceled"]
    assert completed("gittracker ls label:tw") == ['label:"two words"']
    assert completed("gittracker show OW-77") == []
    assert [line.split("\t")[0] for line in completed("gittracker -C ne")] == ["nested/"]
    assert not (busy.path / "evil").exists()


@pytest.mark.parametrize(("shell", "check"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_the_script_is_one_of_its_shell(shell: str, check: list[str], busy: Repo, tmp_path: Path) -> None:
    needs(shell)
    script = tmp_path / "script"
    script.write_text(busy.ok("completion", shell))
    done = subprocess.run([shell, *check, str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
