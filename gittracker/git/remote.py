"""A branch and what it has on a remote: which one that is, fetching it, and pushing one commit to it."""

from __future__ import annotations

from gittracker.domain.errors import NotFoundError, RefusedError, UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished

_HEADS = "refs/heads/"
# What git or a server says where somebody else was faster.
_MOVED = ("stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "failed to lock",
          "incorrect old value provided", "reference already exists", "but expected")
_BUSY = ("cannot lock ref", ".lock': File exists")
_FAILED = "failed to push some refs"


class Upstream:
    """A local branch and the branch of a remote that it goes with; `tracking` is the ref that fetching it sets."""

    __slots__ = ("branch", "remote", "theirs", "tracking")

    def __init__(self, branch: str, remote: str, theirs: str, tracking: str) -> None:
        self.branch = branch
        self.remote = remote
        self.theirs = theirs
        self.tracking = tracking

    @property
    def name(self) -> str:
        """Give the name that people use: `origin/main`."""
        return f"{self.remote}/{self.theirs.removeprefix(_HEADS)}"

    @property
    def ref(self) -> str:
        """Give the local branch's ref."""
        return _HEADS + self.branch


def upstream(top: str, remote: str = "") -> Upstream:
    """Find what the branch that is checked out goes with: its upstream, else its own name on the remote.

    Raises UnavailableError where HEAD is on no branch or there is no remote, NotFoundError where the one named is not.
    """
    head = git(top, "symbolic-ref", "--quiet", "HEAD").text
    if not head.startswith(_HEADS):
        raise UnavailableError("HEAD is on no branch, so there is nothing to sync with", "git switch BRANCH")
    branch = head.removeprefix(_HEADS)
    fields = git(top, "for-each-ref", "--format=%(upstream)%00%(upstream:remotename)%00%(upstream:remoteref)",
                 head).text.split("\0")
    tracking, known, theirs = fields if len(fields) == 3 else ("", "", "")
    chosen = _remote(top, remote or (known if known != "." else ""))
    if chosen != known or not theirs:
        tracking, theirs = "", head
    return Upstream(branch, chosen, theirs, tracking or f"refs/remotes/{chosen}/{theirs.removeprefix(_HEADS)}")


def _remote(top: str, asked: str) -> str:
    there = git(top, "remote").text.split()
    if asked:
        if asked not in there:
            raise NotFoundError("remote", asked, "git remote -v")
        return asked
    if not there:
        raise UnavailableError("this repository has no remote to sync with", "git remote add origin URL")
    if "origin" not in there and len(there) > 1:
        raise UnavailableError(f"there is no remote origin, but {', '.join(there)}",
                               f"gittracker sync --remote {there[0]}")
    return "origin" if "origin" in there else there[0]


class NoBranchError(UnavailableError):
    """The remote has no such branch yet."""


def fetch(top: str, up: Upstream) -> str:
    """Fetch the remote's branch and give its commit, empty where another fetch was at work.

    Raises NoBranchError, UnavailableError.
    """
    done = git(top, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
               "--no-auto-maintenance", up.remote, f"+{up.theirs}:{up.tracking}")
    if done.status:
        if any(reason in done.err for reason in _BUSY):
            return ""
        if "couldn't find remote ref" in done.err or "could not find remote ref" in done.err:
            raise NoBranchError(f'{up.remote} has no branch "{up.theirs.removeprefix(_HEADS)}" yet',
                                f"git push -u {up.remote} {up.branch}")
        raise UnavailableError(f"{up.remote} can't be reached: {_reason(done)}", f"git fetch {up.remote}")
    return git(top, "rev-parse", "--verify", "--quiet", f"{up.tracking}^{{commit}}").text


def follow(top: str, up: Upstream) -> None:
    """Let the local branch follow the remote's, where it follows none."""
    if not git(top, "config", "--get", f"branch.{up.branch}.remote").text:
        git(top, "config", "--local", f"branch.{up.branch}.remote", up.remote)
        git(top, "config", "--local", f"branch.{up.branch}.merge", up.theirs)


def push(top: str, up: Upstream, commit: str, expected: str, hooks: tuple[str, ...] = ()) -> bool:
    """Push a commit to the remote's branch, if that is still where it was expected; False where it is not.

    Nothing is expected of a branch that is to be made. The user's pre-push hook runs, unless `hooks` are the words that
    tell git not to. Raises RefusedError where the remote says no, UnavailableError where it is silent.
    """
    done = git(top, *hooks, "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no",
               f"--force-with-lease={up.theirs}:{expected}", up.remote, f"{commit}:{up.theirs}")
    if done.status == 0:
        return True
    told = [line for line in done.text.split("\n") if line.startswith("!")]
    if not told:
        if _FAILED in done.err and "fatal:" not in done.err:
            words = " ".join(line for line in done.err.split("\n") if line and not line.startswith(("error:", "hint:")))
            raise RefusedError(f"the pre-push hook of this clone refused: {words or 'it gave no reason'}",
                               f"git push {up.remote} {up.branch}")
        raise UnavailableError(f"{up.remote} can't be reached: {_reason(done)}", f"git fetch {up.remote}")
    if any(reason in told[0] for reason in _MOVED):
        return False
    said = [line.removeprefix("remote:").strip() for line in done.err.split("\n") if line.startswith("remote:")]
    reason = " ".join(line for line in said if line) or told[0].split("\t")[-1]
    raise RefusedError(f"{up.name} refused the push: {reason}",
                       "nothing was changed; sync on a branch that you may push to, and merge that")


def _reason(done: Finished) -> str:
    """Give what git said in one line: the one that says what is fatal, if there is one."""
    lines = [line.strip() for line in done.err.split("\n") if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or ["no reason given"])[0].partition(": ")[2] or (lines or ["no reason given"])[0]
