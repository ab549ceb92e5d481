"""Run the git program: one function, a scrubbed environment, an explicit folder."""

from __future__ import annotations

import os

from gittracker.domain.errors import UnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LARGE = 1 << 16
# What a hook's environment would redirect.
_SCRUBBED = frozenset((
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_INTERNAL_SUPER_PREFIX", "GIT_SHALLOW_FILE",
    "GIT_QUARANTINE_PATH", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_EDITOR", "GIT_REFLOG_ACTION"))

# What the user's configuration would change of what we read.
_AS_EVER = ("-c", "core.quotePath=false", "-c", "log.showRoot=true", "-c", "log.follow=false", "-c",
            "log.diffMerges=separate")


class Finished:
    """What a git run gave."""

    __slots__ = ("status", "out", "err")

    def __init__(self, status: int, out: bytes, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err.strip()

    @property
    def text(self) -> str:
        """Give standard output as text without the last line end."""
        return self.out.decode(errors="replace").rstrip("\n")


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """Give an environment in which git looks only where it is told."""
    kept = {name: value for name, value in environ.items() if name not in _SCRUBBED}
    kept.update(GIT_TERMINAL_PROMPT="0", LC_ALL="C", GIT_OPTIONAL_LOCKS="0")
    return kept


def git(folder: str, *args: str, given: bytes | list[bytes] = b"", locks: bool = False,
        index: str = "", more: Mapping[str, str] | None = None) -> Finished:
    """Run `git -C folder args` to its end with `given`, perhaps in pieces, on standard input; a failure is in `status`.

    `locks` lets git refresh its index as it would for a person; `index` is the index file, where it is not the usual;
    `more` is what else its environment has.
    """
    argv = [*_begun(folder), *_AS_EVER, *args]
    environment = scrubbed(os.environ)
    if index:
        environment["GIT_INDEX_FILE"] = index
    if locks:
        del environment["GIT_OPTIONAL_LOCKS"]
    environment.update(more or {})
    try:
        if hasattr(os, "memfd_create") and hasattr(os, "posix_spawnp"):
            return _spawn(argv, environment, given)
        return _subprocess(argv, environment, given if isinstance(given, bytes) else b"".join(given))
    except FileNotFoundError as error:
        raise UnavailableError("the program git was not found", "install git 2.38 or newer") from error


def detach(folder: str, *args: str) -> None:
    """Start `git -C folder args` and leave it; it writes to no terminal and outlives the caller."""
    argv = [*_begun(folder), *args]
    try:
        if hasattr(os, "posix_spawnp"):
            null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
            os.posix_spawnp("git", argv, scrubbed(os.environ), file_actions=null, setsid=True)
        else:
            import subprocess
            subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return  # housekeeping can wait for the next command


def _begun(folder: str) -> list[str]:
    """Begin git's command line. A folder without `.git` is a bare repository that we know, such as the journal.

    `safe.bareRepository=explicit` is against those that git merely comes upon.
    """
    words = ["git", "-C", folder]
    return words if os.path.lexists(f"{folder}/.git") else [*words, "-c", "safe.bareRepository=all"]


def _spawn(argv: list[str], environment: dict[str, str], given: bytes | list[bytes]) -> Finished:
    """Spawn without the subprocess module, whose import costs more than git does."""
    source = os.memfd_create("in") if given else os.open(os.devnull, os.O_RDONLY)
    errors = os.memfd_create("err")
    reader, writer = os.pipe()
    try:
        if given:
            for piece in (given,) if isinstance(given, bytes) else _gathered(given):
                _write_all(source, piece)
            os.lseek(source, 0, os.SEEK_SET)
        actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, writer, 1),
                   (os.POSIX_SPAWN_DUP2, errors, 2)]
        child = os.posix_spawnp("git", argv, environment, file_actions=actions)
        os.close(writer)
        writer = -1
        chunks = []
        while chunk := os.read(reader, 1 << 20):
            chunks.append(chunk)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.lseek(errors, 0, os.SEEK_SET)
        return Finished(status, b"".join(chunks), os.read(errors, 65536).decode(errors="replace"))
    finally:
        for fd in (source, errors, reader, writer):
            if fd >= 0:
                os.close(fd)


def _gathered(pieces: list[bytes]) -> Iterator[bytes]:
    """Join small pieces, so that each write is worth its call; a large one stays as it is."""
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) < _LARGE:
            small.append(piece)
            continue
        yield b"".join(small)
        yield piece
        small = []
    yield b"".join(small)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def _subprocess(argv: list[str], environment: dict[str, str], given: bytes) -> Finished:
    import subprocess
    done = subprocess.run(argv, input=given, env=environment, capture_output=True, check=False)
    return Finished(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
