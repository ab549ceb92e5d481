"""statuses.yaml: read into statuses with what is wrong by line, written, and changed item by item."""

from __future__ import annotations

from gittracker.domain import board as board_rules
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge_text
from gittracker.domain.status import CLOSED_STAGES, STAGES, Status, same, slugify
from gittracker.formats import yaml_doc, yaml_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Problem = tuple[int, str]  # line, message

NAME = "statuses.yaml"
_OTHER, _GONE = -1, -2
_HEAD = "# The board's columns, in order. stage: backlog, unstarted, started, completed or canceled.\n"
_STAGE_LIST = ", ".join(STAGES)


class Board:
    """The statuses of a file, the item that each stands in, and what is wrong by line."""

    __slots__ = ("statuses", "items", "problems")

    def __init__(self) -> None:
        self.statuses: list[Status] = []
        self.items: list[int] = []
        self.problems: list[Problem] = []


def read(data: bytes, path: str = NAME) -> Board:
    """Read a file; raises InvalidDataError where it is no YAML list. A status that can't be used is a problem."""
    rows = yaml_doc.load(data, path)
    board = Board()
    if rows is None:
        return board
    if not isinstance(rows, list):
        raise InvalidDataError("not a list of statuses", "- name: Todo", path, 1)
    lines = _lines(data, len(rows))
    for number, row in enumerate(rows):
        _add(board, number, row, lines[number])
    return board


def render(statuses: list[Status]) -> bytes:
    """Write a new file."""
    return (_HEAD + yaml_list.render([row(status) for status in statuses])).encode()


def row(status: Status) -> dict[str, Any]:
    """Give a status as an item of the file; what it has not is left out."""
    found: dict[str, Any] = {"slug": status.slug, "name": status.name, "stage": status.stage}
    found.update((key, value) for key, value in (("color", status.color), ("icon", status.icon)) if value)
    if status.is_default:
        found["default"] = True
    if status.max_active_runs is not None:
        found["max_active_runs"] = status.max_active_runs
    return found


def changes(old: Status, new: Status) -> dict[str, Any]:
    """Give the keys in which two statuses differ, as the file has them; None for one that goes."""
    before, after = row(old), row(new)
    return {key: after.get(key) for key in {**before, **after} if before.get(key) != after.get(key)}


def rewrite(data: bytes, wanted: list[tuple[str, Status]]) -> bytes:
    """Give the file with these statuses in this order, each with the slug that it has now (empty: it is new).

    Those that are not named go; items that are no statuses, comments and all that doesn't change stay as they are.
    """
    board, rows = read(data), yaml_doc.load(data, NAME)
    slugs = [one.slug for one in board.statuses]
    there = [_OTHER] * len(rows or ())  # what stands in each item: its number in `wanted`
    for place, item in enumerate(board.items):
        there[item] = next((n for n, (slug, _) in enumerate(wanted) if slug == slugs[place]), _GONE)
    for item, number in enumerate(there):
        if number < 0:
            continue
        new = wanted[number][1]
        different = changes(board.statuses[slugs.index(wanted[number][0])], new)
        if different:
            missing = {key: value for key, value in row(new).items() if key not in rows[item]}
            data = yaml_list.change(data, item, {**missing, **different}, NAME)
    for item in reversed(range(len(there))):
        if there[item] == _GONE:
            data = yaml_list.remove(data, item, NAME)
            del there[item]
    return _ordered(data, there, [status for _, status in wanted])


def _ordered(data: bytes, there: list[int], wanted: list[Status]) -> bytes:
    """Move what stands in another order, as little as will do, and put in what is new."""
    steady = _longest_run([number for number in there if number >= 0])
    for number, status in enumerate(wanted):
        if number in steady:
            continue
        is_new = number not in there
        start = -1 if is_new else there.index(number)
        if not is_new:
            del there[start]
        to = there.index(number - 1) + 1 if number else 0
        data = yaml_list.insert(data, to, row(status), NAME) if is_new else yaml_list.move(data, start, to, NAME)
        there.insert(to, number)
    return data


def _longest_run(numbers: list[int]) -> set[int]:
    """Give the most of these numbers that stand in rising order."""
    runs: list[list[int]] = [[]]
    for number in numbers:
        _, before = max((len(run), run) for run in runs if not run or run[-1] < number)
        runs.append([*before, number])
    return set(max((len(run), run) for run in runs)[1])


def compare(before: bytes, after: bytes) -> list[tuple[str, str, Any, Any]]:
    """Say what differs as (slug, field, old, new); field is empty where a status came or went, slug for the order.

    Raises InvalidDataError.
    """
    old, new = (_by_slug(data) for data in (before, after))
    found: list[tuple[str, str, Any, Any]] = [(slug, "", old[slug].name, None) for slug in old if slug not in new]
    for slug, status in new.items():
        if slug not in old:
            found.append((slug, "", None, status.name))
        else:
            values, now = old[slug].to_json(), status.to_json()
            found += [(slug, key, values[key], now[key]) for key in now if values[key] != now[key]]
    one, other = ([slug for slug in table if slug in old and slug in new] for table in (old, new))
    return [*found, ("", "order", one, other)] if one != other else found


def merge(base: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, list[str]]:
    """Merge files by status and field; the names of what both changed differently come second, and theirs are taken.

    Raises InvalidDataError. Comments are merged too where the text as a whole can be.
    """
    merged = board_rules.merge(*(read(data).statuses for data in (base, ours, theirs)))
    wanted = [one.row() for one in merged.statuses]
    text = merge_text(base.decode(), ours.decode(), theirs.decode())
    if text is not None and not merged.disputes:
        try:
            if [one.row() for one in read(text.encode()).statuses] == wanted:
                return text.encode(), []
        except InvalidDataError:
            pass  # lines that make sense alone may make none together
    there = {one.slug for one in read(ours).statuses}
    return rewrite(ours, [(one.slug if one.slug in there else "", one) for one in merged.statuses]), merged.disputes


def _by_slug(data: bytes) -> dict[str, Status]:
    return {one.slug: one for one in read(data).statuses}


def complete(data: bytes, path: str) -> bytes:
    """Give a file of statuses with what may be left out by hand written out: slug, name, stage, one default.

    Raises InvalidDataError with the line of the first thing that is wrong.
    """
    board = read(data, path)
    if not board.statuses and not board.problems:
        raise InvalidDataError("no status", "- name: Todo", path, 1)
    if board.problems:
        line, message = board.problems[0]
        raise InvalidDataError(message.partition("; ")[0], "mend the file, then run the command again", path, line)
    open_ones = [one for one in board.statuses if one.stage not in CLOSED_STAGES]
    if not open_ones:
        raise InvalidDataError("no status is open, so new tickets would be closed", "- name: Todo", path, 1)
    chosen = next((one for one in board.statuses if one.is_default), open_ones[0])
    data = rewrite(data, [(one.slug, one.replace(is_default=one is chosen)) for one in board.statuses])
    for number, raw in enumerate(yaml_doc.load(data, path)):
        missing = {key: value for key, value in row(board.statuses[number]).items() if key not in raw}
        data = yaml_list.change(data, number, missing, path)
    return data


def _lines(data: bytes, count: int) -> list[int]:
    """Give the line that each item begins in; the first where the outline can't tell."""
    items = yaml_doc.outline(data.decode("utf-8-sig").replace("\r\n", "\n"))
    return [one.start + 1 for one in items] if items else [1] * count


def _add(board: Board, number: int, raw: Any, line: int) -> None:
    """Take one item in, or tell what is wrong with it."""
    def wrong(message: str) -> None:
        board.problems.append((line, message))
    status = _status(raw, wrong)
    if status is None:
        return wrong(f"not a status of its own: {raw!r}")
    other = next((one for one in board.statuses if same(one, status)), None)
    if other:
        return wrong(f'"{status.name}" can\'t be told from the status "{other.name}"')
    if status.is_default and any(one.is_default for one in board.statuses):
        wrong(f"{status.slug} is a second default; the first counts")
        status = status.replace(is_default=False)
    if status.is_default and status.stage in CLOSED_STAGES:
        wrong(f"{status.slug} is the default, but {status.stage}: new tickets would be closed")
    board.statuses.append(status)
    board.items.append(number)
    return None


def _status(raw: Any, wrong: Any) -> Status | None:
    if not isinstance(raw, dict) or not raw.get("name", raw.get("slug")):
        return None
    name = str(raw.get("name") or raw["slug"])
    slug = slugify(str(raw.get("slug") or name))
    if not slug:
        return None
    stage = str(raw.get("stage", "unstarted")).strip().lower()
    if stage not in STAGES:
        wrong(f'stage "{raw["stage"]}" of {slug} is none of {_STAGE_LIST}; it counts as unstarted')
        stage = "unstarted"
    runs, default = raw.get("max_active_runs"), raw.get("default")
    if runs is not None and (not isinstance(runs, int) or isinstance(runs, bool) or runs < 0):
        wrong(f'max_active_runs "{runs}" of {slug} is no number such as 3')
        runs = None
    if default not in (None, True, False):
        wrong(f'default "{default}" of {slug} is neither true nor false')
    return Status(slug, name, stage, str(raw.get("color") or ""), str(raw.get("icon") or ""), default is True, runs)
