"""A skill: reusable instructions for agents, as a bundle of files with a SKILL.md at its top.

The rules are the published ones of agent skills (agentskills.io/specification).
"""

from __future__ import annotations

from gittracker.domain.fields import TEXT, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_NAME, _MOST_DESCRIPTION, _MOST_COMPATIBILITY, _MOST_LINES = 64, 1024, 500, 500
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_KNOWN = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")


class Skill(Record):
    """A skill's SKILL.md; `body` is the instructions. Other keys of its front matter are kept as they are."""

    NOUN = "skill"
    name: str = field(TEXT, "the bundle's name, that of its folder", always=True, settable=False)
    description: str = field(TEXT, "what it does and when to use it", always=True)


class Fault:
    """One thing that is wrong with a SKILL.md, by key; `is_advice` says that clients will take it all the same."""

    __slots__ = ("key", "message", "is_advice")

    def __init__(self, key: str, message: str, is_advice: bool = False) -> None:
        self.key = key
        self.message = message
        self.is_advice = is_advice


def name_fault(name: str) -> str:
    """Say what is wrong with a skill's name, empty where nothing is."""
    if not name:
        return "is missing"
    if len(name) > _MOST_NAME:
        return f"is longer than {_MOST_NAME} characters"
    if not _NAME.issuperset(name):
        return "may hold only small letters a to z, digits and hyphens"
    if name[0] == "-" or name[-1] == "-":
        return "may not begin or end with a hyphen"
    return "may not hold two hyphens in a row" if "--" in name else ""


def faults(folder: str, front: dict[str, Any], body: str) -> list[Fault]:
    """List what is wrong with a skill, given its folder's name, the keys of its front matter and the text below.

    `front` holds text, a list of texts, a mapping for what is nested, or None for a key without a value.
    """
    found = [*_name(folder, front.get("name")), *_description(front.get("description"))]
    found += _text(front, "license", 0) + _text(front, "compatibility", _MOST_COMPATIBILITY)
    metadata = front.get("metadata")
    if metadata is not None and not _is_map(metadata):
        found.append(Fault("metadata", "metadata is not a mapping of names to texts"))
    if isinstance(front.get("allowed-tools"), list):
        found.append(Fault("allowed-tools", "allowed-tools is a list; the rules ask for one text, parted by spaces",
                           is_advice=True))
    elif front.get("allowed-tools") is not None and not isinstance(front["allowed-tools"], str):
        found.append(Fault("allowed-tools", "allowed-tools is not a text"))
    found += [Fault(key, f'"{key}" is no key of the rules; other clients may ignore it', True)
              for key in front if key not in _KNOWN]
    if not body.strip():
        found.append(Fault("", "there are no instructions below the front matter"))
    if body.count("\n") >= _MOST_LINES:
        found.append(Fault("", f"the instructions have more than {_MOST_LINES} lines; put detail into references/",
                           is_advice=True))
    return found


def _name(folder: str, name: Any) -> list[Fault]:
    if not isinstance(name, str | None):
        return [Fault("name", "name is not a text")]
    fault = name_fault(name or "")
    if fault:
        return [Fault("name", f'name "{name}" {fault}' if name else f"name {fault}")]
    return [Fault("name", f'name "{name}" is not its folder\'s name "{folder}"')] if name != folder else []


def _description(text: Any) -> list[Fault]:
    if not isinstance(text, str) or not text.strip():
        return [Fault("description", "description is missing" if text is None or text == "" else
                      "description is not a text")]
    if len(text) > _MOST_DESCRIPTION:
        return [Fault("description", f"description is longer than {_MOST_DESCRIPTION} characters")]
    return []


def _text(front: dict[str, Any], key: str, most: int) -> list[Fault]:
    if key not in front:
        return []
    text = front[key]
    if not isinstance(text, str) or not text.strip():
        return [Fault(key, f"{key} has no text")]
    return [Fault(key, f"{key} is longer than {most} characters")] if most and len(text) > most else []


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
