"""`diff` says what a branch changes, in every kind of repository."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, environment, make_repo, make_tracker
from tests.test_schemas import fits


def diff(repo: Repo, *words: str) -> dict[str, Any]:
    """Run diff as JSON and check it against the schema."""
    found: dict[str, Any] = fits("output/diff", repo.json("diff", *words))
    return found


def record(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Give one record's change."""
    one: dict[str, Any]
    (one,) = [r for r in found["records"] if r["name"] == name]
    return one


def changes(found: dict[str, Any], name: str) -> dict[str, list[Any]]:
    """Give one record's fields as [old, new]."""
    return {c["field"]: [c["old"], c["new"]] for c in record(found, name)["changes"]}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make once a repository whose branch `feat` did something of everything since it parted from main."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "repo")
    repo.ok("batch", given="""["new", "First", "--status", "todo"]
        ["new", "Second"]
        ["new", "Third", "--status", "done"]
        ["comment", "add", "OW-1", "--body", "typo"]
        ["comment", "add", "OW-2", "--body", "old"]""")
    repo.commit("base")
    repo.git("checkout", "-q", "-b", "feat")
    repo.ok("batch", given="""["update", "OW-1", "--status", "done", "--label-add", "a", "--depends-on-add", "OW-2"]
        ["update", "OW-3", "--status", "todo"]
        ["comment", "edit", "OW-1", "1", "--body", "no typo"]
        ["comment", "delete", "OW-2", "1"]
        ["new", "Fourth", "--status", "done"]
        ["workpad", "set", "OW-2", "--section", "Plan", "--body", "think"]""")
    repo.ok("comment", "add", "OW-1", "--body", "new", "--as", "bob")
    repo.commit("work")
    return repo.path


@pytest.fixture
def branched(template: Path, tmp_path: Path) -> Repo:
    """Give a copy of that repository, on `feat`."""
    shutil.copytree(template, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo")


def test_a_branch_is_told_by_record_and_field(branched: Repo) -> None:
    found = diff(branched, "main..feat")
    assert {r["name"]: r["events"] for r in found["records"]} == {
        "OW-1": ["closed"], "OW-2": ["changed"], "OW-3": ["reopened"], "OW-4": ["created", "closed"]}
    second = branched.json("show", "OW-2")["ref"]
    assert {k: v for k, v in changes(found, "OW-1").items() if k != "completed_at"} == {
        "status": ["todo", "done"], "labels": [None, ["a"]], "depends_on": [None, [second]]}
    assert changes(found, "OW-2") == {"workpad": [None, "## Plan\n\nthink"]}
    assert [(c["event"], c["by"], c["text"]) for c in record(found, "OW-1")["comments"]] == [
        ("edited", "alice-smith", "no typo"), ("added", "bob", "new")]
    assert [c["event"] for c in record(found, "OW-2")["comments"]] == ["deleted"]
    assert found["counts"]["comment"] == {"edited": 1, "added": 1, "deleted": 1}
    assert not found["limits"]


def test_a_link_is_shown_by_its_slug_and_an_unchanged_record_by_its_title(branched: Repo) -> None:
    text = branched.ok("diff", "main..feat")
    assert "depends_on: none → OW-2" in text
    assert "~ OW-2 changed  Second" in text


def test_three_dots_leave_out_what_the_other_branch_did_since(branched: Repo) -> None:
    branched.git("checkout", "-q", "main")
    branched.ok("update", "OW-2", "--priority", "high")
    branched.commit("main goes on")
    assert "priority" in changes(diff(branched, "main..feat"), "OW-2")
    since = diff(branched, "main...feat")
    assert "priority" not in changes(since, "OW-2")
    assert since["base"]["commit"] == branched.git("merge-base", "main", "feat")
    assert diff(branched, "...feat")["records"] == since["records"]


def test_without_a_second_revision_the_working_tree_is_compared(branched: Repo) -> None:
    assert not diff(branched)["records"]
    branched.ok("update", "OW-2", "--title", "Second thoughts")
    branched.ok("new", "Not even added")
    (branched.folder("OW-4") / "ticket.md").unlink()
    found = diff(branched)
    assert found["head"] == {"name": "working tree", "commit": None}
    assert {r["name"]: r["events"] for r in found["records"]} == {
        "OW-2": ["changed"], "OW-4": ["removed"], "OW-5": ["created"]}
    assert record(diff(branched, "main"), "OW-2")["title"] == "Second thoughts"
    branched.git("add", "-A")
    assert diff(branched)["records"] == found["records"]


def test_a_file_that_was_only_touched_is_no_change(branched: Repo) -> None:
    path = branched.file("OW-1")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    assert not diff(branched)["records"]


def test_a_sparse_checkout_is_no_deletion(branched: Repo) -> None:
    branched.git("update-index", "-q", "--refresh")
    branched.git("sparse-checkout", "set", "--no-cone", "/*", "!/.openkit/tickets/")
    assert not branched.tracker.joinpath("tickets").exists()
    assert not diff(branched)["records"]


def test_merges_and_squashes_are_told_by_what_they_leave(branched: Repo) -> None:
    wanted = diff(branched, "main..feat")["records"]
    branched.git("checkout", "-q", "-b", "squashed", "main")
    branched.git("merge", "-q", "--squash", "feat")
    branched.commit("squash")
    assert diff(branched, "main..squashed")["records"] == wanted
    branched.git("checkout", "-q", "main")
    branched.git("merge", "-q", "--no-ff", "-m", "merge", "feat")
    assert diff(branched, "main^1..main")["records"] == wanted
    assert not diff(branched, "feat..main")["records"]


def test_stages_are_those_of_each_side(branched: Repo) -> None:
    """A status that was renamed with its tickets closes and opens nothing."""
    statuses = branched.tracker / "statuses.yaml"
    text = statuses.read_text()
    statuses.write_text(text.replace("slug: done", "slug: shipped").replace("name: Done", "name: Shipped"))
    path = branched.file("OW-1")
    path.write_text(path.read_text().replace("status: done", "status: shipped"))
    found = diff(branched)
    assert record(found, "OW-1")["events"] == ["changed"]
    rules = changes(found, "statuses.yaml")
    assert rules["shipped.name"] == [None, "Shipped"]
    assert rules["done.name"] == ["Done", None]


def test_a_ticket_that_changes_its_project_is_moved(branched: Repo) -> None:
    path = branched.file("OW-1")
    path.write_text(path.read_text().replace("slug: OW-1", "slug: API-7\n\naliases:\n- OW-1"))
    one = record(diff(branched), "API-7")
    assert one["events"] == ["moved"]


def test_every_kind_of_record_is_told_by_its_keys(branched: Repo) -> None:
    files = {"config.json": '{"tracker": {"format": 1, "types": ["bug"]}}', "policy.yaml": "signed: true\n",
             "epics/OW-E1-k3f9/epic.md": "---\nref: epc_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f\n\ntitle: Big\n---\nText.\n",
             "epics/OW-E1-k3f9/progress/20261122T100000Z-k3f9.md": "---\nby: bob\n---\nhalf\n",
             "pages/OW/guide/start.md": "---\ntitle: Start\n---\nHello.\n",
             "pages/OW/guide/start.comments/20261122T100000Z-k3f9.md": "---\nby: bob\n---\nnice\n",
             "pages/OW/guide/start.files/plan.bin": "\0", "members/bob.md": "---\nusername: bob\nname: Bob\n---\n",
             "skills/review/SKILL.md": "---\nname: review\n---\nLook.\n", "skills/review/run.sh": "echo\n",
             "workflows/coder.yaml": "role: coder\nlimits:\n  runs: 2\n", "what.ever": "x"}
    for name, text in files.items():
        path = branched.tracker / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = diff(branched)
    assert {(r["record"], r["name"]) for r in found["records"]} == {
        ("configuration", "config.json"), ("policy", "policy.yaml"), ("epic", "OW-E1"),
        ("page", "OW/guide/start"), ("member", "bob"), ("skill", "review"), ("workflow", "coder"),
        ("file", "what.ever")}
    assert changes(found, "config.json")["tracker.types"] == [None, ["bug"]]
    assert changes(found, "coder") == {"role": [None, "coder"], "limits.runs": [None, 2]}
    assert changes(found, "policy.yaml") == {"signed": [None, True]}
    assert record(found, "OW-E1")["comments"][0]["record"] == "progress entry"
    page = record(found, "OW/guide/start")
    assert ([c["text"] for c in page["comments"]], page["files"]) == (["nice"], [
        {"name": "attachments/plan.bin", "event": "added"}])
    assert record(found, "review")["files"] == [{"name": "run.sh", "event": "added"}]


def test_epics_and_updates_end_as_tickets_do(branched: Repo) -> None:
    branched.ok("epic", "create", "Big", "--status", "active")
    branched.ok("update", "OW-1", "--epic", "OW-E1")
    folder = branched.tracker / "updates" / "20261122T100000Z-k3f9"
    folder.mkdir(parents=True)
    text = "---\nref: upd_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f\nproject: OW\nstatus: on_track\n"
    (folder / "update.md").write_text(f"{text}---\nAll is well.\n")
    assert "epic: none → OW-E1" in branched.ok("diff")
    branched.commit("more")
    branched.ok("epic", "update", "OW-E1", "--status", "done")
    (folder / "update.md").write_text(f"{text}deleted_at: 2026-11-23T10:00:00Z\n---\n")
    assert [r["events"] for r in diff(branched)["records"]] == [["closed"], ["removed"]]


def test_a_broken_file_hides_nothing_and_is_named(branched: Repo) -> None:
    branched.file("OW-1").write_text("no front matter")
    branched.ok("update", "OW-2", "--title", "Fine")
    link = branched.folder("OW-3") / "comments"
    link.mkdir(exist_ok=True)
    (link / "20261122T100000Z-k3f9.md").symlink_to("/etc/hostname")
    found = diff(branched)
    assert record(found, "OW-1")["events"] == ["changed"]
    assert changes(found, "OW-2") == {"title": ["Second", "Fine"]}
    assert any("ticket.md:1: no front matter" in text for text in found["limits"])
    assert any("20261122T100000Z-k3f9.md" in text for text in found["limits"])
    assert "no front matter" in branched.ok("diff", "--format", "md")


def test_the_tracker_may_be_new_on_the_branch(bare_repo: Repo) -> None:
    bare_repo.git("commit", "-q", "--allow-empty", "-m", "code")
    bare_repo.ok("init", "--prefix", "OW")
    bare_repo.ok("new", "First")
    bare_repo.commit("tracker")
    assert record(diff(bare_repo, "HEAD~1..HEAD"), "OW-1")["events"] == ["created"]


def test_before_the_first_commit_everything_is_new(repo: Repo) -> None:
    repo.ok("new", "First")
    assert record(diff(repo), "OW-1")["events"] == ["created"]
    assert repo.run("diff", "HEAD").status == 3


def test_a_shallow_clone_says_that_the_base_is_not_there(branched: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "shallow")
    base = branched.git("rev-parse", "main")
    subprocess.run(["git", "clone", "-q", "--depth", "1", "--branch", "feat", f"file://{branched.path}",
                    str(clone.path)], check=True, env=environment(), capture_output=True)
    for asked in (f"{base}..HEAD", "main...HEAD", base):
        failed = clone.run("diff", asked, "--json")
        assert failed.status == 3
        assert "git fetch --unshallow" in failed.error()["hint"]
    clone.git("fetch", "-q", "--depth", "1", "origin", "main:main")
    assert record(diff(clone, "main..HEAD"), "OW-1")["events"] == ["closed"]
    failed = clone.run("diff", "main...HEAD", "--json")  # both are there, and how they hang together is not
    assert (failed.status, "unshallow" in failed.error()["hint"]) == (3, True)
    clone.git("fetch", "-q", "--unshallow", "origin")
    assert diff(clone, f"{base}...HEAD")["counts"] == diff(branched, "main...feat")["counts"]


def test_branches_without_a_common_commit_have_no_merge_base(branched: Repo) -> None:
    branched.git("checkout", "-q", "--orphan", "other")
    branched.git("commit", "-q", "-m", "other")
    failed = branched.run("diff", "main...other", "--json")
    assert (failed.status, failed.error()["hint"]) == (3, "gittracker diff main..other")


def test_worktrees_of_a_bare_repository_compare_each_its_own(branched: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(branched.path), str(bare)], check=True, env=environment())
    for branch in ("main", "feat"):
        subprocess.run(["git", "-C", str(bare), "worktree", "add", "-q", str(tmp_path / branch), branch], check=True,
                       env=environment(), capture_output=True)
    main, feat = Repo(tmp_path / "main"), Repo(tmp_path / "feat")
    main.ok("update", "OW-1", "--title", "Changed here")
    assert not diff(feat)["records"]
    assert changes(diff(main), "OW-1") == {"title": ["First", "Changed here"]}
    assert diff(feat, "main..feat")["records"] == diff(branched, "main..feat")["records"]


def test_sha256_repositories_are_compared_too(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--object-format=sha256", "-b", "main", str(tmp_path / "r")], check=True,
                   env=environment())
    repo = Repo(tmp_path / "r")
    repo.ok("init", "--prefix", "OW")
    assert diff(repo)["records"]
    repo.ok("new", "First")
    repo.commit()
    repo.ok("update", "OW-1", "--title", "Changed")
    found = diff(repo)
    assert len(found["base"]["commit"]) == 64
    assert changes(found, "OW-1") == {"title": ["First", "Changed"]}


@pytest.mark.parametrize("asked", ["--output=x..HEAD", "-x", "main..nope", "HEAD^{tree}"])
def test_what_is_no_commit_is_refused(branched: Repo, asked: str) -> None:
    failed = branched.run("diff", "--json", "--", asked)
    assert failed.status == 3
    assert not (branched.path / "x..HEAD").exists()


def test_a_huge_change_still_fits_one_comment(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    repo.commit("base")
    for number in range(1, 1201):
        folder = repo.tracker / "tickets" / str(number // 100) / f"OW-{number}-{number:04d}"
        folder.mkdir(parents=True)
        (folder / "ticket.md").write_text(f"---\nref: tik_{number:032x}\n\nslug: OW-{number}\n\n"
                                          f"title: {'漢 <b> ' * 8}\n\nstatus: todo\n---\n"
                                          f"{'@all #1 ``` | text ' * 40}\n")
    shown = repo.ok("diff", "--format", "md")
    assert len(shown.encode()) <= 65_536
    assert len(shown) > 30_000
    assert "are left out. `gittracker diff HEAD` shows all." in shown
    assert shown.startswith("<!-- gittracker diff -->\n**Tracker: 1200 tickets created**")
    assert shown.count("<details>") == shown.count("</details>") > 3


def test_json_is_one_value_whatever_asks_for_it(branched: Repo) -> None:
    assert json.loads(branched.ok("diff", "main..feat", "--format", "json")) == diff(branched, "main..feat")


def test_a_repository_without_a_tracker_says_so(tmp_path: Path) -> None:
    assert make_repo(tmp_path / "plain").run("diff").status == 4
