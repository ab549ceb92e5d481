"""Whether the journal is whole: its objects, its entries against what was read and promised before."""

from __future__ import annotations

import os

from gittracker.domain.audit import Finding
from gittracker.domain.times import utc
from gittracker.git import objects
from gittracker.git.run import git
from gittracker.index import history as rows
from gittracker.store import receipts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.audit import Audit
    from gittracker.git.history import Commit
    from gittracker.services.past.journals import Journals
    from gittracker.services.tracker import Tracker

_MOST_LINES = 50
_SHORT = 10


def check_objects(tracker: Tracker, audit: Audit) -> bool:
    """Let git check every object of the journal; tells whether all are there and whole."""
    if not os.path.isdir(tracker.journal):
        return True
    counted = git(tracker.journal, "count-objects", "-v").text
    audit.checked["objects"] = sum(int(line.rpartition(" ")[2]) for line in counted.split("\n")
                                   if line.startswith(("count: ", "in-pack: ")))
    done = git(tracker.journal, "fsck", "--full", "--no-dangling", "--no-progress", "--no-reflogs")
    said = [line.strip() for line in f"{done.text}\n{done.err}".split("\n") if line.strip()]
    if done.status:
        audit.findings += [Finding("broken", f"journal.git: {line}") for line in said[:_MOST_LINES]]
    return not done.status


def check_entries(tracker: Tracker, journals: Journals, audit: Audit) -> None:
    """Compare the entries with what the index read, and with who writes entries."""
    written = not tracker.worktree.startswith("?")
    known = {rows.tip(tracker.index, rows.JOURNAL, tracker.worktree), tracker.index.get(f"gap:{tracker.worktree}")}
    for tip in sorted(one for one in known if one and one not in journals.entries):
        audit.findings.append(Finding("gap", f"entry {tip[:_SHORT]} was read before, and the journal no longer has it",
                                      entry=tip))
    if written and not os.path.isdir(tracker.journal):
        audit.findings.append(Finding("gap", "this clone has written entries, and its journal is gone"))
    elif written and tracker.worktree not in journals.streams:
        audit.findings.append(Finding("gap", f"this worktree ({tracker.worktree}) has written entries, and the journal "
                                      "has none of them"))
    audit.checked["entries"] = len(journals.entries)
    for one in journals.entries.values():
        if not one.message.actor:
            audit.findings.append(Finding("foreign", f"{one.message.subject}: no actor, so the tool did not write it",
                                          entry=one.id, actor=one.author, at=utc(one.at)))


def check_receipts(tracker: Tracker, journals: Journals, audit: Audit) -> None:
    """Compare each receipt that is kept with the entry that it names."""
    for name, kept in receipts.every(tracker.state):
        audit.checked["receipts"] += 1
        path = f"receipts/{name}"
        if kept is None:
            audit.findings.append(Finding("receipt", f"{path} can't be read", path))
            continue
        for one in kept["receipts"]:
            problem = _problem(journals, one)
            if problem:
                audit.findings.append(Finding("receipt", f"the receipt of key \"{kept['key']}\" names {problem}", path,
                                              entry=str(one.get("entry") or "")))


def _problem(journals: Journals, receipt: dict[str, object]) -> str:
    """Say what is wrong with one receipt, empty where it and the journal agree."""
    entry, path, etag = receipt.get("entry"), str(receipt.get("path", "")), receipt.get("new_etag")
    if not entry:
        return ""
    found = journals.entries.get(str(entry)) or journals.pruned.get(str(entry))
    if found is None:
        return f"entry {str(entry)[:_SHORT]}, which the journal does not have"
    left = {at: new for at, _, new in found.changes}.get(path.removeprefix(".openkit/"))
    if left is None:
        return f"{path}, which entry {str(entry)[:_SHORT]} did not change"
    if left == (etag or ""):
        return ""
    return f"{etag or 'nothing'} for {path}, where entry {str(entry)[:_SHORT]} left {left or 'nothing'}"


def check_commits(tracker: Tracker, commits: list[Commit], audit: Audit) -> None:
    """Look whether the repository has the files that commits name; a partial clone fetches them when it needs them."""
    if git(tracker.repository.top, "config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$").text:
        audit.limits.append("the clone is partial: whether files of commits are missing was not checked")
        return
    wanted = {new: (one, path) for one in commits for path, _, new in one.changes if new}
    there = objects.ids_at(tracker.repository.top, list(wanted))
    for blob, (one, path) in wanted.items():
        if blob not in there:
            audit.findings.append(Finding("missing", f"the bytes of {path} ({blob[:_SHORT]})", path, commit=one.id,
                                          actor=one.author, at=utc(one.at)))
