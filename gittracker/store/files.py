"""List what lies in a folder of the tracker."""

from __future__ import annotations

import os

from gittracker.store.layout import TEMPORARY


def below(root: str, folder: str) -> list[str]:
    """List the files below a folder, by path from `root`; half-written ones, and links to folders, are left out."""
    try:
        with os.scandir(f"{root}/{folder}") as listed:
            there = sorted((one.name, _is_folder(one), one.is_symlink()) for one in listed)
    except OSError:
        return []
    found = [f"{folder}/{name}" for name, is_folder, _ in there if not is_folder and not name.endswith(TEMPORARY)]
    for name, is_folder, is_link in there:
        if is_folder and not is_link:
            found += below(root, f"{folder}/{name}")
    return found


def _is_folder(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_dir()
    except OSError:
        return False  # a link that leads to itself, say


def subfolders(path: str) -> list[str]:
    """Name the folders in a folder; none where it is not there. What is behind a symbolic link is none of ours."""
    try:
        with os.scandir(path) as found:
            return sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []
