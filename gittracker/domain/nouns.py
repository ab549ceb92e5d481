"""The class of each noun whose records are markdown files with front matter."""

from __future__ import annotations

from gittracker.domain.comment import Comment
from gittracker.domain.epic import Epic, Progress
from gittracker.domain.harness import Harness
from gittracker.domain.member import Member
from gittracker.domain.page import Page
from gittracker.domain.project import Project
from gittracker.domain.skill import Skill
from gittracker.domain.ticket import Ticket
from gittracker.domain.update import Update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record

CLASSES: dict[str, type[Record]] = {cls.NOUN: cls for cls in (
    Ticket, Comment, Epic, Progress, Page, Update, Skill, Harness, Project, Member)}
