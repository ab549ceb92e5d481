"""One ticket, or its comments, within a budget: fields, then the description, then comments from the newest on."""

from __future__ import annotations

from gittracker.cli import budgets, shown
from gittracker.cli.output import clean, one_line
from gittracker.domain import budget
from gittracker.formats import json_text
from gittracker.services import comments, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found

_STUMP = 8  # a title of fewer characters tells nothing: the budget is too small
_FIRST = ("slug", "title", "status", "priority", "type", "assignee", "labels", "parent", "epic", "depends_on", "due",
          "stage", "ready", "etag", "updated_at", "comment_count", "reviewers", "estimate", "resolution", "path")
_SHARE = 2, 3  # of what the fields leave, for a description that has comments behind it
_LONG, _SHORT = 800, 200  # quarters of a token that a comment may have in a list
_WORTH = 20  # characters that a cut comment must keep
_BRIEF = ("number", "by", "at", "body")


class Room:
    """What is left of a budget, in quarters of a token, and what was taken."""

    def __init__(self, tokens: int, reserved: str = "") -> None:
        self.left = tokens * budget.QUARTERS - budget.weight(reserved)
        self.taken: list[str] = []

    def take(self, text: str) -> bool:
        """Take a text if there is room for it."""
        if budget.weight(text) > self.left:
            return False
        self.left -= budget.weight(text)
        self.taken.append(text)
        return True

    def take_all(self, texts: list[str]) -> int:
        """Take texts until one has no room; gives how many were taken."""
        return next((n for n, text in enumerate(texts) if not self.take(text)), len(texts))

    def share(self, others: int) -> int:
        """Give what a text may weigh that has others of this weight behind it."""
        return max(self.left * _SHARE[0] // _SHARE[1], self.left - others)


def show(cli: Cli, row: Row) -> int:
    """Print as much of a ticket as the budget allows."""
    newest = comments.listed(cli.tracker, row)[::-1] if row.comment_count else []
    if cli.out.as_json:
        cli.out.raw(_json(cli, row, [shown.comment_json(cli, one) for one in newest]))
        return 0
    cli.out.line(_text(cli, row, newest).removesuffix("\n"))
    return 0


def _text(cli: Cli, row: Row, newest: list[Found]) -> str:
    """Write a ticket for people."""
    slug, ends = row.ticket.slug, [clean(line) + "\n" for line in shown.foot(cli, row)]
    title, *fields = [clean(line) + "\n" for line in shown.head(cli, row)]
    body = clean(f"\n{row.ticket.body}\n") if row.ticket.body else ""
    said = [_block(one, one.comment.body) for one in newest]
    whole = "".join((title, *fields, body, *said, *ends))
    if budget.tokens(whole) <= cli.budget:
        return whole
    numbers = [one.number for one in newest]
    worst = _left_out(slug, len(fields), numbers, 0)
    room = Room(cli.budget, "".join(ends) + worst)
    first = budget.cut(title.rstrip("\n"), room.left - 1, lambda _: "…") + "\n"
    if not first.startswith(f"{slug}  ") or not room.take(first):
        raise budget.too_small(cli.budget, cli.budget + (budget.weight(title) - room.left) // budget.QUARTERS + 1)
    missing = sum(not room.take(line) for line in fields)
    room.left += budget.weight(worst) - budget.weight(_left_out(slug, missing, numbers, 0))
    if body:
        most = room.share(sum(map(budget.weight, said)))
        cut = budget.cut(body.rstrip("\n"), most - 1, lambda left: budgets.rest(left, f"show {slug}"))
        room.take(cut + "\n" if cut else "")
    count = _take_comments(room, [one.comment.body for one in newest],
                           lambda n, text: _block(newest[n], text), lambda n, left: _cut_note(slug, numbers[n], left))
    return "".join((*room.taken, *ends, _left_out(slug, missing, numbers, count)))


def _block(one: Found, text: str) -> str:
    return clean(f"\n{shown.comment_head(one)}\n{text}\n")


def _cut_note(name: str, number: int, left: int) -> str:
    return budgets.rest(left, f"comment list {name} --cursor {number + 1}")


def _take_comments(room: Room, bodies: list[str], write: Callable[[int, str], str],
                   note: Callable[[int, int], str]) -> int:
    """Take comments while there is room, the last one cut; gives how many were taken."""
    count = room.take_all([write(n, body) for n, body in enumerate(bodies)])
    if count < len(bodies):
        body = bodies[count]
        fitted = _fitted(body, room.left, lambda text: write(count, text), lambda left: note(count, left))
        if fitted and len(body) - fitted[1] >= _WORTH and room.take(fitted[0]):
            return count + 1
    return count


def _left_out(slug: str, fields: int, numbers: list[int], count: int) -> str:
    """Say what a budget had no room for, and how to see it."""
    told = f"\n{fields} more field(s) or link(s): gittracker show {slug}\n" if fields else ""
    if count < len(numbers):
        cursor = numbers[count] + 1
        told += f"\n{len(numbers) - count} more comment(s), cursor {cursor}: " \
                f"gittracker comment list {slug} --cursor {cursor}\n"
    return told


def _json(cli: Cli, row: Row, newest: list[dict[str, Any]]) -> str:
    """Write a ticket for programs: members by importance, `comments` from the newest on, and what is left out."""
    record = shown.ticket_json(cli, row)
    tail = ['"omitted": {"fields": 0, "characters": 0, "comments": 0}', '"cursor": null']
    said = [json_text.dumps(one) + ",\n" for one in newest]
    whole = _joined([_member(k, v) for k, v in record.items()], said, tail)
    if budget.tokens(whole) <= cli.budget:
        return whole
    text: str = record.pop("description")
    names = [n for n in dict.fromkeys((*_FIRST, *record)) if record.get(n) not in (None, [], "", False)]
    room = Room(cli.budget, _joined([], [], _tail(len(names), len(text), newest, 0)))
    title = one_line(record["title"] or "?")
    fitted = _fitted(title, room.left - budget.weight(_member("slug", record["slug"])),
                     lambda t: _member("title", t), lambda _: "…")
    stump = fitted and fitted[1] and len(title) - fitted[1] < _STUMP
    if not fitted or stump or not room.take(_member("slug", record["slug"])) or not room.take(fitted[0]):
        needed = budget.weight(_member("slug", record["slug"]) + _member("title", record["title"])) - room.left
        raise budget.too_small(cli.budget, cli.budget + needed // budget.QUARTERS + 1)
    missing = sum(not room.take(_member(name, record[name])) for name in names if name not in ("slug", "title"))
    brief = [{name: one[name] for name in _BRIEF} for one in newest]
    said = [json_text.dumps(one) + ",\n" for one in brief]
    left = len(text)
    body = _fitted(text, room.share(sum(map(budget.weight, said))), lambda t: _member("description", t),
                   lambda left: f"… ({left:,} more characters)") if text else None
    if body and room.take(body[0]):
        left = body[1]
    members = list(room.taken)
    count = _take_comments(room, [one["body"] for one in brief],
                           lambda n, body: json_text.dumps({**brief[n], "body": body}) + ",\n",
                           lambda n, left: _cut_note(record["slug"], brief[n]["number"], left))
    return _joined(members, room.taken[len(members):], _tail(missing, left, newest, count))


def _fitted(text: str, room: int, write: Callable[[str], str], note: Callable[[int], str]) -> tuple[str, int] | None:
    """Cut a text so that what is written of it fits: (that, the characters cut off); None where nothing does."""
    best: tuple[str, int] | None = None
    low, high = 0, room
    while low <= high:
        middle = (low + high) // 2
        short, left = budget.shorten(text, middle, note)
        fits = budget.weight(write(short)) <= room
        if fits and short:
            best = write(short), left
        low, high = (middle + 1, high) if fits else (low, middle - 1)
    return best


def _tail(fields: int, characters: int, newest: list[dict[str, Any]], count: int) -> list[str]:
    left = newest[count]["number"] + 1 if count < len(newest) else None
    omitted = {"fields": fields, "characters": characters, "comments": len(newest) - count}
    return [_member("omitted", omitted)[:-2], _member("cursor", None if left is None else str(left))[:-2]]


def _member(name: str, value: Any) -> str:
    return f"{json_text.dumps(name)}: {json_text.dumps(value)},\n"


def _joined(members: list[str], said: list[str], tail: list[str]) -> str:
    return "{" + "".join(members) + '"comments": [\n' + "".join(said).removesuffix(",\n") + "],\n" + ",\n".join(
        tail) + "}\n"


def list_comments(cli: Cli, args: Args, name: str, found: list[Found]) -> int:
    """Print comments from the newest on, long ones cut where not all fit, as many as the budget allows."""
    newest = found[::-1]

    def left(count: int) -> tuple[int, str | None]:
        return len(newest) - count, str(newest[count - 1].number) if 0 < count < len(newest) else None
    if not cli.form:
        def foot(count: int) -> list[str]:
            if not newest:
                return [f"{name} has no comments"]
            omitted, cursor = left(count)
            return [budgets.more(omitted, cursor)] if omitted else []
        levels = ([_comment(one, most, name) for one in newest] for most in (0, _LONG, _SHORT))
        return budgets.lines(cli, levels, len(newest), foot)

    def tail(count: int) -> dict[str, Any]:
        omitted, cursor = left(count)
        return {"total": len(newest), "omitted": omitted, "cursor": cursor}
    return budgets.records(cli, args, "comments", _comment_levels(cli, newest, name), len(newest), (_BRIEF,), tail)


def _comment(one: Found, most: int, name: str) -> str:
    return f"{shown.comment_head(one)}\n{_cut(one, most, name)}\n"


def _comment_levels(cli: Cli, newest: list[Found], name: str) -> Iterator[Iterator[dict[str, Any]]]:
    yield (shown.comment_json(cli, one) for one in newest)
    for most in (_LONG, _SHORT):
        yield ({**{k: v for k, v in views.comment(one).items() if k in _BRIEF}, "body": _cut(one, most, name)}
               for one in newest)


def _cut(one: Found, most: int, name: str) -> str:
    if not most:
        return one.comment.body
    return budget.cut(one.comment.body, most, lambda left: _cut_note(name, one.number, left))
