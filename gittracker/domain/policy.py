"""The project's rules in policy.yaml, as far as they are read."""

from __future__ import annotations

from gittracker.domain import times
from gittracker.domain.errors import InvalidDataError

REQUIRED, OPTIONAL = "required", "optional"
APPROVALS = (REQUIRED, OPTIONAL)


class Policy:
    """`signed` says whether commits of the tracker must carry a good signature, `since` from when on (a date).

    `landed` says whether a closed ticket blocks others until the base branch has it closed, `needs_approval` whether
    only a ticket that was approved is ready.
    """

    __slots__ = ("signed", "since", "landed", "needs_approval")

    def __init__(self, signed: bool = False, since: str = "", landed: bool = False,
                 needs_approval: bool = False) -> None:
        self.signed = signed
        self.since = since
        self.landed = landed
        self.needs_approval = needs_approval


def read(values: object, path: str) -> Policy:
    """Read the file's values; keys that are not known are another reader's. Raises InvalidDataError."""
    if values is None:
        return Policy()
    if not isinstance(values, dict):
        raise InvalidDataError("not a mapping of rules", "signed: true", path, 1)
    landed = values.get("landed")
    if not isinstance(landed, bool | None):
        raise InvalidDataError(f'landed is "{landed}"; expected true or false', "landed: true", path, 1)
    approval = values.get("approval")
    if approval not in APPROVALS and approval is not None:
        raise InvalidDataError(f'approval is "{approval}"; expected {" or ".join(APPROVALS)}', "approval: required",
                               path, 1)
    rest = bool(landed), approval == REQUIRED
    signed = values.get("signed")
    if isinstance(signed, bool) or signed is None:
        return Policy(bool(signed), "", *rest)
    if isinstance(signed, str) and times.is_date(signed):
        return Policy(True, signed, *rest)
    raise InvalidDataError(f'signed is "{signed}"; expected true, false or the date from which on', "signed: true",
                           path, 1)
