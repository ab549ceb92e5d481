"""What the project configures: statuses, lists of words, projects and members."""

from __future__ import annotations

from gittracker.domain import status as statuses
from gittracker.domain import times
from gittracker.domain.errors import InvalidDataError, NotFoundError
from gittracker.domain.status import Status
from gittracker.domain.ticket import PRIORITIES, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = 1
# Where the tracker lies, and what has its history.
IN_TREE, SIDE_BRANCH = "in-tree", "side-branch"
JOURNAL, BRANCH = "journal", "branch"
ATTACHMENT_MAX_BYTES = 25 * 1024 * 1024
LEASE, SHORTEST_LEASE, LONGEST_LEASE = 1_800, 1, 28 * 86_400  # seconds


def read_format(value: Any) -> int:
    """Read the version that config.json names, 0 where that is none."""
    text = str(value)
    return int(text) if isinstance(value, int | str) and text.isascii() and text.isdecimal() else 0


def lease_term(text: Any) -> int:
    """Read how long a claim lasts, in seconds; 0 where that is no duration, or none that makes sense."""
    term = times.seconds(text) if isinstance(text, str) else None
    return term if term and SHORTEST_LEASE <= term <= LONGEST_LEASE else 0


class Settings:
    """The project's rules as values; `rows` and the constructor are each other's inverse."""

    def __init__(self, format_version: int = FORMAT, placement: str = "", history: str = JOURNAL,
                 types: tuple[str, ...] = TYPES, priorities: tuple[str, ...] = PRIORITIES,
                 statuses: list[tuple[Any, ...]] | None = None, projects: dict[str, str] | None = None,
                 members: dict[str, tuple[str, str]] | None = None, problems: list[tuple[str, int, str]] | None = None,
                 broken: list[tuple[str, int, str]] | None = None,
                 attachment_max_bytes: int = ATTACHMENT_MAX_BYTES, lease: int = LEASE, hooks: bool = False,
                 board_sources: tuple[str, ...] = (), landed: bool = False, base_branch: str = "",
                 needs_approval: bool = False) -> None:
        self.format_version = format_version
        self.placement = placement  # empty where it is not said
        self.history = history
        self.types = tuple(types)
        self.priorities = tuple(priorities)
        self.statuses = [Status(*row) for row in statuses or []]
        self.projects = projects or {}  # key → file
        self.members = members or {}  # username → (mail address in lower case, file)
        self.problems = problems or []
        self.attachment_max_bytes = attachment_max_bytes
        self.lease = lease  # seconds that a claim lasts
        self.hooks = hooks  # whether git's hooks run for the commits that commands make
        self.board_sources = tuple(board_sources)  # patterns of branches that the board folds besides the usual
        self.landed = landed  # whether a closed ticket blocks others until the base branch has it closed
        self.needs_approval = needs_approval  # whether only an approved ticket is ready
        self.base_branch = base_branch  # empty where it is home's
        self.broken = broken or []  # files whose values are not known: the last good ones serve readers
        self._by_name: dict[str, Status | None] = {}

    def rows(self) -> dict[str, Any]:
        """Give plain values that make these settings again."""
        own = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        own["statuses"] = [s.row() for s in self.statuses]
        return own

    def but_broken(self, other: Settings) -> Settings:
        """Keep these values, with the findings of `other`, whose files can't be read."""
        return Settings(**{**self.rows(), "problems": other.problems, "broken": other.broken})

    def ranks_as(self, other: Settings) -> bool:
        """Tell whether tickets have the same stages and ranks under both."""
        return self.priorities == other.priorities and [(s.slug, s.name, s.stage) for s in self.statuses] == [
            (s.slug, s.name, s.stage) for s in other.statuses]

    def approves(self, approval: str) -> bool:
        """Tell whether a ticket with such an approval may be started."""
        return approval == "approved" or not (approval or self.needs_approval)

    def member_with(self, email: str) -> str:
        """Find the member with a mail address; empty where there is none."""
        return next((name for name, (mail, _) in self.members.items() if mail and mail == email.lower()), "")

    def member(self, name: str) -> str:
        """Find a member's username in any case; empty where there is none."""
        wanted = name.strip().removeprefix("bot:").lower()
        return next((one for one in self.members if one.lower() == wanted), "")

    def member_file(self, name: str) -> tuple[str, str]:
        """Give a member's username and file; raises NotFoundError."""
        found = self.member(name)
        if not found:
            raise NotFoundError("member", name)
        return found, self.members[found][1]

    def status(self, name: str) -> Status:
        """Find a status by slug or name in any case; raises NotFoundError."""
        found = self.status_of(name)
        if not found:
            raise NotFoundError("status", name, "gittracker status list")
        return found

    def status_of(self, slug: str) -> Status | None:
        """Find the status that a ticket's file names, by slug or name."""
        if slug not in self._by_name:
            self._by_name[slug] = statuses.find(self.statuses, slug)
        return self._by_name[slug]

    def stage(self, slug: str) -> str:
        """Give the stage of a status; an unknown one counts as backlog, so that nothing starts on it."""
        found = self.status_of(slug)
        return found.stage if found else "backlog"

    def choose(self, field: str, value: str) -> str:
        """Check a type or priority against its list; raises InvalidDataError with the list."""
        allowed = self.types if field == "type" else self.priorities
        word = value.strip().lower()
        if word not in allowed:
            raise InvalidDataError(f'{field} "{value}" is none of {", ".join(allowed)}',
                                   f"choose one, or add it to tracker.{_LISTS[field]} in .openkit/config.json")
        return word

    def default_type(self) -> str:
        """Give the type of a new ticket that names none."""
        return "task" if "task" in self.types else self.types[0]

    def default_priority(self) -> str:
        """Give the priority of a new ticket that names none."""
        return "medium" if "medium" in self.priorities else self.priorities[0]

    def project(self, key: str = "") -> str:
        """Find a project key in any case, or the only one; raises NotFoundError."""
        if key:
            if key.upper() in self.projects:
                return key.upper()
            raise NotFoundError("project", key, "gittracker project list")
        if not self.projects:
            raise NotFoundError("project", "*", "gittracker init --prefix OW")
        return next(iter(self.projects))


_LISTS = {"type": "types", "priority": "priorities"}
