"""Git's conflict markers: disputed lines put between them, and a file that has some read as either side left it."""

from __future__ import annotations

from gittracker.domain.lines import split
from gittracker.domain.weave import Clash

TYPE_CHECKING = False
if TYPE_CHECKING:
    Pieces = list[list[str] | Clash]

OURS, THEIRS = "ours", "theirs"
_BEGIN, _BASE, _PARTED, _END = "<<<<<<<", "|||||||", "=======", ">>>>>>>"


def marked(pieces: Pieces, eol: str = "\n") -> str:
    """Give merged lines as text, each clash between markers."""
    lines: list[str] = []
    for piece in pieces:
        if not isinstance(piece, Clash):
            lines += piece
            continue
        if lines and not lines[-1].endswith("\n"):
            lines.append(eol)
        lines.append(f"{_BEGIN} {OURS}{eol}")
        lines += _ended(piece.ours, eol)
        lines.append(_PARTED + eol)
        lines += _ended(piece.theirs, eol)
        lines.append(f"{_END} {THEIRS}{eol}")
    return "".join(lines)


def _ended(lines: list[str], eol: str) -> list[str]:
    """Give lines of which the last has a line end too."""
    return [*lines[:-1], lines[-1].rstrip("\r\n") + eol] if lines else []


def sides(text: str) -> tuple[str, str] | None:
    """Give a text as it is with all that ours says, and with all that theirs says; None where it has no whole conflict.

    What stood there before, which git shows in some styles, is in neither.
    """
    ours: list[str] = []
    theirs: list[str] = []
    within = found = ""
    for line in split(text):
        mark = line[:7] if line[7:8] in ("", " ", "\r", "\n") else ""
        if mark == _BEGIN and not within:
            within = _BEGIN
        elif mark == _BASE and within == _BEGIN:
            within = _BASE
        elif mark == _PARTED and within in (_BEGIN, _BASE):
            within = _PARTED
        elif mark == _END and within == _PARTED:
            within, found = "", _END
        else:
            if within in ("", _BEGIN):
                ours.append(line)
            if within in ("", _PARTED):
                theirs.append(line)
    return ("".join(ours), "".join(theirs)) if found and not within else None
