"""Which stage a status had at a time, by the versions of statuses.yaml that history holds."""

from __future__ import annotations

from bisect import bisect_right

from gittracker.domain import status as statuses
from gittracker.domain.statussets import SETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.status import Status


class StageBook:
    """Knows the stages of the past; `unknown` gathers the statuses that no version names."""

    def __init__(self, versions: list[tuple[int, list[Status]]], now: list[Status]) -> None:
        self._times = [at for at, _ in versions]
        self._versions = [rows for _, rows in versions]
        self._others = [now, *SETS.values()]
        self._known: dict[tuple[str, int], str] = {}
        self.unknown: set[str] = set()

    def stage(self, status: str, at: int) -> str:
        """Give the stage that a status had at a time; empty where it is in no version.

        The version of that time counts, then what came after it (a rename), then what was before.
        """
        place = max(0, bisect_right(self._times, at) - 1)
        key = status, place
        if key not in self._known:
            ahead, behind = self._versions[place:], self._versions[:place][::-1]
            found = (statuses.find(rows, status) for rows in [*ahead, *behind, *self._others])
            self._known[key] = next((one.stage for one in found if one), "")
            if not self._known[key] and status:
                self.unknown.add(status)
        return self._known[key]
