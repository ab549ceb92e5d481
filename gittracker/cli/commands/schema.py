"""`schema`: the JSON Schemas of the tracker's files, for editors and other programs."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _schema(cli: Cli, args: Args) -> int:
    from gittracker.services.health import validating
    if args["write"]:
        if args["name"]:
            raise UsageError("--write writes all schemas", f"gittracker schema --write {args['write']}")
        return _write(cli, args["write"])
    if args["name"]:
        cli.out.json(validating.schema(args["name"]))
        return 0
    known = validating.every()
    if cli.out.as_json:
        cli.out.json({"schemas": [{"name": name, "title": body["title"]} for name, body in known.items()]})
        return 0
    for name, body in sorted(known.items()):
        cli.out.line(f"{name.ljust(12)}  {body['title']}")
    return 0


def _write(cli: Cli, folder: str) -> int:
    """Write the schemas to a folder, and say how an editor finds those of YAML and JSON files."""
    import json
    import os

    from gittracker.services.health import validating
    from gittracker.store import atomic
    written = []
    for name, body in validating.every().items():
        path = os.path.join(folder, f"{name}.json")
        atomic.write(os.path.abspath(os.path.join(cli.folder, path)), (json.dumps(body, indent=2, ensure_ascii=False)
                                                                       + "\n").encode())
        written.append(path)
    if cli.out.as_json:
        cli.out.json({"written": written})
        return 0
    cli.out.line(f"wrote {len(written)} schemas to {folder}")
    for path, name in validating.FILES.items():
        setting = "yaml.schemas" if path.endswith(".yaml") else "json.schemas"
        cli.out.line(f"{setting}: {os.path.join(folder, name)}.json for .openkit/{path}")
    return 0


SCHEMA = Command(
    "schema", "Print the JSON Schema of a kind of file; without a name, list them.",
    (Arg("name", "ticket, comment, config, statuses, …", "?"),),
    (Flag("--write", "write all of them to a folder, for an editor", "DIR"),),
    ("schema", "schema ticket", "schema --write .openkit/local/schemas"), run=_schema)
