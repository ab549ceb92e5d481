"""Signatures are told as git verifies them, with keys of ssh, which needs no keyring."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gittracker.git import signatures
from tests.support import Repo
from tests.test_schemas import fits

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not here")


def key(folder: Path, name: str) -> Path:
    """Make a key; gives its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)], check=True)
    return folder / f"{name}.pub"


@pytest.fixture
def signing(repo: Repo, tmp_path: Path) -> Repo:
    """Give a tracker whose commits alice signs; git knows her key."""
    alice = key(tmp_path, "alice")
    (tmp_path / "allowed").write_text(f"alice@example.com {alice.read_text()}")
    for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(alice)), ("commit.gpgsign", "true"),
                        ("gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))):
        repo.git("config", name, value)
    return repo


def commit(repo: Repo, message: str, *options: str) -> None:
    """Commit an edit that no journal has."""
    (repo.tracker / "projects" / "OW.md").write_text(f"---\nkey: OW\nname: {message}\n---\n")
    repo.git("add", "-A")
    repo.git(*options, "commit", "-q", "-m", message)


def statuses(repo: Repo) -> dict[str, Any]:
    """Give what the log says of each commit, by its subject."""
    entries = fits("output/log", repo.json("log", "--signatures"))["entries"]
    return {e["subject"]: e["signature"] for e in entries if e["source"] == "branch"}


def test_the_log_says_who_signed(signing: Repo, tmp_path: Path) -> None:
    for number, options in enumerate(([], ["-c", f"user.signingkey={key(tmp_path, 'bob')}"],
                                      ["-c", "commit.gpgsign=false"])):
        commit(signing, f"number {number}", *options)
    found = statuses(signing)
    assert {k: (v["status"], v["signer"]) for k, v in found.items()} == {
        "number 0": ("good", "alice@example.com"), "number 1": ("unknown", None), "number 2": ("none", None)}
    assert found["number 0"]["key"].startswith("SHA256:")
    assert found["number 1"]["reason"] == "the key is not trusted here"
    text = signing.ok("log", "--signatures")
    assert "number 0  [signature good by alice@example.com]" in text
    assert "tracker set up  [unsigned]" in text
    assert "[" not in signing.ok("log").partition("\n")[0]


def test_a_tampered_commit_is_bad(signing: Repo) -> None:
    commit(signing, "true")
    raw = signing.git("cat-file", "commit", "HEAD").replace("\n\ntrue", "\n\nforged")
    made = subprocess.run(["git", "-C", str(signing.path), "hash-object", "-t", "commit", "-w", "--stdin"],
                          input=raw + "\n", text=True, capture_output=True, check=True).stdout.strip()
    signing.git("update-ref", "HEAD", made)
    assert statuses(signing)["forged"]["status"] == "bad"


def test_a_signature_that_nobody_here_can_check_is_not_called_none(signing: Repo) -> None:
    commit(signing, "signed")
    signing.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    assert statuses(signing)["signed"]["status"] == "unknown"
    signing.git("config", "gpg.ssh.program", "/nonexistent")
    assert statuses(signing)["signed"]["status"] == "unknown"


def test_commits_that_are_not_here_have_none(signing: Repo) -> None:
    commit(signing, "signed")
    head = signing.git("rev-parse", "HEAD")
    found = signatures.read(str(signing.path), ["0" * 40, head, "1" * 40])
    assert {oid: one.status for oid, one in found.items()} == {"0" * 40: "none", head: "good", "1" * 40: "none"}
