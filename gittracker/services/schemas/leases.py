"""Schemas of what is printed about claims: leases, handoffs."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import document, listed, record
from gittracker.services.claim.handoffs import EXPIRED, FORCED

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "integer", "minimum": 1, "description": "its fencing number, higher than all before"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_WHY: Schema = {"enum": [EXPIRED, FORCED], "description": "why the lease ended: its term, or release --force"}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    one = record("one handoff", slug=_TEXT, ref=_TEXT, reason=_WHY, at=_MOMENT,
                 to={**_TEXT, "description": "who ended the lease, by taking the ticket over or by force"},
                 holder=_TEXT, number=_NUMBER, worktree=_OPTIONAL, branch=_OPTIONAL)
    return {
        "leases": document("leases --json", record("the oldest first", leases=listed(lease()), total=_COUNT)),
        "handoffs": document("handoff list --json", record("the newest first", handoffs=listed(one), total=_COUNT)),
        "handoff": document("handoff show --json", _handoff())}


def lease() -> Schema:
    """Describe a lease."""
    return record(
        "who has claimed a ticket", slug=_TEXT, ref=_TEXT, number=_NUMBER, holder=_TEXT,
        worktree={**_OPTIONAL, "description": "its folder"}, branch=_OPTIONAL, since=_MOMENT,
        heartbeat={**_MOMENT, "description": "when it was last renewed"},
        until={**_MOMENT, "description": "from then on it may be taken over"}, term_seconds=_COUNT,
        live={"type": "boolean", "description": "whether it still excludes others"},
        remote={**_OPTIONAL, "description": "the git remote where it is held too"},
        handoff={"type": "boolean", "description": "whether `handoff show` has something of a holder before"})


def claimed() -> Schema:
    """Describe the lease that a shown ticket has."""
    return {"anyOf": [lease(), {"type": "null"}], "description": "who has claimed it; lists have `claim` instead"}


def claim() -> Schema:
    """Describe the claim that a listed ticket has."""
    one = record("who has claimed it", holder=_TEXT, until=_MOMENT, live={
        "type": "boolean", "description": "whether it still excludes others"})
    return {"anyOf": [one, {"type": "null"}], "description": "of lists: who has claimed it; `show` has its whole lease"}


def _handoff() -> Schema:
    ended = record("the lease that ended", holder=_TEXT, number=_NUMBER, worktree=_OPTIONAL, branch=_OPTIONAL,
                   since=_MOMENT, heartbeat=_MOMENT, until=_MOMENT)
    comment = record("a comment", by=_TEXT, at=_TEXT, body=_TEXT)
    changes = record("what was not committed in its worktree, the tracker aside", commit=_OPTIONAL, branch=_OPTIONAL,
                     diff={**_TEXT, "description": "against HEAD"}, untracked=listed(_TEXT),
                     complete={"type": "boolean", "description": "false where it was too much to keep"})
    return record("what the last holder of a ticket left", ref=_TEXT, slug=_TEXT, reason=_WHY, at=_MOMENT, to=_TEXT,
                  lease=ended, workpad=_TEXT, comments={**listed(comment), "description": "the last ones"},
                  questions={**listed(comment), "description": "those that nobody has answered"},
                  changes={"anyOf": [changes, {"type": "null"}], "description": "null where its worktree is gone"})
