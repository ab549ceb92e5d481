"""The index's tables; the ticket table comes from the field table."""

from __future__ import annotations

from gittracker.domain.ticket import Ticket
from gittracker.index import edges, tickets

_PLACE = "worktree, archived, stage, approval, waits, questions"


def _of(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in _PLACE.split(", "))


def _counted(row: str, by: int) -> str:
    """Give the SQL that counts a row in its place."""
    return (f"INSERT INTO tally VALUES ({row}.worktree, {row}.archived, {row}.stage, {edges.free(row)}, {by}) "
            f"ON CONFLICT DO UPDATE SET count = count + {by};")


INDEXES = (
    "CREATE UNIQUE INDEX ticket_folder ON ticket(worktree, folder)",
    "CREATE INDEX ticket_slug ON ticket(worktree, slug COLLATE NOCASE)",
    "CREATE INDEX ticket_ref ON ticket(ref, worktree, stage)",
    # counts what is open and what is ready without a look at the rows
    "CREATE INDEX ticket_stage ON ticket(worktree, archived, stage, approval, ref)",
    "CREATE INDEX ticket_board ON ticket(worktree, archived, rank, number, ref, stage, waits, questions)",
    "CREATE INDEX ticket_asked ON ticket(worktree) WHERE questions > 0",
    "CREATE INDEX ticket_number ON ticket(key, number)",
    "CREATE INDEX alias_name ON alias(name)",
    "CREATE INDEX alias_ticket ON alias(ticket)",
    "CREATE INDEX edge_loose ON edge(ticket) WHERE loose = 1",
    "CREATE INDEX edge_ticket ON edge(ticket, field)",
    "CREATE INDEX edge_target ON edge(target_ref, field)",
    "CREATE INDEX comment_ref ON comment(ref)",
    f"{edges.RECOUNT} WHERE id IN (SELECT ticket FROM edge WHERE field = 'depends_on')",
    # how many tickets stand where, kept with every change of a row, so that no list has to count
    f"{edges.TALLY} GROUP BY 1, 2, 3, 4",
    f"CREATE TRIGGER ticket_came AFTER INSERT ON ticket BEGIN {_counted('new', 1)} END",
    f"CREATE TRIGGER ticket_went AFTER DELETE ON ticket BEGIN {_counted('old', -1)} END",
    f"CREATE TRIGGER ticket_moved AFTER UPDATE OF {_PLACE} ON ticket "
    f"WHEN ({_of('old')}) IS NOT ({_of('new')}) BEGIN {_counted('old', -1)} {_counted('new', 1)} END",
)


def tables() -> list[str]:
    """Give the SQL that makes an empty index; `INDEXES` are made once it is filled, which is twice as fast."""
    from gittracker.domain.usage import Usage
    fields = [f"{name} {field.kind.sql}" for name, field in Ticket.FIELDS.items()]
    return [
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",
        f"CREATE TABLE ticket(id INTEGER PRIMARY KEY, {', '.join([*tickets.DERIVED, *fields])})",
        "CREATE TABLE tally(worktree TEXT, archived INTEGER, stage TEXT, free INTEGER, count INTEGER,"
        " PRIMARY KEY(worktree, archived, stage, free)) WITHOUT ROWID",
        "CREATE TABLE alias(ticket INTEGER, name TEXT COLLATE NOCASE)",
        # target is what the file says; target_ref the ref that it means, if any; loose: written as a slug
        "CREATE TABLE edge(ticket INTEGER, field TEXT, target TEXT, target_ref TEXT, loose INTEGER)",
        "CREATE TABLE doc(id INTEGER PRIMARY KEY, title TEXT, description TEXT, comments TEXT, workpad TEXT)",
        "CREATE VIRTUAL TABLE words USING fts5(title, description, comments, workpad, content='doc',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TABLE comment(ticket INTEGER, name TEXT, etag TEXT, ref TEXT, by TEXT, at TEXT, deleted INTEGER,"
        " text TEXT, question INTEGER, answers TEXT, stamp BLOB, PRIMARY KEY(ticket, name)) WITHOUT ROWID",
        # every record that is no ticket, by its file; `place` is the record that a comment or an entry belongs to
        "CREATE TABLE record(worktree TEXT, path TEXT, place TEXT, noun TEXT, name TEXT COLLATE NOCASE, ref TEXT,"
        " etag TEXT, stamp BLOB, packed BLOB, PRIMARY KEY(worktree, path)) WITHOUT ROWID",
        "CREATE INDEX record_noun ON record(worktree, noun, name)",
        "CREATE INDEX record_ref ON record(ref)",
        "CREATE INDEX record_place ON record(worktree, place, noun)",
        # a row a usage report, and when a ticket's folder of them was looked at; `problem` says why one can't be read
        "CREATE TABLE usage(worktree TEXT, folder TEXT, name TEXT, stamp BLOB, problem TEXT,"
        f" {', '.join(f'{name} {field.kind.sql}' for name, field in Usage.FIELDS.items())},"
        " PRIMARY KEY(worktree, folder, name)) WITHOUT ROWID",
        "CREATE TABLE usage_folder(worktree TEXT, folder TEXT, stamp INTEGER, PRIMARY KEY(worktree, folder))"
        " WITHOUT ROWID",
        # what the text of such a record may mention, by a key that is the same for all ways to write it
        "CREATE TABLE mention(worktree TEXT, key TEXT, path TEXT, PRIMARY KEY(worktree, key, path)) WITHOUT ROWID",
        "CREATE INDEX mention_path ON mention(worktree, path)",
        # the replicas beside the ground, what each has that its base has not, and what the board therefore shows
        "CREATE TABLE replica(view TEXT, seq INTEGER, kind TEXT, name TEXT, top TEXT, git_dir TEXT, number TEXT,"
        " head TEXT, base TEXT, key TEXT, state BLOB, problem TEXT, PRIMARY KEY(view, name)) WITHOUT ROWID",
        "CREATE TABLE version(view TEXT, replica TEXT, path TEXT, place TEXT, base TEXT, blob TEXT,"
        " PRIMARY KEY(view, replica, path)) WITHOUT ROWID",
        "CREATE INDEX version_place ON version(view, place)",
        "CREATE TABLE overlay(view TEXT, place TEXT, detail BLOB, PRIMARY KEY(view, place)) WITHOUT ROWID",
        "CREATE TABLE shard(worktree TEXT, name TEXT, stamp INTEGER, entries BLOB, PRIMARY KEY(worktree, name))"
        " WITHOUT ROWID",
        # where the policy asks for it: the base branch's last commit, and the tickets that it has closed
        "CREATE TABLE base(worktree TEXT PRIMARY KEY, head TEXT, signs BLOB, rules BLOB) WITHOUT ROWID",
        "CREATE TABLE gate(worktree TEXT PRIMARY KEY) WITHOUT ROWID",  # there where tickets must be approved
        "CREATE TABLE landed(worktree TEXT, folder TEXT, PRIMARY KEY(worktree, folder)) WITHOUT ROWID",
        "CREATE TABLE problem(worktree TEXT, path TEXT, line INTEGER, message TEXT)",
        "CREATE INDEX problem_path ON problem(worktree, path)",
        "CREATE TABLE outside(worktree TEXT, path TEXT, PRIMARY KEY(worktree, path)) WITHOUT ROWID",
        "CREATE TABLE undated(worktree TEXT, folder TEXT, PRIMARY KEY(worktree, folder)) WITHOUT ROWID",
        "CREATE TABLE entry(seq INTEGER PRIMARY KEY, source TEXT, worktree TEXT, id TEXT, actor TEXT, author TEXT,"
        " at INTEGER, subject TEXT, undoes TEXT, command TEXT)",
        "CREATE UNIQUE INDEX entry_id ON entry(source, worktree, id)",
        "CREATE INDEX entry_command ON entry(command) WHERE command <> ''",
        "CREATE TABLE change(entry INTEGER, path TEXT, old TEXT, new TEXT)",
        "CREATE INDEX change_path ON change(path)",
        "CREATE INDEX change_entry ON change(entry)",
        # What a version of a ticket's file says, by its blob: it never changes. Moments are seconds since 1970.
        "CREATE TABLE fact(blob TEXT PRIMARY KEY, slug TEXT, type TEXT, status TEXT, assignee TEXT, created INTEGER,"
        " started INTEGER, completed INTEGER, archived INTEGER) WITHOUT ROWID",
        # of every worktree's tickets; it ends at `until`, seconds since 1970, without anybody writing
        "CREATE TABLE lease(ref TEXT PRIMARY KEY, until INTEGER, holder TEXT) WITHOUT ROWID",
        "CREATE TABLE event(seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT, ref TEXT, slug TEXT, changes TEXT,"
        " actor TEXT, source TEXT, worktree TEXT, at TEXT)",
    ]
