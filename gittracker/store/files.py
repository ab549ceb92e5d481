"""List what lies in a folder of the tracker."""

from __future__ import annotations

import os

from gittracker.store.layout import TEMPORARY


def below(root: str, folder: str) -> list[str]:
    """List the files below a folder, by path from `root`; half-written ones are left out."""
    found = []
    for base, folders, names in os.walk(f"{root}/{folder}"):
        folders.sort()
        where = base[len(root) + 1:].replace(os.sep, "/")
        found += [f"{where}/{name}" for name in sorted(names)
                  if not name.endswith(TEMPORARY)]
    return found


def subfolders(path: str) -> list[str]:
    """Name the folders in a folder; none where it is not there. What is behind a symbolic link is none of ours."""
    try:
        with os.scandir(path) as found:
            return sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []
