"""Flags for ticket fields, made from the field table."""

from __future__ import annotations

from gittracker.cli.flags import Flag, body_flags
from gittracker.domain.errors import UsageError
from gittracker.domain.ticket import Ticket
from gittracker.services.tickets import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args

_SINGULAR = {"labels": "label", "reviewers": "reviewer", "external_links": "external-link",
             "repo_scopes": "repo-scope", "related": "related", "duplicates": "duplicates",
             "depends_on": "depends-on"}
_BODY = body_flags("--description", "description")


def create_flags() -> tuple[Flag, ...]:
    """Give the flags of a new ticket."""
    made = []
    for name, field in Ticket.FIELDS.items():
        if not field.settable or name == "title":
            continue
        if field.kind.many:
            made.append(Flag(f"--{_SINGULAR[name]}", f"{field.about}; can be repeated", "VALUE", many=True, dest=name))
        else:
            made.append(Flag(f"--{name.replace('_', '-')}", field.about, "VALUE", dest=name))
    return (*made, _CUSTOM, *_BODY)


def update_flags() -> tuple[Flag, ...]:
    """Give the flags of a change: sets have `--X-add` and `--X-remove`."""
    made = [Flag("--title", Ticket.FIELDS["title"].about, "TEXT")]
    for name, field in Ticket.FIELDS.items():
        if not field.settable or name == "title":
            continue
        if field.kind.many:
            word = _SINGULAR[name]
            made.append(Flag(f"--{word}-add", f"add to {name}", "VALUE", many=True, dest=f"{name}+"))
            made.append(Flag(f"--{word}-remove", f"remove from {name}", "VALUE", many=True, dest=f"{name}-"))
        else:
            made.append(Flag(f"--{name.replace('_', '-')}", f"{field.about}; none clears it", "VALUE", dest=name))
    return (*made, _CUSTOM, Flag("--unset", "remove a custom field", "x_NAME", many=True), *_BODY)


_CUSTOM = Flag("--set", "set a custom field", "x_NAME=VALUE", many=True)


def patch(args: Args) -> Patch:
    """Gather the field flags that were given."""
    found = Patch()
    for name, field in Ticket.FIELDS.items():
        if not field.settable:
            continue
        if field.kind.many:
            add = args.get(f"{name}+") or args.get(name) or []
            if add:
                found.add[name] = add
            if args.get(f"{name}-"):
                found.remove[name] = args[f"{name}-"]
        elif args.get(name) is not None and name in args:
            found.set[name] = args[name]
    for pair in args.get("set") or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f'"{pair}" is not NAME=VALUE', "--set x_team=core")
        found.extra[name] = value
    for name in args.get("unset") or []:
        found.extra[name] = None
    found.body = args.get("body_text")
    return found
