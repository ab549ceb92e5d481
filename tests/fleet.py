"""Clones of one bare remote, with the command line run in this very process, which is much faster than many."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gittracker.cli.main import main
from gittracker.domain.comment import Comment
from gittracker.formats import entity_md
from tests.support import Done, Repo, environment, make_repo


class Clone(Repo):
    """A clone whose commands run in this process; its clock may be `skew` seconds off."""

    skew = 0

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker here; any exit status is fine."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(["-C", str(self.path), *args], lambda: time.time_ns() + self.skew * 1_000_000_000, os.urandom)
        return Done(status, out.getvalue(), err.getvalue())

    def git(self, *args: str, check: bool = True, **more: str) -> str:
        """Run git here as the clone's user."""
        name = self.path.name
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", name), ("EMAIL", f"{name}@example.com"))}
        return super().git(*args, check=check, **{**who, **more})

    def sync(self, *args: str) -> Any:
        """Sync; it must succeed. Gives the report."""
        return self.json("sync", *args)

    def code(self, name: str, text: str = "code") -> None:
        """Commit a file of code with plain git."""
        (self.path / name).write_text(text)
        self.git("add", "--", name)
        self.git("commit", "-q", "-m", f"code: {name}", "--", name)

    def head(self) -> str:
        """Give the branch's tip."""
        return self.git("rev-parse", "HEAD")

    def tracker_tree(self, commit: str = "HEAD") -> str:
        """Give the id of the tracker's tree in a commit."""
        return self.git("rev-parse", f"{commit}:.openkit")

    def is_clean(self) -> bool:
        """Tell whether git sees nothing changed, not even by its plumbing."""
        return not self.git("status", "--porcelain") and not self.git("diff-files", "--name-only")


class Fleet:
    """A bare remote `r.git` and clones beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def remote(self) -> Repo:
        """The bare remote."""
        return Repo(self.folder / "r.git")

    def clone(self, name: str) -> Clone:
        """Clone the remote, with a git user of that name."""
        made = Clone(self.folder / name)
        if not made.path.exists():
            Repo(self.folder).git("clone", "-q", "r.git", name)
            made.git("remote", "set-url", "origin", "../r.git")
        made.git("config", "user.name", name)
        made.git("config", "user.email", f"{name}@example.com")
        return made


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Let git and gittracker see nothing of this machine's user; each clone's config says who works there."""
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update({k: v for k, v in environment(GIT_TEMPLATE_DIR="").items()
                       if not k.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def make_fleet(folder: Path, skew: int = 0) -> Fleet:
    """Make a remote whose main branch has a tracker with OW-1 and a file of code, and the clone `ann` it came from."""
    folder.mkdir(parents=True, exist_ok=True)
    make_repo(folder / "r.git", "--bare")
    fleet = Fleet(folder)
    ann = Clone(make_repo(folder / "ann").path)
    fleet.clone("ann")
    ann.skew = skew
    ann.ok("init", "--prefix", "OW")
    ann.ok("new", "Upload fails", "--label", "backend")
    (ann.path / "code.py").write_text("print(1)\n")
    ann.commit("the beginning")
    ann.git("remote", "add", "origin", "../r.git")
    ann.git("push", "-q", "-u", "origin", "main")
    return fleet


def copy_fleet(source: Path, target: Path) -> Fleet:
    """Copy a fleet: cheaper than making one."""
    shutil.copytree(source, target, symlinks=True)
    return Fleet(target)


def comments(clone: Repo, slug: str) -> list[str]:
    """Give the texts of a ticket's comments as a clone's own files have them, the oldest first."""
    file = clone.path / show(clone, slug)["path"]
    found = [entity_md.read(Comment, one.read_bytes())[0] for one in file.parent.glob("comments/*.md")]
    return [one.body for one in sorted(found, key=lambda one: (one.at, one.ref)) if not one.deleted_at]


def show(clone: Repo, slug: str) -> dict[str, Any]:
    """Give a ticket as a clone's own files have it, whatever the board shows."""
    found: dict[str, Any] = json.loads(clone.ok("show", slug, "--here", "--json"))
    return found
