"""Journals on a remote: those of this clone go there, those of other clones come into refs of their own.

All of it is done from the main repository, so that its remotes, credentials and proxies apply; only the objects lie in
the journal's repository.
"""

from __future__ import annotations

import os

from gittracker.domain.errors import RefusedError, UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    # By `<clone>/<worktree>`: the newest entry.
    Tips = dict[str, str]

_OURS, _FOREIGN, _THERE = "refs/journal/", "refs/foreign/", "refs/gittracker/journal/"
_CLONE_DIGITS, _WORKTREE_DIGITS = 16, 8


def own(journal: str, clone: str) -> Tips:
    """Give this clone's journals."""
    return {f"{clone}/{name}": oid for name, oid in _refs(journal, _OURS).items()}


def foreign(journal: str) -> Tips:
    """Give the journals of other clones, as they were last fetched."""
    return _refs(journal, _FOREIGN)


def foreign_ref(name: str) -> str:
    """Name the ref that holds another clone's journal here."""
    return _FOREIGN + name


def _refs(journal: str, prefix: str) -> Tips:
    lines = git(journal, "for-each-ref", "--format=%(objectname) %(refname)", prefix).text.split("\n")
    return {ref.removeprefix(prefix): oid for oid, _, ref in (line.partition(" ") for line in lines) if ref}


def published(top: str, remote: str) -> Tips:
    """Give the journals that a remote has; what is named otherwise is none. Raises UnavailableError."""
    done = git(top, "ls-remote", "--quiet", remote, f"{_THERE}*")
    if done.status:
        raise UnavailableError(f"the tracker is synced, but {remote} can't be asked for journals: "
                               f"{done.err.split(chr(10))[0]}", f"git ls-remote {remote}")
    rows = (line.partition("\t") for line in done.text.split("\n"))
    found = {ref.removeprefix(_THERE): oid for oid, _, ref in rows if ref.startswith(_THERE)}
    return {name: oid for name, oid in found.items() if _is_name(name)}


def _is_name(name: str) -> bool:
    clone, _, worktree = name.partition("/")
    return len(clone) == _CLONE_DIGITS and not clone.strip("0123456789abcdef") and (
        len(worktree) == _WORKTREE_DIGITS and not worktree.strip("0123456789"))


def push(top: str, journal: str, remote: str, tips: Tips) -> None:
    """Push journals to their places, which are this clone's alone: one that was purged replaces what is there.

    Raises RefusedError.
    """
    specs = [f"+{oid}:{_THERE}{name}" for name, oid in tips.items()]
    done = git(top, "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", remote, *specs,
               more={"GIT_ALTERNATE_OBJECT_DIRECTORIES": _objects(journal)})
    if done.status:
        said = next((line for line in done.text.split("\n") if line.startswith("!")), done.err.split("\n")[0])
        raise RefusedError(f"the tracker is synced, but {remote} refused the journals: {said.split(chr(9))[-1]}",
                           "gittracker sync, without --journals")


def fetch(top: str, common_dir: str, journal: str, remote: str, tips: Tips) -> None:
    """Fetch the objects of other clones' journals into the journal's repository. Raises UnavailableError."""
    known = [f"--negotiation-tip={oid}" for oid in foreign(journal).values()]
    done = git(top, "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
               "--no-auto-maintenance", "--no-recurse-submodules", "--refmap=", *known, remote,
               *(_THERE + name for name in tips),
               more={"GIT_OBJECT_DIRECTORY": _objects(journal),
                     "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.path.join(common_dir, "objects")})
    if done.status:
        raise UnavailableError(f"the tracker is synced, but the journals of other clones could not be fetched: "
                               f"{done.err.split(chr(10))[0]}", "gittracker sync --journals")


def keep(journal: str, tips: Tips) -> list[str]:
    """Note journals that were fetched; gives those that are whole here, which a purge meanwhile may have prevented."""
    return [name for name, oid in tips.items() if git(journal, "update-ref", foreign_ref(name), oid).status == 0]


def _objects(journal: str) -> str:
    return os.path.join(journal, "objects")
