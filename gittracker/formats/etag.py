"""The etag: the id that git has for bytes."""

from __future__ import annotations


def blob_id(data: bytes, object_format: str = "sha1") -> str:
    """Give the id that git has for these bytes as a file: the etag."""
    head = b"blob %d\0" % len(data)
    # hashlib would load OpenSSL, which costs as much as the rest of a command's imports.
    module = __import__("_sha256" if object_format == "sha256" else "_sha1")
    digest: str = getattr(module, object_format)(head + data).hexdigest()
    return digest
