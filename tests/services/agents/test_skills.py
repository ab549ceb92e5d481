"""Skills and harnesses are files like any other: bundles whole, scripts that run, nothing from outside the folder."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tests.support import Repo

SKILL = "---\nname: land\ndescription: Use when a branch is to be merged.\nmetadata:\n  author: a\n---\n\nMerge.\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Give a folder with a bundle."""
    folder = tmp_path / "land"
    (folder / "scripts").mkdir(parents=True)
    (folder / "SKILL.md").write_text(SKILL)
    (folder / "scripts" / "land.sh").write_bytes(b"#!/bin/sh\necho landed\n")
    (folder / "assets").mkdir()
    (folder / "assets" / "logo.bin").write_bytes(bytes(range(256)))
    return folder


def test_a_bundle_is_taken_in_byte_for_byte_and_its_scripts_run(repo: Repo, bundle: Path) -> None:
    repo.ok("skill", "create", "--from", str(bundle))
    kept = repo.tracker / "skills" / "land"
    for path in ("SKILL.md", "scripts/land.sh", "assets/logo.bin"):
        assert (kept / path).read_bytes() == (bundle / path).read_bytes()
    assert os.access(kept / "scripts" / "land.sh", os.X_OK)
    assert not os.access(kept / "SKILL.md", os.X_OK)
    shown = repo.json("skill", "show", "land")
    assert [f["path"] for f in shown["files"]] == ["SKILL.md", "assets/logo.bin", "scripts/land.sh"]
    assert shown["front_matter"] == {"metadata": "{author: a}"}


def test_replacing_a_bundle_removes_what_it_no_longer_has_and_undo_brings_it_back(repo: Repo, bundle: Path) -> None:
    repo.ok("skill", "create", "--from", str(bundle))
    (bundle / "scripts" / "land.sh").unlink()
    (bundle / "notes.md").write_text("new\n")
    repo.ok("skill", "edit", "land", "--from", str(bundle))
    kept = repo.tracker / "skills" / "land"
    assert not (kept / "scripts").exists()
    assert (kept / "notes.md").read_text() == "new\n"
    repo.ok("undo")
    assert os.access(kept / "scripts" / "land.sh", os.X_OK)
    assert not (kept / "notes.md").exists()
    assert (kept / "assets" / "logo.bin").read_bytes() == bytes(range(256))


def test_a_bundle_with_a_link_or_a_broken_skill_is_refused_whole(repo: Repo, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    link = bundle / "assets" / "secret"
    link.symlink_to(tmp_path / "secret")
    assert repo.run("skill", "create", "--from", str(bundle)).status == 2
    link.unlink()
    (bundle / "SKILL.md").write_text(SKILL.replace("name: land", "name: other"))
    done = repo.run("skill", "create", "--from", str(bundle), "--json")
    assert (done.status, done.error()["line"]) == (7, 2)
    assert repo.run("skill", "create", "--from", str(tmp_path / "nothing")).status == 3
    assert not (repo.tracker / "skills").exists()


def test_skills_made_by_hand_are_listed_and_judged(repo: Repo) -> None:
    folder = repo.tracker / "skills" / "by_hand"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: by-hand\n---\n")
    (repo.tracker / "skills" / "empty").mkdir()
    assert [s["name"] for s in repo.json("skill", "list")["skills"]] == ["by_hand"]
    done = repo.run("skill", "validate", "--json")
    assert done.status == 7
    messages = [one["message"] for one in done.json()["findings"]]
    assert len(messages) == 4
    assert "there is no SKILL.md" in messages


def test_an_edit_in_an_editor_keeps_what_others_changed_meanwhile(repo: Repo) -> None:
    repo.ok("harness", "create", "coder", "--body", "one\n\ntwo\n\nthree")
    path = repo.tracker / "harnesses" / "coder.md"
    script = shlex.quote(f'sed -i s/one/ONE/ "$1"; sed -i s/three/THREE/ {path}')
    repo.ok("harness", "edit", "coder", env={"EDITOR": f"sh -c {script} sh"})
    assert path.read_text() == "ONE\n\ntwo\n\nTHREE\n"
    clash = shlex.quote(f'sed -i s/two/TWO/ "$1"; sed -i s/two/Two/ {path}')
    done = repo.run("harness", "edit", "coder", env={"EDITOR": f"sh -c {clash} sh"})
    assert done.status == 5
    kept = Path(done.err.strip().rpartition("your text is in ")[2])
    assert "TWO" in kept.read_text()
    assert path.read_text() == "ONE\n\nTwo\n\nTHREE\n"


def test_a_harness_keeps_its_line_ends_and_is_not_emptied(repo: Repo) -> None:
    path = repo.tracker / "harnesses" / "coder.md"
    path.parent.mkdir()
    path.write_bytes(b"one\r\ntwo\r\n")
    repo.ok("harness", "edit", "coder", "--body", "one\nthree")
    assert path.read_bytes() == b"one\r\nthree\r\n"
    assert repo.run("harness", "edit", "coder", "--body", " ").status == 5
    assert path.read_bytes() == b"one\r\nthree\r\n"
