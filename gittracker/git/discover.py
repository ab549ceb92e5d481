"""Find the repository round a folder by reading `.git`, without starting git."""

from __future__ import annotations

import os

from gittracker.domain.errors import UnavailableError


class Repository:
    """One worktree of one clone: absolute paths, the object format, and the branch that is home if one is named."""

    __slots__ = ("top", "git_dir", "common_dir", "object_format", "home")

    def __init__(self, top: str, git_dir: str, common_dir: str, object_format: str, home: str = "") -> None:
        self.top = top
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.object_format = object_format
        self.home = home

    @property
    def tracker(self) -> str:
        """The folder that holds the tracker."""
        return os.path.join(self.top, ".openkit")

    @property
    def local(self) -> str:
        """The clone's machine-local state, shared by its worktrees."""
        return os.path.join(self.common_dir, "gittracker")

    @property
    def journal(self) -> str:
        """The journal's bare repository."""
        return os.path.join(self.local, "journal.git")

    @property
    def side(self) -> str:
        """The top of the worktree that a tracker has to itself where it lives on a branch of its own."""
        return os.path.join(self.common_dir, "gittracker", "tree")

    @property
    def is_side(self) -> bool:
        """Tell whether this is that worktree."""
        return self.top == self.side


def discover(start: str) -> Repository:
    """Find the worktree that holds `start`; raises UnavailableError where there is none."""
    try:
        folder = os.path.realpath(start)
    except FileNotFoundError as error:
        raise UnavailableError("the current folder no longer exists", "cd to a folder that does") from error
    if not os.path.isdir(folder):
        raise UnavailableError(f'no folder "{start}"', "name an existing folder with -C")
    while True:
        git_dir = _git_dir(os.path.join(folder, ".git"))
        if git_dir:
            return _repository(folder, git_dir)
        if _is_git_dir(folder):
            raise UnavailableError(f'"{folder}" is a git directory without a work tree',
                                   f"git -C {folder} worktree add ../work")
        parent = os.path.dirname(folder)
        if parent == folder:
            raise UnavailableError(f'no git repository at "{start}" or above', "git init")
        folder = parent


def placed(repository: Repository) -> Repository:
    """Give the worktree that holds the tracker: that of a branch of its own where there is one, else the one given.

    Every command asks, so it is one look. Raises UnavailableError where that worktree has lost its repository.
    """
    side = repository.side
    if repository.top == side or not os.path.exists(f"{side}/.git"):
        return repository
    there = at(side, repository)
    if not there.git_dir:
        raise UnavailableError(f'the tracker\'s own worktree "{side}" has lost its repository', "gittracker setup")
    return there


def other_worktrees(repository: Repository) -> list[str]:
    """List the tops of the clone's other worktrees that are there, the main one first.

    None where the tracker lives on a branch of its own: that has no copies.
    """
    if repository.is_side:
        return []
    return code_worktrees(repository)


def code_worktrees(repository: Repository) -> list[str]:
    """List the tops of the clone's worktrees that are there, the main one first, without the one given."""
    common = repository.common_dir
    found = [os.path.dirname(common)] if os.path.basename(common) == ".git" else []
    base = os.path.join(common, "worktrees")
    try:
        names = sorted(os.listdir(base))
    except OSError:
        names = []
    for name in names:
        try:
            with open(os.path.join(base, name, "gitdir"), encoding="utf-8") as file:
                found.append(os.path.dirname(os.path.normpath(os.path.join(base, name, file.read().strip()))))
        except (OSError, UnicodeDecodeError):
            continue
    return [top for top in found if top != repository.top and os.path.isdir(top)]


def git_dir_of(top: str) -> str:
    """Give the git directory of a worktree's top, empty where there is none."""
    return _git_dir(os.path.join(top, ".git"))


def at(top: str, beside: Repository) -> Repository:
    """Give the worktree at `top` of the clone that another one belongs to."""
    return Repository(top, git_dir_of(top), beside.common_dir, beside.object_format, beside.home)


def number_of(repository: Repository) -> str:
    """Give this worktree's number, kept in its git directory; until the first write makes it, its place instead."""
    try:
        with open(os.path.join(repository.git_dir, "gittracker", "worktree"), encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return "?" + os.path.relpath(repository.git_dir, repository.common_dir)


def main_top(repository: Repository) -> str:
    """Give the top of the clone's main worktree, empty where the repository is bare: that has no index.

    A submodule's lies where its configuration says, for its git directory is not below it.
    """
    common = repository.common_dir
    if repository.git_dir == common:
        return repository.top
    if not os.path.exists(os.path.join(common, "index")):
        return ""
    if os.path.basename(common) == ".git":
        return os.path.dirname(common)
    _, found, tail = _config(common).partition("worktree = ")
    top = os.path.normpath(os.path.join(common, tail.split("\n")[0].strip())) if found else ""
    return top if top and _git_dir(os.path.join(top, ".git")) == common else ""


def home_top(repository: Repository) -> str:
    """Give the top of the main worktree where that is home, empty where home is a branch, whoever is on it."""
    return "" if repository.home else main_top(repository)


def outward(repository: Repository) -> str:
    """Give the folder to reach remotes from, whose addresses may be relative to the worktree that the user knows."""
    return main_top(repository) or repository.common_dir if repository.is_side else repository.top


def ref_stamps(common_dir: str) -> list[int]:
    """Give the times at which refs or the list of worktrees last changed, in nanoseconds; ref files are not read.

    A changed ref is a renamed file, which its folder's time tells; reftables have a list of their own. The folder's own
    number comes along, for a clone that is copied has another.
    """
    has_home = os.path.isdir(f"{os.path.dirname(common_dir)}/.openkit")
    found: list[int] = [os.stat(common_dir).st_ino, int(has_home)]
    for name in ("info/sparse-checkout", "packed-refs", "reftable/tables.list", "worktrees", "HEAD", "refs/heads",
                 "refs/remotes"):
        _stamp_refs(f"{common_dir}/{name}", found, name.startswith("refs"))
    return found


def head_stamps(common_dir: str) -> list[int]:
    """Give the times at which the linked worktrees last switched branches, in nanoseconds."""
    found: list[int] = []
    try:
        names = sorted(os.listdir(f"{common_dir}/worktrees"))
    except OSError:
        return []
    for name in names:
        _stamp_refs(f"{common_dir}/worktrees/{name}/HEAD", found, False)
    return found


def board_stamps(repository: Repository) -> list[int]:
    """Give the times at which the list of replicas last changed, as far as git's files tell."""
    if repository.is_side:
        return side_stamps(repository)
    return [*ref_stamps(repository.common_dir), *repository.home.encode(errors="surrogateescape")]


def branch_stamps(common_dir: str) -> list[int]:
    """Give when a local branch last moved, in nanoseconds."""
    found: list[int] = []
    _stamp_refs(f"{common_dir}/refs/heads", found, True)
    return [max(found)]


def side_stamps(repository: Repository) -> list[int]:
    """Give the times at which what a tracker on a branch of its own is held against last changed, in nanoseconds.

    That is what was fetched, and what git brought here by a merge and the like; our own commits leave both alone.
    """
    common, own = repository.common_dir, repository.git_dir
    found: list[int] = [os.stat(common).st_ino, int(os.path.isdir(repository.tracker))]
    for path in (f"{own}/HEAD", f"{own}/ORIG_HEAD", f"{own}/info/sparse-checkout", f"{common}/packed-refs",
                 f"{common}/reftable/tables.list"):
        _stamp_refs(path, found, False)
    _stamp_refs(f"{common}/refs/remotes", found, True)
    return found


def _stamp_refs(path: str, found: list[int], deep: bool) -> None:
    try:
        found.append(os.stat(path).st_mtime_ns)
        if deep:
            with os.scandir(path) as entries:
                folders = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
            for name in folders:
                _stamp_refs(f"{path}/{name}", found, True)
    except OSError:
        found.append(0)


def _git_dir(path: str) -> str:
    """Resolve a `.git` folder or file; empty where it is neither."""
    try:
        with open(path, encoding="utf-8") as file:
            line = file.readline()
    except IsADirectoryError:
        return path if _is_git_dir(path) else ""
    except (OSError, UnicodeDecodeError):
        return path if os.path.isdir(path) and _is_git_dir(path) else ""
    if not line.startswith("gitdir: "):
        return ""
    target = os.path.normpath(os.path.join(os.path.dirname(path), line[8:].rstrip("\r\n")))
    return target if os.path.isdir(target) else ""


def _is_git_dir(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "HEAD")) and (
        os.path.isdir(os.path.join(path, "objects")) or os.path.isfile(os.path.join(path, "commondir")))


def _repository(top: str, git_dir: str) -> Repository:
    common = git_dir
    try:
        with open(os.path.join(git_dir, "commondir"), encoding="utf-8") as file:
            common = os.path.normpath(os.path.join(git_dir, file.read().strip()))
    except FileNotFoundError:
        pass
    config = _config(common)
    return Repository(top, git_dir, common, _object_format(config), _home(config))


def is_sparse(repository: Repository) -> bool:
    """Tell whether a worktree is a sparse checkout; git leaves the list of patterns when it is one no longer."""
    if not os.path.exists(os.path.join(repository.git_dir, "info/sparse-checkout")):
        return False
    said = _config(repository.common_dir) + _config(repository.git_dir, "config.worktree")
    return "sparsecheckout=true" in said.lower().replace(" ", "")


def _config(common: str, name: str = "config") -> str:
    try:
        with open(os.path.join(common, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _object_format(config: str) -> str:
    _, found, tail = config.lower().partition("objectformat")
    return "sha256" if found and tail.split("\n")[0].replace("=", "").strip() == "sha256" else "sha1"


def _home(config: str) -> str:
    """Read the full name of the branch that `gittracker.home` names; most configurations don't have it."""
    section = found = ""
    for line in config.split("\n") if "[gittracker]" in config.lower() else ():
        line = line.strip()
        if line.startswith("["):
            section = line.lower()
        elif section == "[gittracker]" and line.partition("=")[0].strip().lower() == "home":
            found = line.partition("=")[2].strip().strip('"').removeprefix("refs/heads/")
    return f"refs/heads/{found}" if found else ""
