"""CSV by RFC 4180 that no spreadsheet runs: a cell that could begin a formula has an apostrophe before it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# An apostrophe itself gets one too, so that taking the first one off gives every cell back as it was.
_GUARDED = tuple("=+-@\t\r\n'")
_QUOTED = frozenset('",\r\n')


def row(cells: Sequence[str]) -> str:
    """Write one record with its line end."""
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(text: str) -> str:
    text = f"'{text}" if text.startswith(_GUARDED) else text
    if _QUOTED.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def unguarded(cell: str) -> str:
    """Give a cell as it was before it was guarded."""
    return cell.removeprefix("'")
