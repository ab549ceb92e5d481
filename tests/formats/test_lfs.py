"""Pointers of git LFS are read and written as LFS does."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import lfs
from tests.strategies import PROPERTY


@PROPERTY
@given(st.binary(max_size=100))
def test_a_pointer_names_its_bytes(data: bytes) -> None:
    written = lfs.write(lfs.point(data))
    assert written == (f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(data).hexdigest()}\n"
                       f"size {len(data)}\n").encode()
    found = lfs.read(written)
    assert found and (found.oid, found.size) == (sha256(data).hexdigest(), len(data))
    assert found.path == f"objects/{found.oid[:2]}/{found.oid[2:4]}/{found.oid}"


@pytest.mark.parametrize("data", [
    b"", b"version https://git-lfs.github.com/spec/v1\n", b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n"
    b"size 3\n", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"../" * 21 + b"a\nsize 3\n",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize -3\n",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 3\n" + b"x" * 1024])
def test_what_is_no_pointer_is_a_file_like_any_other(data: bytes) -> None:
    assert lfs.read(data) is None


@PROPERTY
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_not(data: bytes) -> None:
    found = lfs.read(b"version https://git-lfs.github.com/spec/v1\n" + data)
    assert found is None or (len(found.oid) == 64 and found.size >= 0)
