"""A clone with many hands: people who use an editor alone in two worktrees, agents' shell scripts in two others.

Whatever a hand does it notes as what must be seen afterwards: on the board and, once all is merged, in the files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support import Repo, environment, make_tracker

EDITORS = ("emma", "vim")
AGENTS = ("claude", "codex")
_TICKET = """---
ref: tik_{uuid}

slug: {slug}

title: {title}

status: todo

labels:
- by-hand
---
Written in an editor.
"""
_COMMENT = "---\nref: cmt_{uuid}\n\nby: {who}\n\nat: 2026-01-0{day}T10:00:00Z\n---\n{text}\n"
# An agent's script: takes the best ticket and says what it does. Round 1 closes it, 2 gives it back, 3 leaves it.
_SCRIPT = """
set -eu
me=$1 rounds=$2 notes=$3
export GITTRACKER_AS=bot:$me
for i in $rounds; do
    gittracker claim --next >"$notes/$me.$i"
    slug=$(sed -n '1s/ .*//p' "$notes/$me.$i")
    gittracker workpad set "$slug" --section Plan --body "$me: look, then mend"
    gittracker comment add "$slug" --body "$me was here ($i)"
    gittracker update "$slug" --label-add "by-$me" --priority high
    case $i in
    1) gittracker done "$slug" ;;
    2) printf '["new","What %s found in %s"]\\n["comment","add","%s","--body","%s gives it back"]\\n' \\
           "$me" "$slug" "$slug" "$me" | gittracker batch
       gittracker release "$slug" ;;
    3) gittracker workpad append "$slug" --section Progress --body "half-way" ;;
    esac
done
"""


class Seen:
    """What must be seen: values by ticket and field, labels and comments by ticket, titles of new tickets."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], Any] = {}
        self.disputed: set[tuple[str, str]] = set()  # of these keys
        self.labels: set[tuple[str, str]] = set()
        self.comments: set[tuple[str, str]] = set()
        self.titles: set[str] = set()
        self.gone: set[str] = set()

    def delete(self, slug: str) -> None:
        """Note that a ticket is gone, with all that was done to it."""
        self.gone.add(slug)
        self.values = {key: value for key, value in self.values.items() if key[0] != slug}
        self.labels = {one for one in self.labels if one[0] != slug}
        self.comments = {one for one in self.comments if one[0] != slug}

    def missing(self, repo: Repo, *words: str) -> list[Any]:
        """Name what is not to be seen from a worktree."""
        shown = repo.json("ls", "--all", "--limit", "20000", *words)["tickets"]
        tickets = {one["slug"]: one for one in shown}
        found: list[Any] = [one for one in self.values.items() if tickets[one[0][0]][one[0][1]] != one[1]]
        found += [one for one in self.labels if one[1] not in tickets[one[0]]["labels"]]
        found += [one for one in self.titles if one not in [ticket["title"] for ticket in shown]]
        found += [one for one in self.gone if one in tickets]
        for slug in {slug for slug, _ in self.comments}:
            said = _comments(repo, slug) if "--here" in words else \
                [one["body"] for one in repo.json("comment", "list", slug)["comments"]]
            found += [one for one in self.comments if one[0] == slug and said.count(one[1]) != 1]
        return found

    def told_otherwise(self, events: list[dict[str, Any]]) -> list[Any]:
        """Name what events tell not at all or more than once, with how often.

        A disputed value may be told again: the later of two saves wins, and when each is journalled counts.
        """
        told: Counter[Any] = Counter()
        for one in events:
            slug, what = one["slug"], one["type"]
            told[what, slug] += 1
            for field, (old, new) in one["changes"].items():
                if field == "labels":
                    told.update((slug, label) for label in {*new} - {*(old or ())})
                else:
                    told[what, slug, new if what == "comment.created" else (field, new)] += 1
        wanted = [("ticket.updated", slug, (field, new)) for (slug, field), new in self.values.items()
                  if field != "priority"]
        wanted += [("comment.created", slug, text) for slug, text in self.comments]
        wanted += [("ticket.deleted", slug) for slug in self.gone]
        wanted += self.labels
        again = {("ticket.updated", slug, (field, self.values.get((slug, field)))) for slug, field in self.disputed}
        found: list[Any] = [(one, told[one]) for one in wanted if told[one] != 1 and not (told[one] and one in again)]
        made = Counter(one["changes"]["title"][1] for one in events if one["type"] == "ticket.created")
        return found + [(title, made[title]) for title in self.titles if made[title] != 1]


def _comments(repo: Repo, slug: str) -> list[str]:
    """Read a ticket's comments from a worktree's files."""
    return [path.read_text().partition("\n---\n")[2].rstrip("\n") for path in repo.folder(slug).glob("comments/*.md")]


class Editor:
    """Somebody with an editor, which saves as editors do: in place, or by a new file in the old one's place."""

    def __init__(self, work: Repo, name: str, seen: Seen, number: int = 1) -> None:
        self.work = work
        self.name = name
        self.seen = seen
        self._count = number * 1000

    def save(self, path: Path, text: str) -> None:
        """Save a file, every other time in place."""
        self._count += 1
        if self._count % 2:
            path.write_text(text)
            return
        temporary = path.with_name(f".{path.name}.swp")
        temporary.write_text(text)
        os.replace(temporary, path)

    def set(self, slug: str, field: str, value: str) -> None:
        """Change the line of a field."""
        path = self.work.file(slug)
        lines = path.read_text().split("\n")
        number = next(n for n, line in enumerate(lines) if line.startswith(f"{field}:"))
        lines[number] = f"{field}: {value}"
        self.save(path, "\n".join(lines))
        self.seen.values[slug, field] = value

    def label(self, slug: str, label: str) -> None:
        """Write a label under those that are there."""
        path = self.work.file(slug)
        self.save(path, path.read_text().replace("\nlabels:", f"\nlabels:\n- {label}", 1))
        self.seen.labels.add((slug, label))

    def append(self, slug: str, line: str) -> None:
        """Write on at the end of the description."""
        with self.work.file(slug).open("a") as file:
            file.write(f"\n\n{line}\n")

    def comment(self, slug: str, text: str) -> None:
        """Write a comment's file."""
        self._count += 1
        folder = self.work.folder(slug) / "comments"
        folder.mkdir(exist_ok=True)
        (folder / f"2026010{self._count % 9 + 1}T100000Z-{self._sfx()}.md").write_text(
            _COMMENT.format(uuid=self._uuid(), who=self.name, day=self._count % 9 + 1, text=text))
        self.seen.comments.add((slug, text))

    def create(self, slug: str, title: str) -> None:
        """Write a ticket by hand, as another one looks."""
        self._count += 1
        folder = self.work.tracker / "tickets" / str(int(slug.rpartition("-")[2]) // 100) / f"{slug}-{self._sfx()}"
        folder.mkdir(parents=True)
        (folder / "ticket.md").write_text(_TICKET.format(uuid=self._uuid(), slug=slug, title=title))
        self.seen.titles.add(title)

    def delete(self, slug: str) -> None:
        """Delete a ticket's folder."""
        shutil.rmtree(self.work.folder(slug))
        self.seen.delete(slug)

    def _uuid(self) -> str:
        return f"019900000000700080000000{zlib.crc32(f'{self.name} {self._count}'.encode()):08x}"

    def _sfx(self) -> str:
        return self._uuid()[-4:]


class Crew:
    """The clone, its worktrees by name, and what their hands have done."""

    def __init__(self, home: Repo, notes: Path) -> None:
        self.home = home
        self.notes = notes
        self.works = {name: Repo(home.tracker / "worktrees" / name) for name in (*EDITORS, *AGENTS)}
        self.seen = Seen()
        self.both = self.parted = ""  # tickets that both editors edit, and one whose title they want otherwise
        self.removed: tuple[str, str] = ("", "")  # by the first editor, by the second
        self.removed_refs: tuple[str, str] = ("", "")
        self.titles: dict[str, str] = {}  # of all tickets, before anybody worked

    @property
    def everywhere(self) -> list[Repo]:
        """Give home and all worktrees."""
        return [self.home, *self.works.values()]

    def start_agents(self, rounds: dict[str, str]) -> list[subprocess.Popen[str]]:
        """Start agents' scripts, each with its rounds, in the worktrees that their names begin with."""
        words = ["sh", "-c", _SCRIPT.replace("gittracker ", f'"{sys.executable}" -m gittracker '), "agent"]
        return [subprocess.Popen([*words, name, numbers, str(self.notes)], cwd=self.works[name.partition("-")[0]].path,
                                 text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
                for name, numbers in rounds.items()]

    def end_agents(self, running: list[subprocess.Popen[str]]) -> None:
        """Wait for the scripts, none of which may fail, and note what they did."""
        for one in running:
            _, err = one.communicate(timeout=240)
            assert one.returncode == 0, err
        for agent, round_, slug, _ in self.claims():
            self.seen.comments.add((slug, f"{agent} was here ({round_})"))
            self.seen.labels.add((slug, f"by-{agent}"))
            self.seen.values[slug, "priority"] = "high"
            if round_ == 1:
                self.seen.values[slug, "status"] = "done"
            elif round_ == 2:
                self.seen.titles.add(f"What {agent} found in {slug}")
                self.seen.comments.add((slug, f"{agent} gives it back"))

    def claims(self) -> list[tuple[str, int, str, int]]:
        """List the agents' claims as (agent, round, slug, fencing number), by number."""
        found = []
        for path in self.notes.iterdir():
            agent, _, round_ = path.name.rpartition(".")
            slug, _, number = path.read_text().partition("GITTRACKER_LEASE=")[2].split()[0].rpartition(":")
            found.append((agent, int(round_), slug, int(number)))
        return sorted(found, key=lambda claim: claim[3])


def make(kind: str, source: Path, folder: Path) -> Crew:
    """Import somebody's tracker, commit it beside some code, and make the worktrees."""
    home = make_tracker(folder / "repo")
    home.ok("import", kind, str(source))
    (home.path / "code.py").write_text("print(1)\n")
    home.commit("the beginning")
    crew = Crew(home, folder / "notes")
    crew.notes.mkdir()
    for name in crew.works:
        home.ok("worktree", "create", name)
    return crew


def edit(crew: Crew, number: int = 1, first: int = 900) -> None:
    """Have people edit: tickets that agents want, tickets that both edit, and one field that both want otherwise.

    What they write is of the round with this `number`; the tickets that they make have numbers from the first one on.
    """
    tickets = crew.home.json("ready", "--limit", "30", "--query", "-label:by-hand")["tickets"]
    crew.titles = {one["slug"]: one["title"] for one in tickets}
    ready = list(crew.titles)
    again = f" ({number})" if number > 1 else ""
    emma, vim = (Editor(crew.works[name], name, crew.seen, number) for name in EDITORS)
    for count, slug in enumerate(ready[:6]):
        hand = (emma, vim)[count % 2]
        hand.label(slug, f"seen-by-{hand.name}")
        hand.comment(slug, f"{hand.name} knows more ({number})")
        hand.append(slug, f"- [ ] {hand.name} wants this too")
    both, parted, moved, one, other = ready[-5:]
    crew.both, crew.parted, crew.removed = both, parted, (one, other)
    refs = {ticket["slug"]: ticket["ref"] for ticket in tickets}
    crew.removed_refs = refs[one], refs[other]
    emma.set(both, "title", f"What emma calls it{again}")
    vim.set(both, "assignee", f"vim{again}")
    vim.label(both, "vim")
    emma.comment(both, f"emma on the same ticket ({number})")
    vim.comment(both, f"vim on the same ticket ({number})")
    emma.set(parted, "title", f"Emma wants it so{again}")
    vim.set(parted, "title", f"Vim wants it otherwise{again}")
    crew.seen.disputed.add((parted, "title"))
    emma.set(moved, "status", "in-progress")
    vim.set(moved, "due", "2027-01-31")
    emma.delete(one)
    vim.delete(other)
    for count, hand in enumerate((emma, vim)):
        hand.create(f"OW-{first + count}", f"Thought of by {hand.name}{again}")
    for hand in (emma, vim):
        (hand.work.path / f"{hand.name}.py").write_text(f"print({number})\n")


def commit(crew: Crew) -> None:
    """Have everybody commit what is there, the agents by the tool and their code with git."""
    for name in AGENTS:
        crew.works[name].ok("commit", "-m", f"{name}: tickets")
        with (crew.works[name].path / f"{name}.py").open("a") as file:
            file.write("print(3)\n")
    for name, work in crew.works.items():
        work.commit(f"{name}: code")


def merge(work: Repo, branch: str) -> None:
    """Merge a branch with git; what is disputed is settled as the board has it."""
    work.git("merge", "-q", "-m", f"merge {branch}", branch, check=False)
    if work.git("ls-files", "-u"):
        work.ok("resolve", "--all", "--board")
        work.git("commit", "-q", "--no-edit")
    assert work.git("status", "--porcelain") == ""
    work.git("merge-base", "--is-ancestor", branch, "HEAD")
