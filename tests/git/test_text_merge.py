"""Bodies merge by the lines that git would choose: thousands of awkward edits, merged by both and compared."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from gittracker.domain.merge import merge_text
from gittracker.domain.ticket import Ticket
from gittracker.domain.weave import joined, weave
from gittracker.formats import entity_md
from tests.support import Repo, environment, make_repo

HEAD = entity_md.render(Ticket(ref="tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", title="l1", labels=("l1", "l2"))).decode()
CASES = 1500
Case = tuple[list[str], list[str], list[str]]


def draw(dice: random.Random, sizes: tuple[int, ...] = (3, 6, 12, 40, 200)) -> Case:
    """Draw a text of a few different lines, many of them blank, and two edits of it."""
    words = ["" if dice.random() < 0.3 else f"l{number}" for number in range(dice.choice(sizes))]
    base = [dice.choice(words) for _ in range(dice.randint(0, dice.choice([4, 10, 30, 80])))]
    return bare(base), bare(edited(dice, base, words)), bare(edited(dice, base, words))


def bare(lines: list[str]) -> list[str]:
    """Take the blank lines round a text away, as bodies have none."""
    text = "\n".join(lines).strip("\n")
    return text.split("\n") if text else []


def edited(dice: random.Random, base: list[str], words: list[str]) -> list[str]:
    """Put lines in, take lines out, change and move some."""
    lines = list(base)
    for _ in range(dice.randint(1, 4)):
        at, kind = dice.randint(0, len(lines)), dice.random()
        if kind < 0.4:
            lines[at:at] = [dice.choice(words) for _ in range(dice.randint(1, 3))]
        elif kind < 0.7:
            del lines[at:at + dice.randint(1, 3)]
        elif kind < 0.9:
            lines[at:at + 1] = [dice.choice(words)]
        else:
            moved = lines[at:at + 3]
            del lines[at:at + 3]
            to = dice.randint(0, len(lines))
            lines[to:to] = moved
    return lines


def by_git(repo: Repo, cases: list[Case], head: str) -> list[str | None]:
    """Let `git merge-tree` merge all cases at once, each a file; None for a conflict."""
    stream = b""
    for number, branch in enumerate(("base", "ours", "theirs")):
        stream += f"commit refs/heads/{branch}\nmark :{number + 1}\ncommitter A <a@b.c> 0 +0000\ndata 0\n".encode()
        stream += b"from :1\n" if number else b""
        for name, case in enumerate(cases):
            data = head + "".join(f"{line}\n" for line in case[number])
            stream += f"M 100644 inline f{name}\ndata {len(data)}\n{data}\n".encode()
    subprocess.run(["git", "-C", repo.path, "fast-import", "--quiet"], input=stream, check=True, env=environment())
    said = repo.git("merge-tree", "--write-tree", "--name-only", "-z", "ours", "theirs", check=False)
    tree, *conflicts = said.split("\0\0")[0].split("\0")
    clean = [f"f{name}" for name in range(len(cases)) if f"f{name}" not in conflicts]
    asked = "".join(f"{tree}:{name}\n" for name in clean)
    out = subprocess.run(["git", "-C", repo.path, "cat-file", "--batch"], input=asked.encode(), check=True,
                         stdout=subprocess.PIPE).stdout
    found: dict[str, str] = {}
    for name in clean:
        line, _, out = out.partition(b"\n")
        size = int(line.split()[2])
        found[name], out = out[:size].decode(), out[size + 1:]
    return [found.get(f"f{name}") for name in range(len(cases))]


def test_a_merge_of_lines_is_gits_line_for_line(tmp_path: Path) -> None:
    dice = random.Random(1)
    cases = [draw(dice) for _ in range(CASES)]
    merged = by_git(make_repo(tmp_path / "repo"), cases, "")
    assert 300 < sum(text is None for text in merged) < CASES - 300
    for case, text in zip(cases, merged, strict=True):
        pieces = joined(weave(*([f"{line}\n" for line in lines] for lines in case)))
        assert text == (None if pieces is None else "".join(pieces)), case


def test_a_body_that_both_merge_reads_the_same(tmp_path: Path) -> None:
    """What git merges and we do not is disputed; what both merge is one text, below front matter too."""
    dice = random.Random(3)
    cases = [draw(dice, (12, 40, 200, 1000)) for _ in range(CASES)]
    merged = by_git(make_repo(tmp_path / "repo"), cases, HEAD)
    both = 0
    for case, text in zip(cases, merged, strict=True):
        ours = merge_text(*("\n".join(lines) for lines in case))
        if text is not None and ours is not None:
            both += 1
            assert text == HEAD + (ours + "\n" if ours else ""), case
    assert both > 0.97 * sum(text is not None for text in merged)
