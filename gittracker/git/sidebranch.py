"""A tracker on a branch of its own, as git has it: the branch, its linked worktree, and who else tracks its folder."""

from __future__ import annotations

import os

from gittracker.domain.errors import StorageError
from gittracker.git import identity
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.git.run import Finished

BRANCH = "openkit"
REF = f"refs/heads/{BRANCH}"
SETTING = "gittracker.placement"
FOLDER = ".openkit"
_CONFIG = f"{FOLDER}/config.json"
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_BESIDE = (FOLDER, ".gitattributes", ".gitignore", ".github")  # what a tracker's branch may hold
_ROOT = "openkit: a branch for the tracker alone\n"


def is_own(ref: str) -> bool:
    """Tell whether a ref is the tracker's branch, here or on a remote."""
    return ref == REF or (ref.startswith("refs/remotes/") and ref.split("/", 3)[3:] == [BRANCH])


def own_refs(top: str) -> list[str]:
    """List the full names of the branches called openkit, the local one first, then origin's."""
    found = git(top, "for-each-ref", "--format=%(refname)", REF, f"refs/remotes/*/{BRANCH}").text.split("\n")
    return sorted(filter(None, found), key=lambda ref: (ref != REF, ref != f"refs/remotes/origin/{BRANCH}", ref))


def trackers(top: str, refs: list[str]) -> list[str]:
    """Keep those refs that hold a tracker."""
    return _having(top, [(ref, ref) for ref in refs], _CONFIG)


def tracker_branch(top: str) -> str:
    """Name the branch that a tracker has to itself, here or on a remote, empty where there is none."""
    found = trackers(top, own_refs(top))
    return found[0].removeprefix("refs/heads/").removeprefix("refs/remotes/") if found else ""


def holders(top: str) -> list[str]:
    """List the full names of all other branches, those of remotes too, that have something at the tracker's folder."""
    rows = git(top, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/remotes").text.split("\n")
    pairs = [(oid, ref) for oid, _, ref in (row.partition(" ") for row in rows) if ref and not is_own(ref)]
    return _having(top, pairs, FOLDER)


def _having(top: str, pairs: list[tuple[str, str]], path: str) -> list[str]:
    given = "".join(f"{rev}:{path}\n" for rev, _ in pairs).encode(errors="surrogateescape")
    lines = git(top, "cat-file", "--batch-check=%(objecttype)", given=given).text.split("\n") if pairs else []
    return [ref for (_, ref), line in zip(pairs, lines, strict=False) if line in ("blob", "tree", "commit")]


def strangers(top: str, ref: str) -> list[str]:
    """Name what a branch holds that is no tracker's."""
    names = git(top, "ls-tree", "--name-only", "-z", ref).out.decode(errors="surrogateescape").split("\0")[:-1]
    return [name for name in names if name not in _BESIDE and not name.upper().startswith("README")]


def create(repository: Repository) -> None:
    """Make the branch, with a first commit that holds nothing; raises StorageError."""
    top, user = repository.top, identity.ask(repository)[0]
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", user.name), ("EMAIL", user.email))}
    tree = _checked(git(top, "mktree")).text
    commit = _checked(git(top, "commit-tree", tree, given=_ROOT.encode(), more=who)).text
    _checked(git(top, "update-ref", "-m", "gittracker init", REF, commit, "0" * len(commit)))


def follow(top: str, ref: str) -> None:
    """Make the branch from a remote's, which it follows from then on; raises StorageError."""
    _checked(git(top, "branch", "--quiet", "--track", BRANCH, ref.removeprefix("refs/remotes/")))


def place_of(top: str) -> str:
    """Give the worktree that has the branch checked out, empty where none has."""
    from gittracker.git import worktrees
    return next((one.top for one in worktrees.every(top) if one.branch == REF), "")


def check_out(repository: Repository) -> None:
    """Make the branch's worktree, locked; raises StorageError.

    No hook of the user's runs. Where this worktree is sparse, git makes new ones so, too: that is taken back.
    """
    side = repository.side
    os.makedirs(os.path.dirname(side), exist_ok=True)
    _checked(git(repository.top, *NO_HOOKS, "worktree", "add", "--quiet", "--force", "--force", "--no-checkout",
                 "--lock", side, BRANCH, locks=True))
    if git(side, "config", "--get", "core.sparseCheckout").text == "true":
        git(side, "sparse-checkout", "disable", locks=True)
    _checked(git(side, *NO_HOOKS, "reset", "--quiet", "--hard", locks=True))


def admin_folder(repository: Repository) -> str:
    """Give the folder in which git keeps the worktree's state, by what it says of its place; empty where none does."""
    base = os.path.join(repository.common_dir, "worktrees")
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return ""
    return next((os.path.join(base, name) for name in names if _noted(os.path.join(base, name)).endswith(
        "/gittracker/tree/.git")), "")


def remember(top: str) -> None:
    """Note in the clone's configuration where its tracker is; raises StorageError."""
    _checked(git(top, "config", "--local", SETTING, "side-branch"))


def is_locked(repository: Repository) -> bool:
    """Tell whether the worktree is locked, so that no `git worktree prune` forgets it."""
    return os.path.exists(os.path.join(repository.git_dir, "locked"))


def lock(repository: Repository) -> None:
    """Lock the worktree."""
    git(repository.top, "worktree", "lock", repository.side)


def knows_place(repository: Repository) -> bool:
    """Tell whether git knows where the worktree is; it does not where the clone was moved or copied."""
    noted = os.path.join(repository.git_dir, _noted(repository.git_dir))
    return os.path.realpath(noted) == os.path.realpath(f"{repository.side}/.git")


def _noted(folder: str) -> str:
    try:
        with open(os.path.join(folder, "gitdir"), encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def repair(repository: Repository) -> None:
    """Tell git where the worktree is; raises StorageError."""
    _checked(git(repository.common_dir, "worktree", "repair", repository.side))


def _checked(done: Finished) -> Finished:
    if done.status:
        said = [line for line in done.err.split("\n") if line and not line.startswith("Preparing")]
        raise StorageError(f"git could not do its part: {said[0] if said else 'it gave no reason'}",
                           "git worktree list")
    return done
