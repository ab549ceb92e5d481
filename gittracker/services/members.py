"""Members: people and bots with a file of their own, added, changed and removed."""

from __future__ import annotations

from gittracker.domain import ids, names
from gittracker.domain.errors import ConflictError, InvalidDataError
from gittracker.domain.member import KINDS, ROLES, Member
from gittracker.domain.principal import named
from gittracker.formats import entity_md
from gittracker.services import configuring, records
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.records import HeldRecord
    from gittracker.services.write.writing import Writing

_BOT = "bot:"


class Patch:
    """What is to change of a member, as typed; None leaves a field as it is."""

    __slots__ = ("name", "kind", "email", "role", "body")

    def __init__(self, name: str | None = None, kind: str | None = None, email: str | None = None,
                 role: str | None = None, body: str | None = None) -> None:
        self.name = name
        self.kind = kind
        self.email = email
        self.role = role
        self.body = body


def add(writing: Writing, username: str, patch: Patch) -> HeldRecord:
    """Add a member; `bot:NAME` is the bot NAME. Raises UsageError, InvalidDataError, ConflictError."""
    bare = names.check("the username", named(username).name.removeprefix(_BOT))
    if username.strip().startswith(_BOT):
        patch.kind = patch.kind or "bot"
    configuring.check_free(writing, Member.NOUN, bare)
    taken = writing.settings.member(bare)
    if taken:
        raise ConflictError(f'there is a member "{taken}" already', f"gittracker member show {taken}")
    blank = Member(ref=writing.new_ref(ids.MEMBER), username=bare, name=bare, kind=KINDS[0], role=ROLES[1])
    held = records.create(writing, layout.member_file(bare), blank.replace(**_values(writing, blank, patch)), bare)
    writing.say(f"member {bare} added ({held.record.kind}, {held.record.role})")
    return held


def update(writing: Writing, username: str, patch: Patch) -> HeldRecord:
    """Change a member; raises NotFoundError and what `add` raises."""
    held = _find(writing, username)
    old = held.record
    if records.change(writing, held, _values(writing, old, patch)):
        writing.say(f"member {held.name} {configuring.described(entity_md.differences(old, held.record))}")
    return held


def remove(writing: Writing, username: str) -> None:
    """Remove a member's file; tickets keep the name, which needs none."""
    held = _find(writing, username)
    records.remove(writing, held)
    writing.say(f"member {held.name} removed")


def _find(writing: Writing, username: str) -> HeldRecord:
    name, path = writing.settings.member_file(username)
    return configuring.hold(writing, Member, path, name)


def _values(writing: Writing, old: Member, patch: Patch) -> dict[str, Any]:
    """Turn what was typed into values, checked."""
    changes: dict[str, Any] = {}
    for field, typed, allowed in (("name", patch.name, ()), ("kind", patch.kind, KINDS), ("role", patch.role, ROLES)):
        if typed is not None:
            changes[field] = configuring.text(Member, field, typed, allowed)
    if patch.email is not None:
        changes["email"] = _address(writing, old, configuring.text(Member, "email", patch.email))
    if patch.body is not None:
        changes["body"] = configuring.body(writing, old.username, old.body, patch.body)
    return changes


def _address(writing: Writing, old: Member, email: str) -> str:
    """Check a mail address; one that another member has would say that both act."""
    if email and (email.count("@") != 1 or not all(email.split("@")) or set(email) & set("<> ,;\t")):
        raise InvalidDataError(f'email "{email}" is no address', "--email alice@example.com, or none")
    other = writing.settings.member_with(email)
    if other and other != old.username:
        raise ConflictError(f"{email} is the address of {other}", f"gittracker member show {other}")
    return email
