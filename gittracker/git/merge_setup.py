"""The merge driver in a clone's git configuration: what stands there, and the writing of our line."""

from __future__ import annotations

import os

from gittracker.domain.errors import StorageError
from gittracker.git.run import git

NAME = "gittracker"
_DRIVER, _ABOUT = f"merge.{NAME}.driver", f"merge.{NAME}.name"
# A driver that is configured and not there leaves ours without markers, so the line must stand without the program.
_BEFORE = ("""sh -c 'if [ -x "$0" ]; then exec "$0" merge-driver "$@"; fi; """
           """exec git merge-file -L ours -L base -L theirs "$2" "$1" "$3"' """)
_AFTER = " %O %A %B %P"
_TEXT = "gittracker: records merge by field"
MISSING, CURRENT, GONE, FOREIGN = "missing", "current", "gone", "foreign"


class Driver:
    """What is configured: its line, and the program that the line runs where it is one of ours."""

    __slots__ = ("line", "program", "state")

    def __init__(self, line: str) -> None:
        self.line = line
        self.program = _program_in(line)
        self.state = MISSING if not line else FOREIGN if not self.program else (
            CURRENT if can_run(self.program) else GONE)


def read(folder: str) -> Driver:
    """Read what git would run for the tracker's files, wherever it is configured."""
    return Driver(git(folder, "config", "--get", _DRIVER).text)


def write(folder: str, program: str) -> None:
    """Set the driver in the clone's own configuration; raises StorageError where git can't write that."""
    for key, value in ((_ABOUT, _TEXT), (_DRIVER, line(program))):
        done = git(folder, "config", "--local", key, value)
        if done.status:
            raise StorageError(f"git could not set {key}: {done.err.partition(chr(10))[0]}",
                               "mend the rights of git's config file, or wait for whoever holds its lock")


def line(program: str) -> str:
    """Give the driver's line for a program at an absolute path; git takes a percent sign for its own."""
    from shlex import quote
    return _BEFORE + quote(program).replace("%", "%%") + _AFTER


def can_run(program: str) -> bool:
    """Tell whether a program can be run: a script needs its interpreter too."""
    if not os.access(program, os.X_OK) or os.path.isdir(program):
        return False
    try:
        with open(program, "rb") as file:
            first = file.readline(4096)
    except OSError:
        return True
    interpreter = first[2:].split()[:1] if first.startswith(b"#!") else []
    return not interpreter or os.access(interpreter[0], os.X_OK)


def _program_in(driver: str) -> str:
    """Give the program in a line of ours, empty for any other line."""
    if not (driver.startswith(_BEFORE) and driver.endswith(_AFTER)):
        return ""
    from shlex import split
    try:
        words = split(driver[len(_BEFORE):-len(_AFTER)].replace("%%", "%"))
    except ValueError:
        return ""
    return words[0] if len(words) == 1 and os.path.isabs(words[0]) else ""
