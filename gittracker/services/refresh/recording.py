"""Keep the rows of records that are no tickets in step with their files; only what a command asks for is looked at."""

from __future__ import annotations

import marshal
import time

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.harness import Harness
from gittracker.domain.nouns import CLASSES
from gittracker.domain.page import Page
from gittracker.formats import entity_md
from gittracker.formats import mentions as formats
from gittracker.formats.etag import blob_id
from gittracker.index import mentions, problems, records
from gittracker.store import kinds, layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker

_BOM = b"\xef\xbb\xbf"


def refresh(tracker: Tracker, *roots: str, own: frozenset[str] = frozenset()) -> None:
    """Bring the rows of the records below these folders (all of them, if none is named) up to date.

    The paths in `own` are the tool's writes, which are told by whoever wrote.
    """
    board = tracker.asked_anew()
    if board:
        board.notice()
        board.look_beside()
    reread(tracker, *roots, own=own)


def reread(tracker: Tracker, *roots: str, own: frozenset[str] = frozenset()) -> None:
    """Read the records below these folders where the board shows them otherwise than their rows say."""
    for root in roots or layout.RECORDS:
        known = records.stamps(tracker.index, tracker.view, root)
        found = {path: marshal.dumps(stamp) for path in _files(tracker, root)
                 if (stamp := stamps.of_file(tracker.shown(path)))}
        changed = [path for path, stamp in found.items() if known.get(path) != stamp]
        gone = list(known.keys() - found.keys())
        key = f"known:{root}:{tracker.view}"
        is_first = tracker.index.get(key) is None
        if not changed and not gone and not is_first:
            continue
        with tracker.index as index:
            before = {path: row for path in (*gone, *changed) if (row := records.at(index, tracker.view, path))}
            _update(tracker, gone, changed)
            if is_first:
                index.put(key, 1)  # what is there at the first look is no news
            else:
                _tell(tracker, before, [path for path in (*gone, *changed) if path not in own])


def _update(tracker: Tracker, gone: list[str], changed: list[str]) -> None:
    index = tracker.index
    for path in gone:
        records.remove(index, tracker.view, path)
        mentions.remove(index, tracker.view, path)
        problems.forget_file(index, tracker.view, path)
    for path in changed:
        _read(tracker, path)


def _tell(tracker: Tracker, before: dict[str, records.Row], paths: list[str]) -> None:
    from gittracker.services.refresh import noticing
    found = []
    for path in paths:
        old, new = before.get(path), records.at(tracker.index, tracker.view, path)
        if row := new or old:
            found += noticing.of_record(path, kinds.part(path).name, old.record if old else None,
                                        new.record if new else None, row.etag)
    tracker.tell(found)


def _files(tracker: Tracker, root: str) -> list[str]:
    """List the files below a folder that are records."""
    return [path for path in tracker.below(root) if kinds.noun(path) in CLASSES and _is_text(path)]


def _is_text(path: str) -> bool:
    """Tell whether a file's name is UTF-8; the doctor names those that are not."""
    return path.isprintable() or not any("\udc80" <= c <= "\udcff" for c in path)


def _read(tracker: Tracker, path: str) -> None:
    """Read one file; a broken one keeps its last good row and becomes a problem."""
    index, worktree = tracker.index, tracker.view
    problems.forget_file(index, worktree, path)
    now = time.time_ns()
    try:
        read = stamps.read(tracker.shown(path), now)
        if read is None:
            return
        stamp, data = read
        record, findings = parse(path, data)
    except InvalidDataError as error:
        problems.add(index, worktree, path, error.line, error.reason)
        stamp = stamps.of_file(tracker.shown(path), now) or (0, 0, 0)
        records.restamp(index, worktree, path, marshal.dumps(stamp))
        return
    for line, message in findings:
        problems.add(index, worktree, path, line, message)
    etag = blob_id(data, tracker.repository.object_format)
    records.put(index, worktree, path, kinds.place(path), named(path, record), etag, marshal.dumps(stamp), record)
    found = formats.find(f"{record.__dict__.get('title', '')}\n\n{record.body}")
    aliases = map(mentions.alias_key, record.__dict__.get("aliases", ()))
    mentions.put(index, worktree, path, {*map(formats.key, found), *aliases})


def parse(path: str, data: bytes) -> tuple[Record, list[tuple[int, str]]]:
    """Read a record's file as (record, findings by line); raises InvalidDataError."""
    return parse_as(CLASSES[kinds.noun(path)], path, data)


def parse_as(cls: type[Record], path: str, data: bytes) -> tuple[Record, list[tuple[int, str]]]:
    """Read bytes as a record of a class; a page may be nothing but text. Raises InvalidDataError."""
    if cls is Harness:
        return Harness(body=data.decode(errors="replace")), []
    if cls is Page and not _has_front_matter(data):
        return Page(body=entity_md.read_body(data.decode("utf-8-sig", "replace"))), []
    record, findings = entity_md.read(cls, data, path)
    return record, [(one.line, one.message) for one in findings]


def with_front_matter(record: Record, data: bytes) -> bytes:
    """Give a record's bytes with front matter, so that fields can be set in them."""
    return data if _has_front_matter(data) else entity_md.render(record)


def _has_front_matter(data: bytes) -> bool:
    return data.removeprefix(_BOM).startswith(b"---")


def named(path: str, record: Record) -> str:
    """Give the name that people use for a record: an epic's slug, which may have become another than its folder's."""
    slug = str(record.__dict__.get("slug") or "") if record.NOUN == "epic" else ""
    return slug if ids.parse_epic(slug) else name_of(path)


def name_of(path: str) -> str:
    """Give the name that people use for a record's file."""
    if kinds.noun(path) in ("comment", "progress"):
        return path.rpartition("/")[2].removesuffix(".md")
    where = kinds.place(path)
    return where.partition("/")[2] if kinds.noun(path) in ("skill", "harness") else kinds.name_of(where)
