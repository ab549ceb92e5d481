"""What `.gitattributes` says of a nested path of each kind, asked of git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_tracker

TICKET = ".openkit/tickets/0/OW-43-k3f9"
MERGED = {"text": "unset", "merge": "gittracker", "diff": "unspecified"}
PLAIN = {"text": "unset", "merge": "unspecified", "diff": "unspecified"}
UNION = {"text": "unset", "merge": "union", "diff": "unspecified"}
BINARY = {"text": "unset", "merge": "unset", "diff": "unset"}
KINDS = {
    f"{TICKET}/ticket.md": MERGED,
    ".openkit/tickets/123/OW-12345-7w2m/ticket.md": MERGED,
    ".openkit/epics/OW-E1-k3f9/epic.md": MERGED,
    ".openkit/conversations/cnv_1.jsonl": UNION,
    f"{TICKET}/comments/20261122T100000Z-k3f9.md": PLAIN,
    f"{TICKET}/workpad.md": PLAIN,
    ".openkit/config.json": PLAIN,
    ".openkit/statuses.yaml": PLAIN,
    ".openkit/projects/OW.md": PLAIN,
    ".openkit/pages/ow/guides/ticket.md": PLAIN,
    ".openkit/pages/ow/epics/a/epic.md": PLAIN,
    f"{TICKET}/attachments/shot.png": BINARY,
    f"{TICKET}/attachments/ticket.md": BINARY,
    f"{TICKET}/attachments/deep/er/log.txt": BINARY,
    ".openkit/epics/OW-E1-k3f9/attachments/epic.md": BINARY,
    ".openkit/pages/ow/guide.files/shot.png": BINARY,
    ".openkit/pages/ow/deep/guide.files/ticket.md": BINARY,
    "tickets/0/OW-43-k3f9/ticket.md": {"text": "unspecified", "merge": "unspecified", "diff": "unspecified"},
    "README.md": {"text": "unspecified", "merge": "unspecified", "diff": "unspecified"},
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Ask git once for all paths."""
    repo = make_tracker(tmp_path_factory.mktemp("attributes"))
    fields = repo.git("check-attr", "-z", "text", "merge", "diff", "--", *KINDS).split("\0")
    found: dict[str, dict[str, str]] = {}
    for path, name, value in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
        found.setdefault(path, {})[name] = value
    return found


@pytest.mark.parametrize("path", KINDS)
def test_git_treats_a_path_as_its_kind_asks(answers: dict[str, dict[str, str]], path: str) -> None:
    assert answers[path] == KINDS[path]


def test_autocrlf_changes_no_byte_of_a_ticket(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    repo.git("config", "core.autocrlf", "true")
    repo.ok("new", "Upload fails")
    repo.commit()
    data = repo.file("OW-1").read_bytes()
    repo.file("OW-1").unlink()
    repo.git("checkout", "--", ".openkit")
    assert repo.file("OW-1").read_bytes() == data
    assert b"\r" not in data


def test_what_is_the_machines_own_is_ignored_and_records_are_not(repo: Repo) -> None:
    ignored = [".openkit/config.local.json", ".openkit/local/activity.jsonl", ".openkit/worktrees/a/b",
               ".openkit/server.json"]
    shown = [path for path in KINDS if path.startswith(".openkit/")]
    assert repo.git("check-ignore", *ignored, *shown).split("\n") == ignored
