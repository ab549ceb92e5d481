"""The etag: the id that git has for bytes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_hashes: dict[str, Any] = {}


def expect_many(object_format: str) -> None:
    """Hash with OpenSSL from here on where it is at hand: it takes a third of the time, once it is loaded."""
    try:
        made = getattr(__import__("_hashlib"), f"openssl_{object_format}")
        made(usedforsecurity=False)
    except (ImportError, AttributeError, ValueError):
        return  # Python comes without it, or its rules forbid this hash
    _hashes[object_format] = lambda data: made(data, usedforsecurity=False)


def blob_id(data: bytes, object_format: str = "sha1") -> str:
    """Give the id that git has for these bytes as a file: the etag."""
    return blob_id_of((data,), len(data), object_format)


def blob_id_of(chunks: Iterable[bytes], size: int, object_format: str = "sha1") -> str:
    """Give the id that git has for a file of `size` bytes that come in pieces."""
    if object_format not in _hashes:
        # hashlib would load OpenSSL, which costs as much as the rest of a command's imports.
        module = __import__("_sha256" if object_format == "sha256" else "_sha1")
        _hashes[object_format] = getattr(module, object_format)
    made = _hashes[object_format](b"blob %d\0" % size)
    for chunk in chunks:
        made.update(chunk)
    digest: str = made.hexdigest()
    return digest
