"""Where a search found its words: for each field one line of text round the best hit."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

FIELDS = ("title", "description", "comment", "workpad")
WIDTH = 100
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"  # no characters: no text has them
_MOST_HITS = 200  # looked at in one text
_WORD = 20  # a longer one is cut
_COLUMNS = ", ".join(f"highlight(words, {column}, '{_OPEN}', '{_CLOSE}')" for column in range(len(FIELDS)))

Span = tuple[int, int]


class Match:
    """One field that has some of the words: a line of it, where in that line they stand, and a comment's number."""

    __slots__ = ("field", "snippet", "hits", "comment")

    def __init__(self, field: str, snippet: str, hits: list[Span], comment: int = 0) -> None:
        self.field = field
        self.snippet = snippet
        self.hits = hits
        self.comment = comment


def found(index: Index, expression: str, row_ids: list[int], width: int = WIDTH) -> dict[int, list[Match]]:
    """Tell by ticket row where the words of an FTS5 expression stand; snippets are about `width` characters long."""
    wanted = ",".join(map(str, row_ids))  # numbers of ours, in the text: SQLite takes 32,766 variables at most
    # The plus makes FTS5 walk its matches once; asked for each row, it would read the words' lists again each time.
    sql = f"SELECT rowid, {_COLUMNS} FROM words WHERE words MATCH ? AND +rowid IN ({wanted})"
    return {row_id: _matches(index, row_id, texts, width)
            for row_id, *texts in (index.all(sql, expression) if row_ids else ())}


def _matches(index: Index, row_id: int, texts: list[str | None], width: int) -> list[Match]:
    made = []
    for field, marked in zip(FIELDS, texts, strict=True):
        if not marked or _OPEN not in marked:
            continue
        text, hits = _unmark(marked)
        best = _best(text, hits, width)
        number, low, high = _comment_at(index, row_id, best[0]) if field == "comment" else (0, 0, len(text))
        start, end = _window(text, best, low, max(high, best[1]), width)
        line, spans = _line(text, [hit for hit in hits if start <= hit[0] and hit[1] <= end], start, end)
        before = "…" if text[low:start].strip() else ""
        after = "…" if text[end:high].strip() else ""
        made.append(Match(field, f"{before}{line}{after}", [(a + len(before), b + len(before)) for a, b in spans],
                          number))
    return made


def _unmark(marked: str) -> tuple[str, list[Span]]:
    """Part a highlighted text from its hits."""
    first, *rest = marked.split(_OPEN)
    parts, hits, place = [first], [], len(first)
    for part in rest:
        word, _, after = part.partition(_CLOSE)
        hits.append((place, place + len(word)))
        parts += (word, after)
        place += len(word) + len(after)
    return "".join(parts), hits[:_MOST_HITS]


def _best(text: str, hits: list[Span], width: int) -> Span:
    """Choose the hit that begins the line with the most different words, then the most hits."""
    best, most, end = hits[0], (0, 0), 0
    for begin, hit in enumerate(hits):
        while end < len(hits) and hits[end][1] <= hit[0] + width:
            end += 1
        found = len({text[a:b].lower() for a, b in hits[begin:end]}), end - begin
        if found > most:
            best, most = hit, found
    return best


def _window(text: str, best: Span, low: int, high: int, width: int) -> Span:
    """Place a line with a third of it before the hit, and let it begin and end between words where there are some."""
    start = max(low, min(best[0] - width // 3, high - width))
    end = min(high, max(start + width, best[1]))
    if start > low:
        start = next((i for i in range(start - 1, min(best[0], start + _WORD)) if text[i].isspace()), start)
    if end < high:
        end = next((i for i in range(end, max(best[1], end - _WORD) - 1, -1) if text[i].isspace()), end)
    return start, end


def _line(text: str, hits: list[Span], start: int, end: int) -> tuple[str, list[Span]]:
    """Write a part of a text on one line, with single spaces, and tell where the hits are in it."""
    line, spans = "", []
    for a, b in hits:
        line = _joined(line, text[start:a])
        word = " ".join(text[a:b].split())
        spans.append((len(line), len(line) + len(word)))
        line, start = line + word, b
    return _joined(line, text[start:end]).rstrip(), spans


def _joined(line: str, text: str) -> str:
    words = " ".join(text.split())
    before = " " if line and line[-1] != " " and text[:1].isspace() else ""
    after = " " if words and text[-1].isspace() else ""
    return line + before + words + after


def _comment_at(index: Index, row_id: int, place: int) -> tuple[int, int, int]:
    """Tell which comment has a place of the joined text: its number as the list has it, where it begins and ends."""
    numbers = {name: number for number, (name,) in enumerate(index.all(
        "SELECT name FROM comment WHERE ticket = ? ORDER BY at, ref, name", row_id), 1)}
    low = 0
    for name, length in index.all("SELECT name, length(text) FROM comment WHERE ticket = ? AND deleted = 0 "
                                  "ORDER BY name", row_id):
        if place < low + length:
            return numbers[name], low, low + length
        low += length + 2
    return 0, 0, place
