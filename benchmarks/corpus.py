"""Make a repository with many tickets, written straight in the tracker's format."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gittracker.domain import ids
from gittracker.domain.comment import Comment
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.store import layout

_WORDS = tuple(
    "timeout upload parser cache worker retry index schema token merge branch commit queue socket render layout "
    "browser signal buffer thread lock journal replica entry field value".split())
_STATUSES = ("todo",) * 8 + ("backlog",) * 4 + ("in-progress",) * 4 + ("done",) * 4
_COMMENTS = 3


def tickets(count: int) -> Iterator[Ticket]:
    """Give the tickets of a corpus: ~0.9 KB each, 20 % with a dependency, 60 % open, the same every time."""
    random.seed(20261123)
    refs: list[str] = []
    for number in range(1, count + 1):
        ref = ids.make_ref("tik", ids.uuid7(1_760_000_000_000_000_000 + number * 1_000_000_000, random.randbytes(8)))
        depends = (random.choice(refs),) if refs and random.random() < 0.2 else ()
        text = " ".join(random.choices(_WORDS, k=90)) + (" zebrafish" if number % max(1, count // 5) == 3 else "")
        yield Ticket(
            ref=ref, slug=f"OW-{number}", title=f"{' '.join(random.choices(_WORDS, k=5))} {number}",
            type=random.choice(("bug", "feature", "task")), status=random.choice(_STATUSES),
            priority=random.choice(("urgent", "high", "medium", "low")), assignee=random.choice(("", "alice", "bob")),
            labels=tuple(sorted(set(random.choices(("api", "web", "docs", "db"), k=2)))), depends_on=depends,
            created_at="2026-10-01T10:00:00Z", created_by="alice", body=text)
        refs.append(ref)


def make(folder: Path, count: int, comments: int = _COMMENTS) -> None:
    """Set up a tracker in a new repository and write `count` tickets with their comments."""
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    subprocess.run([sys.executable, "-m", "gittracker", "-C", str(folder), "init", "--prefix", "OW"], check=True,
                   stdout=subprocess.DEVNULL)
    for number, ticket in enumerate(tickets(count), 1):
        place = folder / ".openkit" / layout.ticket_folder(ticket.slug, ticket.ref)
        (place / "comments").mkdir(parents=True)
        (place / "ticket.md").write_bytes(entity_md.render(ticket))
        for other in range(comments):
            at = f"2026-10-0{2 + other}T10:00:00Z"
            made = ids.make_ref("cmt", ids.uuid7(1_760_000_000_000_000_000 + number * 10 + other, random.randbytes(8)))
            comment = Comment(ref=made, by="bob", at=at, body=" ".join(random.choices(_WORDS, k=20)))
            name = layout.comment_file("x", at, made).rpartition("/")[2]
            (place / "comments" / name).write_bytes(entity_md.render(comment))


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
