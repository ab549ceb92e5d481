"""Files that agents read first get a section about the tracker; links, odd bytes and other people's text survive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import Done, Repo, make_tracker
from tests.test_schemas import fits


def onboard(repo: Repo, *words: str) -> dict[str, str]:
    """Run onboard and give what was done to each file."""
    shown = fits("output/onboard", repo.json("onboard", *words))
    return {one["file"]: one["action"] for one in shown["files"]}


def test_agents_md_is_made_where_there_is_none_and_only_there(repo: Repo) -> None:
    assert onboard(repo) == {"AGENTS.md": "created"}
    assert onboard(repo) == {"AGENTS.md": "unchanged"}
    assert "gittracker prime" in (repo.path / "AGENTS.md").read_text()
    assert onboard(repo, "--remove") == {"AGENTS.md": "removed"}
    assert not (repo.path / "AGENTS.md").exists()
    (repo.path / "GEMINI.md").write_text("# Rules\n")
    assert onboard(repo) == {"GEMINI.md": "updated"}
    assert not (repo.path / "AGENTS.md").exists()


@pytest.mark.parametrize("data", [b"# Rules\r\n\r\nBe brief.\r\n", b"no line end", b"\xef\xbb\xbfmark\n", b"caf\xe9\n",
                                  b"a\nb\r\n", b"\n\n\n"])
def test_every_other_byte_stays(repo: Repo, data: bytes) -> None:
    file = repo.path / "CLAUDE.md"
    file.write_bytes(data)
    file.chmod(0o775)
    assert onboard(repo) == {"CLAUDE.md": "updated"}
    with_section = file.read_bytes()
    assert with_section.startswith(data)
    assert onboard(repo) == {"CLAUDE.md": "unchanged"}
    assert file.read_bytes() == with_section
    assert onboard(repo, "--remove") == {"CLAUDE.md": "updated"}
    assert file.read_bytes() == data
    assert file.stat().st_mode & 0o777 == 0o775
    assert sorted(p.name for p in repo.path.iterdir()) == [".git", ".openkit", "CLAUDE.md"]


def test_it_is_no_write_of_the_tracker(repo: Repo) -> None:
    before = repo.json("log")["entries"]
    repo.ok("onboard")
    assert repo.json("log")["entries"] == before


def test_a_link_stays_a_link_and_its_file_is_written_once(repo: Repo) -> None:
    (repo.path / "AGENTS.md").write_text("# Rules\n")
    (repo.path / "CLAUDE.md").symlink_to("AGENTS.md")
    assert onboard(repo) == {"AGENTS.md": "updated", "CLAUDE.md": "skipped"}
    assert os.readlink(repo.path / "CLAUDE.md") == "AGENTS.md"
    assert (repo.path / "AGENTS.md").read_text().count("gittracker:begin") == 1
    assert onboard(repo, "--file", "CLAUDE.md") == {"CLAUDE.md": "unchanged"}
    assert onboard(repo, "--remove") == {"AGENTS.md": "updated", "CLAUDE.md": "skipped"}
    assert (repo.path / "CLAUDE.md").read_text() == "# Rules\n"


def test_a_link_to_a_file_of_another_name_is_followed(repo: Repo) -> None:
    (repo.path / "docs").mkdir()
    (repo.path / "docs" / "agents.md").write_text("# Rules\n")
    (repo.path / "AGENTS.md").symlink_to("docs/agents.md")
    done = repo.run("onboard")
    assert done.out == "updated AGENTS.md: in docs/agents.md, where the link leads\n"
    assert (repo.path / "AGENTS.md").is_symlink()
    assert "gittracker prime" in (repo.path / "docs" / "agents.md").read_text()


def test_a_link_that_leads_nowhere_yet_gets_its_file(repo: Repo) -> None:
    (repo.path / "CLAUDE.md").symlink_to("AGENTS.md")
    assert onboard(repo) == {"CLAUDE.md": "created"}
    assert (repo.path / "AGENTS.md").is_file() and (repo.path / "CLAUDE.md").is_symlink()


def test_a_link_that_leads_out_of_the_repository_is_left_alone(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "home.md"
    outside.write_text("mine\n")
    (repo.path / "CLAUDE.md").symlink_to(outside)
    (repo.path / "GEMINI.md").symlink_to(".git/config")
    (repo.path / "AGENTS.md").symlink_to(".openkit/statuses.yaml")
    config = (repo.path / ".git" / "config").read_bytes()
    assert onboard(repo) == {"AGENTS.md": "skipped", "CLAUDE.md": "skipped", "GEMINI.md": "skipped"}
    for name in ("AGENTS.md", "CLAUDE.md", "GEMINI.md"):
        assert repo.run("onboard", "--file", name).status == 6
    assert outside.read_text() == "mine\n"
    assert (repo.path / ".git" / "config").read_bytes() == config


@pytest.mark.parametrize("name", ["../x.md", "/etc/motd", ".git/x.md", ".openkit/x.md", ".", "none/x.md", "folder"])
def test_only_files_of_the_repository_can_be_named(repo: Repo, name: str) -> None:
    (repo.path / "folder").mkdir()
    assert repo.run("onboard", "--file", name).status == 2


def test_a_file_that_reads_another_does_not_repeat_the_section(repo: Repo) -> None:
    (repo.path / "AGENTS.md").write_text("# Rules\n")
    (repo.path / "CLAUDE.md").write_text("@./AGENTS.md\n")
    assert onboard(repo) == {"AGENTS.md": "updated", "CLAUDE.md": "skipped"}
    assert onboard(repo, "--file", "CLAUDE.md") == {"CLAUDE.md": "updated"}
    assert onboard(repo) == {"AGENTS.md": "unchanged", "CLAUDE.md": "unchanged"}


def test_when_one_file_is_refused_none_is_written(repo: Repo) -> None:
    (repo.path / "AGENTS.md").write_text("# Rules\n")
    (repo.path / "CLAUDE.md").write_text("a\n<!-- gittracker:begin -->\nmy own text\n")
    done = repo.run("onboard", "--json")
    assert (done.status, done.error()["path"], done.error()["line"]) == (7, "CLAUDE.md", 2)
    assert (repo.path / "AGENTS.md").read_text() == "# Rules\n"


def test_text_that_was_put_between_the_markers_is_not_eaten(repo: Repo) -> None:
    repo.ok("onboard")
    file = repo.path / "AGENTS.md"
    edited = file.read_text().replace("## Tickets", "## Tickets\n\nMy own rule.")
    file.write_text(edited)
    for words in ((), ("--remove",), ("--check",)):
        assert repo.run("onboard", *words).status == 5
    assert file.read_text() == edited
    assert onboard(repo, "--force") == {"AGENTS.md": "updated"}


def test_check_says_what_is_due_and_writes_nothing(repo: Repo) -> None:
    def check() -> Done:
        return repo.run("onboard", "--check")
    assert (check().status, (repo.path / "AGENTS.md").exists()) == (7, False)
    repo.ok("onboard")
    assert check().status == 0
    file = repo.path / "AGENTS.md"
    old = file.read_text().replace("gittracker prime", "gittracker brief")
    file.write_text(old)
    assert check().status == 5


def test_an_older_section_of_ours_is_brought_up_to_date(repo: Repo) -> None:
    from gittracker.formats import markers
    old = markers.put(b"# Rules\n", "## Tickets\n\nUse `gittracker ls`.\n", None)
    (repo.path / "AGENTS.md").write_bytes(old)
    assert repo.run("onboard", "--check").status == 7
    assert onboard(repo, "--dry-run") == {"AGENTS.md": "updated"}
    assert (repo.path / "AGENTS.md").read_bytes() == old
    assert onboard(repo) == {"AGENTS.md": "updated"}
    assert "gittracker ls`" not in (repo.path / "AGENTS.md").read_text()


def test_it_works_from_a_folder_below_and_in_a_worktree(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    other = Repo(tmp_path / "other")
    (other.path / "src").mkdir()
    other.ok("-C", str(other.path / "src"), "onboard")
    assert (other.path / "AGENTS.md").exists()
    assert not (repo.path / "AGENTS.md").exists()
