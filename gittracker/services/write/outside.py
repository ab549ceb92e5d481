"""What changed around the tool: journalled before a command's own entry."""

from __future__ import annotations

import os

from gittracker.formats import entry
from gittracker.formats.entry import Message
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.index import history, notes
from gittracker.store import atomic, kinds, layout, settings, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git import history as git_history
    from gittracker.index.boards import Replica
    from gittracker.index.db import Index
    from gittracker.services.tracker import Tracker

    Changes = list[tuple[str, bytes | None, bytes | None]]

_MOST = 50
BY_GIT, BY_EDITOR = "git", "editor"
# Trees of what git wrote: the second is there from a merge that met conflicts until that is concluded.
_GIT_LEFT = ("HEAD", "AUTO_MERGE")


def catch_up(tracker: Tracker, tip: str) -> None:
    """Read the entries that the index doesn't have: of this worktree's journal, and those that wait for it."""
    catch_up_at(tracker, tracker.root, tracker.worktree, tip)


def catch_up_at(tracker: Tracker, root: str, worktree: str, tip: str) -> None:
    """Read the entries that the index doesn't have of one worktree, given its tracker and its number."""
    _read_journal(tracker, worktree, tip)
    seen = pending_tip(root, tip)
    if seen != history.tip(tracker.index, history.PENDING, worktree):
        from gittracker.services.write import waiting
        waiting.put_rows(tracker, root, worktree, seen)


def pending_tip(root: str, tip: str) -> str:
    """Name what waits in a worktree for its journal, whose newest entry is `tip`; empty where nothing does."""
    stamp = stamps.of_file(f"{root}/{layout.PENDING}")
    return f"{stamp} {tip}" if stamp else ""


def catch_up_all(tracker: Tracker) -> None:
    """Read the entries that the index doesn't have of every worktree's journal, of removed worktrees too."""
    tips = journal.tips(tracker.journal)
    catch_up(tracker, tips.get(tracker.worktree, ""))
    for worktree, tip in tips.items():
        _read_journal(tracker, worktree, tip)


def catch_up_foreign(tracker: Tracker) -> None:
    """Read the entries of other clones that `sync --journals` has fetched and the index doesn't have."""
    index, folder = tracker.index, tracker.journal
    known = set(history.foreign(index))
    if not known and not any(os.path.exists(f"{folder}/{name}") for name in ("refs/foreign", "packed-refs")):
        return
    from gittracker.git import history as git_history
    from gittracker.git import journalsync
    tips = journalsync.foreign(folder)
    for name in known | tips.keys():
        tip, before = tips.get(name, ""), history.tip(index, history.FOREIGN, name)
        if tip == before:
            continue
        with index:
            if before and not (tip and git_history.contains(folder, tip, before)):
                history.forget(index, history.FOREIGN, name)
                before = ""
            if tip:
                add(index, history.FOREIGN, name, git_history.read(folder, tip, before))
                history.set_tip(index, history.FOREIGN, name, tip)


def _read_journal(tracker: Tracker, worktree: str, tip: str) -> None:
    known = history.tip(tracker.index, history.JOURNAL, worktree)
    if tip == known:
        return
    from gittracker.git import history as git_history
    with tracker.index as index:
        # Rows come after the entry they are of: asked in here, the journal is never behind what the index has read.
        tip, known = journal.tip(tracker.journal, worktree), history.tip(index, history.JOURNAL, worktree)
        if tip == known:
            return
        if known and not (tip and git_history.contains(tracker.journal, tip, known)):
            history.forget(index, history.JOURNAL, worktree)
            index.put(f"gap:{worktree}", known)  # `audit verify` tells
            known = ""
        if tip:
            add(index, history.JOURNAL, worktree, git_history.read(tracker.journal, tip, known))
        history.set_tip(index, history.JOURNAL, worktree, tip)


def add(index: Index, source: str, worktree: str, commits: list[git_history.Commit]) -> None:
    """Add what git gave, oldest first; what is there already is left alone."""
    for commit in commits:
        actor = commit.message.actor or commit.author
        history.put(index, source, worktree, commit.id, actor, commit.author, commit.at, commit.message.subject,
                    commit.message.undoes, commit.changes, commit.message.command)


def put_entry(index: Index, worktree: str, oid: str, commit: Commit, rows: list[tuple[str, str, str]]) -> None:
    """Add an entry that was just written."""
    message = entry.read(commit.message)
    history.put(index, history.JOURNAL, worktree, oid, message.actor, commit.author, commit.at, message.subject,
                message.undoes, rows, message.command)


def note(index: Index, view: str, one: Replica, places: set[str]) -> None:
    """Remember what was changed around the tool in another worktree, for the next write there to journal."""
    from gittracker.index import boards
    notes.add(index, one.number, [
        path for path, (_, blob) in boards.versions(index, view, one.name).items()
        if blob and kinds.place(path) in places and history.latest(index, one.number, path) != blob])


def commits(tracker: Tracker, changes: Changes) -> list[Commit]:
    """Make the entries for bytes that the journal doesn't hold: of these paths, and of those noted by reads."""
    found: dict[str, bytes] = {}
    held: set[str] = set()
    noted = notes.listed(tracker.index, tracker.worktree, _MOST)
    before = {path: data for path, data, _ in changes}
    for path in dict.fromkeys([*before, *noted]):
        there = before[path] if path in before else atomic.read(tracker.path(path))
        data = for_history(tracker, path, there)
        latest = history.latest(tracker.index, tracker.worktree, path)
        if data is not None and blob_id(data, tracker.repository.object_format) != latest:
            found[path] = data
        if latest is not None or path in before:
            held.add(path)
    made = _sort(tracker, found, held)
    told = {path for commit in made for path, _ in commit.changes}
    # Also what git brought of a record that the journal doesn't hold: else a pull's notes would hide all later ones.
    notes.drop(tracker.index, tracker.worktree, [path for path in noted if path not in told])
    return made


def for_history(tracker: Tracker, path: str, data: bytes | None) -> bytes | None:
    """Give what history holds for a file: its bytes, or the pointer to them where git LFS keeps them."""
    if not layout.may_be_attached(path):
        return data
    from gittracker.services.attached import largefiles
    return largefiles.for_history(tracker, path, data)


def _sort(tracker: Tracker, found: dict[str, bytes], held: set[str]) -> list[Commit]:
    """Tell what git brought (bytes equal to HEAD's, or left by a merge with conflicts) from what an editor did."""
    held_by_git = _held_by_git(tracker, [path for path in found if _can_be_gits(tracker, path)])
    by_git, by_editor = [], []
    for path, data in found.items():
        if blob_id(data, tracker.repository.object_format) in held_by_git.get(path, ()):
            if path in held:
                by_git.append((path, data))
        else:
            by_editor.append((path, data))
    return [_commit(tracker, actor, rows) for actor, rows in ((BY_GIT, by_git), (BY_EDITOR, by_editor)) if rows]


def _can_be_gits(tracker: Tracker, path: str) -> bool:
    """Tell whether git can have written a file: its index is written after the files, and there once it wrote any."""
    try:
        written = os.stat(os.path.join(tracker.repository.git_dir, "index")).st_mtime_ns
        return os.stat(tracker.path(path)).st_mtime_ns <= written
    except FileNotFoundError:
        return not os.path.exists(tracker.path(path))


def _held_by_git(tracker: Tracker, paths: list[str]) -> dict[str, list[str]]:
    """Give the blobs that git has for each of these files, in HEAD and the like."""
    if not paths:
        return {}
    from gittracker.git.objects import ids_at
    trees = [*_GIT_LEFT]
    if any(settings.is_one(path) for path in paths):
        from gittracker.services.board import homebranch
        trees += filter(None, [homebranch.find(tracker)[0]])
    names = {path: [f"{tree}:.openkit/{path}" for tree in trees] for path in paths}
    known = ids_at(tracker.repository.top, [name for some in names.values() for name in some])
    return {path: [known[name] for name in some if name in known] for path, some in names.items()}


def _commit(tracker: Tracker, actor: str, rows: list[tuple[str, bytes]]) -> Commit:
    name, email = tracker.committer
    what = rows[0][0] if len(rows) == 1 else f"{len(rows)} files"
    shown = what.encode(errors="surrogateescape").decode(errors="replace")
    message = Message(f"{shown} as found", [], actor)
    return Commit(name, email, tracker.clock() // 1_000_000_000, message.render(), list(rows))
