"""What git is in the middle of in a worktree: a merge, a rebase and the like."""

from __future__ import annotations

import os

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
