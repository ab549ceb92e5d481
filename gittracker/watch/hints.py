"""From the paths that changed to hints: which folders of which worktree are worth a look."""

from __future__ import annotations

import os

from gittracker.services.refresh.refreshing import Hints
from gittracker.store import layout, settings, watermark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.git.discover import Repository

    Change = tuple[int, str]  # what happened, as watchfiles numbers it, and the path

ADDED = 1
_TRACKER = ".openkit"
_GIT_STATE = ("HEAD", "index", "packed-refs", "ORIG_HEAD")


class Sorted:
    """One batch of changes: hints by tracker, cookies to answer, whether worktrees or record folders came or went."""

    __slots__ = ("by_root", "cookies", "is_other_layout")

    def __init__(self) -> None:
        self.by_root: dict[str, Hints] = {}
        self.cookies: list[str] = []
        self.is_other_layout = False

    def of(self, root: str) -> Hints:
        """Give the hints of a tracker."""
        return self.by_root.setdefault(root, Hints())


class Sorter:
    """Sorts changed paths by the worktrees that are watched."""

    def __init__(self, found: list[Repository]) -> None:
        self._cookies = watermark.folder(found[0].local) + os.sep
        self._linked = os.path.join(found[0].common_dir, "worktrees")
        # The innermost first, for a worktree may lie in another's.
        self._roots = sorted((one.tracker for one in found), key=len, reverse=True)
        self._git_dirs = {one.git_dir: one.tracker for one in found}

    def sort(self, changes: Iterable[Change]) -> Sorted:
        """Sort one batch."""
        found = Sorted()
        for kind, path in changes:
            if path.startswith(self._cookies):
                if path.endswith(watermark.COOKIE_END):
                    found.cookies.append(path)
                continue
            root = next((one for one in self._roots if path.startswith(one + os.sep)), "")
            if root:
                _of_record(found, root, path[len(root) + 1:].replace(os.sep, "/"), (kind == ADDED and path) or "")
            else:
                self._of_git(found, path)
        return found

    def _of_git(self, found: Sorted, path: str) -> None:
        """Sort a path outside all trackers: git's own state, or a tracker that came or went."""
        folder, name = os.path.split(path)
        if folder in self._git_dirs:
            if name in _GIT_STATE:
                found.of(self._git_dirs[folder]).again = True
            found.is_other_layout |= path == self._linked
        else:
            found.is_other_layout |= name == _TRACKER or path.startswith(self._linked + os.sep)


def _of_record(found: Sorted, root: str, path: str, added: str) -> None:
    """Sort a path of a tracker; `added` is where it lies if it came just now."""
    if path.endswith(layout.TEMPORARY):
        return
    top, _, rest = path.partition("/")
    hints = found.of(root)
    if not rest:  # a setting, or a folder of records that came or went
        hints.whole |= settings.is_one(path)
        found.is_other_layout |= "." not in top and top not in (layout.LOCAL, "worktrees")
        return
    if added and not added.endswith(".md") and os.path.isdir(added):
        hints.again = True  # what came in it before it was watched is not told
    parts = path.split("/", 3)
    if top != layout.TICKETS:
        hints.roots.add(top)
    elif len(parts) < 3:
        hints.whole = True  # a shard
    else:
        hints.folders.add("/".join(parts[:3]))
