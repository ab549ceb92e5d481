"""Which files of a folder are a tracker's, and their bytes; what is left aside is told with its reason."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from gittracker.domain.errors import InvalidDataError, NotFoundError, UsageError
from gittracker.domain.foreign import Anomaly
from gittracker.store import atomic

MOST_BYTES = 512 * 1024 * 1024
_NOISE = (".ds_store", ".gitkeep", ".gitignore", ".gitattributes", ".keep", "thumbs.db")
CONFIGS = ("config.yml", "config.yaml", "backlog.config.yml", "backlog.config.yaml")
_NEVER = (".git", "node_modules", "__pycache__", ".trash")


class Found(NamedTuple):
    """One file: its path as the user can open it, its folders below the tracker's own, and its bytes."""

    path: str
    place: tuple[str, ...]
    name: str
    data: bytes

    @property
    def stem(self) -> str:
        """Give the name without its extension."""
        return self.name.rpartition(".")[0] or self.name


class Root(NamedTuple):
    """Where a tracker lies: its folder, or one file; `place` is where that file or folder belongs in it."""

    path: str
    place: tuple[str, ...] = ()


def locate(path: str, inside: tuple[str, ...], signs: tuple[str, ...] = ("",)) -> Root:
    """Find a tracker in PATH: PATH's folder of one of these names that holds one of the signs, else PATH itself.

    Raises NotFoundError where there is nothing at the path.
    """
    if not os.path.exists(path):
        raise NotFoundError("file or folder", path, "name the folder or file of the other tracker")
    for folder in inside:
        one = os.path.join(path, folder)
        if os.path.isdir(one) and any(os.path.exists(os.path.join(one, sign)) for sign in signs):
            return Root(one)
    return Root(path)


def walk(root: Root, wanted: tuple[str, ...], anomalies: list[Anomaly]) -> list[Found]:
    """Read the files that end in one of `wanted`, in natural order; every other file is told as left aside."""
    if os.path.isfile(root.path):
        one = read(root.path, root.place, anomalies)
        return [one] if one else []
    listed: list[tuple[str, tuple[str, ...], str]] = []
    for folder, folders, names in os.walk(root.path):
        relative = os.path.relpath(folder, root.path)
        place = root.place + (() if relative == os.curdir else tuple(relative.split(os.sep)))
        for name in list(folders):
            if name in _NEVER:
                folders.remove(name)
            elif os.path.islink(os.path.join(folder, name)):
                names.append(name)
        listed += [(os.path.join(folder, name), place, name) for name in names if name.lower() not in _NOISE]
    found = []
    for path, place, name in sorted(listed, key=lambda one: (one[1], natural(one[2]))):
        if not name.lower().endswith(wanted) and not os.path.islink(path):
            reason = "its settings, which were read" if name in CONFIGS else "a file of another kind"
            anomalies.append(Anomaly(shown(path), 0, "other-file", reason, True))
            continue
        one = read(path, place, anomalies)
        if one:
            found.append(one)
    return found


def read(path: str, place: tuple[str, ...], anomalies: list[Anomaly]) -> Found | None:
    """Read a file; None where it is left aside, which is told."""
    reason = ""
    data: bytes | None = None
    try:
        size = os.lstat(path).st_size
        if os.path.islink(path):
            reason = "a symbolic link, which is not followed"
        elif size > MOST_BYTES:
            reason = f"larger than {MOST_BYTES // 1024 // 1024} MB"
        else:
            data = atomic.read(path)
    except (InvalidDataError, OSError) as error:
        reason = getattr(error, "reason", "") or f"can't be read: {getattr(error, 'strerror', error)}"
    if data is not None and not data.strip():
        reason = "an empty file"
    if reason or data is None:
        anomalies.append(Anomaly(shown(path), 0, "unreadable", reason or "it is gone", True))
        return None
    return Found(shown(path), place, os.path.basename(path), data)


def shown(path: str) -> str:
    """Give a path as it can be printed: with forward slashes, and bytes that aren't UTF-8 replaced."""
    clean = os.path.normpath(path).replace(os.sep, "/")
    return clean.encode(errors="surrogateescape").decode(errors="replace")


def natural(name: str) -> list[tuple[int, str]]:
    """Sort back-9 before back-10."""
    parts = re.findall(r"\d{1,18}|\D+|\d+", name.lower())
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts]


def refuse_nothing(found: object, path: str, what: str, hint: str) -> None:
    """Raise UsageError where nothing of a tracker was found."""
    if not found:
        raise UsageError(f'there is no {what} in "{path}"', hint)
