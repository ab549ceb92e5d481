"""Edits of different kinds on two branches merge with plain git: in a worktree, and in a bare repository."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services.merge import merging
from tests.support import Repo, environment, make_tracker

DEPENDENCY = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"
EDITS: dict[str, dict[str, object]] = {
    "title": {"title": "Upload fails on a slow line"},
    "status": {"status": "in-progress", "started_at": "2026-11-22T10:00:00Z"},
    "priority": {"priority": "urgent"},
    "assignee": {"assignee": "alice"},
    "label": {"labels": ("backend",)},
    "type": {"type": "bug"},
    "body": {"body": "It stops after a minute."},
    "due": {"due": "2027-01-31"},
    "estimate": {"estimate": 3},
    "dependency": {"depends_on": (DEPENDENCY,)},
}
PAIRS = list(itertools.combinations(EDITS, 2))
BY_COMMAND: dict[str, tuple[str, ...]] = {
    "status": ("update", "OW-2", "--status", "In Progress"), "assignee": ("update", "OW-2", "--assignee", "alice"),
    "label": ("update", "OW-2", "--label-add", "backend"), "dependency": ("update", "OW-2", "--depends-on-add", "OW-1"),
    "title": ("update", "OW-2", "--title", "Upload is slow"), "body": ("update", "OW-2", "--description", "It stops."),
    "close": ("done", "OW-2"), "priority": ("update", "OW-2", "--priority", "urgent"),
}
COMMAND_PAIRS = [("status", "assignee"), ("label", "dependency"), ("title", "body"), ("close", "priority")]


class Forked:
    """A repository with a plain new ticket on main, and a branch for each kind of edit."""

    def __init__(self, path: Path) -> None:
        self.repo = make_tracker(path / "repo")
        self.repo.git("config", "--remove-section", "merge.gittracker")
        self.repo.ok("new", "Upload fails")
        self.repo.commit("a ticket")
        self.base = self.repo.file("OW-1").read_bytes()
        self.path = self.repo.file("OW-1").relative_to(self.repo.path).as_posix()
        stream = "".join(self._branch(kind) for kind in EDITS)
        subprocess.run(["git", "-C", str(self.repo.path), "fast-import", "--quiet"], input=stream, text=True,
                       check=True,
                       env=environment())
        self.bare = Repo(path / "bare.git")
        self.repo.git("clone", "-q", "--bare", ".", str(self.bare.path))

    def _branch(self, kind: str) -> str:
        """Write one kind of edit as a commit on its own branch."""
        data = entity_md.patch(Ticket, self.base, EDITS[kind]).decode()
        return (f"commit refs/heads/{kind}\ncommitter A <a@example.com> 0 +0000\ndata {len(kind)}\n{kind}\n"
                f"from refs/heads/main^0\nM 100644 inline {self.path}\ndata {len(data.encode())}\n{data}\n")


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Forked:
    """Make the branches once for all pairs."""
    return Forked(tmp_path_factory.mktemp("forked"))


def check_shows_both(data: bytes, base: bytes, one: str, other: str) -> None:
    """Compare a merged file with the base changed by both edits."""
    ticket, findings = entity_md.read(Ticket, data)
    expected, _ = entity_md.read(Ticket, base)
    assert findings == []
    assert ticket == expected.replace(**EDITS[one], **EDITS[other])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_edits_of_different_kinds_merge_in_a_worktree(forked: Forked, one: str, other: str) -> None:
    repo = forked.repo
    repo.git("checkout", "-q", "--detach", one)
    repo.git("merge", "-q", "--no-edit", other)
    check_shows_both((repo.path / forked.path).read_bytes(), forked.base, one, other)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_edits_of_different_kinds_merge_in_a_bare_repository(forked: Forked, one: str, other: str) -> None:
    for ours, theirs in ((one, other), (other, one)):
        tree = forked.bare.git("merge-tree", "--write-tree", ours, theirs)
        data = forked.bare.git("cat-file", "blob", f"{tree}:{forked.path}") + "\n"
        check_shows_both(data.encode(), forked.base, one, other)
        sides = (entity_md.patch(Ticket, forked.base, EDITS[kind]) for kind in (ours, theirs))
        made = merging.combined(forked.path.removeprefix(".openkit/"), forked.base, *sides)
        assert made and made.data == data.encode()  # with the driver it is the same, byte for byte


def test_no_driver_helps_and_the_pairs_are_all_there(forked: Forked) -> None:
    assert forked.repo.git("config", "--get-regexp", "^merge\\.", check=False) == ""
    assert forked.repo.git("check-attr", "merge", "--", forked.path).endswith("merge: gittracker")
    assert len(PAIRS) == 45


def test_two_edits_of_one_kind_conflict_and_say_so(forked: Forked) -> None:
    repo = forked.repo
    repo.git("checkout", "-q", "--detach", "status")
    other = entity_md.patch(Ticket, forked.base, {"status": "done"})
    repo.git("checkout", "-q", "-B", "closed", "main")
    (repo.path / forked.path).write_bytes(other)
    repo.commit("closed")
    assert "CONFLICT" in repo.git("merge", "status", check=False)
    repo.git("merge", "--abort")


@pytest.mark.parametrize(("one", "other"), COMMAND_PAIRS)
def test_edits_by_the_command_line_merge_too(repo: Repo, one: str, other: str) -> None:
    repo.git("config", "--remove-section", "merge.gittracker")
    repo.ok("batch", given='["new", "First"]\n["new", "Upload fails"]\n')
    repo.commit("tickets")
    expected = repo.json("show", "OW-2")
    for kind in (one, other):
        repo.git("checkout", "-q", "-b", kind, "main")
        before = repo.json("show", "OW-2")
        repo.ok(*BY_COMMAND[kind])
        after = repo.json("show", "OW-2")
        expected.update({name: after[name] for name in after if after[name] != before[name]})
        repo.commit(kind)
    repo.git("merge", "-q", "--no-edit", one)
    shown = repo.json("show", "OW-2")
    derived = ("etag", "updated_at")
    assert {n: v for n, v in shown.items() if n not in derived} == {n: v for n,
                                                                    v in expected.items() if n not in derived}


def bodies(repo: Repo) -> list[str]:
    """Give the texts of OW-1's comments, sorted."""
    return sorted(comment["body"] for comment in repo.json("comment", "list", "OW-1")["comments"])


@pytest.fixture
def ticket(repo: Repo) -> Repo:
    """Give a tracker with one committed ticket and a branch `work` beside main."""
    repo.ok("new", "Upload fails")
    repo.commit("a ticket")
    repo.git("branch", "work")
    return repo


def test_comments_on_two_branches_merge(ticket: Repo) -> None:
    ticket.ok("comment", "add", "OW-1", "--body", "on main")
    ticket.commit("on main")
    ticket.git("checkout", "-q", "work")
    ticket.ok("comment", "add", "OW-1", "--body", "on work")
    ticket.commit("on work")
    bare = Repo(ticket.path.parent / "bare.git")
    ticket.git("clone", "-q", "--bare", ".", str(bare.path))
    tree = bare.git("merge-tree", "--write-tree", "main", "work")
    assert len(bare.git("ls-tree", "-r", "--name-only", tree, "--", ".openkit/tickets").split("\n")) == 3
    ticket.git("merge", "-q", "--no-edit", "main")
    assert bodies(ticket) == ["on main", "on work"]


def test_comments_merge_after_a_squash_merge(ticket: Repo) -> None:
    ticket.git("checkout", "-q", "work")
    ticket.ok("comment", "add", "OW-1", "--body", "first")
    ticket.commit("first")
    ticket.git("checkout", "-q", "main")
    ticket.git("merge", "-q", "--squash", "work")
    ticket.git("commit", "-q", "-m", "squashed")
    ticket.ok("comment", "add", "OW-1", "--body", "on main")
    ticket.commit("on main")
    ticket.git("checkout", "-q", "work")
    ticket.ok("comment", "add", "OW-1", "--body", "second")
    ticket.commit("second")
    assert ticket.git("merge-tree", "--write-tree", "--name-only", "main", "work").count("\n") == 0
    ticket.git("checkout", "-q", "main")
    ticket.git("merge", "-q", "--no-edit", "work")
    assert bodies(ticket) == ["first", "on main", "second"]
