"""Queries over the ticket rows: terms to SQL, full text by FTS5, pages by the last row shown."""

from __future__ import annotations

from gittracker.domain import times
from gittracker.domain.errors import NotFoundError, UsageError
from gittracker.domain.ticket import Ticket
from gittracker.index import edges, tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.query import Query, Term
    from gittracker.domain.settings import Settings
    from gittracker.index.db import Index

_STATES = {"open": f"({edges.OPEN})", "closed": f"({edges.CLOSED})", "archived": "(t.archived = 1)",
           "ready": f"({edges.READY})", "blocked": f"({edges.BLOCKED})", "asked": "(t.questions > 0)"}
_ORDERS = {
    "priority": "t.rank", "created": "t.created_at", "updated": "t.updated_at", "title": "t.title COLLATE NOCASE",
    "due": "CASE t.due WHEN '' THEN '9999' ELSE t.due END", "number": "t.number", "status": "t.status",
}
_FTS_WEIGHTS = "10.0, 4.0, 1.0, 2.0"


class Context:
    """What a query means here: who `@me` is, what time it is (seconds since 1970), the configuration."""

    __slots__ = ("worktree", "me", "now", "settings")

    def __init__(self, worktree: str, me: Callable[[], str], now: int, settings: Settings) -> None:
        self.worktree = worktree
        self.me = me
        self.now = now
        self.settings = settings


class Page:
    """One page of an answer: rows, how many there are in all and from this page on, and the next page's cursor."""

    __slots__ = ("rows", "total", "left", "cursor", "_before")

    def __init__(self, rows: list[tickets.Row], total: int, left: int, before: int | None) -> None:
        self.rows = rows
        self.total = total
        self.left = left
        self._before = before  # rows on the pages before, where the cursor is a count
        self.cursor = self.cursor_after(len(rows)) if left > len(rows) else ""

    def cursor_after(self, count: int) -> str:
        """Give the cursor that goes on behind the first `count` rows."""
        if not count:
            return ""
        if self._before is not None:
            return str(self._before + count)
        return self.rows[count - 1].ticket.ref or self.rows[count - 1].folder

    def short_cursor_after(self, count: int, clashes: frozenset[str]) -> str:
        """Give a cursor that costs less to read: a slug, unless more than one ticket has it."""
        slug = self.rows[count - 1].ticket.slug if count and self._before is None else ""
        return slug if slug and slug.lower() not in {c.lower() for c in clashes} else self.cursor_after(count)


def select(index: Index, query: Query, context: Context, bodies: bool = False) -> Page:
    """Answer a query; free words rank by relevance unless a sort is asked for."""
    with index.reading():
        return _select(index, query, context, bodies)


def _select(index: Index, query: Query, context: Context, bodies: bool) -> Page:
    source, where, values = _conditions(index, query, context)
    total = _total(index, query, context, source, where, values)
    order = _order(query)
    ranked = order.startswith("bm25")
    skipped = _offset(query.cursor) if query.cursor and ranked else 0
    left = max(0, total - skipped)
    if query.cursor and not ranked:
        seek, more = _seek(index, query, context, order)
        where, values = f"{where} AND {seek}", [*values, *more]
        left = _count(index, source, where, values)
    # Ids first: SQLite would work every column out before it sorts.
    found = index.all(f"SELECT t.id FROM {source} WHERE {where} ORDER BY {order}, t.number, t.ref LIMIT ? OFFSET ?",
                      *values, query.limit or -1, skipped)
    rows = tickets.load_all(index, [row_id for (row_id,) in found], bodies)
    return Page(rows, total, left, skipped if ranked else None)


def ids(index: Index, query: Query, context: Context) -> list[int]:
    """Give the rows of all that a query finds, in its order."""
    source, where, values = _conditions(index, query, context)
    return [row_id for row_id, in index.run(f"SELECT t.id FROM {source} WHERE {where} ORDER BY {_order(query)}, "
                                            "t.number, t.ref", *values)]


def count(index: Index, query: Query, context: Context) -> int:
    """Count what a query finds."""
    return _total(index, query, context, *_conditions(index, query, context))


def _total(index: Index, query: Query, context: Context, source: str, where: str, values: list[Any]) -> int:
    """Count what a query finds; what is asked for most often is kept counted."""
    asked = [(term.key, *term.values) for term in query.terms if not term.negated]
    if query.words or query.unwanted or len(asked) < len(query.terms) or len(asked) > 1:
        return _count(index, source, where, values)
    if not asked:
        return edges.count_open(index, context.worktree)
    if asked[0] == ("is", "ready"):
        return edges.count_ready(index, context.worktree)
    if asked[0][0] == "stage" and len(asked[0]) == 2:
        return edges.count_at(index, context.worktree, asked[0][1].lower())
    return _count(index, source, where, values)


def _count(index: Index, source: str, where: str, values: list[Any]) -> int:
    counted = where.replace(edges.UNCLOSED, edges.UNCLOSED_COUNTED)
    return int(index.one(f"SELECT count(*) FROM {source} WHERE {counted}", *values)[0])


def match_expression(words: list[str]) -> str:
    """Quote free words for FTS5; each also matches as the beginning of a word."""
    quoted = []
    for word in words:
        clean = word.replace('"', " ").strip()
        if any(c.isalnum() for c in clean):
            quoted.append(f'"{clean}" *')
    return " ".join(quoted)


def _conditions(index: Index, query: Query, context: Context) -> tuple[str, str, list[Any]]:
    source, parts, values = "ticket t", ["t.worktree = ?"], [context.worktree]
    expression = match_expression(query.words)
    if query.words:
        if not expression:
            raise UsageError(f'"{" ".join(query.words)}" has no letter or digit to search for', "name a word")
        source = "words CROSS JOIN ticket t ON t.id = words.rowid"  # CROSS keeps SQLite from asking FTS row by row
        parts.append("words MATCH ?")
        values.append(expression)
    for word in query.unwanted:
        if match_expression([word]):
            parts.append("t.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(match_expression([word]))
    if not query.asks("is", "archived"):
        parts.append("t.archived = 0")
    if not query.shows_closed:
        parts.append(edges.UNCLOSED)
    for term in query.terms:
        sql, more = _term(index, term, context)
        parts.append(f"NOT {sql}" if term.negated else sql)
        values += more
    return source, " AND ".join(parts), values


def _term(index: Index, term: Term, context: Context) -> tuple[str, list[Any]]:
    if term.key == "is":
        return "(" + " OR ".join(_STATES[v] for v in term.values) + ")", []
    parts: list[str] = []
    values: list[Any] = []
    for value in term.values:
        sql, more = _condition(index, term, value, context)
        parts.append(sql)
        values += more
    return "(" + " OR ".join(parts) + ")", values


def _condition(index: Index, term: Term, value: str, context: Context) -> tuple[str, list[Any]]:
    key = term.key
    if key == "status":
        return "t.status = ? COLLATE NOCASE", [context.settings.status(value).slug]
    if key == "project":
        return "t.key = ? COLLATE NOCASE", [value]
    if key in ("priority", "type"):
        _check_word(index, key, value, context)
    if key == "priority" and value.lower() in context.settings.priorities:
        return _rank(term.op, context.settings.priorities.index(value.lower()))
    if key in ("created_at", "updated_at", "started_at", "completed_at", "due"):
        return _moment(key, term.op, value, context.now)
    if key.startswith("x_"):
        return _extra(key, value)
    kind = Ticket.FIELDS[key].kind if key in Ticket.FIELDS else None
    if value.lower() == "none":
        return f"t.{key} IS ''" if not (kind and kind.number) else f"t.{key} IS NULL", []
    if kind and kind.number:
        return f"t.{key} {term.op} ?", [_number(value)]
    if key in ("assignee", "created_by", "reviewers") and value == "@me":
        value = context.me()
    if key == "stage":
        return "t.stage = ?", [value.lower()]
    if kind and kind.name in ("link", "links"):
        return _link(index, key, value, context)
    if kind and kind.many:
        return f"instr(lower(t.{key}), char(10) || lower(?) || char(10)) > 0", [value]
    return f"t.{key} = ? COLLATE NOCASE", [value]


def _check_word(index: Index, key: str, value: str, context: Context) -> None:
    """Refuse a word that neither the configuration nor any ticket has: it is a slip, and nothing would be found."""
    allowed = context.settings.priorities if key == "priority" else context.settings.types
    if value.lower() not in (*allowed, "none") and not index.one(
            f"SELECT 1 FROM ticket t WHERE t.worktree = ? AND t.{key} = ? COLLATE NOCASE", context.worktree, value):
        raise UsageError(f'no ticket has {key} "{value}"', f"{key}:{allowed[0]}, one of {', '.join(allowed)}")


def _rank(op: str, rank: int) -> tuple[str, list[Any]]:
    """Compare priorities: the higher one has the smaller rank."""
    turned = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "="}[op]
    return f"t.rank {turned} ?", [rank]


def _moment(key: str, op: str, value: str, now: int) -> tuple[str, list[Any]]:
    """Compare times: `>2026-11-01` is later than that day, `<7d` less than seven days ago (for due: from now)."""
    if value.lower() == "none":
        return f"t.{key} = ''", []
    age = times.seconds(value)
    if age is None:
        if op == "=":
            return f"substr(t.{key}, 1, {len(value)}) = ?", [value]
        if op in (">", "<="):
            return f"(t.{key} <> '' AND substr(t.{key}, 1, {len(value)}) {op} ?)", [value]
        return f"(t.{key} <> '' AND t.{key} {op} ?)", [value]
    if key == "due":
        return f"(t.due <> '' AND t.due {'<=' if op == '=' else op} ?)", [times.utc(now + age)[:10]]
    turned = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": ">="}[op]
    return f"(t.{key} <> '' AND t.{key} {turned} ?)", [times.utc(now - age)]


def _extra(key: str, value: str) -> tuple[str, list[Any]]:
    if value.lower() == "none":
        return "(instr(t.extra, ?) = 0 AND instr(t.extra, ?) = 0)", [f"\n{key}=", f"\n{key}[]="]
    return ("(instr(lower(t.extra), char(10) || lower(?) || char(10)) > 0 "
            "OR instr(lower(t.extra), char(10) || lower(?) || char(10)) > 0)", [f"{key}={value}", f"{key}[]={value}"])


def _link(index: Index, key: str, value: str, context: Context) -> tuple[str, list[Any]]:
    if key == "epic":
        from gittracker.index import records
        epic = records.find(index, context.worktree, "epic", value)
        return "t.epic COLLATE NOCASE IN (?, ?)", [epic.record.ref, epic.name] if epic else [value, value]
    row = tickets.find(index, context.worktree, value)
    if not row:
        raise NotFoundError("ticket", value)
    return ("t.id IN (SELECT ticket FROM edge WHERE target_ref = ? AND field = ?)", [row.ticket.ref, key])


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise UsageError(f'"{value}" is no number', "estimate:>=3") from error


def _order(query: Query) -> str:
    sort = query.sort.removeprefix("-")
    if (not sort and query.words) or sort == "rank":
        return f"bm25(words, {_FTS_WEIGHTS})" if query.words else "t.rank"
    return _ORDERS[sort or "priority"] + (" DESC" if query.sort.startswith("-") else "")


def _offset(cursor: str) -> int:
    """Read the cursor of results by relevance, which have no key to go on from."""
    if not cursor.isdecimal():
        raise UsageError(f'the cursor "{cursor}" belongs to another order', "search again from the start")
    return int(cursor)


def _seek(index: Index, query: Query, context: Context, order: str) -> tuple[str, list[Any]]:
    """Go on behind the row that the cursor names, by the order's own key."""
    last = index.one("SELECT id FROM ticket t WHERE t.worktree = ? AND (t.ref = ? OR t.folder = ? "
                     "OR t.slug = ? COLLATE NOCASE)", context.worktree, query.cursor, query.cursor, query.cursor)
    if not last:
        raise UsageError(f'the cursor "{query.cursor}" no longer names a ticket', "list again from the start")
    key = order.removesuffix(" DESC")
    sign = "<" if order.endswith(" DESC") else ">"
    here = f"(SELECT {key.replace('t.', 's.')} FROM ticket s WHERE s.id = ?)"
    tail = "(t.number, t.ref) > (SELECT s.number, s.ref FROM ticket s WHERE s.id = ?)"
    return f"({key} {sign} {here} OR ({key} = {here} AND {tail}))", [last[0], last[0], last[0]]
