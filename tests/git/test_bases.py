"""The base for merging two trackers: git's merge base, or a later commit where a sync made them one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gittracker.git import bases
from tests.support import Repo, make_repo


class Story:
    """A repository whose commits are told one by one; `tracker` and `code` are the texts of the only two files."""

    def __init__(self, folder: Path) -> None:
        self.repo = make_repo(folder / "repo")
        self.named: dict[str, str] = {}

    def commit(self, name: str, *parents: str, tracker: str = "", code: str = "", synced: str = "") -> str:
        """Make a commit; what is not given is as in its first parent."""
        if parents:
            self.repo.git("checkout", "-q", "-f", "--detach", self.named[parents[0]])
        for path, text in (("tracker", tracker), ("code", code)):
            file = self.repo.path / (".openkit/t" if path == "tracker" else "code")
            if text:
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
        self.repo.git("add", "-A")
        tree = self.repo.git("write-tree")
        message = name + (f"\n\nGittracker-Synced: {self.named.get(synced, synced)}\n" if synced else "\n")
        at = f"{1_700_000_000 + len(self.named)} +0000"
        oid = self.repo.git("commit-tree", tree, *(w for one in parents for w in ("-p", self.named[one])), "-m",
                            message, GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at)
        self.named[name] = oid
        return oid

    def base(self, one: str, other: str) -> str:
        """Give the base by the name it was made under."""
        found = bases.tracker_base(str(self.repo.path), self.named[one], self.named[other])
        return next((name for name, oid in self.named.items() if oid == found), found)

    def check(self, one: str, other: str, base: str) -> None:
        """Check the base from both sides."""
        assert (self.base(one, other), self.base(other, one)) == (base, base)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Give a story whose commit `B` has a tracker and code."""
    story = Story(tmp_path)
    story.commit("B", tracker="0", code="0")
    return story


def test_without_a_sync_it_is_the_merge_base(story: Story) -> None:
    story.commit("L", "B", tracker="1")
    story.commit("R", "B", tracker="2")
    story.check("L", "R", "B")
    story.check("L", "B", "B")
    story.check("R", "R", "R")


def test_twins_are_a_base_for_what_comes_after_them(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("R", "B", tracker="2", code="2")
    story.commit("C", "R", tracker="3", synced="L")
    story.commit("S", "L", tracker="3", synced="C")
    story.commit("L2", "S", tracker="4")
    story.commit("R2", "C", tracker="5")
    story.check("L2", "R2", "C")


def test_a_commit_that_was_only_pushed_names_what_it_holds(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("C", "B", tracker="1", synced="L")
    story.commit("L2", "L", tracker="2")
    story.commit("R2", "C", tracker="3")
    story.check("L2", "R2", "L")


def test_the_latest_of_many_syncs_counts(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("R", "B", tracker="2", code="2")
    for number in range(3, 6):
        story.commit("R", "R", tracker=f"{number}", synced="L")
        story.commit("L", "L", tracker=f"{number}", synced="R")
    story.commit("L2", "L", tracker="8")
    story.commit("R2", "R", tracker="9")
    story.check("L2", "R2", "R")


def test_a_merge_of_the_twins_goes_on_from_there(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("R", "B", tracker="2", code="2")
    story.commit("C", "R", tracker="3", synced="L")
    story.commit("S", "L", tracker="3", synced="C")
    story.commit("M", "S", "C", code="3")
    story.commit("C2", "C", tracker="4")
    story.check("M", "C2", "C")


def test_a_rebase_keeps_the_base_though_it_renames_the_commits(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("C", "B", tracker="1", synced="L")
    story.commit("rebased", "B", tracker="1", code="7")
    story.commit("L2", "rebased", tracker="2")
    story.commit("R2", "C", tracker="3")
    found = {story.base("L2", "R2"), story.base("R2", "L2")}
    assert found <= {"C", "rebased"}


def test_a_trailer_that_names_what_is_not_here_says_nothing(story: Story) -> None:
    story.commit("L", "B", tracker="1", synced="0123456789012345678901234567890123456789")
    story.commit("R", "B", tracker="2", synced="nonsense")
    story.check("L", "R", "B")


def test_what_both_took_back_is_not_mistaken_for_a_meeting(story: Story) -> None:
    story.commit("L1", "B", tracker="1")
    story.commit("L2", "L1", tracker="0")
    story.commit("R1", "B", code="2")
    story.commit("R2", "R1", tracker="2")
    story.check("L2", "R2", "B")


def test_a_criss_cross_gives_one_of_its_bases(story: Story) -> None:
    story.commit("L", "B", tracker="1")
    story.commit("R", "B", tracker="2")
    story.commit("ML", "L", "R", tracker="3")
    story.commit("MR", "R", "L", tracker="4")
    assert story.base("ML", "MR") in ("L", "R")


def test_strangers_have_no_base(story: Story) -> None:
    story.commit("alone", tracker="1")
    story.check("B", "alone", "")


def test_only_commits_that_touch_nothing_else_are_ours_alone(story: Story) -> None:
    top = str(story.repo.path)
    story.commit("T", "B", tracker="1")
    story.commit("K", "T", code="1")
    story.commit("back", "K", code="0")
    assert bases.is_ours_alone(top, story.named["B"], story.named["T"])
    assert not bases.is_ours_alone(top, story.named["B"], story.named["K"])
    assert not bases.is_ours_alone(top, story.named["B"], story.named["back"])
    assert bases.is_same_outside(top, story.named["B"], story.named["back"])
    assert not bases.is_same_outside(top, story.named["B"], story.named["K"])
    assert bases.is_ours_alone(top, story.named["K"], story.named["K"])


def test_a_tracker_that_came_to_be_on_one_side_is_merged_from_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path)
    repo: Repo = story.repo
    (repo.path / "code").write_text("0")
    story.commit("B", code="0")
    story.commit("L", "B", tracker="1")
    story.commit("R", "B", code="1")
    assert story.base("L", "R") in ("B",)


def test_the_base_with_others_is_that_with_all_of_them_merged(story: Story) -> None:
    story.commit("L", "B", tracker="1", code="1")
    story.commit("R", "B", tracker="2", code="2")
    story.commit("C", "R", tracker="3", synced="L")
    story.commit("other", "B", tracker="4")
    story.commit("L2", "L", tracker="5")
    top, named = str(story.repo.path), story.named
    assert bases.tracker_base(top, named["C"], named["other"], named["L2"]) == named["L"]
    assert bases.tracker_base(top, named["C"], named["other"]) == named["B"]
    assert bases.has_synced(top, named["C"], named["other"], named["L2"])
    assert not bases.has_synced(top, named["R"], named["other"])
