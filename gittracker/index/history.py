"""History rows: which entry or commit changed which path, read from git bit by bit."""

from __future__ import annotations

from gittracker.domain.times import utc
from gittracker.index import undated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.db import Index

    # path, blob it was left with, when, source, actor, worktree, number
    Dated = tuple[str, str, int, str, str, str, int]

# Entries in the journal, those of sandboxed commands that wait for it, the branch's commits, other clones' entries.
# The last are the commits that a replica has beside its base, for the board, which is all replicas merged.
JOURNAL, PENDING, BRANCH, FOREIGN, REPLICA = "journal", "pending", "branch", "foreign", "replica"
_COMMITS = (BRANCH, REPLICA)
# Every entry of ours, wherever it is; what waits comes after what is journalled.
OURS = "source IN ('journal', 'pending')"
# SQLite takes no lone surrogates, which stand for a path's bytes that aren't UTF-8; these code points mean nothing.
_KEPT = {0xDC00 + byte: 0x10FF00 + byte for byte in range(0x80, 0x100)}
_GIVEN = {kept: given for given, kept in _KEPT.items()}


def keep(path: str) -> str:
    """Write a path as the index can keep it."""
    return path if path.isascii() else path.translate(_KEPT)


def give(path: str) -> str:
    """Read a path as it was before `keep`."""
    return path if path.isascii() else path.translate(_GIVEN)


def put(index: Index, source: str, worktree: str, oid: str, actor: str, author: str, at: int, subject: str,
        undoes: str, changes: list[tuple[str, str, str]], command: str = "") -> None:
    """Add one entry with its changes (path, old blob, new blob)."""
    cursor = index.run("INSERT OR IGNORE INTO entry(source, worktree, id, actor, author, at, subject, undoes, "
                       "command) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", source, worktree, oid, actor, author, at, subject,
                       undoes, command)
    if cursor.rowcount:
        index.many("INSERT INTO change VALUES (?, ?, ?, ?)", [(cursor.lastrowid, keep(path), old, new)
                                                              for path, old, new in changes])
        if source != FOREIGN:
            undated.add(index, (keep(path) for path, _, _ in changes))


def tip(index: Index, source: str, worktree: str) -> str:
    """Give the newest commit that has been read."""
    return index.get(f"tip:{source}:{worktree}") or ""


def set_tip(index: Index, source: str, worktree: str, oid: str) -> None:
    """Note the newest commit that has been read."""
    index.put(f"tip:{source}:{worktree}", oid)


def forget(index: Index, source: str, worktree: str) -> None:
    """Drop what was read of a source, to read it anew."""
    _drop(index, "source = ? AND worktree = ?", source, worktree)
    index.run("DELETE FROM meta WHERE key = ?", f"tip:{source}:{worktree}")


def remove(index: Index, source: str, worktree: str, oids: list[str]) -> None:
    """Drop entries that a source doesn't have any more."""
    for oid in oids:
        _drop(index, "source = ? AND worktree = ? AND id = ?", source, worktree, oid)


def ids(index: Index, source: str, worktree: str) -> set[str]:
    """Give the entries that are known of a source."""
    return {oid for oid, in index.run("SELECT id FROM entry WHERE source = ? AND worktree = ?", source, worktree)}


def paths_of(index: Index, source: str, worktree: str, oids: list[str]) -> set[str]:
    """Give the paths that some of its entries changed."""
    return {give(path) for oid in oids for path, in index.run(
        "SELECT c.path FROM change c JOIN entry e ON e.seq = c.entry WHERE e.source = ? AND e.worktree = ? AND "
        "e.id = ?", source, worktree, oid)}


def _drop(index: Index, which: str, *values: str) -> None:
    entries = f"entry IN (SELECT seq FROM entry WHERE {which})"
    if values[0] != FOREIGN:
        undated.add(index, (path for path, in index.all(f"SELECT DISTINCT path FROM change WHERE {entries}", *values)))
    index.run(f"DELETE FROM change WHERE {entries}", *values)
    index.run(f"DELETE FROM entry WHERE {which}", *values)


def latest(index: Index, worktree: str, path: str, source: str = "") -> str | None:
    """Give the blob that an entry last left for a path: empty if removed, None if none did."""
    which = "e.source = ?" if source else f"e.{OURS} AND ? = ''"
    row = index.one("SELECT c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? "
                    f"AND {which} AND e.worktree = ? ORDER BY e.seq DESC LIMIT 1", keep(path), source, worktree)
    return row[0] if row else None


def left_at(index: Index, worktree: str, path: str, blob: str) -> int:
    """Give when a command or an editor last left a path with a blob (empty: removed), 0 where none did."""
    row = index.one("SELECT max(e.at) FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? AND c.new = ? AND "
                    f"e.worktree = ? AND e.actor <> 'git' AND e.{OURS}", keep(path), blob, worktree)
    return int(row[0] or 0)


def removed(index: Index) -> set[str]:
    """Give the paths that a command of this clone has ever removed."""
    return {give(str(path)) for path, in index.all(
        "SELECT DISTINCT c.path FROM change c JOIN entry e ON e.seq = c.entry WHERE c.new = '' AND "
        f"e.actor NOT IN ('git', 'editor') AND e.{OURS}")}


def below(index: Index, worktree: str, folder: str) -> list[Any]:
    """List (path, old, new, at, source, actor, entry id) of all changes below a folder, oldest first.

    Without a worktree, those of all in this clone.
    """
    return index.all("SELECT c.path, c.old, c.new, e.at, e.source, e.actor, e.id FROM change c "
                     "JOIN entry e ON e.seq = c.entry WHERE (e.worktree = ? OR ? = '') AND c.path >= ? AND c.path < ? "
                     "AND e.source NOT IN ('foreign', 'replica') ORDER BY e.at, e.source, e.seq", worktree, worktree,
                     folder + "/", folder + "0")


def replica(view: str, name: str) -> str:
    """Name what a replica's commits are kept by in place of a worktree."""
    return f"{view}>{name}"


# What dates a view's files: its worktree's entries and commits; of what the board shows otherwise, every worktree's
# journal and the replicas' commits, too.
_DATING = ("e.source <> 'foreign' AND (e.worktree = ? OR e.source = 'journal' OR (e.source = 'replica' AND "
           "e.worktree >= ? AND e.worktree < ?))")


def _dating(worktree: str, view: str) -> tuple[str, str, str]:
    return worktree, f"{view}>", f"{view}?"  # which comes next


def holds(index: Index, worktree: str, view: str, path: str, blob: str) -> bool:
    """Tell whether history has a file's bytes, so that it dates them where the board shows them."""
    return index.one("SELECT 1 FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? AND c.new = ? AND "
                     f"e.actor <> 'git' AND {_DATING}", keep(path), blob, *_dating(worktree, view)) is not None


def dated(index: Index, worktree: str, first: str, behind: str, view: str) -> dict[str, list[Dated]]:
    """Give by ticket folder what dates the tickets whose paths lie between two: a worktree's changes, those that other
    worktrees' journals have, and those of a view's replicas. A folder's are in the order of time.
    """
    found: dict[str, list[Dated]] = {}
    for path, *rest in index.run(
            "SELECT c.path, c.new, e.at, e.source, e.actor, e.worktree, e.seq FROM change c JOIN entry e ON "
            f"e.seq = c.entry WHERE c.path >= ? AND c.path < ? AND {_DATING} ORDER BY e.at, e.source, e.seq", first,
            behind, *_dating(worktree, view)):
        given = give(path)
        found.setdefault("/".join(given.split("/", 3)[:3]), []).append((given, *rest))
    return found


def updated_at(changes: list[Dated], worktree: str, files: list[tuple[str, str, int]], every: bool) -> str:
    """Give the newest moment of a folder, given what dates it and its files as (path, blob, mtime in ns).

    That is the last change by journal or branch, or the mtime of bytes that neither holds. With `every`, all of it
    counts for what the board shows otherwise than its ground has it. What the journal has as git's is the branch's.
    """
    if not changes:
        return utc(max(mtime for _, _, mtime in files) // 1_000_000_000)
    held: dict[str, set[str]] = {}
    newest = 0
    said: set[tuple[str, str]] = set()
    for path, new, at, source, actor, where, _ in changes:
        if not every and where != worktree:
            continue
        if actor != "git":
            held.setdefault(path, set()).add(new)
            if at > newest and (source not in _COMMITS or (path, new) not in said):
                newest = at
        if source not in _COMMITS:
            said.add((path, new))
    for path, blob, mtime in files:
        if mtime > newest * 1_000_000_000 and blob not in held.get(path, ()):
            newest = mtime // 1_000_000_000
    return utc(newest)


def left(changes: list[Dated], worktree: str, path: str) -> str | None:
    """Give the blob that an entry of ours last left for a path, as `latest` does, given what dates its folder."""
    found = [(seq, new) for one, new, _, source, _, where, seq in changes
             if one == path and where == worktree and source in (JOURNAL, PENDING)]
    return max(found)[1] if found else None


def told(index: Index, worktree: str, other: str) -> Any:
    """Go through all changes below tickets/ and of one other path, a source's in its order.

    Each is (path as kept, old, new, at, source, actor).
    """
    return index.run("SELECT c.path, c.old, c.new, e.at, e.source, e.actor FROM change c JOIN entry e "
                     "ON e.seq = c.entry WHERE e.worktree = ? AND (c.path >= 'tickets/' AND c.path < 'tickets0' "
                     "OR c.path = ?) ORDER BY e.seq", worktree, other)


def paths_below(index: Index, folder: str) -> set[str]:
    """Give all paths below a folder that this clone's history knows."""
    return {path for path, in index.run("SELECT c.path FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path >= ? "
                                        "AND c.path < ? AND e.source NOT IN ('foreign', 'replica')", folder + "/",
                                        folder + "0")}


def paths(index: Index) -> list[str]:
    """List all paths that history knows."""
    return [path for path, in index.run("SELECT DISTINCT path FROM change")]


def entries_since(index: Index, worktree: str, at: int) -> list[str]:
    """List the journal's entries that are not older than a moment."""
    return [oid for oid, in index.run("SELECT id FROM entry WHERE worktree = ? AND source = 'journal' AND at >= ?",
                                      worktree, at)]


def actor_of(index: Index, worktree: str, oid: str) -> str:
    """Give who made an entry of the journal, empty where it is not known."""
    row = index.one("SELECT actor FROM entry WHERE source = ? AND worktree = ? AND id = ?", JOURNAL, worktree, oid)
    return str(row[0]) if row else ""


def newest(index: Index, worktree: str) -> Any:
    """Go through our entries from the newest: (seq, id, subject, actor, undoes, whether it can be undone).

    The entry that made the tracker can't, nor what is left of a purged one.
    """
    return index.run("SELECT seq, id, subject, actor, undoes, EXISTS (SELECT 1 FROM change WHERE entry = seq) AND "
                     "NOT EXISTS (SELECT 1 FROM change WHERE entry = seq AND path = 'config.json' AND old = '') "
                     f"FROM entry WHERE worktree = ? AND {OURS} ORDER BY seq DESC", worktree)


def gone_folders(index: Index) -> list[str]:
    """List the folders of all tickets that history knows."""
    return [path.rpartition("/")[0] for path, in index.run(
        "SELECT DISTINCT path FROM change WHERE path LIKE 'tickets/%/ticket.md'")]


def foreign(index: Index) -> list[str]:
    """Name the journals of other clones, as `<clone>/<worktree>`, whose entries are known."""
    return [name for name, in index.run("SELECT DISTINCT worktree FROM entry WHERE source = ?", FOREIGN)]
