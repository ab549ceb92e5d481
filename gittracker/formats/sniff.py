"""What bytes are, told by the bytes alone: a name proves nothing."""

from __future__ import annotations

# How much of a file's beginning is enough.
HEAD = 1 << 16
BINARY, TEXT, EMPTY = "application/octet-stream", "text/plain", "application/x-empty"
# What a browser would run, if it were served as what it is.
ACTIVE = frozenset(("text/html", "application/xhtml+xml", "image/svg+xml", "application/xml"))

_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"), (0, b"BM", "image/bmp"), (0, b"II*\0", "image/tiff"), (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\1\0", "image/x-icon"), (0, b"%PDF-", "application/pdf"), (0, b"%!PS", "application/postscript"),
    (0, b"\x1f\x8b\x08", "application/gzip"), (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"), (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"), (257, b"ustar", "application/x-tar"),
    (0, b"\x1aE\xdf\xa3", "video/webm"), (0, b"OggS", "audio/ogg"), (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"), (0, b"\xff\xfb", "audio/mpeg"), (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"\0asm", "application/wasm"), (0, b"\x7fELF", "application/x-executable"), (0, b"wOF2", "font/woff2"),
    (0, b"wOFF", "font/woff"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic",
           b"mif1": "image/heif", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4"}
_ZIPS = ((b"word/", "wordprocessingml.document"), (b"xl/", "spreadsheetml.sheet"),
         (b"ppt/", "presentationml.presentation"))
_OFFICE = "application/vnd.openxmlformats-officedocument."
# The tags by which browsers know a page (WHATWG, MIME sniffing §7.1).
_HTML = ("<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
         "<title", "<b", "<body", "<br", "<p", "<!--")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_TEXT_CONTROLS = frozenset("\t\n\r\f\x1b")


def sniff(head: bytes, size: int) -> str:
    """Name the type of a file, given its first bytes (`HEAD` of them are enough) and its size."""
    if not size:
        return EMPTY
    return _by_magic(head) or _as_text(head, len(head) >= size)


def is_active(kind: str) -> bool:
    """Tell whether a browser would run what is in a file of this type."""
    return kind in ACTIVE


def _by_magic(head: bytes) -> str:
    for place, magic, kind in _MAGIC:
        if head.startswith(magic, place) and (magic != b"BM" or _is_bitmap(head)):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(head)
    return ""


def _is_bitmap(head: bytes) -> bool:
    """Two letters are little: a bitmap's reserved bytes are 0, and its header has one of few lengths."""
    return head[6:10] == b"\0\0\0\0" and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")


def _zip(head: bytes) -> str:
    if head[30:38] == b"mimetype" and head[38:].startswith(b"application/"):
        kind = head[38:].split(b"PK")[0]
        if kind.isascii() and len(kind) < 80 and all(c > 32 for c in kind):
            return kind.decode()
    if b"[Content_Types].xml" in head:
        return next((_OFFICE + kind for folder, kind in _ZIPS if folder in head), "application/zip")
    return "application/zip"


def _as_text(head: bytes, whole: bool) -> str:
    text = _decoded(head, whole)
    if text is None:
        return BINARY
    start = text.lstrip("\t\n\f\r \ufeff")
    low = start[:4096].lower()
    if low.startswith(_HTML) and _ends_tag(low):
        return "text/html"
    if low.startswith(("<?xml", "<svg", "<!doctype svg")):
        return "image/svg+xml" if "<svg" in low else "application/xhtml+xml" if "<html" in low else "application/xml"
    return "application/json" if start[:1] in ("{", "[") and _is_json(start, whole) else TEXT


def _decoded(head: bytes, whole: bool) -> str | None:
    """Give the text that bytes are, None where they are none; a character that the end cuts is no fault."""
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    from codecs import getincrementaldecoder
    try:
        text = getincrementaldecoder(encoding)().decode(head, whole)
    except UnicodeDecodeError:
        return None
    return None if any(c < " " and c not in _TEXT_CONTROLS for c in set(text)) else text


def _ends_tag(low: str) -> bool:
    """Tell whether what looks like a tag is one: a space or `>` follows its name."""
    tag = max((one for one in _HTML if low.startswith(one)), key=len)
    return tag == "<!--" or low[len(tag):len(tag) + 1] in ("", " ", ">", "\t", "\n", "\r", "\f", "/")


def _is_json(start: str, whole: bool) -> bool:
    """Tell whether text is JSON; of a long one the beginning must do."""
    if not whole:
        after = start[1:].lstrip()[:1]
        return after == '"' or (start[0] == "[" and after in "{[-0123456789tfn")
    import json
    try:
        json.loads(start)
    except (ValueError, RecursionError):
        return False
    return True
