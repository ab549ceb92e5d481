"""Pointers of git LFS: the small text that git keeps in place of a large file (the format's version 1)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = b"version https://git-lfs.github.com/spec/v1\n"
MOST = 1024  # what LFS itself takes for a pointer at most
_HEX = frozenset("0123456789abcdef")


class Pointer:
    """The SHA-256 and the size of the file that a pointer stands for."""

    __slots__ = ("oid", "size")

    def __init__(self, oid: str, size: int) -> None:
        self.oid = oid
        self.size = size

    @property
    def path(self) -> str:
        """Where LFS keeps the file, below its storage folder."""
        return f"objects/{self.oid[:2]}/{self.oid[2:4]}/{self.oid}"


def point(data: bytes) -> Pointer:
    """Give the pointer that stands for bytes."""
    return point_of((data,))


def point_of(chunks: Iterable[bytes]) -> Pointer:
    """Give the pointer that stands for a file whose bytes come in pieces."""
    from hashlib import sha256
    made, size = sha256(), 0
    for chunk in chunks:
        made.update(chunk)
        size += len(chunk)
    return Pointer(made.hexdigest(), size)


def write(pointer: Pointer) -> bytes:
    """Write a pointer as git keeps it."""
    return _VERSION + f"oid sha256:{pointer.oid}\nsize {pointer.size}\n".encode()


def read(data: bytes) -> Pointer | None:
    """Read a pointer; None where the bytes are none."""
    if len(data) > MOST or not data.startswith(_VERSION):
        return None
    found = dict(line.partition(" ")[::2] for line in data.decode(errors="replace").splitlines())
    oid, size = found.get("oid", "").removeprefix("sha256:"), found.get("size", "")
    if len(oid) != 64 or not _HEX.issuperset(oid) or not size.isascii() or not size.isdecimal() or len(size) > 18:
        return None
    return Pointer(oid, int(size))
