"""The project's rules in policy.yaml, as far as they are read."""

from __future__ import annotations

from gittracker.domain import times
from gittracker.domain.errors import InvalidDataError


class Policy:
    """`signed` says whether commits of the tracker must carry a good signature, `since` from when on (a date).

    `landed` says whether a closed ticket blocks others until the base branch has it closed.
    """

    __slots__ = ("signed", "since", "landed")

    def __init__(self, signed: bool = False, since: str = "", landed: bool = False) -> None:
        self.signed = signed
        self.since = since
        self.landed = landed


def read(values: object, path: str) -> Policy:
    """Read the file's values; keys that are not known are another reader's. Raises InvalidDataError."""
    if values is None:
        return Policy()
    if not isinstance(values, dict):
        raise InvalidDataError("not a mapping of rules", "signed: true", path, 1)
    landed = values.get("landed")
    if not isinstance(landed, bool | None):
        raise InvalidDataError(f'landed is "{landed}"; expected true or false', "landed: true", path, 1)
    signed = values.get("signed")
    if isinstance(signed, bool) or signed is None:
        return Policy(bool(signed), "", bool(landed))
    if isinstance(signed, str) and times.is_date(signed):
        return Policy(True, signed, bool(landed))
    raise InvalidDataError(f'signed is "{signed}"; expected true, false or the date from which on', "signed: true",
                           path, 1)
