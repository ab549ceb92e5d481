"""What other trackers' words mean here: the stage of a status, a type and a priority of ours for theirs."""

from __future__ import annotations

from functools import lru_cache

_STAGES = {
    "backlog": "backlog icebox later someday maybe idea ideas draft deferred parked onhold hold paused frozen pinned "
               "proposed new triage needstriage future wishlist",
    "unstarted": "todo open ready planned queued pending unstarted notstarted accepted approved reopened selected "
                 "selectedfordevelopment uptonext next waiting",
    "started": "inprogress doing started active wip working ongoing blocked hooked review inreview needsreview "
               "codereview readyforreview testing intesting needstesting readyfortest qa verify verifying validation "
               "implementing implementation development indevelopment dev claimed assigned merging staging feedback",
    "completed": "done closed completed complete resolved finished fixed shipped released merged verified deployed "
                 "success succeeded implemented delivered archived",
    "canceled": "canceled cancelled wontfix wontdo wontdone scrapped rejected abandoned duplicate obsolete invalid "
                "discarded superseded dropped declined tombstone deleted notplanned failed aborted closedwontfix",
}
_STAGE_OF = {word: stage for stage, words in _STAGES.items() for word in words.split()}
_TYPES = {
    "feature": "feature feat enhancement story userstory improvement request featurerequest new",
    "bug": "bug defect issue incident regression problem error",
    "bugfix": "bugfix fix hotfix",
    "refactor": "refactor refactoring cleanup techdebt debt",
    "chore": "chore maintenance ci build infra infrastructure ops tooling dependency dependencies release",
    "task": "task subtask todo work spike investigation research test testing question",
    "epic": "epic milestone initiative workstream objective theme",
    "docs": "docs doc documentation",
}
_TYPE_OF = {word: kind for kind, words in _TYPES.items() for word in words.split()}
_PRIORITIES = (
    "0 p0 critical urgent highest blocker immediate emergency", "1 p1 high important major",
    "2 p2 medium normal moderate default", "3 p3 low minor", "4 p4 none backlog deferred lowest trivial someday")
_RANK_OF = {word: rank for rank, words in enumerate(_PRIORITIES) for word in words.split()}
_RANKS = len(_PRIORITIES)
# Words of a closing reason that say how it ended.
_RESOLUTIONS = {"done": "done", "completed": "done", "complete": "done", "fixed": "done", "implemented": "done",
                "resolved": "done", "wontfix": "wontfix", "wontdo": "wontfix", "duplicate": "duplicate",
                "obsolete": "obsolete", "invalid": "invalid", "canceled": "canceled", "cancelled": "canceled"}


def stage_of(status: str) -> str:
    """Give the stage that a status's name speaks of, empty where it says nothing."""
    return _STAGE_OF.get(plain(status), "")


def type_of(word: str, types: tuple[str, ...]) -> str:
    """Give the project's type for another tracker's word, empty where it has none."""
    lower = word.strip().lower()
    if lower in types:
        return lower
    known = _TYPE_OF.get(plain(word), "")
    return known if known in types else ""


def priority_of(word: str, priorities: tuple[str, ...]) -> str:
    """Give the project's priority for another tracker's word or number, empty where it says nothing."""
    lower = word.strip().lower()
    if lower in priorities:
        return lower
    rank = _RANK_OF.get(plain(word), -1)
    if rank < 0:
        return ""
    return priorities[min(rank, len(priorities) - 1)] if len(priorities) >= _RANKS or rank == 0 else (
        priorities[round(rank * (len(priorities) - 1) / (_RANKS - 1))])


def resolution_of(reason: str) -> str:
    """Give the resolution that a closing reason of one word is, empty where it says more."""
    return _RESOLUTIONS.get(plain(reason), "")


@lru_cache(4096)
def plain(word: str) -> str:
    """Make spellings of one word alike: In Progress, in_progress, in-progress."""
    return "".join(c for c in word.lower() if c.isalnum())
