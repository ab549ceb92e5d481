"""Budgets of tokens: what a text costs about, how much of it fits, and which of its parts.

A token is what language models count in, and each has its own; this is an estimate that needs no model. Against three
public vocabularies it was 0.8 to 1.2 times the real number for this tool's own output, 0.9 to 1.3 for Chinese and
Japanese, 1 to 3 for Russian and Arabic; only random hexadecimal digits cost a half more than it says.
"""

from __future__ import annotations

from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUARTERS = 4
MOST = 10_000_000
ENOUGH = 10  # records; fields are trimmed to have so many, and then only to have all
_WORD = 20  # characters; a cut goes back to a space that near
_HALVES = bytes(b for b in range(128) if not (chr(b).isalpha() or chr(b).isspace()))


def read(text: str) -> int:
    """Read a number of tokens; raises UsageError."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= MOST:
        raise UsageError(f'budget "{text}" is no number of tokens from 1 to {MOST}', "--budget 2000")
    return int(text)


def weight(text: str) -> int:
    """Estimate a text's tokens, in quarters: one for an ASCII letter or space, two for a digit or a sign, four else.

    What lies beyond Unicode's first 65,536 characters, as emoji do, costs eight.
    """
    plain = text.encode("ascii", "ignore")
    found = len(plain) + len(plain) - len(plain.translate(None, _HALVES))
    if len(plain) == len(text):
        return found
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return found + QUARTERS * (units - len(plain))


def tokens(text: str) -> int:
    """Estimate how many tokens a text has."""
    return -(-weight(text) // QUARTERS)


def cut(text: str, most: int, note: Callable[[int], str]) -> str:
    """Cut a text so that it weighs at most so many quarters, `note` of the characters left out included.

    A text that fits stays whole; where not even the note fits, nothing is left.
    """
    return shorten(text, most, note)[0]


def shorten(text: str, most: int, note: Callable[[int], str]) -> tuple[str, int]:
    """Cut a text as `cut` does, and count the characters left out."""
    if weight(text) <= most:
        return text, 0
    room = most - weight(note(len(text)))
    if room < 0:
        return "", len(text)
    low, high = 0, min(len(text), room)  # no character weighs less than a quarter
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if weight(text[:middle]) <= room else (low, middle - 1)
    end = next((i for i in range(low, max(0, low - _WORD), -1) if text[i].isspace()), low)
    kept = text[:end].rstrip()
    return kept + note(len(text) - len(kept)), len(text) - len(kept)


def choose(levels: Iterable[Iterable[str]], count: int, budget: int, frame: Callable[[int], str]) -> list[str]:
    """Choose what is printed of `count` records, which each level writes more briefly than the one before.

    The first level at which all of them fit, or at least ten, is taken; else the first of those at which most do.
    `frame` gives all that is printed besides so many records. Raises UsageError where not even one fits.
    """
    if not count and tokens(frame(0)) > budget:
        raise too_small(budget, tokens(frame(0)))
    best: list[str] = []
    needed = MOST
    for level in levels if count else ():
        pieces, least = _fitting(level, budget * QUARTERS, frame)
        needed = min(needed, least)
        if len(pieces) > len(best):
            best = pieces
        if len(pieces) >= min(count, ENOUGH):
            break
    if count and not best:
        raise too_small(budget, needed)
    return best


def too_small(budget: int, needed: int) -> UsageError:
    """Make the error of a budget in which nothing can be said."""
    return UsageError(f"a budget of {budget} tokens is too small to show anything", f"--budget {needed}, or more")


def _fitting(level: Iterable[str], room: int, frame: Callable[[int], str]) -> tuple[list[str], int]:
    """Give the pieces that fit from the first on, with the frame round so many, and the tokens that one needs."""
    pieces: list[str] = []
    sums = [0]
    for piece in level:
        pieces.append(piece)
        sums.append(sums[-1] + weight(piece))
        if sums[-1] > room:
            break
    least = -(-(sums[1] + weight(frame(1))) // QUARTERS)
    fits = (n for n in range(len(pieces), 0, -1) if sums[n] + weight(frame(n)) <= room)
    return pieces[:next(fits, 0)], least
