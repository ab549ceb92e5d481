"""Schemas of what the commands about worktrees and branches print."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import document, listed, record
from gittracker.services.clone import overlaps

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {
        "worktrees": document("worktree list --json", record(
            "the clone's worktrees, the main one first", worktrees=listed(_state()), total=_COUNT)),
        "worktree": document("worktree create --json", _created()),
        "worktree_removed": document("worktree remove --json", _removed()),
        "pruned": document("prune --json", _pruned()),
        "lost": document("recover --json", _lost()),
        "overlaps": document("overlap --json", _overlaps()),
        "landed": document("land --json", _landed()),
    }


def _place() -> Schema:
    about = record("a worktree", path=_TEXT, branch=_OPTIONAL, commit=_OPTIONAL)
    about["properties"]["branch"] = {**_OPTIONAL, "description": "null where it is on none"}
    return about


def _state() -> Schema:
    about = _place()
    own = record("a record with something that no other branch and no other worktree has", record=_TEXT, name=_TEXT,
                 title=_OPTIONAL, path=_TEXT, events=listed(_TEXT), comments=_COUNT)
    only = record("what exists only there", summary=_TEXT, records=listed(own))
    more: Schema = {
        "number": {**_OPTIONAL, "description": "under which its journal runs; null before its first write"},
        "home": {**_FLAG, "description": "whether others fold into its branch"},
        "here": {**_FLAG, "description": "whether the command ran in it"},
        "flags": {**listed(_TEXT), "description": "bare, locked, missing, prunable, detached, no tracker, waiting "
                  "entries"},
        "tickets": {**listed(_TEXT), "description": "whose slugs its branch names"},
        "claims": {**listed(record("a lease that is held there", slug=_TEXT, holder=_TEXT)),
                   "description": "live ones"},
        "uncommitted": {**listed(_TEXT), "description": "the tracker's files that differ from its commit"},
        "only_here": {"anyOf": [only, {"type": "null"}], "description": "null where there is nothing to compare with"}}
    about["properties"].update(more)
    about["required"] += list(more)
    return about


def _created() -> Schema:
    about = record("a worktree that was made", worktree=_place(), tracker=_FLAG)
    about["properties"]["from"] = {**_OPTIONAL, "description": "where a new branch begins; null for one that was there"}
    about["properties"]["tracker"] = {**_FLAG, "description": "whether the tracker's files are on its branch"}
    about["required"].append("from")
    return about


def _removed() -> Schema:
    about = record("a worktree that was removed", removed=_place(), only_there=listed(_TEXT))
    about["properties"]["only_there"] = {**listed(_TEXT), "description": "files that nothing else in the clone has; "
                                         "what is on no branch is in the journal"}
    return about


def _landed() -> Schema:
    value: Schema = {"type": ["string", "number", "boolean", "array", "null"]}
    dispute = record("what both branches changed differently", path=_TEXT, record=_TEXT, field=_OPTIONAL, kept=value,
                     dropped=value, keeps={"enum": ["ours", "theirs"]})
    dispute["properties"]["field"] = {**_OPTIONAL, "description": "null where it is the file as a whole"}
    about = record("what landed", branch=_TEXT, onto=_TEXT, commit=_OPTIONAL, dry_run=_FLAG, summary=_TEXT,
                   files=listed(_TEXT), disputes=listed(dispute), kept=listed(_TEXT), uncommitted=listed(_TEXT))
    more: Schema = {
        "commit": {**_OPTIONAL, "description": "null where nothing is new, and in a dry run"},
        "disputes": {**listed(dispute), "description": "those that --board, --ours or --theirs decided"},
        "kept": {**listed(_TEXT), "description": "files that one side removed while the other changed them"},
        "uncommitted": {**listed(_TEXT), "description": "tracker files in the branch's worktree that did not land"}}
    about["properties"].update(more)
    return about


def _overlaps() -> Schema:
    lines: Schema = {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2, "description": "first and last "
                     "line, from 1; the last is one less where only the other side has lines there"}
    side = record("one side", branch=_TEXT, path=_OPTIONAL)
    side["properties"]["path"] = {**_OPTIONAL, "description": "its worktree; null for a branch that is in none"}
    file = record("a file that would conflict", path=_TEXT, kind={"enum": [
        overlaps.CONTENT, overlaps.ADDED, overlaps.DELETED, overlaps.BINARY]}, tracker=_FLAG, hunks=listed(
        record("lines of both that touch", one=lines, other=lines)))
    file["properties"]["tracker"] = {**_FLAG, "description": "whether it is one of the tracker's"}
    pair = record("two that would conflict", one=side, other=side, files=listed(file))
    about = record("what was found in the pairs that were looked at", pairs=listed(pair), checked=_COUNT, total=_COUNT,
                   limits=listed(_TEXT))
    about["properties"]["limits"] = {**listed(_TEXT), "description": "what was not looked at, in sentences"}
    return about


def _lost() -> Schema:
    one = record("a file that no worktree and no branch shows", path=_TEXT, what=_TEXT, fields=listed(_TEXT))
    one["properties"]["fields"] = {**listed(_TEXT), "description": "where `what` is fields: those of a ticket that is "
                                   "here, whose values a journal has and no branch"}
    return record("what can be brought back", lost=listed(one))


def _pruned() -> Schema:
    one = record("the journal of a worktree that is gone", worktree=_TEXT, entries=_COUNT, last_at={
        "type": "string", "format": "date-time"}, missing=listed(_TEXT))
    one["properties"]["missing"] = {**listed(_TEXT), "description": "files that home never had as they were left"}
    return record("what was pruned (or would be, in a dry run), and what was kept", home=_TEXT, dry_run=_FLAG,
                  pruned=listed(one), kept=listed(one))
