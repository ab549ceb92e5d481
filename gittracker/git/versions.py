"""The versions that one file has had on a stretch of history."""

from __future__ import annotations

from gittracker.git.run import git


def since(folder: str, base: str, tip: str, path: str) -> list[tuple[int, str]]:
    """List (author's time, blob or empty) of a file in the commits that `tip` has and `base` lacks, newest first."""
    done = git(folder, "--literal-pathspecs", "log", "--format=%x00%at", "--raw", "-c", "--no-abbrev", "--no-renames",
               "--no-show-signature", tip, f"^{base}", "--", path)
    found = []
    for part in done.out.decode(errors="surrogateescape").split("\0")[1:]:
        lines = [line for line in part.split("\n") if line]
        if len(lines) > 1 and lines[0].isdecimal():
            blob = lines[1].partition("\t")[0].split(" ")[-2]
            found.append((int(lines[0]), blob if blob.strip("0") else ""))
    return found


def authored_at(folder: str, base: str, tip: str, path: str) -> int:
    """Give the newest author's time of the commits that change a path and that `tip` has and `base` lacks, else 0."""
    done = git(folder, "--literal-pathspecs", "log", "--format=%at", "--no-merges", tip, f"^{base}", "--", path)
    return max((int(word) for word in done.text.split() if word.isdecimal()), default=0)
