"""Set a repository up: make `.openkit`, or adopt the one that is there, and delete nothing."""

from __future__ import annotations

import os

from gittracker.domain import ids, names
from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.project import Project
from gittracker.domain.settings import BRANCH, FORMAT, IN_TREE, JOURNAL, SIDE_BRANCH
from gittracker.domain.statussets import SETS
from gittracker.formats import entity_md, statuses_yaml
from gittracker.git import discover
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_KEY_LENGTH = 4


def plan(repository: discover.Repository, prefix: str, statuses: str,
         new_ref: Callable[[str], str]) -> dict[str, bytes]:
    """Give the files that are missing or must be mended, by path below `.openkit`, with their new bytes.

    `statuses` is the name of a set, or of a YAML file. Raises UsageError, and InvalidDataError with path and line.
    """
    board = _board(statuses)
    root = repository.tracker
    planned = {layout.GITATTRIBUTES: _attributes(atomic.read(f"{root}/{layout.GITATTRIBUTES}")),
               layout.GITIGNORE: _ignore(atomic.read(f"{root}/{layout.GITIGNORE}"))}
    projects = _projects(root)
    key = _key(repository, prefix, projects)
    planned[layout.CONFIG] = _config(atomic.read(f"{root}/{layout.CONFIG}"), key, repository.is_side)
    if atomic.read(f"{root}/{layout.STATUSES}") is None:
        planned[layout.STATUSES] = board
    if key not in projects:
        project = Project(ref=new_ref(ids.PROJECT), key=key, name=_name(repository) or key, status="active")
        planned[layout.project_file(key)] = entity_md.render(project)
    return {path: data for path, data in planned.items() if data != atomic.read(f"{root}/{path}")}


def ignored(repository: discover.Repository) -> str:
    """Name the line that makes git ignore tickets (file:line:pattern), empty where none does."""
    from gittracker.git.run import git
    done = git(repository.top, "check-ignore", "--verbose", "--no-index", "--", ".openkit/tickets/0/X-1-0000/ticket.md")
    return done.text.partition("\t")[0] if done.status == 0 else ""


def _board(given: str) -> bytes:
    """Give the statuses of a set, or those that a YAML file lists, completed."""
    if given in SETS:
        return statuses_yaml.render(SETS[given])
    try:
        with open(given, "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        raise UsageError(f'"{given}" is neither a set of statuses nor a file that can be read',
                         f"--statuses {'|'.join(SETS)}, or a YAML file with a list of statuses") from error
    return statuses_yaml.complete(data, given)


def _projects(root: str) -> list[str]:
    try:
        names = os.listdir(f"{root}/{layout.PROJECTS}")
    except OSError:
        return []
    return sorted(n[:-3].upper() for n in names if n.endswith(".md"))


def _name(repository: discover.Repository) -> str:
    """Give the name of the repository's folder: of the main worktree's, where the tracker has one for itself."""
    top = repository.top
    if repository.is_side:
        top = discover.main_top(repository) or repository.common_dir.removesuffix("/.git").removesuffix(".git")
    return os.path.basename(top)


def _key(repository: discover.Repository, prefix: str, projects: list[str]) -> str:
    if prefix:
        key = prefix.strip().rstrip("-").upper()
        if not ids.is_project_key(key):
            raise UsageError(f'"{prefix}" can\'t be a slug prefix', "one to ten letters and digits: --prefix OW")
        if names.make_safe(key) != key:
            raise UsageError(f'"{key}" can\'t be a slug prefix: Windows reserves it', f"--prefix {key[:9]}S")
        return key
    if projects:
        return projects[0]
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in _name(repository)).split()
    initials = "".join(w[0] for w in words)
    key = (initials if len(words) > 1 else "".join(words)[:_KEY_LENGTH]).upper().lstrip("0123456789")
    return key[:10] if key and names.make_safe(key[:10]) == key[:10] else "T"


def _attributes(data: bytes | None) -> bytes:
    """Add the lines that are missing."""
    wanted = layout.gitattributes()
    if data is None:
        return wanted.encode()
    text = data.decode(errors="surrogateescape")
    present = {" ".join(line.split()) for line in text.splitlines()}
    missing = [line for line in wanted.splitlines() if " ".join(line.split()) not in present]
    return _append(text, missing).encode(errors="surrogateescape")


def _ignore(data: bytes | None) -> bytes:
    """Add the lines that are missing; below an OpenKit `*`, show the tracker's own files again and nothing else."""
    if data is None:
        return "".join(f"{line}\n" for line in layout.IGNORED).encode()
    text = data.decode(errors="surrogateescape")
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip() in ("*", "/*", "**"):
            lines[number] = line.replace(line.strip(), "/*", 1)
    text = "".join(lines)
    present = {line.strip() for line in lines}
    wanted = [f"!{name}" for name in (*layout.TRACKED, "/.gitignore", "/config.json")] if "/*" in present else []
    kept = present | {name.replace("!/", "!") for name in wanted if name.replace("!/", "!") in present}
    missing = [name for name in (*wanted, *layout.IGNORED) if name not in kept and name.replace("!/", "!") not in kept]
    return _append(text, missing).encode(errors="surrogateescape")


def _append(text: str, lines: list[str]) -> str:
    if not lines:
        return text
    return text + ("" if not text or text.endswith("\n") else "\n") + "".join(f"{line}\n" for line in lines)


def _config(data: bytes | None, key: str, is_side: bool) -> bytes:
    """Add the tracker's object; every other key stays, in its place.

    That of a tracker which moved says where it is now.
    """
    import json
    try:
        config: dict[str, Any] = json.loads(data) if data and data.strip() else {}
    except ValueError as error:
        raise InvalidDataError(f"broken JSON: {error}", "mend the file, then run init again", layout.CONFIG,
                               getattr(error, "lineno", 1)) from error
    if not isinstance(config, dict):
        raise InvalidDataError("not an object", "mend the file, then run init again", layout.CONFIG, 1)
    own = config.get("tracker")
    own = own if isinstance(own, dict) else {}
    placement, history = (SIDE_BRANCH, BRANCH) if is_side else (IN_TREE, JOURNAL)
    wanted = {"format": FORMAT, "project": key, "placement": placement, "history": history}
    if own.get("placement", placement) != placement:
        own = {**own, "placement": placement, "history": history}
    if data is not None and own == config.get("tracker") and all(name in own for name in wanted):
        return data
    config["tracker"] = {**wanted, **own}
    return (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode()
