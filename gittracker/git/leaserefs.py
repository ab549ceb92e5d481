"""Leases on a remote: a ref a ticket that is made, replaced and removed only where it stands as was expected.

What such a ref names is a commit without parents and files, for some servers take nothing else; its message is the
lease. git servers compare and set one ref at a time, so of those who push at once one succeeds.
"""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import NotFoundError, RefusedError, UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished

FOLDER = "refs/gittracker/leases/"
_WHO = ("-c", "user.name=gittracker", "-c", "user.email=gittracker@localhost")
_TAGGED = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")
_PACK = 500  # refs of one fetch: command lines have an end


def check(top: str, remote: str) -> None:
    """Raise NotFoundError where there is no such remote."""
    if remote not in git(top, "remote").text.split():
        raise NotFoundError("remote", remote, "git remote -v")


def listed(top: str, remote: str) -> dict[str, str]:
    """Give the leases that stand on a remote: each ticket's ref with the commit's id; raises UnavailableError."""
    done = git(top, "ls-remote", "--refs", remote, f"{FOLDER}*")
    if done.status:
        raise _silent(remote, done)
    found = {}
    for line in done.text.splitlines():
        oid, _, name = line.partition("\t")
        uuid = ids.undashed(name.removeprefix(FOLDER))
        if uuid:
            found[f"{ids.TICKET}_{uuid}"] = oid
    return found


def texts(top: str, remote: str, standing: dict[str, str]) -> dict[str, str]:
    """Fetch and read leases by their tickets' refs; one that was replaced meanwhile is left out.

    Raises UnavailableError.
    """
    wanted = list(standing)
    for start in range(0, len(wanted), _PACK):
        done = git(top, "fetch", "--quiet", *_TAGGED, remote, *map(_name, wanted[start:start + _PACK]))
        if done.status and "find remote ref" not in done.err:
            raise _silent(remote, done)
    found = {}
    for ref, oid in standing.items():
        read = git(top, "cat-file", "commit", oid)
        if read.status == 0:
            found[ref] = read.out.decode(errors="replace").partition("\n\n")[2]
    return found


def make(top: str, text: str) -> str:
    """Make the commit that holds a lease, and give its id; raises UnavailableError."""
    tree = git(top, "hash-object", "-w", "-t", "tree", "--stdin")
    done = git(top, *_WHO, "commit-tree", tree.text, given=text.encode()) if tree.status == 0 else tree
    if done.status:
        raise UnavailableError(f"git could not make the lease: {done.err}", "gittracker doctor")
    return done.text


def push(top: str, remote: str, ref: str, oid: str, expected: str) -> bool:
    """Set a ticket's lease, or remove it (no `oid`), if it stands as expected (empty: not at all); False if it doesn't.

    Raises UnavailableError where the remote is silent, RefusedError where it takes no such refs.
    """
    name = _name(ref)
    done = git(top, "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no",
               f"--force-with-lease={name}:{expected}", remote, f"{oid}:{name}")
    if done.status == 0:
        return True
    try:
        there = listed(top, remote).get(ref, "")
    except UnavailableError:
        raise _silent(remote, done) from None
    if there == oid:
        return True  # it was done, and only the answer was lost
    if there != expected:
        return False
    told = [line for line in done.text.split("\n") if line.startswith("!")]
    reason = told[0].split("\t")[-1] if told else done.err
    if not told and "failed to push some refs" in done.err:
        reason = "the pre-push hook of this clone refused"
    raise RefusedError(f'{remote} does not take "{name}": {reason}',
                       "claim without --remote: then the claim holds in this clone")


def _name(ref: str) -> str:
    return FOLDER + ids.dashed(ref)


def _silent(remote: str, done: Finished) -> UnavailableError:
    lines = [line.strip() for line in done.err.split("\n") if line.strip()]
    fatal = next((line for line in lines if line.startswith(("fatal:", "error:"))), (lines or ["no reason given"])[0])
    return UnavailableError(f"{remote} can't be reached: {fatal}", f"git ls-remote {remote}")
