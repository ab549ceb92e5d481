"""Clones of one remote at work: whatever they edit, commit, branch, merge, rebase and sync, nothing gets lost.

Every edit has a value of its own, so that at the end each can be asked for: it stands in the result, or somebody who
had seen it changed it, or a sync reported that it went.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fleet import Clone, Fleet, comments, copy_fleet, make_fleet, show

NAMES = ("ann", "bob", "cleo", "dan", "eve")
_FIELDS = ("title", "assignee", "description")
_ROUNDS = 8
_REFUSED = 5


def template(folder: Path) -> Fleet:
    """Make the fleet that simulations begin with."""
    fleet = make_fleet(folder)
    for name in NAMES[1:]:
        fleet.clone(name)
    return fleet


class Simulation:
    """The fleet, and what is known of every edit; operations take the clone's and the ticket's number, of any size."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.fleet: Fleet = copy_fleet(source, folder)
        self.clones = [self.fleet.clone(name) for name in NAMES]
        self.count = 0
        self.values: dict[tuple[str, str, str], bool] = {}  # (ref, field, value): whether it may be gone
        self.labels: dict[tuple[str, str], bool] = {}  # (ref, label): whether it was taken off
        self.remarks: dict[str, str] = {}  # comments by text: the ticket's ref
        self.refs: set[str] = set()
        self.epics: set[str] = set()  # titles
        self.pages: dict[str, str] = {}  # text by name
        self.pads: dict[tuple[str, str], str] = {}  # text by (ref, section); each section has one writer
        self.reports: list[dict[str, Any]] = []
        self.trace: list[str] = []

    def _told(self, number: int, *words: str) -> Clone:
        clone = self.clones[number % len(self.clones)]
        self.trace.append(f"{clone.path.name}: {' '.join(words)}")
        return clone

    def _new(self, what: str) -> str:
        self.count += 1
        return f"{what}-{self.count}"

    def _ticket(self, clone: Clone, number: int) -> Any:
        """Pick a ticket by its ref, which stays whatever happens to its slug."""
        found = sorted(clone.json("ls", "--all", "--here")["tickets"], key=lambda one: str(one["ref"]))
        return found[number % len(found)]

    def _writes(self, clone: Clone, *args: str) -> bool:
        """Write; the board may refuse what it would not show, as what an unmerged upstream has would stand above it."""
        done = clone.run(*args)
        assert done.status in (0, _REFUSED), done.err
        self.trace[-1] += " (refused)" if done.status else ""
        return not done.status

    def create(self, clone_number: int) -> None:
        """Make a ticket, whose number another clone may give as well."""
        title = self._new("ticket")
        clone = self._told(clone_number, "new", title)
        ref = clone.json("new", title)["ticket"]["ref"]
        self.refs.add(ref)
        self.values[ref, "title", title] = False

    def edit(self, clone_number: int, ticket: int, field: int) -> None:
        """Set a field; whoever sets it has seen what it was."""
        name, value = _FIELDS[field % len(_FIELDS)], self._new("value")
        clone = self._told(clone_number, "edit", str(ticket), name, value)
        one = self._ticket(clone, ticket)
        seen = {show(clone, one["ref"])[name], json.loads(clone.ok("show", one["ref"], "--json"))[name]}
        if not self._writes(clone, "update", one["ref"], f"--{name}", value):
            return
        self.refs.add(one["ref"])
        for before in seen:
            self.values[one["ref"], name, before or ""] = True
        self.values[one["ref"], name, value] = False

    def label(self, clone_number: int, ticket: int) -> None:
        """Put a label on that nobody else has."""
        label = self._new("label")
        clone = self._told(clone_number, "label", str(ticket), label)
        one = self._ticket(clone, ticket)
        if self._writes(clone, "update", one["ref"], "--label-add", label):
            self.labels[one["ref"], label] = False

    def unlabel(self, clone_number: int, ticket: int) -> None:
        """Take a label off."""
        clone = self._told(clone_number, "unlabel", str(ticket))
        one = self._ticket(clone, ticket)
        labels = [label for label in one["labels"] if (one["ref"], label) in self.labels]
        if labels and self._writes(clone, "update", one["ref"], "--label-remove", labels[0]):
            self.labels[one["ref"], labels[0]] = True

    def comment(self, clone_number: int, ticket: int) -> None:
        """Comment on a ticket."""
        text = self._new("remark")
        clone = self._told(clone_number, "comment", str(ticket), text)
        one = self._ticket(clone, ticket)
        clone.ok("comment", "add", one["ref"], "--body", text)
        self.remarks[text] = one["ref"]

    def epic(self, clone_number: int) -> None:
        """Make an epic, whose number another clone may give as well."""
        title = self._new("epic")
        self._told(clone_number, title).ok("epic", "create", title)
        self.epics.add(title)

    def page(self, clone_number: int) -> None:
        """Write to a page that only this clone writes."""
        clone = self._told(clone_number, "page")
        name, text = f"OW/{clone.path.name}", self._new("text")
        clone.ok("page", "write", name, "--body", text)
        self.pages[name] = text

    def workpad(self, clone_number: int, ticket: int) -> None:
        """Write a section of a workpad that only this clone writes."""
        clone = self._told(clone_number, "workpad", str(ticket))
        one, text = self._ticket(clone, ticket), self._new("text")
        clone.ok("workpad", "set", one["ref"], "--section", clone.path.name, "--body", text)
        self.pads[one["ref"], clone.path.name] = text

    def code(self, clone_number: int) -> None:
        """Commit code, on a file of its own."""
        name = self._new("file") + ".py"
        self._told(clone_number, "code", name).code(name)

    def branch(self, clone_number: int) -> None:
        """Commit code on a branch, and merge that."""
        name = self._new("branch")
        clone = self._told(clone_number, "branch", name)
        clone.ok("commit")
        clone.git("switch", "-q", "-c", name)
        clone.code(f"{name}.py")
        clone.git("switch", "-q", "main")
        clone.git("merge", "-q", "--no-ff", "-m", f"merge {name}", name)

    def commit(self, clone_number: int) -> None:
        """Commit the tracker's edits."""
        self._told(clone_number, "commit").ok("commit")

    def pull(self, clone_number: int, rebase: bool) -> None:
        """Pull as plain git does, and give up where that conflicts, as it may when no sync came before."""
        clone = self._told(clone_number, "pull", "--rebase" if rebase else "--no-rebase")
        clone.ok("commit")
        clone.git("pull", "-q", "--rebase" if rebase else "--no-rebase", check=False)
        for what in ("rebase", "merge"):
            clone.git(what, "--abort", check=False)
        assert not clone.git("status", "--porcelain")

    def push(self, clone_number: int) -> None:
        """Push with plain git, which may be refused."""
        self._told(clone_number, "push").git("push", "-q", check=False)

    def sync(self, clone_number: int) -> dict[str, Any]:
        """Sync; no code moves in either direction."""
        clone = self._told(clone_number, "sync")
        clone.git("fetch", "-q")
        before = [_code(clone, commit) for commit in ("HEAD", "origin/main")]
        found: dict[str, Any] = clone.sync()
        self.trace[-1] += f": {found['how']} {found['disputes'] or ''} {found['kept'] or ''}"
        assert before == [_code(clone, commit) for commit in ("HEAD", "origin/main")]
        assert clone.is_clean()
        self.reports.append(found)
        return found

    def settle(self) -> None:
        """Sync all round until nobody has anything to say."""
        for _ in range(_ROUNDS):
            if {self.sync(number)["how"] for number in range(len(self.clones))} == {"up-to-date"}:
                return
        raise AssertionError("the clones don't come to rest")

    def check(self) -> None:
        """Check at the end that all have the same, that nothing is lost, and that numbers are unique."""
        self.settle()
        trees = {one.tracker_tree() for one in self.clones} | {self.fleet.remote.git("rev-parse", "main:.openkit")}
        assert len(trees) == 1
        clone = self.clones[0]
        tickets = {one["ref"]: one for one in clone.json("ls", "--all")["tickets"]}
        assert self.refs <= tickets.keys()
        slugs = [one["slug"] for one in tickets.values()]
        assert len(set(slugs)) == len(slugs)
        self._check_values(clone)
        self._check_others(clone)
        for (ref, label), gone in self.labels.items():
            assert (label in tickets[ref]["labels"]) is not gone, (ref, label)
        there = {text for ref in tickets for text in comments(clone, ref)}
        assert self.remarks.keys() <= there

    def _check_others(self, clone: Clone) -> None:
        epics = clone.json("epic", "list", "--all")["epics"]
        assert {one["title"] for one in epics} == self.epics
        assert len({one["slug"] for one in epics}) == len(epics)
        for name, text in self.pages.items():
            assert text in (clone.tracker / f"pages/{name}.md").read_text(), name
        for (ref, section), text in self.pads.items():
            assert text in clone.ok("workpad", "show", ref), (ref, section)

    def _check_values(self, clone: Clone) -> None:
        shown = {ref: json.loads(clone.ok("show", ref, "--json")) for ref, _, _ in self.values}
        dropped = {(one["field"], one["dropped"]) for report in self.reports for one in report["disputes"]}
        for (ref, field, value), may_be_gone in self.values.items():
            name = "body" if field == "description" else field
            assert may_be_gone or shown[ref][field] == value or (name, value) in dropped, (ref, field, value)


def _code(clone: Clone, commit: str) -> str:
    """Give the files of a commit outside the tracker."""
    lines = clone.git("ls-tree", commit).splitlines()
    return "\n".join(line for line in lines if not line.endswith("\t.openkit"))
