"""Commands as processes of their own, without Python's start: a helper has the program loaded and forks for each.

A command is a process as the console script makes one: it has its own id, locks, streams, folder and environment, runs
the same `gittracker.wiring.run` as its main program, and can be killed. Only the start of the interpreter and the
imports, which cost more than most commands do, were paid before. What depends on those starts Python anew, by
`Repo.start` and `Repo.command`: docs, import costs, terminals, races, daemons, sandboxes, whatever a shell starts.

A helper has one thread, does nothing but import, and serves one command after the other; tests that run several at a
time, in threads, have several helpers. It ends when its socket closes, so it never outlives the tests.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import locale
import os
import pkgutil
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import gittracker

_TOP = Path(__file__).parents[1]
# What commands import as late as they can.
_USUAL = ("argparse", "base64", "csv", "datetime", "difflib", "errno", "fnmatch", "hashlib", "html", "pathlib", "re",
          "shlex", "shutil", "sqlite3", "statistics", "subprocess", "tempfile", "textwrap", "threading", "typing",
          "unicodedata", "yaml", "zlib", "zoneinfo")
# The interpreter reads these when it starts, so commands with others need another helper.
_EARLY = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")
_PROGRAM = "gittracker.wiring:run"
_NUMBER = struct.Struct("<q")
_idle: dict[tuple[tuple[str, str], ...], list[Helper]] = {}


def run(words: list[str], given: str, environment: dict[str, str], folder: str = "", joined: bool = False,
        program: str = _PROGRAM) -> tuple[int, str, str]:
    """Run gittracker in this folder or another; gives its exit status (negative for a signal), output and errors.

    Errors are in the output where the two are `joined`. `program` is another module's function without arguments.
    """
    early = tuple(sorted(item for item in environment.items() if item[0].startswith(_EARLY)))
    idle = _idle.setdefault(early, [])
    helper = idle.pop() if idle else Helper(environment)
    try:
        asked = [words, folder or os.getcwd(), environment, program]
        status, *streams = helper.run(asked, given.encode(), joined)
    except BaseException:
        helper.end()
        raise
    idle.append(helper)
    text = [one.decode(locale.getpreferredencoding(False)).replace("\r\n", "\n").replace("\r", "\n") for one in streams]
    return status, text[0], text[1]


@atexit.register
def end() -> None:
    """Let all helpers end."""
    for helpers in _idle.values():
        while helpers:
            helpers.pop().end()


class Helper:
    """One helper, seen from the tests."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._channel, far = socket.socketpair()
        with far:
            # Its streams are of the kind that its commands' are, so that Python prepares the same for them.
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(far.fileno())], cwd=_TOP, env=environment, pass_fds=[far.fileno()],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, asked: list[Any], given: bytes, joined: bool) -> tuple[int, bytes, bytes]:
        """Run one command; it is killed if this is interrupted."""
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        data = json.dumps(asked).encode()
        socket.send_fds(self._channel, [_NUMBER.pack(len(data))], [theirs[0], theirs[1], theirs[1 if joined else 2]])
        self._channel.sendall(data)
        for one in theirs:
            os.close(one)
        command = self._answer()
        try:
            out, err = _talk(given, pipes[0][1], pipes[1][0], pipes[2][0])
            return self._answer(), out, err
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.kill(command, signal.SIGKILL)
            raise

    def _answer(self) -> int:
        found = _all(self._channel, _NUMBER.size)
        assert found, f"the helper has died: {self.end()}"
        number: int = _NUMBER.unpack(found)[0]
        return number

    def end(self) -> str:
        """Let it end, and give its last words."""
        self._channel.close()
        return self._process.communicate()[1].decode()


def _talk(given: bytes, into: int, *sources: int) -> list[bytes]:
    """Feed a command and gather what it says, all at once as there is room, until it has closed its streams."""
    said = {source: bytearray() for source in sources}
    with selectors.DefaultSelector() as selector:
        os.set_blocking(into, False)
        selector.register(into, selectors.EVENT_WRITE)
        for source in sources:
            selector.register(source, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if key.fd == into:
                    given = _feed(into, given)
                    more = bool(given)
                else:
                    read = os.read(key.fd, 1 << 16)
                    said[key.fd] += read
                    more = bool(read)
                if not more:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return [bytes(one) for one in said.values()]


def _feed(into: int, given: bytes) -> bytes:
    """Write what there is room for, and give the rest; nothing is left where nobody reads on."""
    try:
        return given[os.write(into, given[:1 << 16]):] if given else b""
    except BrokenPipeError:
        return b""


def _all(channel: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := channel.recv(size - len(found))):
        found += more
    return found


def _load() -> None:
    """Import the program and what it uses, except the watcher, whose libraries may start threads."""
    for name in _USUAL:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(gittracker.__path__, "gittracker."):
        if not module.name.startswith(("gittracker.watch", "gittracker.__main__")):
            importlib.import_module(module.name)


def _serve(channel: socket.socket) -> str:
    """Fork for each command; comes back in its process alone, as if it had just started, with the program to run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a terminal sends it to all of us; the socket tells when to end
    _load()
    gc.freeze()
    while True:
        head, fds, *_ = socket.recv_fds(channel, _NUMBER.size, 3)
        if not head:
            sys.exit()
        asked = json.loads(_all(channel, _NUMBER.unpack(head)[0]))
        child = os.fork()
        if not child:
            channel.close()
            _become(*asked[:3], fds)
            return str(asked[3])
        for one in fds:
            os.close(one)
        channel.sendall(_NUMBER.pack(child))
        channel.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))


def _become(words: list[str], folder: str, environment: dict[str, str], fds: list[int]) -> None:
    """Have the command's own streams, folder, environment and words."""
    for number, one in enumerate(fds):
        os.dup2(one, number)
        os.close(one)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [str(Path(gittracker.__file__).with_name("__main__.py")), *words]


if __name__ == "__main__":
    name, _, function = _serve(socket.socket(fileno=int(sys.argv[1]))).partition(":")
    getattr(importlib.import_module(name), function)()
