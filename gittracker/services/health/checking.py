"""What breaks a tracker's file for its readers, and what of that is staged for the next commit."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.domain.problem import Problem
from gittracker.formats import frontmatter
from gittracker.git import staged
from gittracker.services.refresh import recording
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.git.staged import Change

_FOLDER = ".openkit"
# What lies here is no file of ours, whatever its name is.
_FOREIGN = (f"{layout.SKILLS}/", "scripts/", "local/", "worktrees/")
_TEXTS = (".md", ".yaml", ".json", ".jsonl")


def broken(path: str, data: bytes) -> list[tuple[int, str]]:
    """Say what makes a file unreadable as (line, message); nothing for files that are not the tracker's own."""
    noun = kinds.noun(path)
    if not _is_ours(path, noun):
        return []
    marked = _conflict(data)
    if marked:
        return [(marked, "git conflict markers")]
    try:
        if noun in CLASSES:
            recording.parse(path, data)
        elif path.endswith(".yaml"):
            from gittracker.formats import yaml_doc
            yaml_doc.load(data, path)
        elif path.endswith((".json", ".jsonl")):
            _check_json(path, data)
    except InvalidDataError as error:
        return [(error.line, error.reason)]
    return []


def _is_ours(path: str, noun: str) -> bool:
    foreign = path.startswith(_FOREIGN) and noun not in CLASSES
    return noun != "attachment" and not foreign and path.endswith(_TEXTS)


def _conflict(data: bytes) -> int:
    """Give the line of the first whole set of conflict markers, 0 where there is none."""
    if b"<<<<<<< " not in data:
        return 0
    wanted, first = [b">>>>>>> ", b"=======", b"<<<<<<< "], 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.startswith(wanted[-1]) and (len(wanted) != 2 or line.rstrip() == b"======="):
            first = first or number
            wanted.pop()
            if not wanted:
                return first
    return 0


def _check_json(path: str, data: bytes) -> None:
    import json
    lines = [(0, data)] if path.endswith(".json") else list(enumerate(data.split(b"\n")))
    for number, line in lines:
        if not line.strip() and path.endswith(".jsonl"):
            continue
        try:
            json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidDataError(f"broken JSON: {error}", "mend the file", path,
                                   number + getattr(error, "lineno", 1)) from error


def staged_problems(repository: Repository) -> list[Problem]:
    """List what the next commit would break, by path and line: the staged bytes count, not those on disk."""
    index = staged.index_file()
    found: list[Problem] = []
    refs: dict[str, str] = {}
    for one in staged.changes(repository.top, _FOLDER, index):
        path = one.path.removeprefix(f"{_FOLDER}/")
        if one.is_link:
            if _is_ours(path, kinds.noun(path)):
                found.append(Problem(path, 0, "a link, which the tracker does not follow"))
            continue
        problems = broken(path, one.data)
        found += [Problem(path, line, message) for line, message in problems]
        ref = "" if problems else _new_ref(path, one)
        if ref in refs:
            found.append(_twice(path, one.data, refs[ref]))
        elif ref:
            refs[ref] = path
    if refs:
        found += _elsewhere(repository, index, refs)
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


def _new_ref(path: str, one: Change) -> str:
    """Give the ref of a record that the commit adds, or gives another one."""
    if kinds.noun(path) not in CLASSES:
        return ""
    ref = _ref(one.data)
    return ref if one.before is None or _ref(one.before) != ref else ""


def _ref(data: bytes) -> str:
    try:
        span = frontmatter.parse(data).spans.get("ref")
    except InvalidDataError:
        return ""
    return span.value if span and isinstance(span.value, str) else ""


def _elsewhere(repository: Repository, index: str, refs: dict[str, str]) -> list[Problem]:
    """Find the files that keep a ref which the commit gives to another one, too."""
    paths = staged.holding(repository.top, _FOLDER, index, [f"ref: {ref}" for ref in refs])
    others = [path for path in paths if path.removeprefix(f"{_FOLDER}/") not in refs.values()]
    found = []
    for path, data in staged.read(repository.top, index, others).items():
        below = path.removeprefix(f"{_FOLDER}/")
        ref = _ref(data) if kinds.noun(below) in CLASSES else ""
        if ref in refs:
            mine = staged.read(repository.top, index, [f"{_FOLDER}/{refs[ref]}"])
            found.append(_twice(refs[ref], next(iter(mine.values()), b""), below))
    return found


def _twice(path: str, data: bytes, other: str) -> Problem:
    line = frontmatter.parse(data, path).line_of("ref") if data else 1
    return Problem(path, line, f"the ref of .openkit/{other}; take the line out of the copy, and gittracker doctor "
                   "--fix gives it its own")
