"""Whatever saves, commands, commits and checkouts came before: an index that was kept is as one that is built anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from tests.support import Repo, make_tracker
from tests.templates import copy

_BEGIN = 1_700_000_000
_HAND = "20231114T221320Z-k3f9.md"


class Hands:
    """A clone with a linked worktree; what is done by hand is done at moments that go on and back as told."""

    def __init__(self, repo: Repo) -> None:
        self.repos = [repo, Repo(repo.path / "linked")]

    def save(self, where: int, slug: int, at: int) -> None:
        """Save a ticket in an editor."""
        for path in self._files(where, slug):
            self._write(path, path.read_text() + f"\nSeen at {at}.\n", at)

    def touch(self, where: int, slug: int, at: int) -> None:
        """Save a ticket as it is."""
        for path in self._files(where, slug):
            os.utime(path, (_BEGIN + at, _BEGIN + at))

    def remark(self, where: int, slug: int, at: int) -> None:
        """Write a comment's file by hand, or remove it."""
        for path in self._files(where, slug):
            remark = path.parent / "comments" / _HAND
            if remark.exists():
                remark.unlink()
            else:
                remark.parent.mkdir(exist_ok=True)
                self._write(remark, f"by hand {at}\n", at)

    def update(self, where: int, slug: int, at: int) -> None:
        """Change a ticket by a command."""
        self.repos[where].run("update", f"OW-{slug}", "--priority", ("low", "medium", "high", "urgent")[at % 4])

    def comment(self, where: int, slug: int, at: int) -> None:
        """Comment on a ticket, or work on it, by a command."""
        words = ("comment", "add") if at % 2 else ("workpad", "append", "--section", "Notes")
        self.repos[where].run(*words[:2], f"OW-{slug}", *words[2:], "--body", f"at {at}")

    def end(self, where: int, slug: int, at: int) -> None:
        """Undo something, delete a ticket, or make one."""
        words = (["undo"], ["new", f"Made at {at}", "--depends-on", f"OW-{slug}"],
                 ["ticket", "delete", f"OW-{slug}", "--purge"])
        self.repos[where].run(*words[at % 3])

    def commit(self, where: int, slug: int, at: int) -> None:
        """Commit all that is there, or amend the last commit by it."""
        self._git(where, "add", "-A")
        self._git(where, "commit", "-q", "-m", "work", "--allow-empty", *(["--amend"] if at % 3 == 0 else []), at=at)

    def back(self, where: int, slug: int, at: int) -> None:
        """Go back by a commit, in one of the ways there are."""
        self._git(where, *(("reset", "-q", "--soft", "HEAD~1"), ("reset", "-q", "--hard", "HEAD~1"),
                           ("checkout", "-q", "HEAD~1"), ("stash", "-q"), ("checkout", "-q", "."))[at % 5])

    def on(self, where: int, slug: int, at: int) -> None:
        """Go on: to the branch, with what was stashed, or by a merge of the other worktree's branch."""
        names = ("main", "topic")
        merge = ("merge", "-q", "--no-edit", "-X", "ours", *(["--no-ff"] if at % 2 else []), names[1 - where])
        self._git(where, *(("checkout", "-q", names[where]), ("stash", "pop", "-q"), merge,
                           ("rebase", "-q", "-X", "ours", names[1 - where]))[at % 4], at=at)
        for name in ("merge", "rebase", "cherry-pick"):
            self._git(where, name, "--abort")

    def read(self, where: int, slug: int, at: int) -> None:
        """Ask for something, so that it is read."""
        self.repos[where].run(*(("log",), ("ls",), ("show", f"OW-{slug}"), ("ls", "--here"), ("log", f"OW-{slug}"),
                                ("board",))[at % 6])

    def _files(self, where: int, slug: int) -> list[Path]:
        return sorted(self.repos[where].tracker.glob(f"tickets/*/OW-{slug}-*/ticket.md"))

    def _write(self, path: Path, text: str, at: int) -> None:
        path.write_text(text)
        os.utime(path, (_BEGIN + at, _BEGIN + at))

    def _git(self, where: int, *words: str, at: int = 0) -> None:
        date = f"{_BEGIN + at} +0000"
        self.repos[where].git(*words, check=False, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date, GIT_EDITOR="true")


_STEPS: list[Callable[..., None]] = [Hands.save, Hands.touch, Hands.remark, Hands.update, Hands.comment, Hands.end,
                                     Hands.commit, Hands.commit, Hands.back, Hands.on, Hands.read, Hands.read]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a clone with a linked worktree, and three tickets that were made long ago."""
    origin = make_tracker(tmp_path_factory.mktemp("kept") / "origin")
    for title in ("Upload fails", "Second", "Third"):
        origin.ok("new", title)
    origin.ok("comment", "add", "OW-1", "--body", "remark")
    origin.git("add", "-A")
    origin.git("commit", "-q", "-m", "start", GIT_AUTHOR_DATE=f"{_BEGIN} +0000", GIT_COMMITTER_DATE=f"{_BEGIN} +0000")
    origin.git("clone", "-q", ".", "../repo")
    repo = Repo(origin.path.parent / "repo")
    (repo.path / ".git/info/exclude").write_text("/linked\n")
    repo.git("worktree", "add", "-q", "-b", "topic", "linked")
    repo.ok("ls")
    return repo


def told(repo: Repo, *words: str) -> Any:
    """Give all that a list tells of each ticket."""
    return {one["slug"]: one for one in repo.json("ls", "--all", "--sort", "updated", *words)["tickets"]}


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 1), st.integers(1, 4), st.integers(0, 999)),
                min_size=4, max_size=14))
def test_a_kept_index_is_as_a_new_one(template: Repo, steps: list[tuple[Callable[..., None], int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hands = Hands(copy(template, Path(folder) / "repo", whole=True))
        for step, where, slug, at in steps:
            note(f"{step.__name__} {where} {slug} {at}")
            step(hands, where, slug, at)
        views = [(repo, words) for repo in hands.repos for words in ((), ("--here",))]
        before = [told(repo, *words) for repo, words in views]
        hands.repos[len(steps) % 2].ok("reindex")
        assert before == [told(repo, *words) for repo, words in views]
