"""The etag: the id that git has for bytes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_hashes: dict[str, Any] = {}


def blob_id(data: bytes, object_format: str = "sha1") -> str:
    """Give the id that git has for these bytes as a file: the etag."""
    head = b"blob %d\0" % len(data)
    if object_format not in _hashes:
        # hashlib would load OpenSSL, which costs as much as the rest of a command's imports.
        module = __import__("_sha256" if object_format == "sha256" else "_sha1")
        _hashes[object_format] = getattr(module, object_format)
    digest: str = _hashes[object_format](head + data).hexdigest()
    return digest
