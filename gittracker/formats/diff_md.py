"""A comparison as markdown that is fit for a comment on a pull request."""

from __future__ import annotations

from gittracker.domain.changes import file_said
from gittracker.formats import markdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.changes import Comparison, RecordChange, Remark

# What GitHub takes as one comment; told in bytes, of which there are never fewer than characters.
LIMIT = 65_536
MARKER = "<!-- gittracker diff -->"
_NOTE_ROOM = 400
_DETAILS_SHARE = 0.4
_MOST_VALUE, _MOST_TEXT, _MOST_FIELDS = 80, 3_000, 8
_TABLE = "\n| | record | title | changes |\n| --- | --- | --- | --- |\n"
_TEXTS = ("description", "text", "workpad")
# What a created record need not repeat: the row shows it, or the tracker made it.
_QUIET = ("ref", "slug", "title", "key", "name", "username", "created_at", "created_by", *_TEXTS)


def render(comparison: Comparison, limit: int = LIMIT) -> str:
    """Write the comparison, at most `limit` bytes of it: rows first, then details, then what is left out."""
    between = f"{markdown.code(_cut(comparison.base))} → {markdown.code(_cut(comparison.head))}"
    head = f"{MARKER}\n**Tracker: {comparison.summary()}** ({between})\n"
    if not comparison.records:
        return head + _limits(comparison)
    left = limit - _size(head) - _NOTE_ROOM
    parts = [f"\n{part}\n" for one in comparison.records if (part := _details(one))]
    room = left - min(sum(map(_size, parts)), int(left * _DETAILS_SHARE))
    rows, left_out = _take([_row(comparison, one) for one in comparison.records], room - len(_TABLE))
    table = _TABLE + "".join(f"{row}\n" for row in rows)
    notes = _limits(comparison)
    shown, closed = _take(parts, left - _size(table) - _size(notes))
    return head + table + "".join(shown) + notes + _left_out(left_out, closed, comparison)


def value_text(value: Any, names: dict[str, str]) -> str:
    """Give a value as people read it, links as slugs."""
    if value is None:
        return "none"
    items = value if isinstance(value, tuple) else (value,)
    return ", ".join(names.get(item, item) if isinstance(item, str) else str(item) for item in items)


def _take(parts: list[str], room: int) -> tuple[list[str], int]:
    """Give the first parts that fit, and how many don't."""
    for number, part in enumerate(parts):
        room -= _size(part) + 1
        if room < 0:
            return parts[:number], len(parts) - number
    return parts, 0


def _size(text: str) -> int:
    return len(text.encode())


def _row(comparison: Comparison, record: RecordChange) -> str:
    noun = "" if record.noun == "ticket" else f"{markdown.inline(record.noun)} "
    cells = (markdown.inline(", ".join(record.events)), noun + markdown.inline(_cut(record.name)),
             markdown.inline(_cut(record.title)), _changes(comparison, record))
    return f"| {' | '.join(cells)} |"


def _changes(comparison: Comparison, record: RecordChange) -> str:
    """Say what changes in a cell: fields, then how much was said."""
    fields = [(name, old, new) for name, old, new in record.fields
              if name not in _TEXTS and not (name in _QUIET and None in (old, new))]
    parts = []
    for name, old, new in fields[:_MOST_FIELDS]:
        before, after = (_cut(value_text(value, comparison.names)) for value in (old, new))
        shown = after if old is None and "created" in record.events else f"{before} → {after}"
        parts.append(f"{markdown.inline(name)}: {markdown.inline(shown)}")
    if len(fields) > _MOST_FIELDS:
        parts.append(f"{len(fields) - _MOST_FIELDS} more fields")
    parts += [name for name, *_ in record.fields if name in _TEXTS]
    parts += _said(record.remarks)
    parts += [markdown.inline(file_said(_cut(name) or "file", event)) for name, event in record.files[:_MOST_FIELDS]]
    if len(record.files) > _MOST_FIELDS:
        parts.append(f"{len(record.files) - _MOST_FIELDS} more files")
    return "<br>".join(parts)


def _said(remarks: list[Remark]) -> list[str]:
    counts: dict[tuple[str, str], int] = {}
    for one in remarks:
        counts[one.what, one.event] = counts.get((one.what, one.event), 0) + 1
    return [f"{what} {event}" if count == 1 else f"{count} × {what} {event}" for (what, event), count in counts.items()]


def _details(record: RecordChange) -> str:
    """Write the long texts of a record, behind a click; empty where there are none."""
    texts = [(name, old or "", new or "") for name, old, new in record.fields if name in _TEXTS]
    remarks = [one for one in record.remarks if one.text]
    if not texts and not remarks:
        return ""
    parts = [f"{name}:\n\n{_text_change(str(old), str(new))}" for name, old, new in texts]
    parts += [f"{one.what} {one.event} by {markdown.inline(_cut(one.by)) or 'nobody'}:\n\n"
              f"{markdown.fence(one.text, most=_MOST_TEXT)}" for one in remarks]
    what = [name for name, *_ in texts] + _said(remarks)
    return markdown.details(f"{markdown.html(_cut(record.name))}: {', '.join(what)}", "\n\n".join(parts))


def _text_change(old: str, new: str) -> str:
    """Write a new text as it is, a changed one as a diff."""
    if not old:
        return markdown.fence(new, most=_MOST_TEXT)
    from difflib import unified_diff
    lines = list(unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=2))[2:]
    return markdown.fence("\n".join(lines), "diff", _MOST_TEXT)


def _limits(comparison: Comparison) -> str:
    shown = comparison.limits[:5]
    more = len(comparison.limits) - len(shown)
    lines = [f"- {markdown.inline(_cut(text, 200))}" for text in shown] + ([f"- and {more} more"] if more else [])
    return "\nNot shown whole:\n\n" + "\n".join(lines) + "\n" if lines else ""


def _left_out(rows: int, details: int, comparison: Comparison) -> str:
    parts = ([f"{rows} more records"] if rows else []) + ([f"the texts of {details} records"] if details else [])
    if not parts:
        return ""
    asked = comparison.base + (f"..{comparison.head}" if comparison.head_commit else "")
    command = markdown.code(f"gittracker diff {_cut(asked)}")
    return f"\n_Too long for one comment: {' and '.join(parts)} are left out. {command} shows all._\n"


def _cut(text: str, most: int = _MOST_VALUE) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most - 1] + "…"
