"""Set up a tracker on a branch of its own: its branch, its worktree, and the links to it for people."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError, UsageError
from gittracker.domain.settings import IN_TREE, SIDE_BRANCH
from gittracker.git import discover
from gittracker.git import sidebranch as git_side
from gittracker.git.discover import Repository
from gittracker.store import atomic, layout

_FOLDER = git_side.FOLDER
_EXCLUDED = (b"/.openkit", b"!/.openkit/")  # links and no folders: the tracker's worktree has the same list
_DOCS = "docs/side-branch.md tells how a tracker moves"


def prepare(place: Repository, asked: str = "") -> Repository:
    """Give the worktree that the tracker is, or is to be, in; one on a branch of its own is made where it is missing.

    `asked` is a placement, or empty for the one that the clone has. Raises UsageError for another word, ConflictError
    where the clone's branches say otherwise, StorageError.
    """
    if asked not in ("", IN_TREE, SIDE_BRANCH):
        raise UsageError(f'"{asked}" is no placement', f"--placement {IN_TREE}|{SIDE_BRANCH}")
    is_there = _found(place) is not None
    there = place.side if is_there else "" if _has_own(place) else git_side.tracker_branch(place.top)
    if asked == IN_TREE and there:
        raise ConflictError(f"this repository's tracker is on a branch of its own ({there})",
                            f"gittracker init; {_DOCS}")
    if not there and asked != SIDE_BRANCH:
        return place
    if not is_there:
        _make(place)
    mend(place)
    return discover.placed(place)


def _has_own(place: Repository) -> bool:
    return os.path.isdir(place.tracker) and not os.path.islink(place.tracker)


def _make(place: Repository) -> None:
    top = place.top
    known = git_side.own_refs(top)
    remote = [] if git_side.REF in known else git_side.trackers(top, known)
    if not remote:  # else it was decided; what is odd in this clone is for the doctor to tell
        _check_branches(place)
    if git_side.REF in known:
        odd = git_side.strangers(top, git_side.REF)
        if odd:
            raise ConflictError(f'the branch "{git_side.BRANCH}" is there and holds "{odd[0]}", so it is no tracker\'s',
                                f"git branch -m {git_side.BRANCH} ANOTHER-NAME")
        where = git_side.place_of(top)
        if where and os.path.realpath(where) != os.path.realpath(place.side):
            raise ConflictError(f'the branch "{git_side.BRANCH}" is checked out in "{where}"',
                                f"git -C {where} switch --detach")
    elif remote:
        git_side.follow(top, remote[0])
    elif known:
        raise ConflictError(f'the branch "{known[0].removeprefix("refs/remotes/")}" is there, and is no tracker\'s',
                            "rename it on the remote")
    else:
        git_side.create(place)
    git_side.check_out(place)


def _check_branches(place: Repository) -> None:
    """Refuse where checking out a branch would bring a second tracker; raises ConflictError."""
    held = git_side.holders(place.top)
    if held:
        name = held[0].removeprefix("refs/heads/").removeprefix("refs/remotes/")
        more = f" (and {len(held) - 1} more)" if len(held) > 1 else ""
        raise ConflictError(f'the branch "{name}"{more} tracks {_FOLDER}, so the tracker can\'t live on another',
                            f"gittracker init keeps it there; {_DOCS}", branches=held)
    for top in (place.top, *discover.code_worktrees(place)):
        if os.path.isdir(f"{top}/{_FOLDER}") and not os.path.islink(f"{top}/{_FOLDER}"):
            raise ConflictError(f'there is a folder "{top}/{_FOLDER}"', f"move it out of the way; {_DOCS}")


def mend(place: Repository) -> list[str]:
    """Put right what is missing around the worktree of the tracker; gives what was, in words. Raises StorageError."""
    there = _found(place)
    if there is None:
        return []
    done = [] if git_side.knows_place(there) else ["git knows where the tracker's worktree is"]
    if done:
        git_side.repair(there)
    _point_back(there)
    if not git_side.is_locked(there):
        git_side.lock(there)
        done.append("the tracker's worktree is locked")
    if not is_excluded(there):
        exclude(there)
        done.append("git ignores the links to the tracker")
    git_side.remember(there.top)
    tops = [top for top in (place.top, *discover.code_worktrees(place)) if top != there.top]
    done += [f'"{_FOLDER}" in "{top}" leads to the tracker' for top in tops if link(there, top)]
    return done


def _found(place: Repository) -> Repository | None:
    """Give the tracker's worktree; one that has lost its repository finds it again. None where there is none."""
    there = discover.at(place.side, place)
    if there.git_dir:
        return there
    folder = git_side.admin_folder(place) if os.path.isdir(place.side) else ""
    if not folder:
        return None
    there = Repository(place.side, folder, place.common_dir, place.object_format, place.home)
    _point_back(there)
    return there


def _point_back(there: Repository) -> None:
    """Let the worktree find its repository by a relative path, which stays right where the clone is moved."""
    wanted = f"gitdir: {os.path.relpath(there.git_dir, there.top).replace(os.sep, '/')}\n".encode()
    if atomic.read(f"{there.top}/.git") != wanted:
        atomic.write(f"{there.top}/.git", wanted)


def link(there: Repository, top: str) -> bool:
    """Make `.openkit` in a worktree a link to the tracker, for people; tells whether it was made.

    Where anything is in its place, or the file system has no links, it is left at that: nothing of ours needs it.
    """
    path = f"{top}/{_FOLDER}"
    if top == there.top or is_linked(there, top) or not is_free(top):
        return False
    temporary = f"{path}{layout.TEMPORARY}"
    try:
        exclude(there)
        os.symlink(os.path.relpath(there.tracker, os.path.realpath(top)), temporary)
        os.replace(temporary, path)  # ours, of before one of both was moved, goes
    except (OSError, StorageError):
        return False
    return True


def is_linked(there: Repository, top: str) -> bool:
    """Tell whether `.openkit` in a worktree leads to the tracker."""
    path = f"{top}/{_FOLDER}"
    return os.path.islink(path) and os.path.realpath(path) == os.path.realpath(there.tracker)


def is_free(top: str) -> bool:
    """Tell whether a worktree has nothing at the link's place but perhaps a link of ours."""
    path = f"{top}/{_FOLDER}"
    return not os.path.lexists(path) or (os.path.islink(path) and os.readlink(path).replace(os.sep, "/").endswith(
        f"/gittracker/tree/{_FOLDER}"))


def exclude(there: Repository) -> None:
    """Let git ignore the links, which are no part of any branch of code; raises StorageError."""
    if not is_excluded(there):
        path = os.path.join(there.common_dir, "info", "exclude")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = atomic.read(path) or b""
        ended = data + (b"" if not data or data.endswith(b"\n") else b"\n")
        atomic.write(path, ended + b"".join(line + b"\n" for line in _EXCLUDED))


def is_excluded(there: Repository) -> bool:
    """Tell whether git ignores the links."""
    data = atomic.read(os.path.join(there.common_dir, "info", "exclude")) or b""
    return not set(_EXCLUDED) - {line.strip() for line in data.split(b"\n")}
