"""Who acts, and for whom git commits."""

from __future__ import annotations

import marshal

from gittracker.domain.principal import Principal, as_name, named
from gittracker.git import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.identity import User
    from gittracker.services.tracker import Tracker


class Acting:
    """The actor of one command, asked for once."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._principal: Principal | None = None
        self._user: User | None = None

    @property
    def principal(self) -> Principal:
        """Give who acts: `--as`, else git's user by member file, else by name."""
        if self._principal is None:
            tracker = self.tracker
            if tracker.acting:
                self._principal = named(tracker.acting)
            else:
                user = self.user
                name = tracker.settings.member_with(user.email) or as_name(user.name)
                self._principal = named(user.acting) if user.acting else Principal(name, user.name, user.email)
        return self._principal

    @property
    def committer(self) -> tuple[str, str]:
        """Give git's user as (name, email)."""
        return self.user.name, self.user.email

    @property
    def user(self) -> User:
        """Give git's user, from the index where the configuration that says so has not changed."""
        if self._user is None:
            self._user = self._kept() or self._asked()
        return self._user

    def _kept(self) -> User | None:
        kept = self.tracker.index.get("identity")
        if kept:
            sources, user = marshal.loads(kept)
            if identity.is_current(sources):
                return identity.User(*user)
        return None

    def _asked(self) -> User:
        found, sources = identity.ask(self.tracker.repository)
        self.tracker.index.note("identity", marshal.dumps((sources, (found.name, found.email, found.acting))))
        return found
