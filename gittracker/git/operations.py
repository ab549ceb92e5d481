"""What git is in the middle of in a worktree: a merge, a rebase and the like."""

from __future__ import annotations

import os

_MERGED = "GITHEAD_"  # git names what it merges to the programs that it calls
_SIGNS = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert", "rebase-merge": "rebase",
          "rebase-apply": "rebase", "BISECT_LOG": "bisect"}


def under_way(git_dir: str) -> str:
    """Name the operation that has begun and not ended in a worktree's git directory; empty where none has."""
    return next((name for sign, name in _SIGNS.items() if os.path.exists(os.path.join(git_dir, sign))), "")


def rebased(git_dir: str) -> str:
    """Give the full name of the branch that is being rebased in a worktree, which is then on none."""
    for folder in ("rebase-merge", "rebase-apply"):
        try:
            with open(os.path.join(git_dir, folder, "head-name"), encoding="utf-8") as file:
                return file.read().strip()
        except (OSError, UnicodeDecodeError):
            continue
    return ""


def merged() -> str:
    """Give the commit that the `git merge` which called this process merges; empty where none did, or it has more."""
    found = [name.removeprefix(_MERGED) for name in os.environ if name.startswith(_MERGED)]
    return found[0] if len(found) == 1 else ""


def replayed(git_dir: str) -> str:
    """Give the commit that a rebase is replaying at this moment, empty where there is no rebase."""
    try:
        with open(os.path.join(git_dir, "rebase-merge", "done"), encoding="utf-8", errors="replace") as file:
            words = file.read().rstrip("\n").rpartition("\n")[2].split(" ")
    except OSError:
        return ""
    return words[1] if len(words) > 1 and words[0] in ("pick", "reword", "edit") else ""


def rebased_tip(git_dir: str) -> str:
    """Give the commit at which the branch that is being rebased was, empty where there is no rebase."""
    try:
        with open(os.path.join(git_dir, "rebase-merge", "orig-head"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
