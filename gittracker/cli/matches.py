"""Where a search found its words, as lines under a ticket's row."""

from __future__ import annotations

from gittracker.cli.output import columns, fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.output import Output
    from gittracker.index.snippets import Match

_INDENT = "    "
_HEAD = 16  # columns that the indent and the longest name take, "description: "


def width(out: Output) -> int:
    """Give how long a snippet may be, 0 for the usual length."""
    return max(20, out.width - _HEAD) if out.tty else 0


def line(out: Output, match: Match) -> str:
    """Show one match: what has it, and the snippet with its hits marked; on a terminal it fits."""
    head = f"{_INDENT}{where(match)}: "
    room = max(10, out.width - len(head))
    text = fit(match.snippet, room).rstrip() if out.tty and columns(match.snippet) > room else match.snippet
    whole = len(text) if text == match.snippet else len(text) - 1
    shown, place = "", 0
    for start, end in match.hits:
        if end > whole:
            break
        shown += text[place:start] + out.paint(text[start:end], "bold", "yellow")
        place = end
    return out.paint(head, "dim") + shown + text[place:]


def where(match: Match) -> str:
    """Name the field, and the comment by its number."""
    return f"comment {match.comment}" if match.comment else match.field
