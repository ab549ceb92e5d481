"""The one query language of list, search and ready: words in, terms out."""

from __future__ import annotations

from gittracker.domain import times
from gittracker.domain.errors import UsageError

_OPERATORS = (">=", "<=", ">", "<")
STATES = ("ready", "blocked", "asked", "archived", "open", "closed")
SORTS = ("priority", "created", "updated", "due", "title", "status", "number", "rank")
# What people write for a field, and the field.
NAMES = {"label": "labels", "tag": "labels", "reviewer": "reviewers", "depends-on": "depends_on",
         "author": "created_by", "created": "created_at", "updated": "updated_at", "started": "started_at",
         "completed": "completed_at", "closed": "completed_at", "slug": "slug", "ref": "ref"}
_COMPARED = ("priority", "created_at", "updated_at", "started_at", "completed_at", "due", "estimate", "budget_usd")
_SETS = ("labels", "reviewers", "depends_on", "related", "duplicates", "external_links", "repo_scopes", "aliases")
_PLAIN = ("status", "stage", "priority", "type", "assignee", "parent", "epic", "project", "resolution", "approval",
          "workflow", "external_ref", "title", "slug", "ref", "created_by", "is")
_ADDRESSES = ("http", "https", "ftp", "mailto")


class Term:
    """One condition: `key op value or value …`, perhaps negated."""

    __slots__ = ("key", "op", "values", "negated")

    def __init__(self, key: str, op: str, values: tuple[str, ...], negated: bool) -> None:
        self.key = key
        self.op = op
        self.values = values
        self.negated = negated


class Query:
    """What a query asks for: terms, free words, words that must not be there, the order and the page."""

    def __init__(self, terms: list[Term], words: list[str], sort: str = "", limit: int = 0, cursor: str = "") -> None:
        self.terms = terms
        self.words = words
        self.unwanted: list[str] = []
        self.sort = sort
        self.limit = limit
        self.cursor = cursor

    def asks(self, key: str, *values: str) -> bool:
        """Tell whether a term asks for `key` (one of `values`, if any are given)."""
        return any(t.key == key and not t.negated and (not values or set(values) & set(t.values))
                   for t in self.terms)

    @property
    def shows_closed(self) -> bool:
        """Tell whether closed tickets were asked for."""
        return (self.asks("status") or self.asks("stage") or self.asks("is", "closed", "archived")
                or self.asks("completed_at") or self.asks("resolution"))

    @property
    def uses_remarks(self) -> bool:
        """Tell whether the answer depends on what comments ask and answer."""
        return any(t.key == "is" and {"ready", "blocked", "asked"}.intersection(t.values) for t in self.terms)

    @property
    def uses_updates(self) -> bool:
        """Tell whether the answer depends on when tickets were last touched."""
        return self.sort.lstrip("-") == "updated" or any(t.key == "updated_at" for t in self.terms)


def parse(text: str) -> Query:
    """Read a query; raises UsageError naming the word that can't be read."""
    query = Query([], [])
    for word, quoted in _words(text):
        negated = word.startswith("-") and len(word) > 1 and not quoted
        key, colon, value = word[negated:].partition(":")
        key = key.lower().replace("-", "_")
        name = NAMES.get(key.replace("_", "-"), key)
        if quoted or not colon or key in _ADDRESSES:
            if word and negated:
                query.unwanted.append(word[1:])
            elif word:
                query.words.append(word)
        elif name == "sort":
            query.sort = value
        elif name == "limit":
            query.limit = limit(value)
        elif name in _SETS or name in _PLAIN or name in _COMPARED or name.startswith("x_"):
            query.terms.append(_term(name, value, negated, word))
        else:
            raise UsageError(f'"{word}": there is no key "{key}" to filter on', 'quote it to search for it as text: '
                             f"'\"{word}\"'")
    return query


def check_sort(sort: str) -> str:
    """Check a sort order; raises UsageError with the list."""
    if sort and sort.removeprefix("-") not in SORTS:
        raise UsageError(f'can\'t sort by "{sort}"', f"sort by one of {', '.join(SORTS[:-1])}; -KEY turns it round")
    return sort


def limit(text: str) -> int:
    """Read a page size, 1 to 100,000; raises UsageError."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 100_000:
        raise UsageError(f'limit "{text}" is no number from 1 to 100000', "--limit 50")
    return int(text)


def _term(name: str, value: str, negated: bool, word: str) -> Term:
    op = next((o for o in _OPERATORS if value.startswith(o)), "=")
    values = tuple(v.strip().strip('"') for v in value.removeprefix(op).split(",") if v.strip().strip('"'))
    if not values:
        raise UsageError(f'"{word}" names no value', f"{name}:VALUE, or {name}:none for tickets without one")
    if op != "=" and (name not in _COMPARED or len(values) > 1):
        raise UsageError(f'"{word}": {name} can\'t be compared', f"{name}:{values[0]}")
    if name == "is":
        unknown = [v for v in values if v.lower() not in STATES]
        if unknown:
            raise UsageError(f'"is:{unknown[0]}" is none of {", ".join("is:" + s for s in STATES)}', "is:ready")
        values = tuple(v.lower() for v in values)
    if name in ("created_at", "updated_at", "started_at", "completed_at", "due"):
        bad = [v for v in values if not (times.is_date(v) or times.is_moment(v) or times.seconds(v) is not None
                                         or v.lower() == "none")]
        if bad:
            raise UsageError(f'"{bad[0]}" is no date (2026-11-01) and no age (7d)',
                             f"{name.removesuffix('_at')}:>2026-11-01")
    return Term(name, op, values, negated)


def _words(text: str) -> list[tuple[str, bool]]:
    """Cut at spaces outside double quotes; the second value says that a word began with a quote."""
    found: list[tuple[str, bool]] = []
    word, inside, started, quoted = "", False, False, False
    for char in text + " ":
        if char == '"':
            inside = not inside
            quoted = quoted or not started
            started = True
            word += char if not quoted else ""
        elif char.isspace() and not inside:
            if started:
                found.append((word, quoted))
            word, started, quoted = "", False, False
        else:
            word += char
            started = True
    if inside:
        raise UsageError(f'a quote is not closed in "{text}"', "add the closing quote")
    return found
