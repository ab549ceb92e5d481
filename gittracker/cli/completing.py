"""What the word under the cursor can become: commands, flags, and values from the tracker."""

from __future__ import annotations

from gittracker.cli.main import NOUNS, find, part_leading
from gittracker.cli.table import COMMANDS
from gittracker.domain.errors import TrackerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Command, Flag
    from gittracker.services.completing import Candidates

WORDS, OPEN, FILES, FOLDERS = "words", "open", "files", "folders"
_PATHS = {"FILE": FILES, "PATH": FILES, "DIR": FOLDERS, "FOLDER": FOLDERS}
_MOST_TOLD = 3  # commands that are told by what they do, for which their modules must be loaded
_FILE_ARGS = ("path", "paths", "file", "files")

# Which source has the values of an argument or a flag, by its name, by what a flag's value is called (STATUS), or with
# the command's words or its noun before it where the name alone doesn't tell; `services/completing.py` has the sources.
# One line each.
SOURCE_OF = {
    "ticket": "ticket",
    "tickets": "ticket",
    "others": "ticket",
    "for": "ticket",
    "parent": "ticket",
    "depends_on": "ticket",
    "related": "ticket",
    "duplicates": "ticket",
    "ticket reopen tickets": "closed ticket",
    "ticket unarchive tickets": "archived ticket",
    "status": "status",
    "stage": "stage",
    "assignee": "member",
    "acting": "member",
    "member": "member",
    "reviewers": "member",
    "created_by": "member",
    "labels": "label",
    "label": "label",
    "type": "type",
    "priority": "priority",
    "project": "project",
    "resolution": "resolution",
    "epic": "epic",
    "epics": "epic",
    "page": "page",
    "pages": "page",
    "update": "update",
    "skill": "skill",
    "skills": "skill",
    "harness": "harness",
    "workflow": "workflow",
    "ticket kind": "link",
    "member kind": "kind",
    "member role": "role",
    "status set": "status set",
    "page path": "page",
    "page from": "page",
    "page to": "page",
    "record": "record",
    "names": "record",
    "updates": "update",
    "harnesses": "harness",
    "owner": "member",
    "actor": "member",
    "author": "member",
    "section": "section",
    "schema name": "schema",
    "trust paths": "trustable",
    "trust show path": "trustable",
    "trust revoke paths": "trustable",
    "is": "state",
    "sort": "sort",
    "format": "form",
    "diff shape": "diff form",
    "graph shape": "graph form",
    "statuses": "status set",
    "shell": "shell",
}
# The keys of a query, with the name that has the source.
_KEYS = {"status": "status", "stage": "stage", "priority": "priority", "type": "type", "assignee": "assignee",
         "label": "labels", "reviewer": "reviewers", "epic": "epic", "parent": "parent", "depends-on": "depends_on",
         "project": "project", "is": "is", "sort": "sort", "author": "created_by", "resolution": "resolution",
         "created": "", "updated": "", "started": "", "completed": "", "due": "", "estimate": ""}


class Answer:
    """Candidates, and what kind they are: words, words that go on (`open`), or that the shell looks for files."""

    __slots__ = ("mode", "candidates")

    def __init__(self, mode: str, candidates: Candidates) -> None:
        self.mode = mode
        self.candidates = candidates


_NONE = Answer(WORDS, [])


def complete(words: list[str], current: str, folder: str) -> Answer:
    """Complete `current`, which stands behind `words`, the program's name left out; `folder` is where that is typed."""
    front, rest = part_leading(words)
    folder = _folder(front, folder)
    if front and len(words) == len(front) and front[-1] in ("-C", "--as"):
        found = [] if front[-1] == "-C" else _values(folder, "member", current)
        return Answer(FOLDERS if front[-1] == "-C" else WORDS, found)
    if not rest or (rest == ["help"]):
        return _kept(_flags((), current) if current.startswith("-") else _first(current), current)
    found = _second(rest[0]) if rest[0] in NOUNS and len(rest) == 1 else []
    try:
        command, args = find(list(words))
    except TrackerError:
        return _kept(found, current)
    if command is None:
        return _kept(found, current)
    answer = _argument(command, args, current, folder)
    answer.candidates = [*found, *answer.candidates]
    return _kept(answer.candidates, current, answer.mode)


def _folder(front: list[str], folder: str) -> str:
    """Follow `-C`."""
    import os
    for number, word in enumerate(front):
        if word.startswith("-C"):
            given = word[3:] if word[2:3] == "=" else "".join(front[number + 1:number + 2])
            folder = os.path.join(folder, given)
    return folder


def _first(current: str) -> Candidates:
    """Name the commands: a few with what they do, many with the group they belong to, which no module need tell."""
    alone = [words for words in COMMANDS if " " not in words and words.startswith(current.lower())]
    if len(alone) <= _MOST_TOLD:
        told = [(words, _about(words)) for words in alone]
    else:
        from gittracker.cli.overview import GROUPS
        groups = {words: title for title, some in GROUPS for words in some}
        told = [(words, groups.get(words, "")) for words in alone]
    return told + [(noun, ", ".join(words.partition(" ")[2] for words in COMMANDS if words.startswith(f"{noun} ")))
                   for noun in sorted(NOUNS - COMMANDS.keys())]


def _second(noun: str) -> Candidates:
    return [(words.partition(" ")[2], _about(words)) for words in COMMANDS if words.startswith(f"{noun} ")]


def _about(words: str) -> str:
    module, name = COMMANDS[words]
    command = getattr(__import__(f"gittracker.cli.commands.{module}", fromlist=[name]), name)
    return str(command.about).partition(";")[0].rstrip(".")


def _argument(command: Command, args: list[str], current: str, folder: str) -> Answer:
    """Complete a flag, a flag's value or a positional."""
    by_name = {flag.name: flag for flag in command.flags} | {f.short: f for f in command.flags if f.short}
    given: list[Flag] = []
    count, rest = 0, iter(args)
    for word in rest:
        flag = by_name.get(word.partition("=")[0])
        if word == "--":
            return _positional(command, count + len(list(rest)), current, folder)
        if flag is None:
            count += 1
            continue
        given.append(flag)
        if flag.metavar and "=" not in word and next(rest, None) is None:
            return _value(command, flag, "", current, folder)
    name, equals, _ = current.partition("=")
    if equals and name in by_name and by_name[name].metavar:
        return _value(command, by_name[name], f"{name}=", current, folder)
    if current.startswith("-") and not (len(current) > 1 and current[1] != "-" and _has_query(command)):
        return Answer(WORDS, _flags(tuple(f for f in command.flags if f.many or f not in given), current))
    return _positional(command, count, current, folder)


def _flags(known: tuple[Flag, ...], current: str) -> Candidates:
    from gittracker.cli.flags import COMMON
    return [(flag.name, flag.about) for flag in known or COMMON] + [("--help", "show what the command takes")]


def _value(command: Command, flag: Flag, head: str, current: str, folder: str) -> Answer:
    if flag.metavar in _PATHS and flag.dest not in SOURCE_OF:
        return Answer(_PATHS[flag.metavar], [])
    source = _source(command, flag.dest.rstrip("+-")) or SOURCE_OF.get(flag.metavar.lower(), "")
    return Answer(WORDS, [(head + value, about) for value, about in _values(folder, source, current[len(head):])])


def _source(command: Command, name: str) -> str:
    noun = command.words.partition(" ")[0]
    return next((SOURCE_OF[key] for key in (f"{command.words} {name}", f"{noun} {name}", name) if key in SOURCE_OF), "")


def _has_query(command: Command) -> bool:
    return any(arg.name == "query" for arg in command.args)


def _positional(command: Command, count: int, current: str, folder: str) -> Answer:
    arg = next((a for number, a in enumerate(command.args) if a.count in ("*", "+") or number == count), None)
    if arg is None:
        return _NONE
    if arg.name == "query":
        return _query(current, folder)
    source = _source(command, arg.name)
    return Answer(WORDS if source or arg.name not in _FILE_ARGS else FILES, _values(folder, source, current))


def _query(current: str, folder: str) -> Answer:
    """Complete `key:value,value`, perhaps negated."""
    minus = "-" if current.startswith("-") else ""
    key, colon, value = current[len(minus):].partition(":")
    if not colon:
        return Answer(OPEN, [(f"{minus}{name}:", "") for name in _KEYS])
    done = value.rpartition(",")[0]
    head = f"{minus}{key}:{done}{',' if done else ''}"
    source = SOURCE_OF.get(_KEYS.get(key.lower(), ""), "")
    return Answer(WORDS, [(head + (f'"{name}"' if " " in name else name), about)
                          for name, about in _values(folder, source, current[len(head):])])


def _values(folder: str, source: str, current: str) -> Candidates:
    """Ask the tracker."""
    if not source:
        return []
    from gittracker.services import completing
    try:
        return completing.values(completing.Place(folder), source, current)
    except (TrackerError, OSError):
        return []


def _kept(found: Candidates, current: str, mode: str = WORDS) -> Answer:
    """Keep what begins as the word under the cursor does, quotes apart, and can stand on a line."""
    low = current.lower().replace('"', "")
    kept = {value: about for value, about in found
            if value.isprintable() and value.lower().replace('"', "").startswith(low)}
    return Answer(mode, list(kept.items()))
