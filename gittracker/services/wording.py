"""What people type and read: days as typed, changes in words."""

from __future__ import annotations

from gittracker.domain import times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker

_UNSAID = ("started_at", "completed_at", "edited_at", "edited_by")  # they follow from what is said


def changes(differences: dict[str, tuple[Any, Any]], text: str = "description") -> str:
    """Say in one line what changed, by field as (old, new); `text` is what the body is called."""
    parts = []
    for name, (before, after) in differences.items():
        if name in _UNSAID:
            continue
        if name == "body":
            parts.append(f"{text} changed")
        elif isinstance(after, tuple) and isinstance(before, tuple):
            shown = [f"+{v}" for v in after if v not in before] + [f"-{v}" for v in before if v not in after]
            parts.append(f"{name} {' '.join(shown)}")
        else:
            parts.append(f"{name} {before or 'none'} → {after or 'none'}")
    return ", ".join(parts) or "edited"


def day(tracker: Tracker, text: str) -> str:
    """Read a date as typed: YYYY-MM-DD, today, tomorrow or +3d, in the local zone."""
    from time import localtime, strftime
    word = text.lower()
    ahead = {"today": 0, "tomorrow": 86400}.get(word)
    if ahead is None and word.startswith("+"):
        ahead = times.seconds(word[1:])
    if ahead is None:
        return text
    return strftime("%Y-%m-%d", localtime(tracker.clock() // 1_000_000_000 + ahead))
