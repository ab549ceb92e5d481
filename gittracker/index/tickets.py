"""Ticket rows: values in, values out, and looked up by name."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import AmbiguousError
from gittracker.domain.fields import Kind
from gittracker.domain.ticket import Ticket
from gittracker.index import edges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gittracker.index.db import Index

    Place = tuple[int, str, str, str]  # row, folder, slug, ref

# Columns beside the field table's. `number` and `key` are the slug's, `rank` is the priority's place, `waits` says how
# many open tickets one waits for, `questions` how many of its comments are questions that nobody has answered.
DERIVED = ("worktree TEXT NOT NULL", "folder TEXT NOT NULL", "etag TEXT NOT NULL", "key TEXT", "number INTEGER",
            "rank INTEGER", "stage TEXT", "updated_at TEXT", "comment_count INTEGER", "extra TEXT", "waits INTEGER",
            "questions INTEGER")
COLUMNS = (*(column.partition(" ")[0] for column in DERIVED), *Ticket.FIELDS)
SELECT = "t.id, " + ", ".join(f"t.{name}" for name in COLUMNS)
# Only sets and flags have another form in SQL.
_BACK = [(name, field.kind.from_sql, field.kind.empty) for name, field in Ticket.FIELDS.items()
         if type(field.kind).from_sql is not Kind.from_sql]
_FIRST = 1 + len(DERIVED)  # of the field table's columns

_AT_ONCE = 500  # some builds of SQLite take 999 values


class Row:
    """One ticket as the index knows it; `ticket.body` is loaded only where it was asked for."""

    __slots__ = ("id", "worktree", "folder", "etag", "stage", "updated_at", "comment_count", "questions", "ticket",
                 "ready")

    def __init__(self, values: tuple[Any, ...], body: str = "", ready: bool = False) -> None:
        (self.id, self.worktree, self.folder, self.etag, _, _, _, self.stage, self.updated_at, self.comment_count,
         extra, _, self.questions) = values[:_FIRST]
        self.ready = ready
        fields = dict(zip(Ticket.FIELDS, values[_FIRST:], strict=True))
        for name, back, empty in _BACK:
            fields[name] = back(fields[name]) if fields[name] else empty
        self.ticket = Ticket.of_all(fields, body, _read_extra(extra) if extra else {})


def load(index: Index, row_id: int, body: bool = True) -> Row | None:
    """Give a ticket with whether it is ready, and its description where asked for."""
    return next(iter(load_all(index, [row_id], body)), None)


def load_all(index: Index, row_ids: list[int], bodies: bool = True) -> list[Row]:
    """Give tickets by row, in that order, with whether they are ready, and their descriptions where asked for."""
    text = "(SELECT description FROM doc d WHERE d.id = t.id)" if bodies else "''"
    found: dict[int, Row] = {}
    for start in range(0, len(row_ids), _AT_ONCE):
        some = row_ids[start:start + _AT_ONCE]
        rows = index.run(f"SELECT {SELECT}, ({edges.READY}), {text} FROM ticket t "
                         f"WHERE t.id IN ({', '.join('?' * len(some))})", *some)
        found.update((values[0], Row(values[:-2], values[-1], bool(values[-2]))) for values in rows)
    return [found[row_id] for row_id in row_ids if row_id in found]


def find(index: Index, worktree: str, name: str, whole: bool = False) -> Row | None:
    """Find a ticket by a name, as `locate` does."""
    place = locate(index, worktree, name, whole)
    return load(index, place[0]) if place else None


def locate(index: Index, worktree: str, name: str, whole: bool = False) -> Place | None:
    """Tell where a ticket is by ref, slug, alias, dashed UUID, slug with suffix or (not if `whole`) a unique prefix.

    Raises AmbiguousError with the candidates.
    """
    for exact in (True,) if whole else (True, False):
        found = _matches(index, worktree, name, exact)
        if len(found) > 1:
            raise AmbiguousError(name, [folder.rpartition("/")[2] for _, folder, *_ in found[:8]])
        if found:
            return found[0]
    return None


def at(index: Index, worktree: str, folder: str) -> Row | None:
    """Find a ticket by the folder it lies in."""
    found = index.one("SELECT id FROM ticket WHERE worktree = ? AND folder = ?", worktree, folder)
    return load(index, found[0]) if found else None


def neighbours(index: Index, worktree: str, row_id: int, ref: str) -> list[tuple[int, str]]:
    """Give (id, folder) of the tickets that a ticket has links to, and of some that have links to it."""
    return index.all(
        "SELECT t.id, t.folder FROM edge e JOIN ticket t ON t.ref = e.target_ref AND t.worktree = ? WHERE e.ticket = ? "
        "UNION SELECT t.id, t.folder FROM edge e JOIN ticket t ON t.id = e.ticket AND t.worktree = ? "
        "WHERE e.target_ref = ? AND ? <> '' LIMIT 100",
        worktree, row_id, worktree, ref, ref)


def _matches(index: Index, worktree: str, name: str, exact: bool) -> list[Place]:
    uuid = ids.undashed(name)
    if exact:
        if uuid or ids.is_ref(name.lower()):
            wanted = f"{ids.TICKET}_{uuid}" if uuid else name.lower()
            return _places(index, "t.worktree = ? AND t.ref = ?", worktree, wanted)
        found = _places(index, "t.worktree = ? AND t.slug = ? COLLATE NOCASE", worktree, name)
        return found or _places(index, "t.worktree = ? AND t.id IN (SELECT ticket FROM alias WHERE name = ?)",
                              worktree, name) or _by_folder(index, worktree, name)
    if name[:4].lower() == "tik_":
        low = name.lower()
        return _places(index, "t.worktree = ? AND t.ref >= ? AND t.ref < ? LIMIT 9", worktree, low, low + "g")
    if len(name) < 2 or "%" in name or "_" in name:
        return []
    return _places(index, "t.worktree = ? AND t.slug LIKE ? LIMIT 9", worktree, name + "%")


def _by_folder(index: Index, worktree: str, name: str) -> list[Place]:
    """Find a ticket by its folder's name, which tells two of one slug apart."""
    slug = ids.slug_of_folder(name)
    parsed = ids.parse_slug(slug)
    if not parsed:
        return _places(index, "t.worktree = ? AND t.folder LIKE ? ESCAPE '#'", worktree,
                     "tickets/%/" + name.replace("#", "##").replace("%", "#%").replace("_", "#_"))
    # A folder keeps its name when its ticket moves to another project: it is looked for in its shard too.
    shard = f"tickets/{ids.shard(parsed[1])}"
    return [place for place in _places(index, "t.worktree = ? AND (t.slug = ? COLLATE NOCASE OR (t.folder > ? AND "
                                       "t.folder < ?))", worktree, slug, shard + "/", shard + "0")
            if place[1].rpartition("/")[2].lower() == name.lower()]


def _places(index: Index, where: str, *values: Any) -> list[Place]:
    return index.all(f"SELECT t.id, t.folder, t.slug, t.ref FROM ticket t WHERE {where}", *values)


LINE_END = "\x1e"  # stands for a line end inside a value


def _read_extra(text: str) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for line in text.strip("\n").split("\n") if text else ():
        key, _, value = line.replace(LINE_END, "\n").partition("=")
        if key.endswith("[]"):
            extra.setdefault(key[:-2], []).append(value)
        else:
            extra[key] = value
    return extra


def heads(index: Index, row_ids: list[int]) -> list[tuple[str, ...]]:
    """Give (folder, slug, ref, title, status, stage, type, priority, assignee) of tickets by row, in that order."""
    return [index.one("SELECT folder, slug, ref, title, status, stage, type, priority, assignee FROM ticket "
                      "WHERE id = ?", row_id) for row_id in row_ids]


def standing(index: Index, worktree: str) -> list[tuple[Any, ...]]:
    """List (row, folder, stage, type, status, assignee, created, started, completed, archived, updated) of all."""
    return index.all("SELECT id, folder, stage, type, status, assignee, created_at, started_at, completed_at, "
                     "archived, updated_at FROM ticket WHERE worktree = ?", worktree)


def comment_names(index: Index, row_id: int) -> list[str]:
    """List the names of a ticket's comment files."""
    return [name for name, in index.run("SELECT name FROM comment WHERE ticket = ?", row_id)]


def comment_stamps(index: Index, row_id: int) -> list[tuple[str, bytes]]:
    """List a ticket's comment files as (name, packed stamp)."""
    return index.all("SELECT name, stamp FROM comment WHERE ticket = ?", row_id)


def comments_without_ref(index: Index, worktree: str) -> list[tuple[str, str]]:
    """List the comments that have no ref as (folder of the ticket, file name)."""
    return index.all("SELECT t.folder, c.name FROM comment c JOIN ticket t ON t.id = c.ticket WHERE t.worktree = ? "
                     "AND c.ref = ''", worktree)


def folders(index: Index, worktree: str, slug: str = "") -> list[tuple[int, str]]:
    """List tickets as (row, folder), all of them or those of one slug, the oldest first."""
    if not slug:
        return index.all("SELECT id, folder FROM ticket WHERE worktree = ? ORDER BY folder", worktree)
    return index.all("SELECT id, folder FROM ticket WHERE worktree = ? AND slug = ? COLLATE NOCASE ORDER BY ref",
                     worktree, slug)


def named(index: Index, worktree: str, name: str) -> list[str]:
    """List the folders of all tickets that have a name as their slug or among their aliases."""
    return [folder for folder, in index.run(
        "SELECT folder FROM ticket WHERE worktree = ?1 AND slug = ?2 COLLATE NOCASE UNION "
        "SELECT t.folder FROM alias a JOIN ticket t ON t.id = a.ticket WHERE t.worktree = ?1 AND a.name = ?2",
        worktree, name)]


def with_status(index: Index, worktree: str, slugs: Iterable[str]) -> list[str]:
    """List the folders of the tickets, archived ones too, that have one of these statuses."""
    wanted = list(slugs)
    marks = ",".join("?" * len(wanted))
    return [folder for folder, in index.run(f"SELECT folder FROM ticket WHERE worktree = ? AND status IN ({marks}) "
                                            "ORDER BY number, ref", worktree, *wanted)]


def of_project(index: Index, worktree: str, key: str) -> list[str]:
    """List the folders of a project's tickets, closed and archived ones too."""
    return [folder for folder, in index.run("SELECT folder FROM ticket WHERE worktree = ? AND key = ? ORDER BY number",
                                            worktree, key)]


def labelled(index: Index, worktree: str) -> list[tuple[int, str, tuple[str, ...], bool]]:
    """List the tickets that have labels as (row, folder, labels, whether it is open), archived and closed ones too."""
    kind = Ticket.FIELDS["labels"].kind
    return [(row_id, folder, kind.from_sql(labels), bool(is_open)) for row_id, folder, labels, is_open in index.run(
        f"SELECT t.id, t.folder, t.labels, {edges.OPEN} FROM ticket t WHERE t.worktree = ? AND t.labels <> '' "
        "ORDER BY t.number, t.ref", worktree)]


def outside_list(index: Index, worktree: str, field: str, allowed: tuple[str, ...]) -> list[tuple[str, str]]:
    """List tickets whose `type` or `priority` is none of the allowed words, as (folder, word)."""
    marks = ",".join("?" * len(allowed))
    return index.all(f"SELECT folder, {field} FROM ticket WHERE worktree = ? AND {field} <> '' AND {field} NOT IN "
                     f"({marks})", worktree, *allowed)


def count(index: Index, worktree: str) -> int:
    """Count the tickets of a worktree."""
    return int(index.one("SELECT count(*) FROM ticket WHERE worktree = ?", worktree)[0])


def by_ref(index: Index, worktree: str, ref: str) -> list[tuple[str, str]]:
    """List the tickets that have a ref as (slug, folder); more than one where a file was copied by hand."""
    return index.all("SELECT slug, folder FROM ticket WHERE worktree = ? AND ref = ? ORDER BY folder", worktree, ref)


def shared_refs(index: Index, worktree: str) -> list[str]:
    """List the refs that more than one ticket has."""
    return [ref for ref, in index.run("SELECT ref FROM ticket WHERE worktree = ? AND ref <> '' GROUP BY ref "
                                      "HAVING count(*) > 1", worktree)]


def shared_aliases(index: Index, worktree: str) -> list[tuple[str, str, str]]:
    """List the aliases that name another ticket as well, as (alias, folder, the other's slug)."""
    mine = "alias a JOIN ticket t ON t.id = a.ticket AND t.worktree = ?"
    return index.all(
        f"SELECT a.name, t.folder, o.slug FROM {mine} JOIN alias b ON b.name = a.name AND b.ticket <> a.ticket "
        "JOIN ticket o ON o.id = b.ticket AND o.worktree = t.worktree "
        f"UNION SELECT a.name, t.folder, o.slug FROM {mine} JOIN ticket o ON o.worktree = t.worktree "
        "AND o.slug = a.name COLLATE NOCASE AND o.id <> t.id", worktree, worktree)


def slug_in(index: Index, worktree: str, folder: str) -> str | None:
    """Give the slug of the ticket in a folder, None where there is none."""
    row = index.one("SELECT slug FROM ticket WHERE worktree = ? AND folder = ?", worktree, folder)
    return str(row[0]) if row else None


def ref_in(index: Index, worktree: str, folder: str) -> str:
    """Give the ref of the ticket in a folder, empty where there is none."""
    row = index.one("SELECT ref FROM ticket WHERE worktree = ? AND folder = ?", worktree, folder)
    return str(row[0] or "") if row else ""


def shared_slugs(index: Index, worktree: str, among: set[str] | None) -> set[str]:
    """Give the slugs that more than one ticket has, of all tickets or of some slugs."""
    if among is None:
        return {slug for slug, in index.run("SELECT slug FROM ticket WHERE worktree = ? GROUP BY slug COLLATE NOCASE "
                                            "HAVING count(*) > 1", worktree)}
    return {slug for slug in among if index.one(
        "SELECT count(*) FROM ticket WHERE worktree = ? AND slug = ? COLLATE NOCASE", worktree, slug)[0] > 1}


def charged(index: Index, worktree: str) -> list[tuple[str, str, str, str, float | None]]:
    """List (folder, slug, project's key, epic as the file names it, budget) of all tickets."""
    return index.all("SELECT folder, slug, key, epic, budget_usd FROM ticket WHERE worktree = ?", worktree)
