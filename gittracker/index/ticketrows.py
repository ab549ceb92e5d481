"""Write ticket rows, of what hangs on them only what changed."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.comment import open_questions
from gittracker.domain.errors import AmbiguousError
from gittracker.domain.fields import Kind
from gittracker.domain.ticket import LINK_FIELDS, Ticket, priority_rank
from gittracker.index import edges, tickets
from gittracker.index.tickets import COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.settings import Settings
    from gittracker.index.db import Index
    from gittracker.index.known import Old

_PUT = f"INSERT INTO ticket(id, {', '.join(COLUMNS)}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
_NAMED = ("aliases", *LINK_FIELDS)  # what stands in tables of its own
# Only sets and flags have another form in SQL.
_CONVERSIONS = [(name, field.kind.to_sql if type(field.kind).to_sql is not Kind.to_sql else None)
                for name, field in Ticket.FIELDS.items()]


def put(index: Index, worktree: str, folder: str, ticket: Ticket, etag: str, settings: Settings,
        comments: list[tuple[Any, ...]], workpad: str, updated_at: str, old: Old | None) -> int:
    """Write a ticket's rows, of those that were there only what changed; a checkout may bring thousands.

    `comments` are rows of the comment table without the ticket, by name. Gives the row's id.
    """
    shown = [c for c in comments if not c[5]]
    parsed = ids.parse_slug(ticket.slug) or ("", 0)
    stage = settings.stage(ticket.status)
    derived = (worktree, folder, etag, *parsed, priority_rank(ticket.priority, settings.priorities), stage,
               updated_at, len(shown), _write_extra(ticket.extra), 0,
               len(open_questions([(c[2], c[7], c[8]) for c in shown])) if shown else 0)
    own = ticket.__dict__
    fields = [convert(own[name]) if convert else own[name] for name, convert in _CONVERSIONS]
    row_id, changed = _put_row(index, (*derived, *fields), old)
    named = not old or not changed.isdisjoint(_NAMED)
    if named:
        _put_links(index, row_id, ticket)
    _put_comments(index, row_id, comments, old)
    _put_words(index, row_id, (ticket.title, ticket.body, "\n\n".join(c[6] for c in shown), workpad), old)
    if not index.is_filling:
        if named and edges.is_loose(index, row_id):
            resolve_edges(index, worktree)
        if named and (old or ticket.depends_on):
            edges.recount(index, row_id)
        if not old or "ref" in changed or "stage" in changed:
            edges.recount_waiting(index, worktree, {ticket.ref, old.get("ref") if old else ""})
    return row_id


def _put_row(index: Index, values: tuple[Any, ...], old: Old | None) -> tuple[int, set[str]]:
    """Write a ticket's own row; gives its id and which columns changed. SQL indexes of others stay untouched."""
    if index.is_filling:
        row_id = index.next_row()
        index.insert(_PUT, [(row_id, *values)])
        return row_id, set()
    if not old:
        return int(index.run(_PUT, None, *values).lastrowid), set()
    changed = {name: new for name, before, new in zip(COLUMNS, old.values[1:], values, strict=True)
               if before != new and name != "waits"}
    if changed:
        index.run(f"UPDATE ticket SET {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?", *changed.values(),
                  old.id)
    return old.id, set(changed)


def _put_links(index: Index, row_id: int, ticket: Ticket) -> None:
    if not index.is_filling:
        index.run("DELETE FROM alias WHERE ticket = ?", row_id)
        index.run("DELETE FROM edge WHERE ticket = ?", row_id)
    index.insert("INSERT INTO alias VALUES (?, ?)", [(row_id, name) for name in ticket.aliases])
    links = []
    for name in LINK_FIELDS:
        value = ticket.__dict__[name]
        for target in (value if isinstance(value, tuple) else (value,) if value else ()):
            loose = not ids.is_ref(target)
            links.append((row_id, name, target, None if loose else target, int(loose)))
    index.insert("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", links)


def _put_comments(index: Index, row_id: int, comments: list[tuple[Any, ...]], old: Old | None) -> None:
    if old and old.comments == comments:
        return
    if old and [one[:-1] for one in old.comments] == [one[:-1] for one in comments]:
        index.many("UPDATE comment SET stamp = ? WHERE ticket = ? AND name = ?",
                   [(one[-1], row_id, one[0]) for one in comments])
        return
    if old:
        index.run("DELETE FROM comment WHERE ticket = ?", row_id)
    index.insert("INSERT INTO comment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(row_id, *c) for c in comments])


def _put_words(index: Index, row_id: int, words: tuple[str, ...], old: Old | None) -> None:
    """Write what a ticket is searched by: title, description, comments, workpad."""
    if old and old.words == words:
        return
    if old:
        _drop_words(index, row_id)
    index.insert("INSERT INTO doc VALUES (?, ?, ?, ?, ?)", [(row_id, *words)])
    if not index.is_filling:
        index.run("INSERT INTO words(rowid, title, description, comments, workpad) VALUES (?, ?, ?, ?, ?)", row_id,
                  *words)


def remove(index: Index, worktree: str, folder: str) -> None:
    """Forget a ticket."""
    known = index.one("SELECT id, ref FROM ticket WHERE worktree = ? AND folder = ?", worktree, folder)
    if known:
        _remove_rows(index, known[0])
        index.run("DELETE FROM ticket WHERE id = ?", known[0])
        edges.recount_waiting(index, worktree, {known[1]})


def _remove_rows(index: Index, row_id: int) -> None:
    _drop_words(index, row_id)
    for table in ("alias", "edge", "comment"):
        index.run(f"DELETE FROM {table} WHERE ticket = ?", row_id)


def _drop_words(index: Index, row_id: int) -> None:
    old = index.one("SELECT id, title, description, comments, workpad FROM doc WHERE id = ?", row_id)
    if old:
        index.run("INSERT INTO words(words, rowid, title, description, comments, workpad) "
                  "VALUES ('delete', ?, ?, ?, ?, ?)", *old)
    index.run("DELETE FROM doc WHERE id = ?", row_id)


def resolve_edges(index: Index, worktree: str) -> None:
    """Look up the links written as slugs, once all tickets are there."""
    for rowid, ticket, target, before in index.all(
            # CROSS keeps SQLite from going through all tickets of the worktree instead: 11 ms of 100,000.
            "SELECT e.rowid, e.ticket, e.target, e.target_ref FROM edge e CROSS JOIN ticket t ON t.id = e.ticket "
            "WHERE e.loose = 1 AND t.worktree = ?", worktree):
        found = _resolved(index, worktree, target)
        if found != before:
            index.run("UPDATE edge SET target_ref = ? WHERE rowid = ?", found, rowid)
            edges.recount(index, ticket)


def _resolved(index: Index, worktree: str, target: str) -> str | None:
    try:
        row = tickets.find(index, worktree, target)
    except AmbiguousError:
        return None
    return row.ticket.ref if row else None


def _write_extra(extra: dict[str, Any]) -> str:
    """Keep custom fields as lines `key=value`, one a list item, so that SQL can look for them."""
    lines = []
    for key, value in extra.items():
        for item in value if isinstance(value, list) else [value or ""]:
            lines.append(f"{key}{'[]' if isinstance(value, list) else ''}={item}".replace("\n", tickets.LINE_END))
    return "\n" + "\n".join(lines) + "\n" if lines else ""
