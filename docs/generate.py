"""Write what the docs take from the code anew: `python docs/generate.py`.

commands.md whole, and in the other files what stands between `<!-- from the code: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gittracker.cli import flags
from gittracker.cli.flags import Arg, Command
from gittracker.cli.main import find
from gittracker.cli.table import COMMANDS
from gittracker.domain import audit, errors
from gittracker.domain.errors import TrackerError
from gittracker.domain.fields import Record
from gittracker.domain.nouns import CLASSES
from gittracker.domain.statussets import SETS
from gittracker.domain.trust import KINDS
from gittracker.domain.usage import Usage
from gittracker.formats import json_schema, pending_schema
from gittracker.services import views

HERE = Path(__file__).parent
_MARKED = re.compile(r"(<!-- from the code: ([\w ]+) -->\n).*?(<!-- end -->)", re.S)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Lay out a markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in lines)


def field_table(cls: type[Record]) -> str:
    """Describe the keys of a record's file, in their order."""
    kinds = {"text": "text", "choice": "word", "names": "list of words", "link": "ref", "links": "list of refs",
             "moment": "UTC time", "date": "date", "number": "number", "count": "whole number", "money": "decimal text",
             "flag": "true or false", "ref": "ref"}
    return table(("key", "value", "always there", "what it says"),
                 [(f"`{name}`", kinds[field.kind.name], "yes" if field.always else "", field.about)
                  for name, field in cls.FIELDS.items()])


def derived_table() -> str:
    """Describe what a ticket shows besides its fields."""
    return table(("member", "what it says"), [(f"`{name}`", about) for name, (_, about) in views.DERIVED.items()])


def error_table() -> str:
    """Describe the errors that have a code of their own."""
    found: dict[str, type[TrackerError]] = {}
    pending: list[type[TrackerError]] = [TrackerError]
    while pending:
        cls = pending.pop(0)
        found.setdefault(cls.code, cls)
        pending += sorted((c for c in cls.__subclasses__() if c.__module__ == errors.__name__), key=lambda c: c.code)
    rows = sorted((cls.exit_status, code, cls) for code, cls in found.items())
    about = {TrackerError: "Anything else: a bug, please report it."}
    return table(("exit status", "code", "when"),
                 [(str(status), f"`{code}`", about.get(cls) or (cls.__doc__ or "").partition("\n")[0])
                  for status, code, cls in rows])


def status_table() -> str:
    """Describe the sets of statuses that init offers."""
    return table(("set", "statuses, each with its stage"),
                 [(f"`{name}`", ", ".join(f"{s.name} ({s.stage})" for s in statuses))
                  for name, statuses in SETS.items()])


def trust_table() -> str:
    """Describe the files that can make a machine execute something."""
    return table(("file below `.openkit`", "what it can run"),
                 [(f"`{kind.pattern}`", f"{kind.what}{' (only where it has any)' if kind.quiet else ''}")
                  for kind in KINDS])


def finding_table() -> str:
    """Describe what an audit finds."""
    return table(("finding", "what it says"), [(f"`{kind}`", about) for kind, about in audit.KINDS.items()])


def commands() -> str:
    """Write commands.md."""
    parts = ["# Commands\n\nThis page is made from the command tables; `gittracker COMMAND --help` says the same.\n\n"
             "Every command takes these, before its name or anywhere behind it:\n\n",
             _flags(flags.COMMON), "\nEvery command that writes takes these too:\n\n", _flags(flags.WRITE_FLAGS), "\n"]
    for words in COMMANDS:
        command, _ = find(words.split(" "))
        assert command
        parts.append(_command(command))
    return "\n".join("".join(parts).split("\n")).rstrip("\n") + "\n"


def _command(command: Command) -> str:
    usage = " ".join([f"gittracker {command.words}", *(_usage(arg) for arg in command.args)])
    common = {flag.name for flag in (*flags.COMMON, *flags.WRITE_FLAGS)}
    own = tuple(flag for flag in command.flags if flag.name not in common)
    text = f"## {command.words}\n\n{command.about.rstrip('.')}.\n\n`{usage}{' [FLAGS]' if own else ''}`\n\n"
    text += "".join(f"- `{arg.name.upper()}`: {arg.about}\n" for arg in command.args)
    text += ("\n" if command.args else "") + (_flags(own) + "\n" if own else "")
    return text + "```sh\n" + "".join(f"gittracker {example}\n" for example in command.examples) + "```\n\n"


def _usage(arg: Arg) -> str:
    name = arg.name.upper()
    return {"": name, "?": f"[{name}]", "*": f"[{name}…]", "+": f"{name}…"}[arg.count]


def _flags(known: tuple[flags.Flag, ...]) -> str:
    return "".join(f"- `{', '.join(n for n in (f.short, f.name) if n)}{f' {f.metavar}' if f.metavar else ''}`: "
                   f"{f.about}\n" for f in known)


def schema_table(properties: dict[str, dict[str, Any]], required: list[str]) -> str:
    """Describe the keys of a file that has a schema and no field table."""
    return table(("key", "always there", "what it says"),
                 [(f"`{name}`", "yes" if name in required else "", about["description"])
                  for name, about in properties.items()])


def config_table() -> str:
    """Describe what the tracker keeps in config.json."""
    own = json_schema.config()["properties"]["tracker"]
    return schema_table(own["properties"], own["required"])


def pending_table() -> str:
    """Describe a line of local/pending.jsonl."""
    line = pending_schema.line()
    return schema_table(line["properties"], line["required"])


def policy_table() -> str:
    """Describe the rules in policy.yaml."""
    return schema_table(json_schema.policy()["properties"], [])


def status_fields() -> str:
    """Describe a status in statuses.yaml."""
    one = json_schema.statuses()["items"]
    return schema_table(one["properties"], one["required"])


MADE: dict[str, Callable[[], str]] = {
    **{f"{cls.NOUN} fields": partial(field_table, cls) for cls in (*CLASSES.values(), Usage) if cls.FIELDS},
    "derived members": derived_table, "errors": error_table, "statuses": status_table, "status fields": status_fields,
    "config": config_table, "trust kinds": trust_table, "findings": finding_table,
    "policy fields": policy_table, "pending fields": pending_table}


def texts() -> dict[str, str]:
    """Give every page that takes something from the code, by file name, as it should be."""
    found = {"commands.md": commands()}
    for path in sorted(HERE.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if _MARKED.search(text):
            found[path.name] = _MARKED.sub(lambda m: m[1] + MADE[m[2]]() + m[3], text)
    return found


def main() -> None:
    """Write the pages."""
    for name, text in texts().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
