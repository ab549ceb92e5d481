"""What the board shows, told in stories; each is then merged with real git, and undisputed values must be the same."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.index import tickets
from gittracker.services.board import sources
from gittracker.services.tracker import Tracker, open_tracker
from tests.support import Repo, make_tracker

Shown = dict[str, dict[str, Any]]
GONE = "gone"
_SIDES = {"<<<<<<<": "ours", "|||||||": "theirs", "=======": "theirs", ">>>>>>>": "both"}


class Story:
    """A tracker of four tickets on main, and what happens to it."""

    def __init__(self, repo: Repo, base: Path) -> None:
        self.repo = repo
        self.base = base
        self.apart: list[str] = []  # branches that real git merges afterwards
        self.disputed: set[tuple[str, str]] = set()
        self.expected: dict[tuple[str, str], Any] = {}
        self.differs: set[tuple[str, str]] = set()  # where the board is meant to differ from git

    def worktree(self, branch: str, start: str = "main") -> Repo:
        """Add a worktree on a new branch."""
        self.repo.git("worktree", "add", "-q", "-b", branch, str(self.base / branch), start)
        return Repo(self.base / branch)

    def on_branch(self, name: str, *edits: tuple[str, str, str], start: str = "main") -> None:
        """Make a branch with a commit for each edit, and check it out nowhere."""
        work = self.worktree(name, start)
        for number, edit in enumerate(edits):
            set_field(work, *edit)
            commit(work, f"{name} {number}")
        self.repo.git("worktree", "remove", str(work.path))


def commit(repo: Repo, message: str) -> None:
    """Commit everything, a second later than all commits before."""
    last = int(repo.git("log", "--all", "-1", "--format=%ct") or 0)
    when = f"{max(last + 1, int(time.time()) - 1000)} +0000"
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", message, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)


def path_of(repo: Repo, slug: str) -> Path:
    """Give a ticket's file."""
    return repo.file(slug)


def set_field(repo: Repo, slug: str, field: str, value: str) -> None:
    """Change one field's line by hand, or one line of the body."""
    path = path_of(repo, slug)
    lines = path.read_text().split("\n")
    if field.startswith("line "):
        lines[lines.index(field[5:])] = value
    else:
        number = next(n for n, line in enumerate(lines) if line.startswith(f"{field}:"))
        end = number + 1
        while lines[end].startswith("- "):
            end += 1
        lines[number:end] = [f"{field}: {value}"] if not value.startswith("- ") else [f"{field}:", *value.split("\n")]
    path.write_text("\n".join(lines))


def opened(repo: Repo, here: bool = False) -> Tracker:
    """Open the tracker in this process, up to date."""
    tracker = open_tracker(str(repo.path), "alice", time.time_ns, os.urandom, here=here)
    tracker.refresh(deep=True)
    return tracker


def shown(tracker: Tracker) -> Shown:
    """Give what the tracker shows, by slug and field."""
    found: Shown = {}
    for row_id, _ in tickets.folders(tracker.index, tracker.view):
        row = tickets.load(tracker.index, row_id, True)
        assert row
        found[row.ticket.slug] = {**row.ticket.values(), "body": row.ticket.body, "comments": row.comment_count}
    return found


def in_files(repo: Repo) -> Shown:
    """Give what a worktree's files say, read anew."""
    found: Shown = {}
    for path in repo.tracker.glob("tickets/*/*/ticket.md"):
        ticket = entity_md.read(Ticket, path.read_bytes())[0]
        comments = len(list((path.parent / "comments").glob("*.md")))
        found[ticket.slug] = {**ticket.values(), "body": ticket.body, "comments": comments}
    return found


# --- the stories ---

def plain_edits_on_two_sides(story: Story) -> None:
    set_field(story.repo, "OW-1", "priority", "high")
    work = story.worktree("topic")
    set_field(work, "OW-1", "assignee", "bob")
    set_field(work, "OW-2", "line two", "TWO")
    story.expected = {("OW-1", "priority"): "high", ("OW-1", "assignee"): "bob",
                      ("OW-2", "body"): "one\n\nTWO\n\nthree"}
    story.apart = ["topic"]


def the_same_field_on_two_sides(story: Story) -> None:
    story.on_branch("topic", ("OW-1", "priority", "low"))
    set_field(story.repo, "OW-1", "priority", "high")
    commit(story.repo, "later")
    story.expected = {("OW-1", "priority"): "high"}
    story.disputed = {("OW-1", "priority")}
    story.apart = ["topic"]


def the_same_field_and_the_branch_is_later(story: Story) -> None:
    set_field(story.repo, "OW-1", "priority", "high")
    commit(story.repo, "first")
    story.on_branch("topic", ("OW-1", "priority", "low"), start="main~1")
    story.expected = {("OW-1", "priority"): "low"}
    story.disputed = {("OW-1", "priority")}
    story.apart = ["topic"]


def stacked_branches(story: Story) -> None:
    story.on_branch("a-low", ("OW-1", "status", "todo"))
    story.on_branch("b-high", ("OW-1", "status", "in-progress"), ("OW-2", "priority", "urgent"), start="a-low")
    story.expected = {("OW-1", "status"): "in-progress", ("OW-2", "priority"): "urgent"}
    story.apart = ["a-low", "b-high"]


def stacked_branches_named_the_other_way_round(story: Story) -> None:
    story.on_branch("z-low", ("OW-1", "status", "todo"))
    story.on_branch("a-high", ("OW-1", "status", "in-progress"), start="z-low")
    story.expected = {("OW-1", "status"): "in-progress"}
    story.apart = ["a-high", "z-low"]


def squash_merged_then_reopened(story: Story) -> None:
    story.on_branch("topic", ("OW-1", "status", "done"))
    story.repo.git("merge", "-q", "--squash", "topic")
    commit(story.repo, "squashed")
    set_field(story.repo, "OW-1", "status", "backlog")
    commit(story.repo, "reopened")
    story.expected = {("OW-1", "status"): "backlog"}
    story.differs = {("OW-1", "status")}  # git, which knows nothing of the squash, would close it again
    story.apart = ["topic"]


def a_stale_branch_from_long_ago(story: Story) -> None:
    work = story.worktree("old")
    set_field(work, "OW-1", "priority", "low")
    work.git("add", "-A")
    work.git("commit", "-q", "-m", "long ago", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z",
             GIT_AUTHOR_DATE="2020-01-01T00:00:00Z")
    story.repo.git("worktree", "remove", str(work.path))
    story.expected = {("OW-1", "priority"): "medium"}
    story.differs = {("OW-1", "priority")}  # nobody has touched it for 30 days, and nobody has it checked out
    story.apart = ["old"]


def a_stale_branch_that_is_checked_out(story: Story) -> None:
    work = story.worktree("old")
    set_field(work, "OW-1", "priority", "low")
    work.git("add", "-A")
    work.git("commit", "-q", "-m", "long ago", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z",
             GIT_AUTHOR_DATE="2020-01-01T00:00:00Z")
    story.expected = {("OW-1", "priority"): "low"}
    story.apart = ["old"]


def a_sparse_checkout(story: Story) -> None:
    work = story.worktree("topic")
    work.git("sparse-checkout", "set", "--no-cone", "/.openkit/config.json", "/.openkit/statuses.yaml")
    set_field(story.repo, "OW-1", "priority", "high")
    story.expected = {("OW-1", "priority"): "high", ("OW-2", "title"): "Second"}
    story.apart = ["topic"]


def home_is_sparse(story: Story) -> None:
    story.repo.git("sparse-checkout", "set", "--no-cone", "/.openkit/config.json", "/.openkit/statuses.yaml",
                   "/.openkit/projects/")
    assert not list(story.repo.tracker.glob("tickets/*/*"))
    work = story.worktree("topic")
    work.git("sparse-checkout", "disable")
    set_field(work, "OW-2", "priority", "high")
    story.expected = {("OW-1", "title"): "First", ("OW-2", "priority"): "high"}


def no_openkit_in_a_worktree(story: Story) -> None:
    work = story.worktree("topic")
    set_field(work, "OW-1", "priority", "high")
    commit(work, "high")
    work.tracker.rename(work.path / "away")
    story.expected = {("OW-1", "priority"): "high", ("OW-2", "title"): "Second"}


def no_openkit_at_home(story: Story) -> None:
    work = story.worktree("topic")
    set_field(work, "OW-1", "priority", "high")
    story.repo.tracker.rename(story.repo.path / "away")
    story.expected = {("OW-1", "priority"): "high", ("OW-2", "title"): "Second"}


def most_records_are_gone(story: Story) -> None:
    work = story.worktree("topic")
    for number in range(5, 11):
        make(story.repo, number)
    commit(story.repo, "more")
    work.git("merge", "-q", "main")
    for path in work.tracker.glob("tickets/*/*/ticket.md"):
        path.unlink()
    set_field(story.repo, "OW-1", "priority", "high")
    story.expected = {("OW-1", "priority"): "high", ("OW-9", "title"): "Ticket 9"}


def most_records_are_gone_from_a_branch(story: Story) -> None:
    for number in range(5, 11):
        make(story.repo, number)
    commit(story.repo, "more")
    work = story.worktree("topic")
    for path in list(work.tracker.glob("tickets/*/*/ticket.md"))[1:]:
        path.unlink()
    commit(work, "an accident")
    story.repo.git("worktree", "remove", str(work.path))
    story.expected = {("OW-1", "title"): "First", ("OW-9", "title"): "Ticket 9"}


def a_rebase_under_way(story: Story) -> None:
    story.on_branch("topic", ("OW-1", "priority", "low"), ("OW-2", "assignee", "bob"))
    set_field(story.repo, "OW-1", "priority", "high")
    commit(story.repo, "high")
    work = Repo(story.base / "rebasing")
    story.repo.git("worktree", "add", "-q", str(work.path), "topic")
    work.git("rebase", "-q", "main", check=False)
    assert "<<<<<<<" in path_of(work, "OW-1").read_text()
    story.expected = {("OW-1", "priority"): "high", ("OW-2", "assignee"): "bob"}
    story.disputed = {("OW-1", "priority")}


def a_merge_under_way(story: Story) -> None:
    story.on_branch("other", ("OW-1", "priority", "low"))
    work = story.worktree("topic")
    set_field(work, "OW-1", "priority", "high")
    set_field(work, "OW-3", "assignee", "eve")
    commit(work, "mine")
    work.git("merge", "-q", "other", check=False)
    assert "<<<<<<<" in path_of(work, "OW-1").read_text()
    story.expected = {("OW-1", "priority"): "high", ("OW-3", "assignee"): "eve"}
    story.disputed = {("OW-1", "priority")}


def a_ticket_born_on_a_branch(story: Story) -> None:
    work = story.worktree("topic")
    make(work, 5)
    commit(work, "born")
    story.repo.git("worktree", "remove", str(work.path))
    story.expected = {("OW-5", "title"): "Ticket 5"}
    story.apart = ["topic"]


def a_ticket_born_in_a_worktree(story: Story) -> None:
    make(story.worktree("topic"), 5)
    story.expected = {("OW-5", "title"): "Ticket 5"}
    story.apart = ["topic"]


def a_ticket_deleted_on_one_side(story: Story) -> None:
    work = story.worktree("topic")
    path_of(work, "OW-4").unlink()
    story.expected = {("OW-4", ""): GONE, ("OW-1", "title"): "First"}
    story.apart = ["topic"]


def a_ticket_deleted_on_one_side_and_changed_on_the_other(story: Story) -> None:
    work = story.worktree("topic")
    path_of(work, "OW-4").unlink()
    set_field(story.repo, "OW-4", "priority", "high")
    story.expected = {("OW-4", "priority"): "high"}
    story.disputed = {("OW-4", "")}
    story.apart = ["topic"]


def an_item_removed_on_one_and_added_on_the_other(story: Story) -> None:
    set_field(story.repo, "OW-1", "labels", "- b")
    set_field(story.worktree("topic"), "OW-1", "labels", "- a\n- b\n- c")
    story.expected = {("OW-1", "labels"): ("b", "c")}
    story.differs = {("OW-1", "labels")}  # git's text merge sees lines that touch; the merge driver does as the board


def a_renamed_branch(story: Story) -> None:
    story.on_branch("before", ("OW-1", "priority", "low"))
    opened(story.repo).close()
    story.repo.git("branch", "-m", "before", "after")
    story.expected = {("OW-1", "priority"): "low"}
    story.apart = ["after"]


def a_criss_cross(story: Story) -> None:
    story.on_branch("a", ("OW-1", "priority", "high"))
    story.on_branch("b", ("OW-2", "priority", "low"))
    tips = {name: story.repo.git("rev-parse", name) for name in "ab"}
    for ours, theirs in (("a", "b"), ("b", "a")):
        work = Repo(story.base / "cross")
        story.repo.git("worktree", "add", "-q", str(work.path), ours)
        work.git("merge", "-q", "--no-edit", tips[theirs])
        story.repo.git("worktree", "remove", str(work.path))
    work = Repo(story.base / "more")
    story.repo.git("worktree", "add", "-q", str(work.path), "a")
    set_field(work, "OW-1", "priority", "urgent")
    commit(work, "urgent")
    story.repo.git("worktree", "remove", str(work.path))
    story.expected = {("OW-1", "priority"): "urgent", ("OW-2", "priority"): "low"}
    story.apart = ["a", "b"]


def an_octopus(story: Story) -> None:
    story.on_branch("a", ("OW-1", "priority", "high"))
    story.on_branch("b", ("OW-2", "priority", "low"))
    story.on_branch("c", ("OW-3", "assignee", "bob"))
    work = Repo(story.base / "octopus")
    story.repo.git("worktree", "add", "-q", "-b", "octopus", str(work.path), "main")
    work.git("merge", "-q", "--no-edit", "a", "b", "c")
    set_field(work, "OW-3", "assignee", "eve")
    story.expected = {("OW-1", "priority"): "high", ("OW-2", "priority"): "low", ("OW-3", "assignee"): "eve"}
    story.apart = ["octopus"]


def comments_on_both_sides(story: Story) -> None:
    comment(story.repo, "OW-1", "20260101T000000Z-aaaa")
    comment(story.worktree("topic"), "OW-1", "20260102T000000Z-bbbb")
    story.expected = {("OW-1", "comments"): 2}
    story.apart = ["topic"]


def no_common_ancestor(story: Story) -> None:
    tree = story.repo.git("write-tree")
    first = story.repo.git("commit-tree", tree, "-m", "unrelated")
    story.repo.git("branch", "alone", first)
    work = Repo(story.base / "alone")
    story.repo.git("worktree", "add", "-q", str(work.path), "alone")
    make(work, 5)
    story.expected = {("OW-1", "title"): "First", ("OW-5", "title"): "Ticket 5"}


STORIES = [plain_edits_on_two_sides, the_same_field_on_two_sides, the_same_field_and_the_branch_is_later,
           stacked_branches, stacked_branches_named_the_other_way_round, squash_merged_then_reopened,
           a_stale_branch_from_long_ago, a_stale_branch_that_is_checked_out, a_sparse_checkout, home_is_sparse,
           no_openkit_in_a_worktree, no_openkit_at_home, most_records_are_gone,
           most_records_are_gone_from_a_branch, a_rebase_under_way, a_merge_under_way,
           a_ticket_born_on_a_branch, a_ticket_born_in_a_worktree, a_ticket_deleted_on_one_side,
           a_ticket_deleted_on_one_side_and_changed_on_the_other, an_item_removed_on_one_and_added_on_the_other,
           a_renamed_branch, a_criss_cross, an_octopus, comments_on_both_sides, no_common_ancestor]


def make(repo: Repo, number: int) -> None:
    """Add a ticket by hand."""
    model = path_of(repo, "OW-3")
    text = model.read_text().replace("OW-3", f"OW-{number}").replace("Third", f"Ticket {number}")
    ref = next(line for line in text.split("\n") if line.startswith("ref: "))
    folder = repo.tracker / f"tickets/0/OW-{number}-{number:04d}"
    folder.mkdir(parents=True)
    (folder / "ticket.md").write_text(text.replace(ref, f"{ref[:-4]}{number:04x}"))


def comment(repo: Repo, slug: str, name: str) -> None:
    """Add a comment by hand."""
    folder = repo.folder(slug) / "comments"
    folder.mkdir(exist_ok=True)
    ref = "cmt_" + (name[-4:] * 8).replace("g", "0")
    (folder / f"{name}.md").write_text(f"---\nref: {ref}\n\nby: bob\n\nat: 2026-01-01T00:00:00Z\n---\n{name}\n")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = make_tracker(tmp_path_factory.mktemp("model") / "repo")
    for title, body in (("First", "x"), ("Second", "one\n\ntwo\n\nthree"), ("Third", "x"), ("Fourth", "x")):
        repo.ok("new", title, "--description", body)
    set_field(repo, "OW-1", "labels", "- a\n- b")
    repo.git("config", "user.name", "Alice")
    repo.git("config", "user.email", "alice@example.com")
    commit(repo, "tracker")
    return repo.path


@pytest.fixture
def story(model: Path, tmp_path: Path) -> Story:
    import shutil
    shutil.copytree(model, tmp_path / "home", symlinks=True)
    shutil.rmtree(tmp_path / "home/.git/gittracker")
    repo = Repo(tmp_path / "home")
    repo.git("update-index", "-q", "--refresh")
    return Story(repo, tmp_path)


@pytest.mark.parametrize("tell", STORIES, ids=lambda one: one.__name__)
def test_story(story: Story, tell: Callable[[Story], None]) -> None:
    tell(story)
    tracker = opened(story.repo)
    board = shown(tracker)
    for (slug, field), value in story.expected.items():
        assert (GONE if slug not in board else board[slug][field] if field else "there") == value, (slug, field)
    assert {(one["name"], one["field"] or "") for one in sources.disputes(tracker)} == story.disputed
    tracker.close()
    for top in sorted(story.base.iterdir()):  # every worktree shows the same
        if (top / ".git").exists() and top != story.repo.path:
            other = opened(Repo(top))
            assert shown(other) == board, top
            other.close()
    merged = with_git(story)
    if story.apart:
        assert differences(board, merged) <= story.differs | {
            one if one[1] else (one[0], field) for one in story.disputed for field in (one[1], "priority")}


def with_git(story: Story) -> Shown:
    """Commit what is uncommitted and merge the branches into home with git; disputed lines stay ours."""
    for top in (story.repo.path, *(story.base / name for name in story.apart)):
        if (top / ".git").exists() and story.apart and Repo(top).git("status", "--porcelain"):
            commit(Repo(top), "what was uncommitted")
    for name in story.apart:
        story.repo.git("merge", "-q", "--no-edit", name, check=False)
        if story.repo.git("ls-files", "--unmerged"):
            for path in story.repo.tracker.glob("tickets/*/*/ticket.md"):
                path.write_text(ours(path.read_text()))
            story.repo.git("add", "-A")
            commit(story.repo, "merged")
    return in_files(story.repo)


def ours(text: str) -> str:
    """Take our side of each conflict."""
    kept, side = [], "both"
    for line in text.split("\n"):
        mark = line[:7]
        if mark in _SIDES:
            side = _SIDES[mark]
        elif side != "theirs":
            kept.append(line)
    return "\n".join(kept)


def differences(one: Shown, other: Shown) -> set[tuple[str, str]]:
    """Name what differs, by slug and field."""
    found = {(slug, "") for slug in one.keys() ^ other.keys()}
    return found | {(slug, field) for slug in one.keys() & other.keys() for field in one[slug]
                    if one[slug][field] != other[slug][field]}
