"""Sandboxes of four makes, each with gittracker in it: git's folder can be read there, not written.

`mount` is a read-only bind mount, as containers and bubblewrap make it; `landlock` the kernel's rules that a process
gives itself; `user` another user without rights; `modes` folders without write permission.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import shutil
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import Done, Repo, environment

WAYS = ("mount", "landlock", "user", "modes")
_NOBODY = 65534
_ROOT = hasattr(os, "getuid") and os.getuid() == 0
_PATIENCE = 60
_MOUNT = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_SET_SECCOMP = 38, 24, 8, 47, 22
_RAISE, _CAPABILITY_VERSION = 2, 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the system calls of Landlock, the same on every machine
_WRITES = sum(1 << bit for bit in (1, *range(4, 14)))  # write, remove, make and refer; all of Landlock's third ABI
_TRUNCATE = 1 << 14
_PATH_BENEATH, _ABI = 1, 1


class Sandbox(Repo):
    """A repository as a sandboxed agent has it; `tmp` is the agent's TMPDIR."""

    def __init__(self, repo: Repo, tmp: Path, way: str) -> None:
        super().__init__(repo.path)
        self.tmp = tmp
        self.way = way
        self.allowed: list[Path] = []  # more folders that it may write, with Landlock
        self.socketless = False
        self.common = Path(repo.git("rev-parse", "--path-format=absolute", "--git-common-dir"))

    def argv(self, *command: str) -> list[str]:
        """Give what runs a command in here."""
        if self.way != "mount":
            return list(command)
        unshare = ["unshare", "--mount", "--net"] if _ROOT else ["unshare", "--map-root-user", "--mount", "--net"]
        return [*unshare, "sh", "-c", _MOUNT, str(self.common), *command]

    def before(self) -> Callable[[], None] | None:
        """Give what a process does before it becomes the command."""
        limits = [one for one in (self._limit(), refuse_sockets if self.socketless else None) if one]
        return (lambda: [limit() for limit in limits]) if limits else None  # type: ignore[return-value]

    def _limit(self) -> Callable[[], None] | None:
        if self.way == "landlock":
            return lambda: landlock([self.tracker, self.tmp, Path("/dev"), *self.allowed])
        if self.way == "user":
            return become_nobody
        if self.way == "modes":
            return obey_modes
        return None

    def refuse_sockets(self) -> bool:
        """Refuse sockets too, from now on; tells whether that works on this machine."""
        self.socketless = True
        asking = self.popen([sys.executable, "-c", "import socket; socket.socket(socket.AF_UNIX)"])
        return "Operation not permitted" in asking.communicate(timeout=_PATIENCE)[1]

    def env(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Give the agent's environment."""
        return environment(**{"TMPDIR": str(self.tmp), **(more or {})})

    def start(self, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start gittracker in here and don't wait."""
        return self.popen([sys.executable, "-m", "gittracker", "-C", str(self.path), *args], env)

    def popen(self, command: list[str], env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start any program in here."""
        return subprocess.Popen(self.argv(*command), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.env(env), preexec_fn=self.before())

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker in here; any exit status is fine."""
        running = self.start(*args, env=env)
        out, err = running.communicate(given, timeout=_PATIENCE)
        return Done(running.returncode, out, err)


def sandbox(repo: Repo, tmp: Path, way: str = "") -> Sandbox:
    """Put a repository into a sandbox, of the first make that this machine allows; skips where it allows none."""
    usable = next((one for one in ([way] if way else WAYS[:2]) if not refusal(one)), "")
    if not usable:
        pytest.skip(refusal(way or WAYS[0]))
    tmp.mkdir(parents=True, exist_ok=True)
    return Sandbox(repo, tmp, usable)


@functools.cache
def refusal(way: str) -> str:
    """Say why this machine doesn't allow a make of sandbox; empty where it does."""
    if way == "mount":
        where = ["unshare", "--mount", "--net", *([] if _ROOT else ["--map-root-user"])]
        if not shutil.which("unshare") or subprocess.run(
                [*where, "sh", "-c", _MOUNT, "/dev", "true"], capture_output=True, check=False).returncode:
            return "this user may not mount"
    if way == "landlock":
        abi = ctypes.CDLL(None).syscall(_CREATE, None, 0, _ABI) if sys.platform == "linux" else -1
        if abi < 3:
            return "the kernel has no Landlock"
    if way == "user" and not _can_be_nobody():
        return "only root can become another user, who must be able to run this Python"
    if way == "modes" and _ROOT and not _works(obey_modes):
        return "this is root, and its rights can't be limited"
    return ""


def _can_be_nobody() -> bool:
    return _ROOT and _works(become_nobody, sys.executable, "-c", "import gittracker.wiring")


def _works(before: Callable[[], None], *command: str) -> bool:
    try:
        return not subprocess.run(command or ["true"], preexec_fn=before, capture_output=True, check=False,
                                  env=environment()).returncode
    except (OSError, subprocess.SubprocessError):
        return False


def become_nobody() -> None:
    """Give up root for a user who owns nothing, and keep of its rights only that of reading everything."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)
    reading = 1 << _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)(reading, reading, reading, 0, 0, 0)
    if libc.capset(header, data) or libc.prctl(_PR_CAP_AMBIENT, _RAISE, _CAP_DAC_READ_SEARCH, 0, 0):
        raise OSError("this user's rights can't be set")


def obey_modes() -> None:
    """Take from root what lets it write where the mode forbids it; other users obey anyway."""
    if _ROOT:
        prctl = ctypes.CDLL(None).prctl
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError("root can't be limited here")


def lock(folder: Path, locked: bool = True) -> None:
    """Take write permission from a folder and all in it, or give it back."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode & ~0o222 if locked else mode | stat.S_IWUSR)


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def refuse_sockets() -> None:
    """Let the kernel refuse this process the system call by which sockets are made."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
    load, equal, end = 0x20, 0x15, 0x06
    refuse, allow = 0x00050000 | errno.EPERM, 0x7FFF0000
    program = b"".join(struct.pack("HBBI", *step) for step in (
        (load, 0, 0, 0), (equal, 0, 1, number), (end, 0, 0, refuse), (end, 0, 0, allow)))
    code = ctypes.create_string_buffer(program)
    given = _Filter(4, ctypes.cast(code, ctypes.c_void_p).value)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(given), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refused the filter")


class _Rules(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def landlock(writable: list[Path]) -> None:
    """Refuse this process, for good, every write but below these folders."""
    libc = ctypes.CDLL(None, use_errno=True)
    rules = _Rules(_WRITES | _TRUNCATE)
    ruleset = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    for folder in writable:
        one = _Beneath(_WRITES | _TRUNCATE, os.open(folder, os.O_PATH))
        if libc.syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(one), 0):
            raise OSError(ctypes.get_errno(), "Landlock refused a rule")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(_RESTRICT, ruleset, 0):
        raise OSError(ctypes.get_errno(), "Landlock refused its rules")
