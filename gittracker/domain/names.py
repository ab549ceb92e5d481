"""Names that become file names: safe on every file system, and never two that one of them takes for the same."""

from __future__ import annotations

import unicodedata

from gittracker.domain.errors import ConflictError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Room is left in a file name's 255 bytes for an extension, a suffix and a temporary file's number.
MOST_BYTES = 180
_MOST_PARTS, _MOST_PATH_BYTES = 12, 700
_FORBIDDEN = frozenset('/\\<>:"|?*')
# What Windows takes for a device, whatever extension follows.
_DEVICES = frozenset(("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$",
                      *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³")))
_GIT = ("git~1",)  # the short form of .git on Windows, which git refuses to check out
_TEMPORARY = ".tmp~"


def check(what: str, name: str) -> str:
    """Give one file or folder name in Unicode NFC; raises UsageError where some file system couldn't keep it."""
    clean = unicodedata.normalize("NFC", name)
    reason = _wrong(clean)
    if reason:
        raise UsageError(f"{what} {_shown(name)} {reason}", f"for example {make_safe(name)}")
    return clean


def check_path(what: str, path: str) -> str:
    """Give a path of names, parted by `/`, in Unicode NFC; raises UsageError where one of them can't be kept."""
    parts = path.split("/")
    safe = "/".join(make_safe(part) for part in parts if part.strip(".")) or "page"
    if not all(parts):
        raise UsageError(f"{what} {_shown(path)} has an empty part", f"for example {safe}")
    if len(parts) > _MOST_PARTS or len(path.encode(errors="replace")) > _MOST_PATH_BYTES:
        raise UsageError(f"{what} {_shown(path[:40])}… is too long", f"at most {_MOST_PARTS} parts and "
                         f"{_MOST_PATH_BYTES} bytes")
    for part in parts:
        reason = _wrong(unicodedata.normalize("NFC", part))
        if reason:
            raise UsageError(f"{what} {_shown(path)}: {_shown(part)} {reason}", f"for example {safe}")
    return unicodedata.normalize("NFC", path)


def make_safe(name: str) -> str:
    """Turn any text into a name that `check` takes: `../a:b.txt` gives `a-b.txt`; a safe name stays as it is."""
    clean = unicodedata.normalize("NFC", name)
    if not _wrong(clean):
        return clean
    base = clean.replace("\\", "/").rstrip("/. ").rpartition("/")[2]
    text = "".join(c if c.isprintable() and c not in _FORBIDDEN else " " if c.isspace() else "-" for c in base)
    text = _cut(unicodedata.normalize("NFC", " ".join(text.split())).lstrip(".- ").rstrip(". "))
    stem, dot, rest = text.partition(".")
    if not text or _wrong(text):
        text = f"{stem.rstrip() or 'file'}-file{dot}{rest.replace('~', '-')}"
    return text


def numbered(name: str, present: Iterable[str]) -> str:
    """Give a safe name that can stand beside those that are there: `a.pdf`, else `a-2.pdf`, `a-3.pdf` and so on."""
    there = {folded(other) for other in present}
    stem, dot, extension = name.rpartition(".")
    if stem.lower().endswith(".tar"):
        stem, extension = stem[:-4], f"{stem[-3:]}.{extension}"
    stem, tail = (stem, dot + extension) if stem else (name, "")
    number, found = 1, name
    while folded(found) in there:
        number += 1
        end = f"-{number}{tail}"
        found = stem.encode()[:MOST_BYTES - len(end.encode())].decode(errors="ignore").rstrip(". ") + end
    return found


def clash(path: str, present: Iterable[str]) -> str:
    """Give the one of `present` that some file system takes for `path`, or whose folder it does; empty where none is.

    That is so where two names differ only in case or in how Unicode writes them; the very same path is one too.
    """
    wanted = path.split("/")
    return next((other for other in present if _same(wanted, other.split("/"))), "")


class Present:
    """The paths that are there, of which `clash` is asked for many others."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._written: dict[str, set[str]] = {}  # by what is the same to some file system
        for part in {part for path in self._paths for part in _heads(path)}:
            self._written.setdefault(folded(part), set()).add(part)

    def clash(self, path: str) -> str:
        """Give the path, or the part of one, that some file system takes for `path` or its folder; empty if none."""
        if path in self._paths:
            return path
        return next((there for part in _heads(path) for there in sorted(self._written.get(folded(part), ()))
                     if there != part), "")


def _heads(path: str) -> list[str]:
    """Give a path's beginnings: `a`, `a/b`, `a/b/c`."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def check_free(what: str, path: str, present: Iterable[str] | Present, hint: str) -> None:
    """Raise ConflictError where `path` can't stand beside the paths that are there."""
    other = present.clash(path) if isinstance(present, Present) else clash(path, present)
    if other:
        reason = "is there already" if other == path else f'can\'t be told from "{other}" on every file system'
        raise ConflictError(f'{what} "{path}" {reason}', hint, name=other)


def folded(name: str) -> str:
    """Give what two names have in common that differ only in case or in how Unicode writes them (its rule D145)."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def _same(wanted: list[str], other: list[str]) -> bool:
    for mine, its in zip(wanted, other, strict=False):
        if mine != its:
            return folded(mine) == folded(its)
    return len(wanted) == len(other)


def _wrong(name: str) -> str:
    """Say what is wrong with a name, empty where nothing is."""
    if not name.strip():
        return "is empty"
    if not name.isprintable():
        return "has a character that can't be seen"
    bad = next((c for c in name if c in _FORBIDDEN), "")
    if bad:
        return f"has a {bad}, which not every file system keeps"
    if name[0] in ".- ":
        return f'begins with "{name[0]}"'
    if name[-1] in ". ":
        return f'ends with "{name[-1]}"'
    if name.partition(".")[0].rstrip().upper() in _DEVICES or name.lower() in _GIT:
        return "is a reserved name"
    if name.endswith(_TEMPORARY):
        return "is the name of a temporary file"
    return f"is longer than {MOST_BYTES} bytes" if len(name.encode()) > MOST_BYTES else ""


def _cut(name: str) -> str:
    """Cut a name to the length that is allowed, less what `make_safe` may add; a short extension stays."""
    most = MOST_BYTES - len("-file")
    if len(name.encode()) <= most:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f"{dot}{extension}" if stem and len(extension.encode()) <= 16 else ""
    kept = (stem if tail else name).encode()[:most - len(tail.encode())].decode(errors="ignore")
    return kept.rstrip(". ") + tail


def _shown(name: str) -> str:
    return f'"{name}"' if name.isprintable() else ascii(name)
