"""A user's file is read as it is at one moment, or not at all."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.store import incoming

_PATIENCE = 30.0
_WRITER = """
import sys
with open(sys.argv[1], "ab", buffering=0) as file:
    print("begun", flush=True)
    while True:
        file.write(b"more")
"""


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (b"", b"\0\xff\r\n", b"x" * 100_000):
        path.write_bytes(data)
        assert incoming.read(str(path), 100_000) == data


def test_a_file_that_somebody_writes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(bytes(1 << 20))
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE)
    try:
        assert writer.stdout and writer.stdout.readline() == b"begun\n"
        end = time.monotonic() + _PATIENCE
        with pytest.raises(ConflictError, match="changes while it is read"):
            while time.monotonic() < end:  # a busy machine may let the writer rest just then
                assert len(incoming.read(str(path), 1 << 40)) <= path.stat().st_size
    finally:
        writer.kill()
        writer.communicate()
    assert len(incoming.read(str(path), 1 << 40)) == path.stat().st_size


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(11))
    (tmp_path / "loop").symlink_to("loop")
    for name, error in (("", UsageError), ("none", NotFoundError), ("large", InvalidDataError), ("loop", UsageError)):
        with pytest.raises(error) as caught:
            incoming.read(str(tmp_path / name), 10)
        assert caught.value.hint
