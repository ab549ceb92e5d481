"""Audit: every change that was made around the tool, what is unsigned where it must not be, and what is missing."""

from __future__ import annotations

from gittracker.domain import policy as rules
from gittracker.domain import times
from gittracker.domain.audit import Audit, Finding
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.times import utc
from gittracker.formats.etag import blob_id
from gittracker.git import history as git_history
from gittracker.git import signatures, trees
from gittracker.services.attached import largefiles
from gittracker.services.past import history, integrity, journals, moments
from gittracker.services.sync import explaining
from gittracker.services.write import outside
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gittracker.git.history import Commit
    from gittracker.services.past.journals import Journals
    from gittracker.services.tracker import Tracker

    Change = tuple[str, str, str, Any, Any]
    # a commit or entry, and those of its changes that count
    Rows = tuple[Commit, list[tuple[str, str, str]]]

_MOST_COMMITS = 20_000
_PREFIX = ".openkit/"
_POLICY = "policy.yaml"
_BATCH = 500


def verify(tracker: Tracker, since: str = "", strict: bool = False) -> Audit:
    """Audit the clone's journal and the history of the branch this worktree is on; `since` bounds what is looked at.

    What came from other clones, whose journals are not here, is a note; with `strict` a finding. Raises UsageError.
    """
    start = moments.read(since, tracker.clock() // 1_000_000_000) if since else 0
    audit = Audit()
    whole = integrity.check_objects(tracker, audit)
    known = journals.read(tracker)
    if known.waiting:
        audit.limits.append(f"{known.waiting} entries of sandboxed commands still wait for the journal; who may write "
                            "the worktree may have changed them")
    integrity.check_entries(tracker, known, audit)
    integrity.check_receipts(tracker, known, audit)
    commits = _commits(tracker, start, audit)
    integrity.check_commits(tracker, commits, audit)
    if not whole:
        audit.limits.append("the journal is damaged: files and commits were not compared with it")
    elif not known.entries:
        audit.limits.append("no journal here: what was made around the tool can't be told")
    else:
        _check_edits(tracker, known, start, audit)
        _check_worktree(tracker, known, audit)
        _check_commits(tracker, known, commits, audit, strict)
    _check_signatures(tracker, commits, audit)
    order = list(dict.fromkeys(finding.kind for finding in audit.findings))
    audit.findings.sort(key=lambda one: order.index(one.kind))
    return audit


def _commits(tracker: Tracker, start: int, audit: Audit) -> list[Commit]:
    """Read the branch's commits that change the tracker, oldest first."""
    head = git_history.resolve(tracker.repository.top, "HEAD")
    found = git_history.read(tracker.repository.top, head, "", _PREFIX, _MOST_COMMITS, whole=True) if head else []
    if len(found) == _MOST_COMMITS:
        audit.limits.append(f"only the newest {_MOST_COMMITS} tracker commits of the branch were read")
    audit.limits += [text for text in history.limits(tracker) if "shallow" in text]
    chosen = [one for one in found if one.at >= start]
    audit.checked["commits"] = len(chosen)
    return chosen


def _check_edits(tracker: Tracker, known: Journals, start: int, audit: Audit) -> None:
    """Name what the journal noted as an editor's work; bytes that a command left in another worktree are none."""
    edits = [(one, [row for row in one.changes if row[2] not in known.by_tool.get(row[0], ())])
             for one in known.entries.values() if one.message.actor == outside.BY_EDITOR and one.at >= start]
    for some in _batched([edit for edit in edits if edit[1]], _BATCH):
        blobs = history.read_all(tracker, _blobs(row for _, rows in some for row in rows))
        for one, rows in some:
            audit.findings.append(Finding("edit", one.message.subject, rows[0][0], entry=one.id,
                                          actor=outside.BY_EDITOR, at=utc(one.at),
                                          changes=history.by_field(rows, blobs)))


def _check_worktree(tracker: Tracker, known: Journals, audit: Audit) -> None:
    """Name what differs from HEAD in the working tree and that no entry left so."""
    top = tracker.repository.top
    head = git_history.resolve(top, "HEAD")
    latest = known.latest(tracker.worktree)
    edited: list[tuple[str, str, bytes | None]] = []
    for path, old in trees.in_worktree(top, head or trees.empty_tree(top), _PREFIX):
        try:
            data = largefiles.for_history(tracker, path, atomic.read(tracker.path(path)))
        except InvalidDataError as error:
            audit.findings.append(Finding("edit", error.message, path, actor=outside.BY_EDITOR))
            continue
        blob = "" if data is None else blob_id(data, tracker.repository.object_format)
        audit.checked["files"] += blob != old
        if blob != old and not known.tells(path, old, blob):
            edited.append((path, latest.get(path) or old, data))
    texts = history.read_all(tracker, [before for _, before, _ in edited if before])
    for path, before, data in edited:
        changes = [(path, *change) for change in history.changes_of(path, texts.get(before), data)]
        finding = Finding("edit", f"{path} is not journalled yet", path, actor=outside.BY_EDITOR, changes=changes)
        _judge(audit, known, finding, [path])


def _check_commits(tracker: Tracker, known: Journals, commits: list[Commit], audit: Audit, strict: bool) -> None:
    """Name the commits that change what no entry did, as far back as the journal goes."""
    older = sum(one.at < known.begins for one in commits)
    unknown = [(one, [row for row in one.changes if not any(known.tells(row[0], old, row[2], one.at)
                                                            for old in row[1].split(" "))])
               for one in commits if one.at >= known.begins]
    elsewhere = 0
    told = explaining.explained(tracker, [one for one, rows in unknown if rows])
    unknown = [(one, _counting(known, told, one, rows)) for one, rows in unknown]
    for some in _batched([one for one in unknown if one[1]], _BATCH):
        blobs = history.read_all(tracker, _blobs(row for _, rows in some for row in rows) + [
            blob for _, rows in some for path, *_ in rows for blob in known.left(path)])
        for one, rows in some:
            changes = [change for row in rows for change in _unexplained(known, row, blobs)]
            if changes and one.at == known.begins:
                older += 1  # of the second in which the journal begins, so it may well have been before
                continue
            if not changes:
                continue
            finding = Finding("commit", one.message.subject, changes[0][0], commit=one.id, actor=one.author,
                              at=utc(one.at), changes=changes)
            if one.email != tracker.committer[1] and not strict:
                finding.message += " (by another clone, whose journal is not here)"
                audit.notes.append(finding)
                elsewhere += 1
            else:
                _judge(audit, known, finding, list(dict.fromkeys(path for path, *_ in changes)))
    if older:
        audit.limits.append(f"{older} commit(s) are older than this clone's journal, which begins {utc(known.begins)}")
    if elsewhere:
        audit.limits.append(f"{elsewhere} commit(s) by others were not compared: their journals are not here "
                            "(gittracker sync --journals fetches those that were pushed); --strict makes them findings")


def _counting(known: Journals, told: dict[tuple[str, str], tuple[str, str] | None], one: Commit,
              rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Give the changes of a commit that count, given what merges explain: of a landing, those of what landed."""
    found = []
    for path, old, new in rows:
        pair = told.get((one.id, path), (old, new))
        if pair and not ((one.id, path) in told and known.tells(path, *pair, one.at)):
            found.append((path, *pair))
    return found


def _batched(rows: list[Rows], size: int) -> list[list[Rows]]:
    """Cut a list into parts, so that git is asked once for each and memory stays bounded."""
    return [rows[start:start + size] for start in range(0, len(rows), size)]


def _judge(audit: Audit, known: Journals, finding: Finding, paths: list[str]) -> None:
    """Take a finding, or note it where a purge explains that the journal knows nothing of it."""
    purged = [known.purged(path) for path in paths]
    if all(purged):
        finding.message += f" ({purged[0]} was purged from the journal)"
        audit.notes.append(finding)
    else:
        audit.findings.append(finding)


def _unexplained(known: Journals, row: tuple[str, str, str], blobs: dict[str, bytes]) -> list[Change]:
    """Give the changes of a commit to a file that no entry made: git's own merge of what entries wrote is none.

    A field that is as some entry left it is told, whatever stands beside it.
    """
    path, old, new = row
    back = all(known.goes_back(path, one, new) for one in old.split(" "))
    versions = [] if back else [blobs[blob] for blob in known.left(path) if blob in blobs]
    others = [{change[:2] for change in history.changes_of(path, data, blobs.get(new))} for data in versions]
    others = [other for other in others if all(field for _, field in other)]  # one that can't be read explains nothing
    return [change for change in history.by_field([row], blobs)
            if not change[2] or all(change[1:3] in other for other in others)]


def _blobs(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """List the blobs of changes; a merge has more than one before."""
    return [blob for _, old, new in rows for blob in (*old.split(" "), new) if blob]


def _check_signatures(tracker: Tracker, commits: list[Commit], audit: Audit) -> None:
    """Name the commits without a good signature where policy.yaml wants one."""
    try:
        policy = _policy(tracker)
    except InvalidDataError as error:
        audit.findings.append(Finding("policy", error.message, _POLICY))
        return
    if not policy.signed:
        return
    asked = [one for one in commits if one.at >= times.since_1970(policy.since)]
    found = signatures.read(tracker.repository.top, [one.id for one in asked])
    for one in asked:
        signature = found[one.id]
        if signature.status != signatures.GOOD:
            why = "no signature" if signature.status == signatures.NONE else (
                f"signature {signature.status}: {signature.reason}")
            audit.findings.append(Finding("unsigned", f"{one.message.subject}: {why}", commit=one.id, actor=one.author,
                                          at=utc(one.at)))
    audit.limits.append("the journal's entries are not signed: the commits that carry their files are")


def _policy(tracker: Tracker) -> rules.Policy:
    data = atomic.read(f"{tracker.rules}/{_POLICY}")  # home's alone: no branch changes its own rules
    if data is None:
        return rules.Policy()
    from gittracker.formats import yaml_doc
    return rules.read(yaml_doc.load(data, _POLICY), _POLICY)
