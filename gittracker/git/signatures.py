"""Whether commits are signed, and by whom, as git verifies them; git's signing program runs only for signed ones."""

from __future__ import annotations

from gittracker.git.run import git

GOOD, BAD, UNKNOWN, NONE = "good", "bad", "unknown", "none"
# What git's %G? says, and what is behind it.
_CODES = {"G": (GOOD, ""), "U": (UNKNOWN, "the key is not trusted here"), "B": (BAD, "the signature does not fit"),
          "X": (UNKNOWN, "the signature has expired"), "Y": (UNKNOWN, "the key has expired"),
          "R": (BAD, "the key was revoked"), "E": (UNKNOWN, "the key is not here"),
          "N": (UNKNOWN, "it can't be checked here")}  # only asked where there is one
_HEADERS = (b"gpgsig ", b"gpgsig-sha256 ")
_FIELDS = 4


class Signature:
    """One commit's signature: its status, whose it is and the key (as far as git says), and why it is not good."""

    __slots__ = ("status", "signer", "key", "reason")

    def __init__(self, status: str, signer: str = "", key: str = "", reason: str = "") -> None:
        self.status = status
        self.signer = signer
        self.key = key
        self.reason = reason


def read(folder: str, commits: list[str]) -> dict[str, Signature]:
    """Give the signatures of commits by id; a commit that is not here has none."""
    found = {commit: Signature(NONE) for commit in commits}
    signed = _signed(folder, list(found))
    if signed:
        told = git(folder, "log", "--no-walk=unsorted", "--stdin", "--no-show-signature",
                   "--format=%H%x00%G?%x00%GS%x00%GK%x00", given="\n".join(signed).encode() + b"\n")
        words = told.out.decode(errors="replace").split("\0")
        for place in range(0, len(words) - _FIELDS, _FIELDS):
            commit, code, signer, key = words[place:place + _FIELDS]
            status, reason = _CODES.get(code, _CODES["N"])
            found[commit.strip()] = Signature(status, signer, key, reason)
        found.update((one, Signature(UNKNOWN, reason=_CODES["N"][1])) for one in signed if found[one].status == NONE)
    return found


def _signed(folder: str, commits: list[str]) -> list[str]:
    """Keep the commits that carry a signature at all."""
    if not commits:
        return []
    out = git(folder, "cat-file", "--batch", given="\n".join(commits).encode() + b"\n").out
    found = []
    position = 0
    for commit in commits:
        end = out.find(b"\n", position)
        words = out[position:end].rsplit(b" ", 2)
        position = end + 1
        if len(words) == 3 and words[2].isdigit():
            head = out[position:position + int(words[2])].partition(b"\n\n")[0]
            position += int(words[2]) + 1
            if any(line.startswith(_HEADERS) for line in head.split(b"\n")):
                found.append(commit)
    return found
