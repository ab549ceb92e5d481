"""Files that git LFS keeps: history holds pointers, and what a command replaced or removed comes back all the same.

The filter is a program of the test's own that keeps files where git LFS does; git runs it as it would git LFS.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from tests.services.attached.test_attachments import attach, fetch, give, names
from tests.store.test_crash import journal
from tests.support import Repo, make_repo
from tests.test_schemas import fits

DATA = bytes(range(256)) * 8000
OTHER = DATA[::-1]
POINTER = (f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(DATA).hexdigest()}\n"
           f"size {len(DATA)}\n").encode()

_FILTER = """
import hashlib, os, sys
storage, what = sys.argv[1:3]
data = sys.stdin.buffer.read()
if what == "clean" and not data.startswith(b"version https://git-lfs"):
    oid = hashlib.sha256(data).hexdigest()
    place = f"{storage}/objects/{oid[:2]}/{oid[2:4]}/{oid}"
    os.makedirs(os.path.dirname(place), exist_ok=True)
    open(place, "wb").write(data)
    data = f"version https://git-lfs.github.com/spec/v1\\noid sha256:{oid}\\nsize {len(data)}\\n".encode()
if what == "smudge" and data.startswith(b"version https://git-lfs"):
    oid = data.split(b"sha256:")[1][:64].decode()
    place = f"{storage}/objects/{oid[:2]}/{oid[2:4]}/{oid}"
    data = open(place, "rb").read() if os.path.exists(place) else data
sys.stdout.buffer.write(data)
"""


def configure(repo: Repo, storage: Path, script: Path) -> None:
    """Let git pass files through the filter."""
    for what in ("clean", "smudge"):
        repo.git("config", f"filter.lfs.{what}", f'"{sys.executable}" "{script}" "{storage}" {what}')
    repo.git("config", "filter.lfs.required", "true")


@pytest.fixture
def made(repo: Repo, tmp_path: Path) -> Repo:
    """Give a tracker with a ticket, whose attached files git LFS keeps."""
    script = tmp_path / "filter.py"
    script.write_text(_FILTER)
    configure(repo, repo.path / ".git" / "lfs", script)
    (repo.path / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repo.ok("new", "Upload fails")
    repo.commit()
    return repo


def stored(repo: Repo, data: bytes) -> Path:
    """Give the place where LFS keeps bytes."""
    oid = hashlib.sha256(data).hexdigest()
    return repo.path / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid


def held(repo: Repo) -> dict[str, str]:
    """Give what the journal's newest tree holds of attached files, as text."""
    refs = journal(repo, "for-each-ref", "--format=%(refname)").split()
    lines = journal(repo, "ls-tree", "-r", "-z", refs[0]).split("\0")[:-1]
    return {line.rpartition("/")[2]: journal(repo, "cat-file", "blob", line.split()[2]) for line in lines
            if "/attachments/" in line}


def test_the_journal_holds_the_pointer_and_git_the_same_one(made: Repo) -> None:
    files = give(made, "large.bin", DATA), give(made, "plain.txt", b"text")
    done = made.run("attachment", "add", "OW-1", *files, "--json")
    assert done.status == 0 and not done.err  # nothing to warn about
    assert held(made) == {"large.bin": POINTER.decode(), "plain.txt": "text"}
    assert stored(made, DATA).read_bytes() == DATA
    size = sum(path.stat().st_size for path in (made.path / ".git/gittracker/journal.git").rglob("*") if path.is_file())
    assert size < len(DATA) / 10
    listed = fits("output/attachments", made.json("attachment", "list", "OW-1"))["attachments"]
    told = {one["name"]: one for one in listed}
    assert [(one["lfs"], one["fetched"], one["size"]) for one in (told["large.bin"], told["plain.txt"])] == [
        (True, True, len(DATA)), (False, True, 4)]
    made.commit()
    assert made.git("rev-parse", f"HEAD:{told['large.bin']['path']}") == told["large.bin"]["etag"]
    assert made.json("attachment", "list", "OW-1")["attachments"][0]["by"] == "alice-smith"
    assert made.ok("diff") == "HEAD → working tree: nothing changes\n"
    assert [e["source"] for e in made.json("log", "OW-1", "--limit", "1")["entries"]] == ["journal"]


def test_what_was_removed_or_lost_comes_back_with_its_bytes(made: Repo) -> None:
    attach(made, "OW-1", "large.bin", DATA)
    made.ok("attachment", "remove", "OW-1", "large.bin")
    made.ok("undo")
    assert fetch(made, "OW-1", "large.bin") == DATA
    made.git("clean", "-fdq", ".openkit")
    made.ok("recover", "OW-1")
    assert fetch(made, "OW-1", "large.bin") == DATA
    made.ok("ticket", "delete", "OW-1", "--purge")
    made.ok("undo")
    assert fetch(made, "OW-1", "large.bin") == DATA
    assert made.json("doctor")["problems"] == []
    assert not [one for one in made.run("audit", "verify", "--json").json().get("findings", []) if "large" in str(one)]


def test_bytes_by_hand_are_kept_before_they_are_removed(made: Repo) -> None:
    attach(made, "OW-1", "large.bin", DATA)
    path = made.folder("OW-1") / "attachments" / "large.bin"
    path.write_bytes(OTHER)
    stored(made, OTHER).unlink(missing_ok=True)
    made.ok("attachment", "remove", "OW-1", "large.bin")
    assert made.json("log", "OW-1")["entries"][1]["actor"] == "editor"
    made.ok("undo")
    assert path.read_bytes() == OTHER


def test_a_file_that_was_not_fetched_is_told_by_its_pointer(made: Repo, tmp_path: Path) -> None:
    attach(made, "OW-1", "large.bin", DATA)
    made.commit()
    clone = make_repo(tmp_path / "clone")
    configure(clone, clone.path / ".git" / "lfs", tmp_path / "filter.py")
    clone.git("pull", "-q", str(made.path), "main")
    path = clone.folder("OW-1") / "attachments" / "large.bin"
    assert path.read_bytes() == POINTER
    told = fits("output/attachments", clone.json("attachment", "list", "OW-1"))["attachments"][0]
    assert (told["size"], told["type"], told["lfs"], told["fetched"]) == (len(DATA), None, True, False)
    done = clone.run("attachment", "get", "OW-1", "large.bin", "--output", str(tmp_path / "x"), "--json")
    assert done.status == 4 and done.error()["hint"].startswith("git lfs pull --include '.openkit/tickets/")
    assert not (tmp_path / "x").exists()
    assert clone.json("attachment", "add", "OW-1", give(clone, "again.bin", DATA))["receipt"]["entry"] is None
    assert names(clone, "OW-1") == ["large.bin"]
    clone.ok("attachment", "remove", "OW-1", "large.bin")
    done = clone.run("undo")
    assert done.status == 0 and "warning: large.bin came back as a pointer" in done.err
    assert path.read_bytes() == POINTER
    stored(clone, DATA).parent.mkdir(parents=True)
    stored(clone, DATA).write_bytes(DATA)  # as git lfs fetch does
    assert fetch(clone, "OW-1", "large.bin") == DATA


def test_after_a_prune_an_undo_says_that_the_bytes_are_elsewhere(made: Repo) -> None:
    attach(made, "OW-1", "large.bin", DATA)
    made.ok("attachment", "remove", "OW-1", "large.bin")
    stored(made, DATA).unlink()
    done = made.run("undo")
    assert done.status == 0 and "whose bytes are not here" in done.err
    assert made.run("attachment", "get", "OW-1", "large.bin").status == 4


def test_a_storage_of_the_users_own_is_used(made: Repo, tmp_path: Path) -> None:
    made.git("config", "lfs.storage", str(tmp_path / "storage"))
    attach(made, "OW-1", "large.bin", DATA)
    assert [path.read_bytes() for path in (tmp_path / "storage").rglob("*") if path.is_file()] == [DATA]
    assert not stored(made, DATA).exists()


def test_a_pointer_that_nobody_keeps_is_a_file_like_any_other(made: Repo) -> None:
    attach(made, "OW-1", "pointer.txt", POINTER)
    assert fetch(made, "OW-1", "pointer.txt") == POINTER
    assert made.json("attachment", "list", "OW-1")["attachments"][0]["type"] == "text/plain"


def test_other_filters_and_undone_ones_leave_the_bytes_in_the_journal(made: Repo) -> None:
    (made.path / ".gitattributes").write_text("*.bin filter=crypt\n*.dat filter=lfs\n*.dat -filter\n")
    for name in ("a.bin", "b.dat"):
        attach(made, "OW-1", name, name.encode())
    assert held(made) == {"a.bin": "a.bin", "b.dat": "b.dat"}
