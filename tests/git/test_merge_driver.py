"""Real git merges, rebases, cherry-picks and stashes with the driver that init sets up, and without its program."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gittracker.domain.ticket import Ticket
from gittracker.formats import conflicts, entity_md
from gittracker.git import merge_setup
from tests.support import Repo, environment, make_repo, make_tracker

BODY = "One.\n\nTwo.\n\nThree.\n\nFour."
PROGRAM = os.path.join(os.path.dirname(sys.executable), "gittracker")


def edit(repo: Repo, message: str = "work", **changes: object) -> None:
    """Change the ticket's fields in its file, and commit."""
    file = repo.file("OW-1")
    file.write_bytes(entity_md.patch(Ticket, file.read_bytes(), changes))
    repo.commit(message)


def ticket(repo: Repo) -> Ticket:
    """Read the ticket's file, which must be whole."""
    found, findings = entity_md.read(Ticket, repo.file("OW-1").read_bytes())
    assert not findings
    return found


def sides(repo: Repo) -> tuple[Ticket, Ticket]:
    """Read the ticket's file as either side has it."""
    both = conflicts.sides(repo.file("OW-1").read_text())
    assert both
    return tuple(entity_md.read(Ticket, one.encode())[0] for one in both)  # type: ignore[return-value]


def driver(repo: Repo) -> str:
    """Give the driver's line as git has it."""
    return repo.git("config", "--get", "merge.gittracker.driver", check=False)


def line(program: str) -> str:
    """Write the line as people would, for a shell."""
    return ("sh -c 'if [ -x \"$0\" ]; then exec \"$0\" merge-driver \"$@\"; fi; exec git merge-file -L ours -L base "
            f"-L theirs \"$2\" \"$1\" \"$3\"' {program} %O %A %B %P")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker whose ticket has two branches: on `work` and on main the same lines touch, agreed all the same."""
    repo = make_tracker(tmp_path_factory.mktemp("made") / "repo")
    repo.ok("new", "Upload fails", "--status", "todo", "--label", "m", "--description", BODY)
    repo.commit("a ticket")
    repo.git("checkout", "-q", "-b", "work")
    edit(repo, "work", labels=("m", "x"), assignee="bob", body=BODY.replace("One", "1"))
    repo.git("checkout", "-q", "main")
    edit(repo, "main", labels=("m", "y"), priority="urgent", body=BODY.replace("Four", "4"))
    return repo


@pytest.fixture
def forked(made: Repo, tmp_path: Path) -> Repo:
    """Give a copy of that tracker."""
    shutil.copytree(made.path, tmp_path / "forked", symlinks=True)
    return Repo(tmp_path / "forked")


def check_both(repo: Repo) -> None:
    """See that what both branches changed is in the ticket."""
    found = ticket(repo)
    assert (found.labels, found.assignee, found.priority) == (("m", "x", "y"), "bob", "urgent")
    assert found.body == BODY.replace("One", "1").replace("Four", "4")


def test_init_writes_the_line_and_a_second_run_changes_nothing(repo: Repo) -> None:
    assert driver(repo) == line(PROGRAM)
    before = (repo.path / ".git" / "config").stat()
    repo.ok("init")
    assert "nothing to do" in repo.ok("setup")
    repo.ok("doctor", "--fix")
    after = (repo.path / ".git" / "config").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


@pytest.mark.parametrize("how", [("merge", "-q", "--no-edit", "work"), ("rebase", "-q", "work"),
                                 ("cherry-pick", "work"), ("merge", "-q", "--squash", "work")], ids=lambda how: how[0])
def test_fields_of_both_branches_are_in_what_git_makes(forked: Repo, how: tuple[str, ...]) -> None:
    forked.git(*how)
    check_both(forked)


def test_a_stash_comes_back_onto_a_changed_ticket(forked: Repo) -> None:
    forked.git("checkout", "-q", "main~1")
    file = forked.file("OW-1")
    file.write_bytes(entity_md.patch(Ticket, file.read_bytes(), {"labels": ("m", "x"), "assignee": "bob",
                                                                 "body": BODY.replace("One", "1")}))
    forked.git("stash", "-q")
    forked.git("checkout", "-q", "main")
    forked.git("stash", "pop", "-q")
    check_both(forked)


def test_a_linked_worktree_and_a_bare_clone_merge_by_field_too(forked: Repo) -> None:
    other = Repo(forked.path.parent / "other")
    forked.git("worktree", "add", "-q", str(other.path), "work")
    other.git("merge", "-q", "--no-edit", "main")
    check_both(other)
    tree = forked.git("merge-tree", "--write-tree", "main", "work~0^{commit}")
    assert forked.git("rev-parse", f"{tree}:.openkit") == other.git("rev-parse", "HEAD:.openkit")


def test_without_the_driver_the_lines_that_touch_are_a_conflict_and_both_are_there(forked: Repo) -> None:
    forked.git("config", "--remove-section", "merge.gittracker")
    assert "CONFLICT" in forked.git("merge", "work", check=False)
    assert [one.labels for one in sides(forked)] == [("m", "y"), ("m", "x")]


def test_disputed_lines_are_a_conflict_and_the_rest_is_merged(forked: Repo) -> None:
    edit(forked, status="done")
    forked.git("checkout", "-q", "work")
    edit(forked, status="in-review")
    forked.git("checkout", "-q", "main")
    assert "CONFLICT" in forked.git("merge", "work", check=False)
    ours, theirs = sides(forked)
    assert (ours.status, theirs.status, ours.labels, theirs.assignee) == ("done", "in-review", ("m", "x", "y"), "bob")
    assert "<<<<<<< ours\nstatus: done\n=======\nstatus: in-review\n>>>>>>> theirs\n\n" in (
        forked.file("OW-1").read_text())


def test_in_a_rebase_the_conflict_has_the_other_branch_as_ours(forked: Repo) -> None:
    edit(forked, status="done")
    forked.git("checkout", "-q", "work")
    edit(forked, status="in-review")
    forked.git("rebase", "main", check=False)
    assert [one.status for one in sides(forked)] == ["done", "in-review"]


def test_a_criss_cross_takes_what_was_settled_before(forked: Repo) -> None:
    """Both branches merged the other, and settled a dispute the same way: there is no base that has it."""
    edit(forked, status="done")
    forked.git("checkout", "-q", "work")
    edit(forked, status="in-review")
    tips = forked.git("rev-parse", "main"), forked.git("rev-parse", "work")
    for branch, other in (("main", tips[1]), ("work", tips[0])):
        forked.git("checkout", "-q", branch)
        forked.git("merge", other, check=False)
        ours, theirs = sides(forked)
        forked.file("OW-1").write_bytes(entity_md.render((ours if ours.status == "done" else theirs).replace(
            labels=("m", "x", "y"), assignee="bob", priority="urgent")))
        forked.commit("settled")
    edit(forked, "later", due="2027-01-01")
    forked.git("checkout", "-q", "main")
    edit(forked, "later", type="bug")
    forked.git("merge", "-q", "--no-edit", "work")
    found = ticket(forked)
    assert (found.status, found.due, found.type, found.labels) == ("done", "2027-01-01", "bug", ("m", "x", "y"))


def test_epics_merge_by_field_and_comments_need_no_driver(repo: Repo) -> None:
    repo.ok("epic", "create", "Faster uploads", "--label", "m")
    repo.ok("new", "Upload fails")
    repo.commit("an epic")
    repo.git("checkout", "-q", "-b", "work")
    repo.ok("epic", "update", "OW-E1", "--label-add", "x")
    repo.ok("comment", "add", "OW-1", "--body", "on work")
    repo.commit("work")
    repo.git("checkout", "-q", "main")
    repo.ok("epic", "update", "OW-E1", "--label-add", "y")
    repo.ok("comment", "add", "OW-1", "--body", "on main")
    repo.commit("main")
    repo.git("merge", "-q", "--no-edit", "work")
    assert repo.json("epic", "show", "OW-E1")["labels"] == ["m", "x", "y"]
    assert sorted(one["body"] for one in repo.json("comment", "list", "OW-1")["comments"]) == ["on main", "on work"]


def test_a_file_that_can_not_be_read_merges_as_text(forked: Repo) -> None:
    for branch, word in (("main", "1"), ("work", "2")):
        forked.git("checkout", "-q", branch)
        forked.file("OW-1").write_text(f"no front matter\n\n{word}\n")
        forked.commit("broken")
    forked.git("merge", "main", check=False)
    assert forked.file("OW-1").read_text() == "no front matter\n\n<<<<<<< ours\n2\n=======\n1\n>>>>>>> theirs\n"


@pytest.mark.parametrize("clean", [True, False])
def test_with_the_program_gone_git_merges_as_text_with_markers(forked: Repo, tmp_path: Path, clean: bool) -> None:
    forked.git("config", "merge.gittracker.driver", line(str(tmp_path / "gone")))
    for branch, changes in (("main", {"due": "2027-01-01"}), ("work", {"type": "bug"})):
        forked.git("checkout", "-q", branch)
        if clean:
            forked.git("reset", "-q", "--hard", "HEAD~1")
        edit(forked, **changes)
    said = forked.git("merge", "main", check=False)
    if clean:
        assert (ticket(forked).due, ticket(forked).type) == ("2027-01-01", "bug")
    else:
        assert "CONFLICT" in said
        assert "<<<<<<< ours\n" in forked.file("OW-1").read_text()
        assert [one.labels for one in sides(forked)] == [("m", "x"), ("m", "y")]


def test_a_program_that_fails_leaves_what_both_sides_say(forked: Repo) -> None:
    """Without a path to a record and with one that is missing, too."""
    base, ours, theirs = (forked.path / name for name in ("base", "ours", "theirs"))
    for file, text in ((base, "a\n"), (ours, "b\n"), (theirs, "c\n")):
        file.write_text(text)
    done = forked.run("merge-driver", str(base), str(ours), str(theirs), "README.md")
    assert done.status == 1
    assert ours.read_text() == "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n"
    assert forked.run("merge-driver", str(base), str(forked.path / "none"), str(theirs), "x").status == 4


@pytest.mark.parametrize("folder", ["with blank", "it's 100%O", 'say "hi" $HOME;größe'])
def test_the_program_may_lie_anywhere(forked: Repo, tmp_path: Path, folder: str) -> None:
    script = tmp_path / folder / "gittracker"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gittracker "$@"\n')
    script.chmod(0o755)
    merge_setup.write(str(forked.path), str(script))
    assert driver(forked) == line(shlex.quote(str(script)).replace("%", "%%"))
    assert merge_setup.read(str(forked.path)).program == str(script)
    forked.git("merge", "-q", "--no-edit", "work")
    check_both(forked)


def test_doctor_tells_what_is_missing_or_gone_and_mends_it(repo: Repo, tmp_path: Path) -> None:
    def told() -> list[str]:
        found: list[str] = repo.json("doctor").get("notes", [])
        return found
    assert told() == []
    repo.git("config", "--remove-section", "merge.gittracker")
    assert told() == ["git merges this clone's tickets as text, not by field: gittracker setup"]
    assert "git would merge" in repo.ok("doctor", "--fix", "--dry-run")
    assert driver(repo) == ""
    repo.ok("doctor", "--fix")
    assert (driver(repo), told()) == (line(PROGRAM), [])
    script = tmp_path / "gittracker"
    script.write_text(f"#!{tmp_path}/python\n")
    script.chmod(0o755)
    for gone in (tmp_path / "none", script):  # of the second, the interpreter is not there
        repo.git("config", "merge.gittracker.driver", line(str(gone)))
        assert str(gone) in told()[0]
        assert "from now on" in repo.ok("setup")
        assert (driver(repo), told()) == (line(PROGRAM), [])


def test_a_driver_of_the_users_is_told_and_stays(repo: Repo) -> None:
    repo.git("config", "merge.gittracker.driver", "mine %A %O %B")
    assert "mine" in repo.run("init").err
    assert "mine" in repo.json("doctor")["notes"][0]
    repo.ok("doctor", "--fix")
    done = repo.run("setup", "--json")
    assert (done.status, done.error()["hint"]) == (5, "gittracker setup --replace takes gittracker's")
    assert driver(repo) == "mine %A %O %B"
    repo.ok("setup", "--replace")
    assert driver(repo) == line(PROGRAM)


def test_a_clone_gets_the_driver_by_setup(forked: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    forked.git("clone", "-q", ".", str(clone.path))
    assert driver(clone) == ""
    assert clone.json("setup") == {"merge_driver": "written", "placement": "in-tree"}
    assert clone.json("setup") == {"merge_driver": "current", "placement": "in-tree"}
    clone.git("merge", "-q", "--no-edit", "origin/work")
    check_both(clone)


def test_setup_outside_a_repository_is_an_error(tmp_path: Path) -> None:
    assert Repo(tmp_path).run("setup").status == 4


def test_a_config_that_can_not_be_written_is_told_and_the_tracker_is_there(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    lock = repo.path / ".git" / "config.lock"  # as another git command holds it
    lock.write_text("")
    assert "as text" in repo.run("init", "--prefix", "OW").err
    done = repo.run("setup", "--json")
    assert (done.status, done.error()["code"]) == (4, "storage")
    lock.unlink()
    repo.ok("setup")
    assert driver(repo) == line(PROGRAM)


def test_an_installed_program_is_taken_as_it_was_called(tmp_path: Path) -> None:
    """A link on the path stays when the environment behind it is built anew."""
    repo = make_repo(tmp_path / "repo")
    link = tmp_path / "gittracker"
    link.symlink_to(PROGRAM)
    subprocess.run([link, "init", "--prefix", "OW"], cwd=repo.path, check=True, capture_output=True,
                   env=environment())
    assert driver(repo) == line(str(link))
