"""Handoff packets: what whoever had a ticket before left, kept when a lease ends without release."""

from __future__ import annotations

import os

from gittracker.domain import times
from gittracker.domain.comment import Comment, open_questions
from gittracker.domain.errors import InvalidDataError, NotFoundError
from gittracker.formats import entity_md, json_text
from gittracker.git import head
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.lease import Lease
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Packet = dict[str, Any]

_FOLDER = "gittracker/state/handoffs"
_MOST_COMMENTS, _MOST_FILES = 5, 100
_MOST_TEXT, _MOST_DIFF = 16_000, 64_000
EXPIRED, FORCED = "expired", "forced"


def keep(writing: Writing, lease: Lease, reason: str, to: str, now: int) -> None:
    """Keep what a lease's holder left, as far as files tell; `add_changes` adds what git must be asked for."""
    tracker = writing.tracker
    said = _comments(tracker, lease)
    packet = {
        "ref": lease.ref, "slug": lease.slug, "reason": reason, "at": times.utc(now), "to": to,
        "lease": {"holder": lease.holder, "number": lease.number, "worktree": lease.top or None,
                  "branch": lease.branch or None, "since": times.utc(lease.taken_at),
                  "heartbeat": times.utc(lease.beat_at), "until": times.utc(lease.until)},
        "workpad": _clipped((_found(tracker, lease, layout.WORKPAD) or b"").decode(errors="replace")),
        "comments": [_shown(one) for one in said[-_MOST_COMMENTS:]],
        "questions": [_shown(said[place]) for place in open_questions([(c.ref, c.question, c.answers) for c in said])],
        "changes": None}
    writing.state[f"{_FOLDER}/{lease.ref}.json"] = (json_text.dumps(packet, 1) + "\n").encode()


def _roots(tracker: Tracker, lease: Lease) -> list[str]:
    """List the trackers to look at: the former holder's worktree may say more than this one."""
    return list(dict.fromkeys(root for root in (os.path.join(lease.top, ".openkit") if lease.top else "", tracker.root)
                              if root and os.path.isdir(root)))


def _found(tracker: Tracker, lease: Lease, name: str) -> bytes | None:
    for root in _roots(tracker, lease):
        try:
            data = atomic.read(f"{root}/{lease.folder}/{name}")
        except (InvalidDataError, OSError):
            continue
        if data is not None:
            return data
    return None


def _comments(tracker: Tracker, lease: Lease) -> list[Comment]:
    """Give the comments that are not deleted, oldest first; their files' names begin with their time."""
    names: dict[str, str] = {}
    for root in _roots(tracker, lease):
        folder = f"{root}/{lease.folder}/{layout.COMMENTS}"
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if name.endswith(".md"):
                names.setdefault(name, f"{folder}/{name}")
    found = []
    for name in sorted(names):
        try:
            one = entity_md.read(Comment, atomic.read(names[name]) or b"", name)[0]
        except (InvalidDataError, OSError):
            continue
        if not one.deleted_at:
            found.append(one)
    return found


def _shown(one: Comment) -> dict[str, str]:
    return {"by": one.by, "at": one.at, "body": _clipped(one.body)}


def _clipped(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…"


def drop(writing: Writing, ref: str) -> None:
    """Forget a packet: its ticket is closed, and nobody goes on from there."""
    if is_kept(writing.tracker, ref):
        writing.state[f"{_FOLDER}/{ref}.json"] = None


def add_changes(tracker: Tracker, ref: str) -> None:
    """Add to a packet what lies uncommitted in the former holder's worktree; what can't be found out is left out."""
    packet = _read(tracker, ref)
    if packet and packet["changes"] is None:
        packet["changes"] = _changes(packet)
        atomic.write(_path(tracker, ref), (json_text.dumps(packet, 1) + "\n").encode())


def _changes(packet: Packet) -> dict[str, Any] | None:
    top = packet["lease"]["worktree"]
    if not top or not os.path.isdir(top):
        return None
    diff, whole = head.diff(top, _MOST_DIFF)
    names, every = head.untracked(top, _MOST_FILES)
    return {"commit": head.commit(top) or None, "branch": head.branch(top) or None, "diff": diff, "untracked": names,
            "complete": whole and every}


def show(tracker: Tracker, name: str) -> Packet:
    """Give the packet of a ticket; raises NotFoundError where none is kept."""
    row = tracker.get(name)
    packet = _read(tracker, row.ticket.ref) if row.ticket.ref else None
    if packet is None:
        raise NotFoundError("handoff", name, "gittracker handoff list")
    packet.setdefault("questions", [])  # an older version kept none
    return packet if packet["changes"] is not None else {**packet, "changes": _changes(packet)}


def is_kept(tracker: Tracker, ref: str) -> bool:
    """Tell whether there is a packet of a ticket."""
    return bool(ref) and os.path.exists(_path(tracker, ref))


def listed(tracker: Tracker) -> list[Packet]:
    """List all packets, the newest first."""
    folder = os.path.join(tracker.repository.common_dir, _FOLDER)
    names = [name[:-5] for name in os.listdir(folder) if name.endswith(".json")] if os.path.isdir(folder) else []
    found = [packet for packet in (_read(tracker, name) for name in names) if packet]
    return sorted(found, key=lambda packet: (packet["at"], packet["ref"]), reverse=True)


def _path(tracker: Tracker, ref: str) -> str:
    return os.path.join(tracker.repository.common_dir, _FOLDER, f"{ref}.json")


def _read(tracker: Tracker, ref: str) -> Packet | None:
    data = atomic.read(_path(tracker, ref))
    if not data:
        return None
    import json
    try:
        packet: Packet = json.loads(data)
    except ValueError:
        return None  # what somebody else has made of the file
    return packet
