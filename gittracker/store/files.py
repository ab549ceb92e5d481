"""List files below a folder of the tracker."""

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
