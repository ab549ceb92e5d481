"""Attached files: the very bytes, under a safe name, once; and nothing outside the tracker is touched or read."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from gittracker.domain.errors import NotFoundError
from gittracker.services.attached import attachments
from tests.sandboxes import sandbox
from tests.services.write.test_races import together
from tests.store.test_crash import check_journal
from tests.support import Repo, environment, make_repo
from tests.test_schemas import fits

# Bytes that anything which takes them for text, or for git's own, would spoil.
AWKWARD = {
    "zeros.bin": b"\0\x01\0\xff" * 9, "crlf.txt": b"a\r\nb\rc\n\r\n", "no-end.txt": b"no line end",
    "latin.txt": b"Gr\xfc\xdfe\xff\n", "marks.md": b"---\ntitle: x\n---\n<<<<<<< a\n=======\n>>>>>>> b\n",
    "stream.txt": b"\ndata 5\ndone\nD tickets\n", "bom.txt": b"\xef\xbb\xbftext\n",
}


@pytest.fixture
def made(repo: Repo) -> Repo:
    """Give a tracker with a ticket, an epic and a page."""
    repo.ok("batch", given='["new","Upload fails"]\n["epic","create","Uploads never fail"]\n'
            '["page","write","OW/guide","--body","How to upload."]\n')
    return repo


def give(repo: Repo, name: str, data: bytes) -> str:
    """Write a file for a command to read, and give its path."""
    path = repo.path.parent / "given" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return str(path)


def attach(repo: Repo, record: str, name: str, data: bytes, *more: str) -> str:
    """Attach bytes and give the name they got."""
    return str(repo.json("attachment", "add", record, give(repo, name, data), *more)["attachment"]["name"])


def names(repo: Repo, record: str) -> list[str]:
    """List the names of a record's files."""
    return [one["name"] for one in fits("output/attachments", repo.json("attachment", "list", record))["attachments"]]


def fetch(repo: Repo, record: str, name: str) -> bytes:
    """Get an attached file's bytes, by the command."""
    target = repo.path.parent / "fetched"
    repo.ok("attachment", "get", record, name, "--output", str(target), "--force")
    return target.read_bytes()


@pytest.mark.parametrize("record", ["OW-1", "OW-E1", "OW/guide"])
def test_the_very_bytes_come_back_through_git_undo_and_recover(made: Repo, record: str, tmp_path: Path) -> None:
    made.git("config", "core.autocrlf", "true")
    files = [give(made, name, data) for name, data in AWKWARD.items()]
    made.ok("attachment", "add", record, *files)
    assert names(made, record) == sorted(AWKWARD)
    made.ok("attachment", "remove", record, *AWKWARD)
    assert names(made, record) == []
    made.ok("undo")
    check_journal(made)
    made.git("clean", "-fdq", ".openkit/tickets", ".openkit/epics", ".openkit/pages")
    assert {one["what"] for one in made.json("recover")["lost"]} >= {"attachment"}
    made.ok("recover", record)
    made.commit()
    clone = tmp_path / "clone"
    made.git("clone", "-q", "-c", "core.autocrlf=true", str(made.path), str(clone))
    for repo in (made, Repo(clone)):
        assert {name: fetch(repo, record, name) for name in AWKWARD} == AWKWARD


def test_an_attached_file_is_told_with_type_author_and_ref(made: Repo, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><script>alert(1)</script>"
    made.ok("attachment", "add", "OW-1", give(made, "photo.png", page), "--as", "bot:codex-1")
    told = fits("output/attachments", made.json("attachment", "list", "ow-1"))["attachments"][0]
    assert (told["type"], told["active"], told["by"], told["size"]) == ("text/html", True, "bot:codex-1", len(page))
    assert told["etag"] == made.git("hash-object", "--no-filters", f"{made.path}/{told['path']}")
    assert told["ref"].startswith("tka_") and told["ref"][16] == "8"
    made.commit()
    clone = make_repo(tmp_path / "clone")
    clone.git("pull", "-q", str(made.path), "main")
    there = clone.json("attachment", "list", "OW-1")["attachments"][0]
    assert (there["ref"], there["by"]) == (told["ref"], "Alice Smith")
    target = tmp_path / "x"
    got = fits("output/attachment", made.json("attachment", "get", "OW-1", told["ref"], "--output", str(target)))
    assert (got["name"], got["output"], target.read_bytes()) == ("photo.png", str(target), page)
    prefixes = [fits("output/write", made.json("attachment", "add", record, give(made, "a", b"a")))["attachment"]["ref"]
                for record in ("OW-E1", "OW/guide")]
    assert [ref[:4] for ref in prefixes] == ["epa_", "sba_"]


@pytest.mark.parametrize(("given", "kept"), [
    ("../../../x.sh", "x.sh"), ("..\\..\\x.sh", "x.sh"), ("/etc/passwd", "passwd"), ("CON.txt", "CON-file.txt"),
    (".gitattributes", "gitattributes"), ("a\u202egnp.exe", "a-gnp.exe"), ("a\x1b[31m.txt", "a-[31m.txt"),
    ("ticket.md", "ticket.md"), ("x.tmp~", "x-file.tmp-"), ("cafe\u0301.txt", "caf\u00e9.txt"), ("-rf", "rf"),
    ("a:b?.txt", "a-b-.txt"), ("n" * 400 + ".png", "n" * 171 + ".png")])
def test_names_are_made_safe_and_stay_where_they_belong(made: Repo, given: str, kept: str) -> None:
    before = {path for path in made.path.rglob("*") if ".git/" not in str(path)}
    assert attach(made, "OW-1", "file", b"x", "--name", given) == kept
    folder = made.folder("OW-1") / "attachments"
    after = {path for path in made.path.rglob("*") if ".git/" not in str(path)}
    assert after - before == {folder, folder / kept}
    assert fetch(made, "OW-1", kept) == b"x"


def test_the_same_bytes_are_kept_once_under_their_first_name(made: Repo) -> None:
    assert attach(made, "OW-1", "a.bin", b"\0one") == "a.bin"
    again = made.json("attachment", "add", "OW-1", give(made, "b.bin", b"\0one"))
    assert (again["attachment"]["name"], again["receipt"]["entry"]) == ("a.bin", None)
    both = made.json("attachment", "add", "OW-1", give(made, "c.bin", b"\0two"), give(made, "d.bin", b"\0two"),
                     give(made, "e.bin", b"\0one"))
    assert [one["attachment"]["name"] for one in both["results"]] == ["c.bin", "a.bin"]
    assert names(made, "OW-1") == ["a.bin", "c.bin"]
    assert attach(made, "OW-E1", "b.bin", b"\0one") == "b.bin"


def test_a_name_that_some_file_system_takes_for_another_gets_a_number(made: Repo) -> None:
    given = ["Plan.tar.gz", "plan.TAR.gz", "PLAN-2.tar.gz", unicodedata.normalize("NFD", "é.txt"), "É.TXT", "x", "X"]
    kept = [attach(made, "OW-1", "file", str(n).encode(), "--name", name) for n, name in enumerate(given)]
    assert kept == ["Plan.tar.gz", "plan-2.TAR.gz", "PLAN-2-2.tar.gz", "é.txt", "É-2.TXT", "x", "X-2"]
    assert [fetch(made, "OW-1", name) for name in kept] == [str(n).encode() for n in range(len(given))]
    assert made.run("attachment", "get", "OW-1", "é.txt".upper(), "--output", "/dev/null").status == 2
    assert made.run("attachment", "remove", "OW-1", "X").status == 0  # only x is like it
    assert names(made, "OW-1").count("x") == 0


def test_what_is_too_large_is_refused_before_anything_happens(made: Repo) -> None:
    config = made.tracker / "config.json"
    config.write_text(config.read_text().replace('"format": 1', '"format": 1, "attachment_max_bytes": 1000'))
    entries = len(made.json("log")["entries"])
    assert attach(made, "OW-1", "fits.bin", bytes(1000)) == "fits.bin"
    large = give(made, "large.bin", bytes(1001))
    done = made.run("attachment", "add", "OW-1", give(made, "small.bin", b"x"), large, "--json")
    assert done.status == 7 and "attachment_max_bytes" in done.error()["hint"]
    done = made.run("attachment", "add", "OW-1", "-", "--name", "in.bin", "--json", given="x" * 1001)
    assert done.status == 7
    assert names(made, "OW-1") == ["fits.bin"]
    assert len([e for e in made.json("log")["entries"] if e["actor"] != "editor"]) == entries + 1
    config.write_text(config.read_text().replace("1000", '"much"'))
    assert attach(made, "OW-1", "small.bin", b"x") == "small.bin"
    assert [p for p in made.run("doctor", "--json").json()["problems"] if "attachment_max_bytes" in p["message"]]


def test_a_file_that_is_no_plain_file_or_not_there_is_told(made: Repo, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "socketed").symlink_to("/dev/zero")
    for path, status in (("pipe", 2), (".", 2), ("socketed", 2), ("nothing", 3), ("nothing/below", 3)):
        done = made.run("attachment", "add", "OW-1", str(tmp_path / path), "--json")
        assert (done.status, bool(done.error()["hint"])) == (status, True), path
    (tmp_path / "linked").symlink_to(give(made, "real.txt", b"real"))
    made.ok("attachment", "add", "OW-1", str(tmp_path / "linked"))
    assert fetch(made, "OW-1", "linked") == b"real"
    assert made.run("attachment", "add", "OW-1", "-", "--name", "x", given="").status == 2
    made.ok("attachment", "add", "OW-1", "-", "--name", "empty", "--force")
    assert fetch(made, "OW-1", "empty") == b""


def test_links_are_neither_read_nor_written_through(made: Repo, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    attach(made, "OW-1", "a.txt", b"a")
    folder = made.folder("OW-1") / "attachments"
    (folder / "link.txt").symlink_to(secret)
    os.mkfifo(folder / "pipe.txt")
    (folder / "folder").symlink_to(tmp_path)
    (folder / os.fsdecode(b"\xff.txt")).write_bytes(b"x")
    told = fits("output/attachments", made.json("attachment", "list", "OW-1"))
    assert [one["name"] for one in told["attachments"]] == ["a.txt"]
    assert len(told["problems"]) == 4
    for words, status in ((("get", "OW-1", "link.txt", "--output", "-"), 7), (("remove", "OW-1", "link.txt"), 7),
                          (("get", "OW-1", "folder/secret", "--output", "-"), 3), (("remove", "OW-1", "pipe.txt"), 7),
                          (("get", "OW-1", "folder", "--output", "-"), 7)):
        done = made.run("attachment", *words)
        assert (done.status, "secret" in done.out) == (status, False), words
    assert attach(made, "OW-1", "b.txt", b"secret") == "b.txt"  # not taken for the link's bytes
    assert "attached a.txt (1 bytes), b.txt (6 bytes)" in made.ok("show", "OW-1")
    other = next(made.tracker.glob("epics/*")) / "attachments"
    other.symlink_to(tmp_path)
    for words in (("add", "OW-E1", give(made, "c", b"c")), ("list", "OW-E1"), ("remove", "OW-E1", "secret")):
        assert made.run("attachment", *words).status == 7
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["secret"]
    problems = made.run("doctor", "--json").json()["problems"]
    assert {"link.txt", "pipe.txt", "folder", "attachments"} <= {one["path"].rpartition("/")[2] for one in problems}


def test_the_doctor_names_what_other_systems_cant_keep(made: Repo) -> None:
    attach(made, "OW-1", "a.txt", b"a")
    folder = made.folder("OW-1") / "attachments"
    pages = made.tracker / "pages" / "OW" / "guide.files"
    pages.mkdir()
    for path in (folder / "A.txt", folder / "aux.log", pages / "a:b", pages / ".hidden"):
        path.write_text("x")
    told = {one["path"].rpartition("/")[2]: one["message"] for one in made.run("doctor", "--json").json()["problems"]}
    assert set(told) in ({"A.txt", "aux.log", "a:b", ".hidden"}, {"a.txt", "aux.log", "a:b", ".hidden"})
    assert "reserved" in told["aux.log"]


def test_a_file_is_saved_beside_nothing_and_over_nothing(made: Repo, tmp_path: Path) -> None:
    attach(made, "OW-1", "a.txt", b"new")
    target = tmp_path / "out" / "a.txt"
    target.parent.mkdir()
    made.ok("attachment", "get", "OW-1", "a.txt", "--output", str(target.parent))
    target.write_text("mine")
    assert made.run("attachment", "get", "OW-1", "a.txt", "--output", str(target)).status == 5
    assert target.read_text() == "mine"
    made.ok("attachment", "get", "OW-1", "a.txt", "--output", str(target), "--force")
    assert target.read_text() == "new"
    target.unlink()
    target.symlink_to(tmp_path / "elsewhere")
    for output in (str(target), "/dev/null", str(tmp_path / "no" / "folder")):
        assert made.run("attachment", "get", "OW-1", "a.txt", "--output", output, "--force").status == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_later_change_stands_in_an_undos_way_and_bytes_are_never_mixed(made: Repo) -> None:
    attach(made, "OW-1", "a.txt", b"one\ntwo\nthree\n")
    added = made.json("log")["entries"][0]["entry"]
    path = made.folder("OW-1") / "attachments" / "a.txt"
    path.write_bytes(b"one\ntwo\nthree\nfour\n")
    assert made.run("undo", added).status == 5
    made.ok("attachment", "remove", "OW-1", "a.txt")
    assert [c["old"] for c in made.json("log", "OW-1")["entries"][0]["changes"]] == ["a.txt"]
    made.ok("undo")
    assert path.read_bytes() == b"one\ntwo\nthree\nfour\n"
    made.ok("undo", added, "--force")
    assert not path.exists()


def test_what_a_record_has_is_shown_with_it(made: Repo) -> None:
    for record in ("OW-1", "OW-E1", "OW/guide"):
        attach(made, record, "a b.txt", b"x" * 1536)
    assert "attached a b.txt (1.5 KiB)" in made.ok("show", "OW-1")
    assert "attached a b.txt (1.5 KiB)" in made.ok("epic", "show", "OW-E1")
    assert "attached a b.txt (1.5 KiB)" in made.ok("page", "show", "OW/guide")
    assert fits("output/ticket", made.json("show", "OW-1"))["attachment_count"] == 1
    assert fits("output/epic", made.json("epic", "show", "OW-E1"))["attachment_count"] == 1
    assert fits("output/page", made.json("page", "show", "OW/guide"))["attachment_count"] == 1
    assert "attachment_count" not in made.json("ls")["tickets"][0]
    told = made.ok("diff")
    assert told.count("attachments/a b.txt added (binary)") == 3
    made.ok("page", "move", "OW/guide", "OW/help")
    assert names(made, "OW/help") == ["a b.txt"]


def test_a_purge_takes_the_bytes_out_of_the_journal(made: Repo) -> None:
    attach(made, "OW-1", "key.pem", b"-----BEGIN SECRET-----")
    path = next(made.folder("OW-1").glob("attachments/*")).relative_to(made.path)
    made.ok("attachment", "remove", "OW-1", "key.pem")
    made.ok("purge", "--history", str(path))
    journal = made.path / ".git/gittracker/journal.git"
    found = subprocess.run(["git", "-C", str(journal), "log", "--all", "-p", "--text"], capture_output=True, check=True,
                           env=environment())
    assert b"SECRET" not in found.stdout


def test_two_branches_that_each_attach_merge_with_plain_git(made: Repo) -> None:
    made.commit()
    made.git("switch", "-q", "-c", "other")
    attach(made, "OW-1", "there.bin", b"\0there")
    attach(made, "OW-1", "same.bin", b"\0same")
    made.commit()
    made.git("switch", "-q", "main")
    attach(made, "OW-1", "here.bin", b"\0here")
    attach(made, "OW-1", "same.bin", b"\0same")
    made.commit()
    made.git("merge", "-q", "--no-edit", "other")
    assert {name: fetch(made, "OW-1", name) for name in names(made, "OW-1")} == {
        "here.bin": b"\0here", "same.bin": b"\0same", "there.bin": b"\0there"}


def test_files_attached_at_once_under_one_name_all_stay(made: Repo) -> None:
    commands = [["attachment", "add", "OW-1", give(made, f"{n}", f"{n % 4}".encode()), "--name", "a.txt"]
                for n in range(8)]
    said = together(made, commands)
    assert sum("has these bytes already" in one for one in said) == 4
    assert sorted(names(made, "OW-1")) == ["a-2.txt", "a-3.txt", "a-4.txt", "a.txt"]
    assert {fetch(made, "OW-1", name) for name in names(made, "OW-1")} == {b"0", b"1", b"2", b"3"}
    check_journal(made)


def test_a_batch_attaches_but_has_no_standard_input_to_give(made: Repo) -> None:
    path = give(made, "a.txt", b"a")
    made.ok("batch", given=f'["epic","create","Another"]\n["attachment","add","OW-E2","{path}"]\n'
            f'["attachment","add","OW-E2","{path}","--name","b.txt"]\n["attachment","remove","OW-E2","A.TXT"]\n'
            f'["attachment","add","OW-E2","{path}","--name","c.txt"]\n')
    assert names(made, "OW-E2") == ["c.txt"]
    done = made.run("batch", given='["attachment","add","OW-1","-","--name","x"]\n')
    assert done.status == 2 and names(made, "OW-1") == []


def test_a_retry_under_one_key_acts_once_and_other_bytes_need_another_key(made: Repo) -> None:
    first = made.json("attachment", "add", "OW-1", give(made, "a.txt", b"a"), "--idempotency-key", "k")
    made.ok("attachment", "remove", "OW-1", "a.txt")
    again = made.json("attachment", "add", "OW-1", give(made, "a.txt", b"a"), "--idempotency-key", "k")
    assert again["receipt"] == first["receipt"] and again["attachment"] is None
    assert names(made, "OW-1") == []
    assert made.run("attachment", "add", "OW-1", give(made, "a.txt", b"b"), "--idempotency-key", "k").status == 5
    assert made.run("attachment", "add", "OW-1", give(made, "a.txt", b"b"), "--if-match", "0" * 40).status == 5


def test_a_sandboxed_agent_attaches_and_its_bytes_are_journalled_later(made: Repo, tmp_path: Path) -> None:
    made.commit()
    box = sandbox(made, tmp_path / "tmp")
    data = bytes(range(256)) * 999
    (box.tmp / "a.bin").write_bytes(data)
    box.ok("attachment", "add", "OW-1", str(box.tmp / "a.bin"), "--as", "bot:codex-1")
    made.ok("new", "next")
    assert [(one["name"], one["by"]) for one in made.json("attachment", "list", "OW-1")["attachments"]] == [
        ("a.bin", "bot:codex-1")]
    made.ok("attachment", "remove", "OW-1", "a.bin")
    made.ok("undo")
    assert fetch(made, "OW-1", "a.bin") == data


_PEAK = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "gittracker", *sys.argv[1:]], capture_output=True)
assert done.returncode == 0, done.stderr
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1 if sys.platform == "linux" else 1024))
"""


def test_the_largest_file_that_is_allowed_takes_no_more_than_200_mb(made: Repo, tmp_path: Path) -> None:
    path = give(made, "large.bin", b"0123456789abcdef" * (25 * 65536))
    target = str(tmp_path / "out.bin")
    for words in (("attachment", "add", "OW-1", path), ("attachment", "add", "OW-1", path, "--name", "again"),
                  ("attachment", "get", "OW-1", "large.bin", "--output", target), ("attachment", "remove", "OW-1",
                                                                                  "large.bin"), ("undo",)):
        done = subprocess.run([sys.executable, "-c", _PEAK, "-C", str(made.path), *words], capture_output=True,
                              text=True, check=False, env=environment())
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) < 200_000, words
    assert Path(target).read_bytes() == Path(path).read_bytes()
    assert fetch(made, "OW-1", "large.bin") == Path(path).read_bytes()


def test_a_large_file_is_warned_about(made: Repo) -> None:
    done = made.run("attachment", "add", "OW-1", give(made, "large.bin", bytes((1 << 20) + 1)))
    assert done.status == 0 and done.err.startswith("warning: OW-1 large.bin has 1 MiB") and "git lfs track" in done.err
    done = made.run("attachment", "add", "OW-1", give(made, "small.bin", bytes(1 << 20)))
    assert (done.status, done.err) == (0, "")


def test_a_name_by_hand_in_a_subfolder_is_shown_and_can_be_fetched(made: Repo) -> None:
    folder = made.folder("OW-1") / "attachments" / "sub"
    folder.mkdir(parents=True)
    (folder / "CON.txt").write_text("by hand")
    assert names(made, "OW-1") == ["sub/CON.txt"]
    assert fetch(made, "OW-1", "sub/CON.txt") == b"by hand"
    assert made.json("attachment", "list", "OW-1")["attachments"][0]["by"] is None
    made.ok("attachment", "remove", "OW-1", "sub/CON.txt")
    assert not folder.exists()


def test_a_name_is_one_of_those_that_are_there_or_none() -> None:
    owner = attachments.Owner("ticket", "OW-1", "", "tickets/0/OW-1-aaaa/ticket.md")
    for wanted in ("..", "../ticket.md", "/etc/passwd", "", ".", "a/../b"):
        with pytest.raises(NotFoundError, match="no attachment"):
            attachments.match(["a.txt", "b.txt"], wanted, owner)
    assert attachments.match(["a.txt", "b.txt"], "B.txt", owner) == "b.txt"
