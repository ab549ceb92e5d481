"""A skill: reusable instructions for agents, as a bundle of files with a SKILL.md at its top."""

from __future__ import annotations

from gittracker.domain.fields import TEXT, Record, field


class Skill(Record):
    """A skill's SKILL.md; `body` is the instructions. Other keys of its front matter are kept as they are."""

    NOUN = "skill"
    name: str = field(TEXT, "the bundle's name, that of its folder", always=True, settable=False)
    description: str = field(TEXT, "what it does and when to use it", always=True)
