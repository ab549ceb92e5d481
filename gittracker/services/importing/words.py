"""Another tracker's statuses, types and priorities as this project's: by name, by what was given, by meaning."""

from __future__ import annotations

from typing import NamedTuple

from gittracker.domain import status as statuses
from gittracker.domain import synonyms
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.foreign import Foreign
    from gittracker.domain.settings import Settings
    from gittracker.domain.status import Status

# Where a stage has no status, the nearest in meaning serves.
_NEAREST = {"backlog": ("backlog", "unstarted"), "unstarted": ("unstarted", "backlog"),
            "started": ("started", "unstarted"), "completed": ("completed", "canceled"),
            "canceled": ("canceled", "completed")}
GIVEN, SAME, STAGE, UNKNOWN, DEFAULT = "given", "same name", "stage", "unknown", "default"


class Row(NamedTuple):
    """How one word was read: what it became, and why."""

    what: str
    old: str
    new: str
    why: str


class Words:
    """Reads words as the project's, and counts how often each was."""

    def __init__(self, settings: Settings, stages: dict[str, str], given: dict[str, list[str]]) -> None:
        self._settings = settings
        self._stages = stages
        self._statuses = {old: settings.status(new) for old, new in _pairs("status", given["status"])}
        self._types = {old: settings.choose("type", new) for old, new in _pairs("type", given["type"])}
        self._priorities = {o: settings.choose("priority", n) for o, n in _pairs("priority", given["priority"])}
        ranks = {synonyms.priority_of(str(rank), settings.priorities) for rank in range(5)}
        self.ranks_exactly = len(ranks) == 5 and not self._priorities  # each rank from 0 to 4 has a priority of its own
        self.counts: dict[Row, int] = {}

    def status(self, record: Foreign) -> Status:
        """Give the status that a record has here; its stage says which, unless the names are alike."""
        plain = synonyms.plain(record.status)
        found = self._statuses.get(plain)
        why = GIVEN
        if not found:
            found, why = self._by_meaning(record, plain)
        self._count("status", record.status or "(none)", found.slug, why)
        return found

    def _by_meaning(self, record: Foreign, plain: str) -> tuple[Status, str]:
        own = next((s for s in self._settings.statuses if plain and plain in (
            synonyms.plain(s.slug), synonyms.plain(s.name))), None)
        stage = self._stages.get(plain) or synonyms.stage_of(record.status)
        if record.stage and stage not in statuses.CLOSED_STAGES:
            stage, own = record.stage, None
        if own:
            return own, SAME
        found = statuses.first_of_stage(self._settings.statuses, *_NEAREST[stage or "backlog"])
        return found or statuses.default(self._settings.statuses), STAGE if stage else UNKNOWN

    def type(self, word: str) -> str:
        """Give the type that a record has here; one that says nothing here is the default."""
        default = self._settings.default_type()
        found = self._types.get(synonyms.plain(word)) or synonyms.type_of(word, self._settings.types)
        self._count("type", word or "(none)", found or default, self._why(word, found, self._types))
        return found or default

    def priority(self, word: str) -> str:
        """Give the priority that a record has here; where the source has none, `none` if the project knows that."""
        allowed = self._settings.priorities
        found = self._priorities.get(synonyms.plain(word)) or synonyms.priority_of(word, allowed)
        default = "none" if "none" in allowed else self._settings.default_priority()
        self._count("priority", word or "(none)", found or default, self._why(word, found, self._priorities))
        return found or default

    @staticmethod
    def _why(word: str, found: str, given: dict[str, str]) -> str:
        if synonyms.plain(word) in given:
            return GIVEN
        if not word:
            return DEFAULT
        return SAME if found == word.lower() else STAGE if found else UNKNOWN

    def _count(self, what: str, old: str, new: str, why: str) -> None:
        row = Row(what, old, new, why)
        self.counts[row] = self.counts.get(row, 0) + 1


def _pairs(what: str, given: list[str]) -> list[tuple[str, str]]:
    """Read OLD=NEW; raises UsageError."""
    found = []
    for text in given:
        old, equals, new = text.rpartition("=")
        if not equals or not old.strip() or not new.strip():
            raise UsageError(f'"{text}" is not OLD=NEW', f"--{what} 'In Review=in-review'")
        found.append((synonyms.plain(old), new.strip()))
    return found
