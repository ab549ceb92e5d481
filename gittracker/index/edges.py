"""Edge rows: the links between tickets, asked for from either end."""

from __future__ import annotations

from gittracker.domain.status import CLOSED_STAGES, STAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

_CLOSED = ", ".join(f"'{stage}'" for stage in CLOSED_STAGES)
# A closed ticket b that the base branch has not closed, where there are rows of what that has.
_UNLANDED = ("(EXISTS (SELECT 1 FROM base WHERE base.worktree = b.worktree) AND NOT EXISTS (SELECT 1 FROM landed l "
             "WHERE l.worktree = b.worktree AND l.folder = b.folder))")
# A blocker that is not here counts as open: starting too early is worse than waiting.
_BLOCKS = f"(b.id IS NULL OR b.stage NOT IN ({_CLOSED}) OR {_UNLANDED})"
# The column `waits`: how many open tickets one waits for.
RECOUNT = ("UPDATE ticket SET waits = (SELECT count(*) FROM edge e LEFT JOIN ticket b ON b.ref = e.target_ref AND "
           f"b.worktree = ticket.worktree WHERE e.ticket = ticket.id AND e.field = 'depends_on' AND {_BLOCKS})")
UNCLOSED = f"t.stage NOT IN ({_CLOSED})"
# The same for a count, which needs no order: the index of stages is then a third of the work.
UNCLOSED_COUNTED = f"t.stage IN ({', '.join(repr(stage) for stage in STAGES if stage not in CLOSED_STAGES)})"
OPEN = f"t.archived = 0 AND {UNCLOSED}"
CLOSED = f"t.archived = 0 AND t.stage IN ({_CLOSED})"
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"
# A started ticket whose lease has ended comes back: nobody works on it any more.
_STARTABLE = (f"t.stage IN ('unstarted', 'started') AND (t.stage = 'unstarted' OR t.ref IN (SELECT ref FROM lease "
              f"WHERE until <= {_NOW})) AND t.ref NOT IN (SELECT ref FROM lease WHERE until > {_NOW})")


def free(row: str) -> str:
    """Give the condition that nothing but its stage and a lease keeps a ticket's row from being started.

    What is not approved is not free; what says nothing of it is, unless there is a row that says that policy asks.
    """
    return (f"{row}.waits = 0 AND {row}.questions = 0 AND ({row}.approval = 'approved' OR {row}.approval = '' AND "
            f"NOT EXISTS (SELECT 1 FROM gate WHERE gate.worktree = {row}.worktree))")


TALLY = f"INSERT INTO tally SELECT worktree, archived, stage, {free('ticket')}, count(*) FROM ticket"
READY = f"t.archived = 0 AND {_STARTABLE} AND {free('t')}"
BLOCKED = f"{OPEN} AND (t.waits > 0 OR t.questions > 0)"


class Share:
    """How far an epic's tickets are: all that count (canceled and archived ones don't), those under way, those done."""

    __slots__ = ("total", "started", "done")

    def __init__(self, total: int, started: int, done: int) -> None:
        self.total = total
        self.started = started
        self.done = done

    @property
    def percent(self) -> int:
        """Give the done ones in per cent, rounded down; 0 where there is none."""
        return self.done * 100 // self.total if self.total else 0


def recount(index: Index, ticket: int) -> None:
    """Count anew what a ticket (by row) waits for."""
    index.run(f"{RECOUNT} WHERE id = ?", ticket)


def recount_waiting(index: Index, worktree: str, refs: set[str]) -> None:
    """Count anew what those tickets wait for that wait for one of some others."""
    for ref in refs - {""}:
        if not index.one("SELECT 1 FROM edge WHERE target_ref = ? AND field = 'depends_on' LIMIT 1", ref):
            continue  # as for most, which is far cheaper to learn
        # The plus keeps SQLite from going through all tickets of the worktree instead: 20 ms of 100,000.
        index.run(f"{RECOUNT} WHERE +worktree = ? AND id IN (SELECT ticket FROM edge WHERE target_ref = ? AND "
                  "field = 'depends_on')", worktree, ref)


def set_gate(index: Index, worktree: str, is_shut: bool) -> None:
    """Say whether only approved tickets are free, and count anew where that is news."""
    if is_shut == bool(index.one("SELECT 1 FROM gate WHERE worktree = ?", worktree)):
        return
    index.run("INSERT INTO gate VALUES (?)" if is_shut else "DELETE FROM gate WHERE worktree = ?", worktree)
    if not index.is_filling:
        index.run("DELETE FROM tally WHERE worktree = ?", worktree)
        index.run(f"{TALLY} WHERE worktree = ? GROUP BY 1, 2, 3, 4", worktree)


def recount_all(index: Index, worktree: str) -> None:
    """Count anew what all tickets wait for that wait for any."""
    index.run(f"{RECOUNT} WHERE worktree = ? AND id IN (SELECT ticket FROM edge WHERE field = 'depends_on')", worktree)


def has_base(index: Index, worktree: str) -> bool:
    """Tell whether there are rows of what the base branch has closed."""
    return index.one("SELECT 1 FROM base WHERE worktree = ?", worktree) is not None


def unlanded(index: Index, worktree: str) -> dict[int, str]:
    """Give the slugs of closed tickets that block others because the base branch has not closed them, by row."""
    if not has_base(index, worktree):
        return {}
    return dict(index.run(
        f"SELECT b.id, b.slug FROM ticket b WHERE b.worktree = ? AND b.stage IN ({_CLOSED}) AND {_UNLANDED} AND "
        "EXISTS (SELECT 1 FROM edge e WHERE e.target_ref = b.ref AND e.field = 'depends_on')", worktree))


def count_open(index: Index, worktree: str) -> int:
    """Count the tickets that are neither closed nor archived."""
    return sum(count_at(index, worktree, stage) for stage in STAGES if stage not in CLOSED_STAGES)


def count_at(index: Index, worktree: str, stage: str) -> int:
    """Count the tickets at a stage that are not archived."""
    return int(index.one("SELECT total(count) FROM tally WHERE worktree = ? AND archived = 0 AND stage = ?", worktree,
                         stage)[0])


def count_questions(index: Index, worktree: str) -> int:
    """Count the questions that open tickets wait for the answers to."""
    return int(index.one(f"SELECT total(t.questions) FROM ticket t WHERE t.worktree = ? AND t.questions > 0 AND {OPEN}",
                         worktree)[0])


def asked(index: Index, worktree: str) -> list[str]:
    """List the folders of the tickets that have open questions."""
    return [folder for folder, in index.run("SELECT folder FROM ticket WHERE worktree = ? AND questions > 0", worktree)]


def count_ready(index: Index, worktree: str) -> int:
    """Count the tickets that can be started: the free ones, but for those that somebody holds, or held and lost."""
    startable, held, back = index.one(
        "SELECT (SELECT total(count) FROM tally WHERE worktree = ?1 AND archived = 0 AND stage = 'unstarted' AND free),"
        f" count(t.stage = 'unstarted' AND l.until > {_NOW} OR NULL),"
        f" count(t.stage = 'started' AND l.until <= {_NOW} OR NULL) FROM lease l CROSS JOIN ticket t ON t.ref = l.ref "
        f"WHERE t.worktree = ?1 AND t.archived = 0 AND {free('t')}", worktree)
    return int(startable) - int(held) + int(back)


def shares_of_epics(index: Index, worktree: str) -> dict[str, Share]:
    """Count the tickets of every epic, by what their `epic` says (a ref, or a slug in lower case by hand)."""
    return {epic: Share(total, started, done) for epic, total, started, done in index.run(
        "SELECT lower(t.epic), count(*), sum(t.stage = 'started'), sum(t.stage = 'completed') FROM ticket t "
        "WHERE t.worktree = ? AND t.epic <> '' AND t.archived = 0 AND t.stage <> 'canceled' GROUP BY lower(t.epic)",
        worktree)}


def epics_named(index: Index, worktree: str) -> list[tuple[str, str]]:
    """List the tickets that name an epic as (folder, what they say)."""
    return index.all("SELECT folder, epic FROM ticket WHERE worktree = ? AND epic <> ''", worktree)


def open_blockers(index: Index, worktree: str, ticket: int) -> list[str]:
    """Name the open tickets that a ticket (by row) waits for, and the links that lead nowhere."""
    return [row[0] for row in index.all(
        "SELECT coalesce(b.slug, e.target) FROM edge e LEFT JOIN ticket b ON b.ref = e.target_ref AND b.worktree = ? "
        f"WHERE e.ticket = ? AND e.field = 'depends_on' AND {_BLOCKS} ORDER BY b.number", worktree, ticket)]


def dependencies(index: Index, worktree: str) -> list[tuple[int, int | None, str]]:
    """List what waits for what as (row, row or None where it is not here, target as written), by number."""
    return index.all("SELECT e.ticket, b.id, e.target FROM edge e JOIN ticket t ON t.id = e.ticket LEFT JOIN ticket b "
                     "ON b.ref = e.target_ref AND b.worktree = t.worktree WHERE t.worktree = ? AND "
                     "e.field = 'depends_on' ORDER BY t.number, t.ref, b.number, b.ref, e.target", worktree)


def outgoing(index: Index, worktree: str,
             ticket: int) -> list[tuple[str, str, int | None, str | None, str | None, str | None]]:
    """List a ticket's links as (field, target as written, row, slug, title, stage); None four times if it isn't here.
    """
    return index.all("SELECT e.field, e.target, b.id, b.slug, b.title, b.stage FROM edge e LEFT JOIN ticket b "
                     "ON b.ref = e.target_ref AND b.worktree = ? WHERE e.ticket = ? ORDER BY e.field, b.number",
                     worktree, ticket)


def incoming(index: Index, worktree: str, ref: str) -> list[tuple[str, str, str, str]]:
    """List the links to a ticket as (field, slug, title, stage) of where they come from."""
    return index.all("SELECT e.field, t.slug, t.title, t.stage FROM edge e JOIN ticket t ON t.id = e.ticket "
                     "WHERE e.target_ref = ? AND t.worktree = ? ORDER BY e.field, t.number", ref, worktree)


def dangling(index: Index, worktree: str) -> list[tuple[str, str, str]]:
    """List the links that lead nowhere as (folder, field, target as written)."""
    return index.all("SELECT t.folder, e.field, e.target FROM edge e JOIN ticket t ON t.id = e.ticket "
                     "LEFT JOIN ticket b ON b.ref = e.target_ref AND b.worktree = t.worktree "
                     "WHERE t.worktree = ? AND b.id IS NULL", worktree)


def targets(index: Index, worktree: str, field: str) -> dict[str, list[str]]:
    """Give for each ticket the refs that its links of one field lead to."""
    ahead: dict[str, list[str]] = {}
    for ref, target in index.run(
            "SELECT t.ref, e.target_ref FROM edge e JOIN ticket t ON t.id = e.ticket WHERE t.worktree = ? "
            "AND e.field = ? AND e.target_ref IS NOT NULL", worktree, field):
        ahead.setdefault(ref, []).append(target)
    return ahead


def links(index: Index, worktree: str) -> list[tuple[int, str, int]]:
    """List what every ticket needs and is part of, as (row, field, row)."""
    return index.all("SELECT e.ticket, e.field, b.id FROM edge e JOIN ticket t ON t.id = e.ticket "
                     "JOIN ticket b ON b.ref = e.target_ref AND b.worktree = t.worktree WHERE t.worktree = ? "
                     "AND e.field IN ('depends_on', 'parent') ORDER BY t.key, t.number, b.number", worktree)


def is_loose(index: Index, ticket: int) -> bool:
    """Tell whether a ticket (by row) has a link that is written as a slug."""
    return bool(index.one("SELECT 1 FROM edge WHERE ticket = ? AND loose = 1", ticket))


def claims(index: Index) -> dict[str, tuple[str, int]]:
    """Give who has claimed which ticket, and until when in seconds since 1970, by ref."""
    return {ref: (holder, until) for ref, holder, until in index.run("SELECT ref, holder, until FROM lease")}
