"""`audit verify` names what was done around the tool, and accuses nobody of what git or a purge did."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gittracker.formats import yaml_doc
from tests.near import Ticking
from tests.support import Repo, environment, make_repo, make_tracker
from tests.test_schemas import fits

BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com", "GIT_COMMITTER_NAME": "Bob",
       "GIT_COMMITTER_EMAIL": "bob@example.com"}

LATER = {"GIT_AUTHOR_DATE": "2098-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make once a tracker with two tickets, a comment and a receipt, all by command and committed."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "repo")
    repo.ok("batch", given="""["new", "One", "--status", "todo"]
        ["new", "Two"]
        ["comment", "add", "OW-1", "--body", "hello"]""")
    repo.ok("update", "OW-1", "--priority", "high", "--idempotency-key", "k1")
    repo.commit("base")
    return repo.path


@pytest.fixture
def used(template: Path, tmp_path: Path) -> Repo:
    """Give a copy of that repository."""
    shutil.copytree(template, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo")


def commit(repo: Repo, message: str) -> None:
    """Commit everything with plain git, in another second than the one in which the journal begins."""
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", message, **LATER)


def audit(repo: Repo, *words: str) -> dict[str, Any]:
    """Run audit verify, check its answer against the schema, and its exit status against its findings."""
    done = repo.run("audit", "verify", "--json", *words)
    found: dict[str, Any] = fits("output/audit", done.json())
    assert done.status == (7 if found["findings"] else 0), done.err
    return found


def told(found: dict[str, Any], where: str = "findings") -> list[tuple[str, list[Any]]]:
    """Give each finding's kind and its changes as [field, old, new]."""
    return [(one["kind"], [[c["field"], c["old"], c["new"]] for c in one["changes"]]) for one in found[where]]


def edit(repo: Repo, slug: str, old: str, new: str) -> None:
    """Change a ticket's file as an editor does."""
    path = repo.file(slug)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_commands_did_is_clean(used: Repo) -> None:
    found = audit(used)
    assert (found["findings"], found["notes"], found["limits"]) == ([], [], [])
    assert found["checked"]["receipts"] == 1
    assert found["checked"]["entries"] == 3
    used.ok("update", "OW-2", "--title", "Not committed yet")
    used.ok("new", "Three")
    assert audit(used)["findings"] == []
    assert used.ok("audit", "verify").startswith("clean; checked 5 entries, 1 commits, 2 files, 1 receipts, ")


def test_an_editors_edit_is_named_before_and_after_it_is_journalled_and_committed(used: Repo) -> None:
    edit(used, "OW-1", "title: One", "title: Eins")
    wanted = [("edit", [["title", "One", "Eins"]])]
    found = audit(used)
    assert told(found) == wanted
    assert (found["findings"][0]["entry"], found["findings"][0]["path"][-9:]) == (None, "ticket.md")
    used.ok("update", "OW-1", "--priority", "low")
    assert told(audit(used)) == wanted
    assert audit(used)["findings"][0]["entry"]
    commit(used, "both")
    assert told(audit(used)) == wanted


def test_what_an_editor_adds_or_removes_is_named(used: Repo) -> None:
    next((used.folder("OW-1") / "comments").iterdir()).unlink()
    folder = used.tracker / "tickets" / "0" / "OW-9-abcd"
    folder.mkdir()
    (folder / "ticket.md").write_text("---\ntitle: By hand\n---\n")
    assert sorted(told(audit(used)), key=str) == [("edit", [[None, "hello", None]]),
                                                  ("edit", [[None, None, "By hand"]])]


def test_a_commit_around_the_tool_is_named(used: Repo) -> None:
    edit(used, "OW-1", "status: todo", "status: done")
    commit(used, "closed by hand")
    found = audit(used)
    assert told(found) == [("commit", [["status", "todo", "done"]])]
    one = found["findings"][0]
    assert (one["commit"], one["actor"], one["message"]) == (used.git("rev-parse", "HEAD"), "Alice Smith",
                                                              "closed by hand")
    used.git("rm", "-q", "-r", str(used.folder("OW-2")))
    commit(used, "gone")
    assert told(audit(used))[1] == ("commit", [[None, "Two", None]])


def test_taking_back_by_git_what_a_command_did_is_named(used: Repo) -> None:
    used.ok("done", "OW-1")
    commit(used, "done")
    assert audit(used)["findings"] == []
    used.git("revert", "--no-edit", "HEAD", **LATER)
    (kind, changes), = told(audit(used))
    assert (kind, ["status", "done", "todo"] in changes) == ("commit", True)


def test_a_commit_whose_change_a_command_has_taken_back_since_is_no_finding(repo: Repo) -> None:
    used = Ticking(repo.path)
    for words in (("new", "One"), ("update", "OW-1", "--priority", "high")):
        used.ok(*words)
    used.git("add", "-A")
    used.git("commit", "-q", "-m", "high", GIT_AUTHOR_DATE=used.json("log", "OW-1")["entries"][0]["at"])
    used.ok("undo")
    assert audit(used)["findings"] == []
    commit(used, "medium again")
    assert audit(used)["findings"] == []
    used.git("revert", "--no-edit", "HEAD", **LATER)
    assert [kind for kind, _ in told(audit(used))] == ["commit"]


def test_commits_of_others_are_noted_and_with_strict_found(used: Repo) -> None:
    edit(used, "OW-1", "status: todo", "status: done")
    used.git("commit", "-q", "-a", "-m", "pulled", **BOB, **LATER)
    found = audit(used)
    assert (told(found), told(found, "notes")) == ([], [("commit", [["status", "todo", "done"]])])
    assert any("--strict" in text for text in found["limits"])
    assert [kind for kind, _ in told(audit(used, "--strict"))] == ["commit"]


def test_merges_squashes_and_rebases_of_what_commands_did_are_clean(used: Repo, tmp_path: Path) -> None:
    used.git("worktree", "add", "-q", "-b", "feat", str(tmp_path / "feat"))
    feat = Repo(tmp_path / "feat")
    feat.ok("update", "OW-1", "--status", "done", "--label-add", "x")
    feat.ok("comment", "add", "OW-1", "--body", "there")
    commit(feat, "feature")
    used.ok("update", "OW-1", "--title", "One more", "--priority", "low")
    commit(used, "main")
    for number, words in enumerate((("merge", "-q", "--no-ff", "-m", "merged", "feat"), ("merge", "--squash", "feat"))):
        used.git("checkout", "-q", "-b", f"try{number}", "main")
        used.git(*words)
        used.git("commit", "-q", "--allow-empty", "-m", "merged")
        assert audit(used)["findings"] == []
    feat.git("rebase", "-q", "main")
    assert audit(feat)["findings"] == []
    feat.ok("update", "OW-1", "--label-remove", "x")
    commit(feat, "no label")
    used.git("checkout", "-q", "-b", "picked", "try0")
    used.git("cherry-pick", "feat")
    assert audit(used)["findings"] == []


def test_a_merge_that_somebody_resolved_by_hand_is_named_by_what_is_in_neither(used: Repo) -> None:
    used.git("checkout", "-q", "-b", "feat")
    used.ok("update", "OW-1", "--title", "Feature")
    commit(used, "feature")
    used.git("checkout", "-q", "main")
    used.ok("update", "OW-1", "--title", "Main", "--assignee", "bob")
    commit(used, "main")
    used.git("merge", "-q", "feat", check=False)
    path = used.file("OW-1")
    text = path.read_text()
    start, end = text.index("<<<<<<<"), text.index("\n", text.index(">>>>>>>")) + 1
    path.write_text(text[:start] + "title: Neither\n" + text[end:])
    commit(used, "merged by hand")
    assert told(audit(used)) == [("commit", [["title", "Feature", "Neither"]])] or (
        told(audit(used)) == [("commit", [["title", "Main", "Neither"]])])


def test_a_purge_is_explained(used: Repo) -> None:
    used.ok("ticket", "delete", "OW-1", "--purge")
    used.ok("comment", "add", "OW-2", "--body", "secret")
    commit(used, "secret")
    ref = used.json("comment", "list", "OW-2")["comments"][0]["ref"]
    used.ok("comment", "delete", "OW-2", "1")
    commit(used, "deleted")
    used.ok("purge", "--history", "OW-1")
    used.ok("purge", "--history", ref)
    found = audit(used)
    assert found["findings"] == []
    assert all("purged from the journal" in one["message"] for one in found["notes"])
    assert found["notes"]
    edit(used, "OW-2", "title: Two", "title: Zwei")
    commit(used, "by hand")
    assert told(audit(used)) == [("commit", [["title", "Two", "Zwei"]])]


def test_a_journal_that_lost_entries_is_found_by_what_was_read_and_promised(used: Repo) -> None:
    # A commit of the very second in which the journal begins is not accused.
    used.git("commit", "-q", "--amend", "--no-edit", f"--date={LATER['GIT_AUTHOR_DATE']}")
    journal = used.path / ".git" / "gittracker" / "journal.git"
    ref = subprocess.run(["git", "-C", str(journal), "for-each-ref", "--format=%(refname)"], capture_output=True,
                         text=True, check=True).stdout.strip()
    subprocess.run(["git", "-C", str(journal), "update-ref", ref, f"{ref}~1"], check=True)
    found = audit(used)
    assert [one["kind"] for one in found["findings"]] == ["gap", "receipt", "commit"]
    lost = found["findings"][0]["entry"]
    assert lost == found["findings"][1]["entry"]
    used.ok("log")  # which takes the journal as it is now
    assert [one["entry"] for one in audit(used)["findings"] if one["kind"] == "gap"] == [lost]
    subprocess.run(["git", "-C", str(journal), "update-ref", ref, lost], check=True)
    assert audit(used)["findings"] == []


def test_a_journal_that_is_gone_is_a_gap(used: Repo) -> None:
    shutil.rmtree(used.path / ".git" / "gittracker" / "journal.git")
    found = audit(used)
    assert {one["kind"] for one in found["findings"]} == {"gap", "receipt"}
    assert any("no journal" in text for text in found["limits"])


def test_damaged_objects_are_found(used: Repo) -> None:
    packs = used.path / ".git" / "gittracker" / "journal.git" / "objects" / "pack"
    pack = max(packs.glob("*.pack"), key=lambda p: p.stat().st_size)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(bytes(data))
    found = audit(used)
    assert found["findings"][0]["kind"] == "broken"
    assert any("damaged" in text for text in found["limits"])


def test_a_file_of_a_commit_that_the_repository_lacks_is_found(used: Repo) -> None:
    blob = used.git("rev-parse", f"HEAD:{used.file('OW-2').relative_to(used.path)}")
    (used.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = audit(used)
    assert [(one["kind"], one["path"][-9:]) for one in found["findings"]] == [("missing", "ticket.md")]


def test_an_entry_that_the_tool_did_not_write_is_found(used: Repo) -> None:
    journal = str(used.path / ".git" / "gittracker" / "journal.git")
    ref = used.git("-C", journal, "for-each-ref", "--format=%(refname)")
    made = used.git("-C", journal, "commit-tree", f"{ref}^{{tree}}", "-p", ref, "-m", "trust me")
    used.git("-C", journal, "update-ref", ref, made)
    assert [(one["kind"], one["entry"]) for one in audit(used)["findings"]] == [("foreign", made)]


def test_receipts_are_held_against_the_journal(used: Repo) -> None:
    path, = (used.path / ".git" / "gittracker" / "state" / "receipts").iterdir()
    text = path.read_text()
    etag = used.git("hash-object", str(used.file("OW-1")))
    for forged, said in ((text.replace(etag, "0" * 40), "left"), ("{", "can't be read"), ('{"key": "k"}', "can't be"),
                         (text.replace("ticket.md", "other.md"), "did not change")):
        path.write_text(forged)
        one, = audit(used)["findings"]
        assert (one["kind"], said in one["message"]) == ("receipt", True), one


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not here")
def test_a_policy_wants_commits_signed(used: Repo, tmp_path: Path) -> None:
    (used.tracker / "policy.yaml").write_text("signed: true\n")
    used.ok("update", "OW-2", "--label-add", "x")  # journals nothing of the policy: it was not touched by a command
    used.git("add", "-A")
    used.git("commit", "-q", "-m", "policy")
    kinds = [(one["kind"], one["message"]) for one in audit(used)["findings"] if one["kind"] == "unsigned"]
    assert kinds == [("unsigned", "base: no signature"), ("unsigned", "policy: no signature")]
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a", "-f", str(tmp_path / "key")], check=True)
    (tmp_path / "allowed").write_text(f"alice@example.com {(tmp_path / 'key.pub').read_text()}")
    signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={tmp_path / 'key.pub'}")
    used.ok("update", "OW-2", "--label-add", "y")
    used.git(*signing, "commit", "-q", "-a", "-S", "-m", "signed")
    used.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))
    found = audit(used)
    assert "signed: no signature" not in [one["message"] for one in found["findings"]]
    assert len([one for one in found["findings"] if one["kind"] == "unsigned"]) == 2
    used.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    assert "signed: signature unknown: it can't be checked here" in [one["message"] for one in audit(used)["findings"]]
    (used.tracker / "policy.yaml").write_text("signed: 2999-01-01\n")
    fits("files/policy", yaml_doc.load((used.tracker / "policy.yaml").read_bytes(), "policy.yaml"))
    assert "unsigned" not in [one["kind"] for one in audit(used)["findings"]]
    (used.tracker / "policy.yaml").write_text("signed: perhaps\n")
    (said,) = [one["message"] for one in audit(used)["findings"] if one["kind"] == "policy"]
    assert said == 'policy.yaml:1: signed is "perhaps"; expected true, false or the date from which on'


def test_since_bounds_what_is_looked_at(used: Repo) -> None:
    edit(used, "OW-1", "status: todo", "status: done")
    used.git("commit", "-q", "-a", "-m", "by hand", GIT_AUTHOR_DATE="2099-01-01T00:00:00Z")
    assert len(audit(used, "--since", "2098-01-01")["findings"]) == 1
    assert audit(used, "--since", "2099-02-01")["findings"] == []
    assert used.run("audit", "verify", "--since", "whenever").status == 2


def test_a_plain_clone_says_what_it_cannot_know(used: Repo, tmp_path: Path) -> None:
    edit(used, "OW-1", "status: todo", "status: done")
    used.commit("by hand")
    subprocess.run(["git", "clone", "-q", str(used.path), str(tmp_path / "clone")], check=True, env=environment())
    clone = Repo(tmp_path / "clone")
    found = audit(clone)
    assert (found["findings"], found["limits"]) == ([], ["no journal here: what was made around the tool can't be "
                                                         "told"])
    clone.ok("update", "OW-2", "--priority", "low")
    commit(clone, "with its own journal")
    found = audit(clone)
    assert found["findings"] == []
    assert any("older than this clone's journal" in text for text in found["limits"])


def apart(used: Repo, folder: Path) -> Repo:
    """Give a worktree on the branch side, which puts a label on OW-1 as home does."""
    side = Repo(folder / "side")
    used.git("worktree", "add", "-q", "-b", "side", str(side.path))
    for repo, label in ((used, "home"), (side, "side")):
        repo.ok("update", "OW-1", "--label-add", label)
        repo.ok("comment", "add", "OW-1", "--body", f"{label} was here")
    commit(used, "home")
    return side


def test_what_commands_did_and_a_landing_joined_is_clean(used: Repo, tmp_path: Path) -> None:
    side = apart(used, tmp_path)
    commit(side, "side")
    side.ok("land")
    assert used.json("show", "OW-1", "--here")["labels"] == ["home", "side"]
    assert audit(used)["findings"] == []
    used.git("merge", "-q", "-m", "the code too", "side")
    assert audit(used)["findings"] == []


def test_of_what_landed_an_editors_part_is_named_and_no_other(used: Repo, tmp_path: Path) -> None:
    side = apart(used, tmp_path)
    (side.path / "code.py").write_text("pass\n")
    edit(side, "OW-1", "title: One", "title: Uno")
    edit(side, "OW-1", "- side\n", "- side\n- by-hand\n")
    commit(side, "side")
    side.ok("land")
    named = [("commit", [["title", "One", "Uno"], ["labels", [], ["by-hand", "side"]]])]
    assert told(audit(used)) == named
    used.git("merge", "-q", "-m", "the code too", "side")
    assert told(audit(used)) == named


def test_a_sync_of_a_branch_that_was_merged_here_names_an_editors_part_and_no_other(used: Repo, tmp_path: Path) -> None:
    make_repo(tmp_path / "r.git", "--bare")
    used.git("remote", "add", "origin", str(tmp_path / "r.git"))
    used.git("push", "-q", "-u", "origin", "main")
    side = apart(used, tmp_path)
    edit(side, "OW-1", "title: One", "title: Uno")
    (side.path / "code.py").write_text("pass\n")
    commit(side, "side")
    used.git("merge", "-q", "-m", "side", "side")
    before = told(audit(used))
    assert before == [("commit", [["title", "One", "Uno"]])]
    used.ok("sync")
    assert "openkit: sync with origin/main" in used.git("log", "--format=%s")
    assert told(audit(used)) == before


def test_a_conflict_that_was_once_journalled_does_not_hide_what_an_editor_did_before(used: Repo) -> None:
    used.git("switch", "-q", "-c", "side")
    edit(used, "OW-1", "title: One", "title: Uno")
    commit(used, "side")
    used.git("switch", "-q", "main")
    used.ok("update", "OW-1", "--title", "Eins", "--force")
    commit(used, "main")
    used.git("merge", "-q", "side", check=False)
    used.ok("resolve", "OW-1", "--ours")
    used.git("commit", "-q", "--no-edit", **LATER)
    assert told(audit(used)) == [("commit", [["title", "One", "Uno"]])]
