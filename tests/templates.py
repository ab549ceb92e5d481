"""Repositories that are made once and copied for each test, which costs a tenth of making them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.near import Near
from tests.support import Repo


def copy(template: Repo, path: Path, whole: bool = False) -> Near:
    """Copy a repository, with the worktrees that lie in it, to another place; with its index where it is `whole`."""
    shutil.copytree(template.path, path, symlinks=True, ignore=shutil.ignore_patterns(*([] if whole else ["cache"])))
    for link in path.glob(".git/worktrees/*/gitdir"):
        link.write_text(link.read_text().replace(str(template.path), str(path)))
        top = Path(link.read_text().strip())
        top.write_text(top.read_text().replace(str(template.path), str(path)))
    return Near(path)
