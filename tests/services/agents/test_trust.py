"""What a repository can make a machine execute runs only after its user has trusted that exact content."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittracker.domain.errors import NotFoundError, RefusedError
from gittracker.domain.trust import KINDS, kind_of
from gittracker.services.agents import trust
from gittracker.services.tracker import Tracker, open_tracker
from tests.support import Repo
from tests.test_schemas import fits

HOOKS = "steps:\n- id: test\n  command: npm test\n"


def opened(repo: Repo) -> Tracker:
    """Open the tracker in this process."""
    return open_tracker(str(repo.path), "", time.time_ns, os.urandom)


def put(repo: Repo, path: str, text: str = HOOKS) -> Path:
    """Write a file of the tracker."""
    file = repo.tracker / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def states(repo: Repo) -> dict[str, str]:
    """Give the state of each file that could execute something."""
    shown = fits("output/trust", repo.json("trust", "list"))
    return {one["path"].removeprefix(".openkit/"): one["state"] for one in shown["files"]}


@pytest.fixture
def trusting(repo: Repo) -> Repo:
    """Give a tracker with hooks that are trusted."""
    put(repo, "hooks.yaml")
    repo.ok("trust", ".openkit/hooks.yaml")
    return repo


def test_every_kind_of_file_that_can_execute_something_is_listed(repo: Repo) -> None:
    made = {
        "config.json": None, "hooks.yaml": HOOKS, "hooks.json": '{"steps": [{"command": "make"}]}',
        "workflows/coding.yaml": "command: claude\n", "providers/claude.yaml": "cli_command: claude\ncli_args: [-p]\n",
        "agents/codex.yaml": "env:\n  PATH: /tmp\n", "jobs/nightly.yaml": "run: make clean\n",
        "channels/log.yaml": "type: command\ncommand: logger\n", "notify.yaml": "rules: []\n",
        "scripts/branch-name.mjs": "export default ({name}) => name", "skills/lint/scripts/deep/run.sh": "eslint .\n",
        "skills/lint/SKILL.md": "The state is !`git status`.\n", "skills/lint/run.py": "print()\n"}
    config = json.loads((repo.tracker / "config.json").read_text())
    made["config.json"] = json.dumps({**config, "startCommand": "npm start", "envMapping": {"LD_PRELOAD": "/tmp/x"}})
    for path, text in made.items():
        put(repo, path, text or "")
    put(repo, "skills/lint/reference.md", "Only words, `not run`!\n")
    put(repo, "tickets/0/hooks.yaml")
    shown = {one["path"][9:]: one for one in repo.json("trust", "list")["files"]}
    assert set(shown) == set(made)
    assert shown["config.json"]["runs"] == ["startCommand: npm start", "envMapping.LD_PRELOAD: /tmp/x"]
    assert shown["providers/claude.yaml"]["runs"] == ["cli_command: claude", "cli_args: -p"]
    assert shown["skills/lint/SKILL.md"]["runs"] == ["line 1: !`git status`"]
    assert {one["state"] for one in shown.values()} == {"not trusted"}
    assert all(any(kind is kind_of(path) for path in made) for kind in KINDS)


def test_a_tracker_that_can_execute_nothing_lists_nothing(repo: Repo) -> None:
    assert repo.ok("trust", "list") == "nothing in this tracker can make a machine execute anything\n"


def test_what_is_not_trusted_is_refused_with_the_command_that_shows_it(repo: Repo) -> None:
    put(repo, "hooks.yaml")
    put(repo, "scripts/odd name.mjs", "x")
    tracker = opened(repo)
    with pytest.raises(RefusedError) as refused:
        trust.check(tracker, "hooks.yaml")
    assert refused.value.exit_status == 6
    assert refused.value.hint == "gittracker trust show .openkit/hooks.yaml"
    with pytest.raises(RefusedError) as refused:
        trust.check(tracker, "scripts/odd name.mjs")
    assert refused.value.hint == "gittracker trust show '.openkit/scripts/odd name.mjs'"
    assert not trust.is_trusted(tracker, "hooks.yaml")
    with pytest.raises(NotFoundError):
        trust.check(tracker, "jobs/none.yaml")


def test_what_is_trusted_is_given_as_bytes_and_told_to_be_so(trusting: Repo) -> None:
    tracker = opened(trusting)
    assert trust.check(tracker, "hooks.yaml") == HOOKS.encode()
    assert trust.is_trusted(tracker, "hooks.yaml", HOOKS.encode())
    assert not trust.is_trusted(tracker, "hooks.yaml", HOOKS.encode() + b"\n")
    assert states(trusting) == {"hooks.yaml": "trusted"}


@given(at=st.integers(0, len(HOOKS) - 1), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_one_byte_that_differs_is_not_trusted(tmp_path_factory: pytest.TempPathFactory, at: int, byte: int) -> None:
    tracker = _trusted_once(tmp_path_factory)
    data = bytearray(HOOKS.encode())
    same = data[at] == byte
    data[at] = byte
    assert trust.is_trusted(tracker, "hooks.yaml", bytes(data)) is same


_once: dict[str, Tracker] = {}


def _trusted_once(factory: pytest.TempPathFactory) -> Tracker:
    if not _once:
        from tests.support import make_tracker
        repo = make_tracker(factory.mktemp("trust") / "repo")
        put(repo, "hooks.yaml")
        repo.ok("trust", "--all")
        _once["tracker"] = opened(repo)
    return _once["tracker"]


def test_a_file_that_changed_is_refused_until_the_change_is_trusted_too(trusting: Repo) -> None:
    file = put(trusting, "hooks.yaml", HOOKS + "- command: rm -rf build\n")
    assert states(trusting) == {"hooks.yaml": "changed"}
    with pytest.raises(RefusedError, match="changed since it was trusted"):
        trust.check(opened(trusting), "hooks.yaml")
    shown = fits("output/trust", trusting.json("trust", "show", "hooks.yaml"))
    assert shown["diff"][-1] == "+- command: rm -rf build"
    trusting.ok("trust", "hooks.yaml", "--content", shown["content_id"][:12])
    assert states(trusting) == {"hooks.yaml": "trusted"}
    file.write_text(HOOKS)
    assert states(trusting) == {"hooks.yaml": "trusted"}, "both contents are trusted, as branches need it"


def test_trusting_what_was_shown_is_refused_when_the_file_changed_meanwhile(repo: Repo) -> None:
    put(repo, "hooks.yaml")
    shown = repo.json("trust", "show", "hooks.yaml")["content_id"]
    put(repo, "hooks.yaml", "steps:\n- command: evil\n")
    assert repo.run("trust", "hooks.yaml", "--content", shown).status == 6
    assert repo.run("trust", "hooks.yaml", "--content", shown[:4]).status == 2
    assert states(repo) == {"hooks.yaml": "not trusted"}


def test_a_renamed_file_is_not_trusted_under_its_new_name(repo: Repo) -> None:
    put(repo, "scripts/branch-name.mjs", "export default () => 'x'")
    repo.ok("trust", "--all")
    (repo.tracker / "scripts/branch-name.mjs").rename(repo.tracker / "scripts/commit-message.mjs")
    assert states(repo) == {"scripts/commit-message.mjs": "not trusted"}


def test_a_link_is_never_trusted_whatever_it_leads_to(trusting: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "hooks.yaml").write_text(HOOKS)
    (trusting.tracker / "hooks.yaml").unlink()
    (trusting.tracker / "hooks.yaml").symlink_to(outside / "hooks.yaml")
    (trusting.tracker / "jobs").symlink_to(outside)
    put(trusting, "skills/a/run.sh", "x")
    (trusting.tracker / "skills" / "b").symlink_to(outside)
    tracker = opened(trusting)
    for path in ("hooks.yaml", "jobs/hooks.yaml", "skills/b/hooks.yaml"):
        with pytest.raises(RefusedError):
            trust.check(tracker, path)
        assert trusting.run("trust", path).status == 7
    assert states(trusting) == {"hooks.yaml": "unusable", "jobs": "unusable", "skills/a/run.sh": "not trusted",
                                "skills/b": "unusable"}
    assert trusting.run("trust", "--all").status == 7
    os.mkfifo(trusting.tracker / "scripts")
    assert not trust.is_trusted(tracker, "scripts/x.mjs")
    os.mkfifo(trusting.tracker / "notify.yaml")
    assert states(trusting)["notify.yaml"] == "unusable"


def test_bytes_swapped_while_they_are_checked_are_never_given(trusting: Repo, tmp_path: Path) -> None:
    """Somebody replaces the file, by another and by a link, as fast as they can."""
    evil = tmp_path / "evil"
    evil.write_text("steps:\n- command: evil\n")
    file, spare = trusting.tracker / "hooks.yaml", trusting.tracker / "spare"
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            spare.symlink_to(evil)
            spare.replace(file)
            spare.write_text(evil.read_text())
            spare.replace(file)
            spare.write_text(HOOKS)
            spare.replace(file)
    swapper = threading.Thread(target=swap)
    tracker = opened(trusting)
    swapper.start()
    given_out, refused = 0, 0
    try:
        for _ in range(20_000):
            try:
                assert trust.check(tracker, "hooks.yaml") == HOOKS.encode()
                given_out += 1
            except RefusedError:
                refused += 1
            if given_out > 50 and refused > 50:
                break
    finally:
        over.set()
        swapper.join()
    assert given_out and refused


def test_a_copied_clone_trusts_nothing_and_a_moved_one_what_it_did(trusting: Repo, tmp_path: Path) -> None:
    shutil.copytree(trusting.path, tmp_path / "copy", symlinks=True)
    copy = Repo(tmp_path / "copy")
    assert states(copy) == {"hooks.yaml": "not trusted"}
    put(copy, "scripts/branch-name.mjs", "x")
    copy.ok("trust", "scripts/branch-name.mjs")
    assert states(copy) == {"hooks.yaml": "not trusted", "scripts/branch-name.mjs": "trusted"}
    trusting.path.rename(tmp_path / "moved")
    moved = Repo(tmp_path / "moved")
    assert states(moved) == {"hooks.yaml": "trusted"}
    moved.git("clone", "-q", str(moved.path), str(tmp_path / "cloned"))
    put(Repo(tmp_path / "cloned"), "hooks.yaml")
    assert states(Repo(tmp_path / "cloned")) == {"hooks.yaml": "not trusted"}


def test_worktrees_of_a_clone_share_what_is_trusted(trusting: Repo, tmp_path: Path) -> None:
    trusting.commit()
    trusting.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    other = Repo(tmp_path / "other")
    assert states(other) == {"hooks.yaml": "trusted"}
    put(other, "hooks.yaml", "steps: []\n")
    assert (states(other), states(trusting)) == ({"hooks.yaml": "changed"}, {"hooks.yaml": "trusted"})


def kept_in(repo: Repo) -> Path:
    """Find the folder that holds what the user trusts."""
    found: Path = repo.path / ".git" / "gittracker" / "state" / f"trust-{os.getuid()}"
    return found


def test_what_is_trusted_is_the_users_alone(trusting: Repo) -> None:
    kept = kept_in(trusting)
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in kept.iterdir() if p.name != "lock"} == {0o600}
    tracker = opened(trusting)
    for path, mode, usual in ((kept / "list.json", 0o620, 0o600), (kept, 0o777, 0o700)):
        path.chmod(mode)
        assert not trust.is_trusted(tracker, "hooks.yaml")
        told = trusting.run("trust", "list")
        assert (told.status, "nothing counts as trusted" in told.err) == (7, True)
        path.chmod(usual)
    assert trust.is_trusted(tracker, "hooks.yaml")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")
def test_what_another_user_put_there_does_not_count(trusting: Repo) -> None:
    os.chown(kept_in(trusting) / "list.json", 12345, 12345)
    assert not trust.is_trusted(opened(trusting), "hooks.yaml")


def test_a_broken_list_trusts_nothing_and_can_be_made_anew(trusting: Repo) -> None:
    (kept_in(trusting) / "list.json").write_text('{"entries": [{"path": "hooks.yaml"}]}')
    assert not trust.is_trusted(opened(trusting), "hooks.yaml")
    told = trusting.run("trust", "list", "--json").error()
    assert told["hint"] == "gittracker trust revoke --all"
    trusting.ok("trust", "revoke", "--all")
    trusting.ok("trust", "--all")
    assert states(trusting) == {"hooks.yaml": "trusted"}


def test_many_who_trust_at_once_are_all_kept(repo: Repo) -> None:
    names = [f"jobs/j{number}.yaml" for number in range(6)]
    for name in names:
        put(repo, name, f"run: {name}\n")
    running = [repo.start("trust", name) for name in names]
    assert [process.wait() for process in running] == [0] * 6
    for process in running:
        process.communicate()
    assert set(states(repo).values()) == {"trusted"}


def test_what_is_revoked_is_refused_again(trusting: Repo) -> None:
    put(trusting, "notify.yaml", "rules: []\n")
    trusting.ok("trust", "notify.yaml")
    trusting.ok("trust", "revoke", "hooks.yaml")
    assert states(trusting) == {"hooks.yaml": "not trusted", "notify.yaml": "trusted"}
    assert len(list(kept_in(trusting).iterdir())) == 3, "the list, the lock, and one content"
    assert trusting.run("trust", "revoke", "hooks.yaml").status == 3


def test_a_bot_cannot_trust(repo: Repo) -> None:
    put(repo, "hooks.yaml")
    assert repo.run("trust", "--all", "--as", "bot:codex-1").status == 6
    assert repo.run("trust", "--all", env={"GITTRACKER_AS": "bot:codex-1"}).status == 6
    assert states(repo) == {"hooks.yaml": "not trusted"}


@pytest.mark.parametrize("text", ["steps: [", "a: &a [b]\nc: *a\n", "\t- x", "[" * 2000])
def test_a_file_that_nobody_can_read_is_not_trusted(repo: Repo, text: str) -> None:
    put(repo, "hooks.yaml", text)
    assert states(repo) == {"hooks.yaml": "unusable"}
    assert repo.run("trust", "hooks.yaml").status == 7
    put(repo, "hooks.json", text)
    assert states(repo)["hooks.json"] == "unusable"
    put(repo, "scripts/long.mjs", "x" * 1_000_001)
    assert repo.run("trust", "scripts/long.mjs").status == 7


def test_what_a_file_hides_from_a_terminal_is_shown(repo: Repo) -> None:
    put(repo, "scripts/branch-name.mjs", "safe()\x1b[2K\x1b[1Geval(x) \u202e// \u2066\n")
    shown = repo.ok("trust", "show", "scripts/branch-name.mjs")
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "eval(x)" in shown
