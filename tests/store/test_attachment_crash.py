"""A command that is killed while it attaches or removes a file leaves the bytes whole, or none of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.store.test_crash import check_journal, crash, crashes
from tests.support import Repo, make_tracker

DATA = bytes(range(256)) * 300  # large enough to stand by itself in the intent


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with one ticket that has a file, and a file to attach beside it."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "made")
    repo.ok("new", "Upload fails")
    (repo.path / "given.bin").write_bytes(DATA)
    (repo.path / "first.bin").write_bytes(b"\0first\n" + DATA)
    repo.ok("attachment", "add", "OW-1", str(repo.path / "first.bin"))
    return repo


@pytest.fixture
def made(template: Repo, tmp_path: Path) -> Repo:
    """Give a test its own copy of that tracker."""
    return Repo(Path(shutil.copytree(template.path, tmp_path / "made", symlinks=True)))


def attached(repo: Repo) -> dict[str, bytes]:
    """Read the ticket's files; temp files don't count."""
    folder = repo.folder("OW-1") / "attachments"
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.endswith(".tmp~")} if folder.exists() else {}


FIRST = {"first.bin": b"\0first\n" + DATA}


@pytest.mark.parametrize(("words", "whole"), [
    (("attachment", "add", "OW-1", "given.bin", "--name", "more.bin"), {**FIRST, "more.bin": DATA}),
    (("attachment", "remove", "OW-1", "first.bin"), {})], ids=["add", "remove"])
def test_after_a_kill_at_any_step_the_next_command_finishes_it_or_drops_it(
        words: tuple[str, ...], whole: dict[str, bytes], made: Repo, tmp_path: Path) -> None:
    given = [str(made.path / word) if word == "given.bin" else word for word in words]
    for found in crashes(made, tmp_path, *given):
        repo = found.repo
        assert all(data in (DATA, *FIRST.values()) for data in attached(repo).values()), found.steps
        listed = {one["name"] for one in repo.json("attachment", "list", "OW-1")["attachments"]}
        assert listed == set(attached(repo))
        repo.ok("new", "next")
        assert attached(repo) == (whole if found.promised else FIRST), found.steps
        check_other_files(repo)
        repo.ok("undo")
        repo.ok("undo")
        assert attached(repo) == (FIRST if found.promised else {}), found.steps


def check_other_files(repo: Repo) -> None:
    """The journal is sound and holds the very bytes, and nothing is left in the intent."""
    check_journal(repo)
    assert (repo.path / ".git/gittracker/state/intent").stat().st_size == 0


def test_an_intent_of_the_first_form_is_finished(made: Repo) -> None:
    """A command of an older version may have died before the upgrade."""
    import marshal

    from gittracker.store import intents
    assert crash(made, 3, "attachment", "add", "OW-1", str(made.path / "given.bin"), "--name", "more.bin")
    path = made.path / ".git/gittracker/state/intent"
    left = intents.load(str(path))
    assert left and any(piece == DATA for piece in left.stream) and path.stat().st_size < 2 * len(DATA)
    values = {name: getattr(left, name) for name in intents.Intent.__slots__}
    values["stream"] = b"".join(left.stream)
    path.write_bytes(b"gittracker intent 1\n" + marshal.dumps(tuple(values.values()), 2) + b"\ndone\n")
    made.ok("new", "next")
    assert attached(made) == {**FIRST, "more.bin": DATA}
    check_other_files(made)


def test_a_torn_intent_with_large_bytes_counts_as_none(made: Repo) -> None:
    assert crash(made, 2, "attachment", "add", "OW-1", str(made.path / "given.bin"), "--name", "more.bin")
    path = made.path / ".git/gittracker/state/intent"
    whole = path.read_bytes()
    assert whole.count(DATA) == 1
    for cut in (1, len(DATA) // 2, len(whole) - 30):
        path.write_bytes(whole[:-cut])
        made.ok("workpad", "append", "OW-1", "--body", "next")
        assert attached(made) == FIRST
    check_journal(made)
