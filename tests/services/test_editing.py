"""What was typed in an editor is never lost, and what is saved is checked like flags."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import Repo


def drafts(repo: Repo) -> list[Path]:
    """List the kept drafts."""
    return sorted(repo.path.glob(".git/gittracker/state/drafts/*"))


def editor(command: str) -> dict[str, str]:
    """Give an environment whose editor is this sed command, or any other program."""
    return {"EDITOR": command}


def test_what_was_typed_is_kept_where_the_editor_ends_badly(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    done = repo.run("ticket", "edit", "OW-1", env=editor("sh -c 'sed -i s/Upload/Download/ \"$0\"; exit 3'"))
    assert done.status == 4
    assert str(drafts(repo)[0]) in done.err
    assert "Download" in drafts(repo)[0].read_text()
    assert repo.run("ticket", "edit", "OW-1", env=editor("false")).status == 4
    assert len(drafts(repo)) == 1


def test_what_was_typed_is_kept_where_it_can_not_be_saved(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    tickets = repo.tracker / "tickets"
    script = repo.path / "edit.sh"
    script.write_text(f'sed -i s/Upload/Download/ "$1"; rm -r "{tickets}"; touch "{tickets}"\n')
    done = repo.run("ticket", "edit", "OW-1", env=editor(f"sh {script}"))
    assert done.status != 0
    assert str(drafts(repo)[0]) in done.err
    assert "Download" in drafts(repo)[0].read_text()


def test_a_draft_stays_in_its_folder_whatever_slug_a_file_claims(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    ref, file = repo.json("show", "OW-1")["ref"], repo.file("OW-1")
    file.write_text(file.read_text().replace("slug: OW-1", "slug: ../../../escape"))
    script = repo.path / "edit.sh"
    script.write_text(f'echo "$1" > "{repo.path}/seen"\n')
    repo.run("ticket", "edit", ref, env=editor(f"sh {script}"))
    seen = (repo.path / "seen").read_text().strip()
    assert os.path.realpath(os.path.dirname(seen)) == os.path.realpath(repo.path / ".git/gittracker/state/drafts")


def test_an_edit_of_white_space_alone_has_a_subject(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    assert repo.ok("ticket", "edit", "OW-1", env=editor("sed -i '2i# a remark'")) == "OW-1 edited\n"
    assert repo.json("log")["entries"][0]["subject"] == "OW-1 edited"
    assert not drafts(repo)


def test_an_edit_with_an_old_etag_is_refused_before_the_editor_opens(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    seen = repo.path / "seen"
    done = repo.run("ticket", "edit", "OW-1", "--if-match", "bad", env=editor(f"touch {seen}"))
    assert done.status == 5
    assert not seen.exists() and not drafts(repo)


def test_an_edit_means_me_by_me_and_links_by_any_name(repo: Repo) -> None:
    repo.ok("new", "Upload fails", "--reviewer", "bob", "--label", "old")
    repo.ok("new", "Other")
    file = repo.file("OW-1")
    file.write_text(file.read_text().replace("assignee: null", "assignee: null\nrelated: [OW-2]"))
    command = "sed -i -e 's/^assignee:.*/assignee: \"@me\"/' -e 's/bob/\"@me\"/' -e 's/OW-2/ow-2/'"
    repo.ok("ticket", "edit", "OW-1", env=editor(command))
    shown = repo.json("show", "OW-1")
    assert (shown["assignee"], shown["reviewers"], shown["labels"]) == ("alice-smith", ["alice-smith"], ["old"])
