"""`skill create|list|show|edit|validate|delete`."""

from __future__ import annotations

import os

from gittracker.cli import drafts, findings, formats, writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.cli.output import one_line
from gittracker.domain.errors import UsageError
from gittracker.domain.skill import Skill
from gittracker.services import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("name", "description")


def _prepare_skill(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "body")
    if not args["from"]:
        return
    if args["description"] is not None or args["body_text"] is not None:
        raise UsageError("--from brings the description and the text", "give --from alone")
    from gittracker.services.agents import bundles
    args["files"] = bundles.read(args["from"])


def _create(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import skills
    if args["from"]:
        skills.take(writing, args["skill"] or os.path.basename(os.path.realpath(args["from"])), args["files"])
    elif not args["skill"]:
        raise UsageError("a skill needs a name", "gittracker skill create review-code --description … --body …")
    else:
        skills.create(writing, args["skill"], args["description"] or "", writes.text_of(args))
    return []


def _prepare_edit(cli: Cli, args: Args) -> None:
    _prepare_skill(cli, args)
    if not args["from"] and args["description"] is None and args["body_text"] is None:
        drafts.open_record(cli, args, Skill.NOUN, args["skill"])


def _edit(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import skills
    draft = args.get("draft")
    if draft:
        skills.save(writing, draft.name, draft.start, draft.edited)
    elif args["from"]:
        skills.take(writing, records.look_up(writing, Skill.NOUN, args["skill"]).name, args["files"])
    else:
        skills.edit(writing, args["skill"], args["description"], args["body_text"])
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import skills
    skills.delete(writing, args["skill"])
    return []


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services import views
    rows = records.every(cli.tracker, Skill.NOUN)
    if cli.form:
        found = [views.record(row) for row in rows]
        if not formats.rows(cli, args, _COLUMNS, found):
            cli.out.json({"skills": found, "total": len(found)})
        return 0
    for row in rows:
        cli.out.row(f"{cli.out.paint(row.name, 'bold')}  {one_line(row.record.description)}")
    if not rows:
        cli.out.line("no skills")
    return 0


def _show(cli: Cli, args: Args) -> int:
    from gittracker.services import views
    from gittracker.services.agents import skills
    row = records.find(cli.tracker, Skill.NOUN, args["skill"])
    files = skills.files(cli.tracker, row)
    if args["file"]:
        return _show_file(cli, row.place, args["file"], [path for path, _, _ in files])
    if cli.out.as_json:
        cli.out.json({**views.record(row), "front_matter": _front(row.record),
                      "files": [{"path": p, "size": size, "executable": runs} for p, size, runs in files]})
        return 0
    cli.out.line(f"{cli.out.paint(row.name, 'bold')}  {one_line(row.record.description)}")
    for path, size, runs in files:
        cli.out.line(cli.out.paint(f"  {path}  {size} bytes{'  can be run' if runs else ''}", "dim"))
    cli.out.line(f"\n{row.record.body}")
    return 0


def _front(record: Any) -> dict[str, Any]:
    """Give the keys of a SKILL.md's front matter beside name and description, as they stand there."""
    return {key: value if isinstance(value, list | None) else str(value) for key, value in record.extra.items()}


def _show_file(cli: Cli, place: str, name: str, known: list[str]) -> int:
    """Print one file of a bundle as it is."""
    from gittracker.domain.errors import NotFoundError
    from gittracker.store import atomic
    if name not in known:
        raise NotFoundError("file", name, f"one of {', '.join(known)}")
    cli.out.line((atomic.read(cli.tracker.path(f"{place}/{name}")) or b"").decode(errors="replace").rstrip("\n"))
    return 0


def _validate(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import skills
    names = args["skills"] or skills.every_name(cli.tracker)
    return findings.show(cli, [one for name in names for one in skills.validate(cli.tracker, name)], len(names))


_SKILL = Arg("skill", "its name")
_BODY = body_flags("--body", "instructions")
_FROM = Flag("--from", "take the bundle in DIR: its SKILL.md and all other files", "DIR")
_DESCRIPTION = Flag("--description", "what it does and when to use it", "TEXT")
CREATE = Command(
    "skill create", "Create a skill, or take in a bundle from a folder.",
    (Arg("skill", "its name: small letters, digits and hyphens; a bundle's own if left out", "?"),),
    (_DESCRIPTION, *_BODY, _FROM),
    ("skill create review-code --description 'Use when a change is to be reviewed.' --body-file review.md",
     "skill create --from ~/skills/review-code"), act=_create, prepare=_prepare_skill)
LIST = Command("skill list", "List the skills.", (), LIST_FORM, ("skill list", "skill list --json"), run=_list)
SHOW = Command("skill show", "Show a skill: its description, files and instructions.", (_SKILL,),
               (Flag("--file", "print this file of the bundle", "PATH"),),
               ("skill show review-code", "skill show review-code --file scripts/run.sh"), run=_show)
EDIT = Command(
    "skill edit", "Change a skill; without a flag, its SKILL.md in $EDITOR.", (_SKILL,),
    (_DESCRIPTION, *_BODY, _FROM),
    ("skill edit review-code", "skill edit review-code --description 'Use before a merge.'",
     "skill edit review-code --from ~/skills/review-code"), act=_edit, prepare=_prepare_edit, finish=drafts.close)
VALIDATE = Command(
    "skill validate", "Hold skills against the published rules: all of them, some by name, or bundles in folders.",
    (Arg("skills", "names, or folders elsewhere", "*"),), (),
    ("skill validate", "skill validate review-code", "skill validate ./my-skill --json"), run=_validate)
DELETE = Command("skill delete", "Delete a skill with all its files; journal and git still have them.", (_SKILL,), (),
                 ("skill delete review-code",), act=_delete)
